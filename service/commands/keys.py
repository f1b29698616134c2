"""keys: make, list and revoke the keys that open the service."""

from __future__ import annotations

import argparse
import re
import sys
from datetime import UTC, datetime, timedelta

from service import settings
from service.access import keys
from service.access.callers import SCOPES
from service.commands.records import ready
from service.records import keys as kept
from service.records.keys import Key


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    topic = commands.add_parser("keys", help="make, list and revoke the keys that open the service")
    what = topic.add_subparsers(required=True, metavar="what")
    create = what.add_parser("create", help="make a key and print it, this once")
    create.add_argument("client", help="whom it speaks for; keys of one client see the same decisions")
    create.add_argument("--scopes", type=scopes, required=True, metavar="SCOPE,…", help=f"some of {', '.join(SCOPES)}")
    create.add_argument("--label", default="", help="what tells it from other keys of this client")
    create.add_argument("--rate", help="most requests, as 600/minute; ATTUNE_RATE unless given")
    create.add_argument("--shares", action="store_true", help="show the decisions made with it to reviewers")
    create.add_argument("--expires", type=expiry, metavar="WHEN", help="the first day (UTC) on which it opens nothing, or 90d")
    create.set_defaults(run=run_create)
    what.add_parser("list", help="every key there ever was, without its secret").set_defaults(run=run_list)
    revoke = what.add_parser("revoke", help="let a key open nothing from now on")
    revoke.add_argument("id")
    revoke.set_defaults(run=run_revoke)


def run_create(chosen: argparse.Namespace) -> int:
    rate = chosen.rate or settings.read().rate
    wanted = keys.Wanted(chosen.client, chosen.scopes, chosen.label, rate, chosen.shares, chosen.expires)
    try:
        with ready() as store:
            id_, secret = keys.make(store, wanted, datetime.now(UTC))
    except ValueError as faults:
        print(faults, file=sys.stderr)
        return 1
    print(f"id   {id_}\nkey  {secret}")
    print("The key is shown this once; only its digest is kept.", file=sys.stderr)
    return 0


def run_list(_: argparse.Namespace) -> int:
    with ready() as store, store.reading() as connection:
        for row in kept.every(connection):
            print(as_line(row, datetime.now(UTC)))
    return 0


def run_revoke(chosen: argparse.Namespace) -> int:
    with ready() as store:
        revoked = keys.revoke(store, chosen.id, datetime.now(UTC))
    if not revoked:
        print(f"{chosen.id}: no key that is in force", file=sys.stderr)
    return 0 if revoked else 1


def as_line(key: Key, now: datetime) -> str:
    """One key: id, first characters, state, client, scopes, rate, whether it shares, label."""
    shown = (key.id, f"{key.prefix}…", state(key, now), key.client, key.scopes.replace(" ", ","), key.rate)
    return "  ".join((*shown, "shares" if key.shares else "-", key.label)).rstrip()


def state(key: Key, now: datetime) -> str:
    if key.revoked_at:
        return f"revoked {key.revoked_at[:19]}Z"
    if key.expires_at is None:
        return "valid"
    return f"{'valid until' if key.in_force(now) else 'expired'} {key.expires_at[:19]}Z"


def scopes(text: str) -> frozenset[str]:
    return frozenset(part.strip() for part in text.split(","))


def expiry(text: str) -> datetime:
    """A day of the calendar, at its first moment in UTC, or a number of days from now."""
    if days := re.fullmatch(r"([1-9][0-9]{0,4})d", text):
        return datetime.now(UTC) + timedelta(days=int(days[1]))
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    raise ValueError
