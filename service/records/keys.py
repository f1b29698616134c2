"""Access keys as they are kept: a row each, and an entry of the log when one is made or revoked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from service.records import ids
from service.records.store import Writing
from service.records.tables import access_key


@dataclass(frozen=True)
class Key:
    """A key as it is kept, with the digest of its secret; times as ids.stamp writes them, scopes separated by a space."""

    id: str
    prefix: str
    digest: str = field(repr=False)
    client: str
    label: str
    scopes: str
    rate: str
    shares: bool
    created_at: str
    expires_at: str | None
    revoked_at: str | None

    def in_force(self, now: datetime) -> bool:
        """Whether it is neither revoked nor expired."""
        return self.revoked_at is None and (self.expires_at is None or ids.stamp(now) < self.expires_at)


_KEY = select(*(access_key.c[column.name] for column in fields(Key)))


def add(writing: Writing, row: Mapping[str, Any]) -> None:
    """Raises Conflict where another key begins with the same characters."""
    writing.connection.execute(insert(access_key).values(created_at=ids.stamp(writing.now), **row))
    writing.append("key", row["id"], dict(row))


def add_first(writing: Writing, row: Mapping[str, Any]) -> bool:
    """Add a key where there never was one; whether there was none. Of two processes that start together, one adds it."""
    if any_made(writing.connection):
        return False
    add(writing, row)
    return True


def revoke(writing: Writing, id_: str) -> bool:
    """Whether there was such a key, not yet revoked."""
    at = ids.stamp(writing.now)
    unrevoked = update(access_key).where(access_key.c.id == id_, access_key.c.revoked_at.is_(None))
    if writing.connection.execute(unrevoked.values(revoked_at=at)).rowcount == 0:
        return False
    writing.append("revocation", id_, {"id": ids.new("rvk")})
    return True


def by_prefix(connection: Connection, prefix: str) -> Key | None:
    found = connection.execute(_KEY.where(access_key.c.prefix == prefix)).first()
    return Key(*found) if found else None


def every(connection: Connection) -> list[Key]:
    return [Key(*row) for row in connection.execute(_KEY.order_by(access_key.c.id))]


def any_made(connection: Connection) -> bool:
    return connection.scalar(select(access_key.c.id).limit(1)) is not None
