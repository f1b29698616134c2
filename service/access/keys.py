"""Access keys: shown once, kept as a digest, found by their first characters and compared in constant time."""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from schemas.fields import PLAIN
from schemas.issuers import RATE, USUAL_RATE
from service.access.callers import SCOPES, Caller
from service.records import ids, keys
from service.records.canonical import sha256
from service.records.store import Conflict, Store

PREFIX_LENGTH = 12
CLIENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")  # without the `|` of the clients that tokens speak for
_LONGEST_LABEL = 80
_ATTEMPTS = 3  # two keys begin alike once in 2**48


@dataclass(frozen=True)
class Wanted:
    """A key about to be made. `expires` is None for one that does not."""

    client: str
    scopes: frozenset[str]
    label: str = ""
    rate: str = USUAL_RATE
    shares: bool = False
    expires: datetime | None = None

    def faults(self, now: datetime) -> Iterator[str]:
        """What speaks against it, in words."""
        if not CLIENT.fullmatch(self.client):
            yield "client: 1 to 64 of A-Z a-z 0-9 . _ @ -, the first a letter or digit"
        if not self.scopes or self.scopes - set(SCOPES):
            yield f"scopes: some of {', '.join(SCOPES)}"
        if self.label and not (len(self.label) <= _LONGEST_LABEL and PLAIN.fullmatch(self.label)):
            yield f"label: at most {_LONGEST_LABEL} characters, none of them a control character"
        if not re.fullmatch(RATE, self.rate):
            yield "rate: a number of requests per second, minute, hour or day, as 600/minute"
        if self.expires and self.expires <= now:
            yield "expires: in the past"


def make(store: Store, wanted: Wanted, now: datetime) -> tuple[str, str]:
    """Make a key; returns its id and the secret, which is nowhere kept. Raises ValueError with every fault of what is wanted."""
    if faults := list(wanted.faults(now)):
        raise ValueError("\n".join(faults))
    for attempt in range(1, _ATTEMPTS + 1):
        secret = f"att_{secrets.token_urlsafe(32)}"
        row = _row(wanted, secret)
        try:
            with store.writing(now) as writing:
                keys.add(writing, row)
            break
        except Conflict:  # another key begins with the same characters
            if attempt == _ATTEMPTS:
                raise
    return row["id"], secret


def bootstrap(store: Store, secret: str | None, now: datetime, rate: str = USUAL_RATE) -> None:
    """The first key, with every scope, where the operator names one and the store never had any; a store keeps revoked keys too."""
    if secret is None:
        return
    with store.reading() as connection:
        if keys.any_made(connection):
            return
    with store.writing(now) as writing:
        keys.add_first(writing, _row(Wanted("bootstrap", frozenset(SCOPES), "the first key", rate), secret))


def revoke(store: Store, id_: str, now: datetime) -> bool:
    """Whether there was such a key, not yet revoked; from now on it opens nothing, on any worker."""
    with store.writing(now) as writing:
        return keys.revoke(writing, id_)


def caller(store: Store, secret: str, now: datetime) -> Caller | None:
    """Who this key speaks for; None for one that is unknown, expired or revoked. Asked anew each time: a revoked key is refused at once."""
    with store.reading() as connection:
        found = keys.by_prefix(connection, secret[:PREFIX_LENGTH])
    same = hmac.compare_digest(digest(secret), found.digest if found else digest(""))
    if not found or not same or not found.in_force(now):
        return None
    return Caller(found.client, found.id, frozenset(found.scopes.split()), found.shares, found.rate)


def digest(secret: str) -> str:
    """SHA-256 is enough: what it hides is 256 random bits, which nobody can guess."""
    return sha256(secret.encode()).hex()


def _row(wanted: Wanted, secret: str) -> dict[str, Any]:
    return {
        "id": ids.new("key"), "prefix": secret[:PREFIX_LENGTH], "digest": digest(secret), "client": wanted.client, "label": wanted.label,
        "scopes": " ".join(sorted(wanted.scopes)), "rate": wanted.rate, "shares": wanted.shares,
        "expires_at": wanted.expires and ids.stamp(wanted.expires),
    }  # fmt: skip
