"""The same key with the same body gives the same decision, on any worker and after any crash.

The key is taken in a transaction of its own before the answer is made, and bound to the decision in the transaction that keeps it. A
request that dies leaves a lease behind, which the next one with this key takes over once it has run out.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, insert, select, tuple_, update

from service.records import ids
from service.records.canonical import canonical, sha256
from service.records.store import Conflict, Database, StoreUnavailable
from service.records.tables import idempotency

KEPT_FOR = timedelta(days=7)
_FORGOTTEN_AT_ONCE = 20  # more than one, so that those of a busy week ago go too; few, so that nobody waits for it


class KeyInUse(Exception):
    """The first request with this key is still being answered."""


class KeyOfAnother(Exception):
    """The key came with another body before."""


class LeaseLost(Exception):
    """Another request took the key over while this one was answering."""


@dataclass(frozen=True)
class Lease:
    """A key taken by one request (`owner`). `decision` is there where the key has been answered already."""

    client: str
    key: str
    owner: str
    decision: str | None = None


def fingerprint(body: Any, voice: str) -> str:
    """What must be the same for the same key; the level of detail may differ."""
    return sha256(canonical([body, voice])).hex()


def take(database: Database, client: str, key: str, fingerprint: str, now: datetime, lease: timedelta) -> Lease:
    """Take the key for this request. Raises KeyInUse, KeyOfAnother, StoreUnavailable."""
    mine = Lease(client, key, ids.new("req"))
    try:
        with database.writing() as connection:
            _forget_old(connection, now)
            return _taken(connection, mine, fingerprint, now, lease)
    except Conflict:  # another took it between our look and our insert
        raise KeyInUse from None


def _taken(connection: Connection, mine: Lease, fingerprint: str, now: datetime, lease: timedelta) -> Lease:
    found = connection.execute(select(idempotency).where(*_row(mine)).with_for_update()).mappings().first()
    held = {"owner": mine.owner, "lease_until": ids.stamp(now + lease), "fingerprint": fingerprint}
    if found is None:
        connection.execute(insert(idempotency).values(client=mine.client, key=mine.key, **held))
        return mine
    if found["fingerprint"] != fingerprint:
        raise KeyOfAnother
    if found["decision"] is not None:
        return Lease(mine.client, mine.key, found["owner"], found["decision"])
    if found["lease_until"] > ids.stamp(now):
        raise KeyInUse
    connection.execute(update(idempotency).where(*_row(mine)).values(**held))
    return mine


def bind(connection: Connection, lease: Lease, decision: str) -> None:
    """Bind the key to its decision, in the transaction that keeps the decision. Raises LeaseLost."""
    if connection.execute(update(idempotency).where(*_unanswered(lease)).values(decision=decision)).rowcount != 1:
        raise LeaseLost


def give_back(database: Database, lease: Lease) -> None:
    """Free a key whose request failed, so that it may be tried again at once; where that fails too, its lease runs out."""
    with suppress(StoreUnavailable), database.writing() as connection:
        connection.execute(delete(idempotency).where(*_unanswered(lease)))


def _forget_old(connection: Connection, now: datetime) -> None:
    """Remove some keys of more than a week ago: every key that is taken removes more than it adds."""
    key = (idempotency.c.client, idempotency.c.key)
    old = select(*key).where(idempotency.c.lease_until < ids.stamp(now - KEPT_FOR)).limit(_FORGOTTEN_AT_ONCE)
    connection.execute(delete(idempotency).where(tuple_(*key).in_(old.with_for_update(skip_locked=True))))


def _row(lease: Lease) -> tuple[ColumnElement[bool], ...]:
    return idempotency.c.client == lease.client, idempotency.c.key == lease.key


def _unanswered(lease: Lease) -> tuple[ColumnElement[bool], ...]:
    return (*_row(lease), idempotency.c.owner == lease.owner, idempotency.c.decision.is_(None))
