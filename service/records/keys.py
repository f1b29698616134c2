"""Access keys as they are kept: a row each, and an entry of the log when one is made or revoked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from service.records import chain, ids
from service.records.store import Writing
from service.records.tables import access_key


def add(writing: Writing, row: Mapping[str, Any]) -> None:
    """Raises Conflict where another key begins with the same characters."""
    writing.connection.execute(insert(access_key).values(created_at=ids.stamp(writing.now), **row))
    writing.append("key", row["id"], dict(row))


def add_first(writing: Writing, row: Mapping[str, Any]) -> bool:
    """Add a key where there never was one; whether there was none. Of two processes that start together, one adds it."""
    chain.newest(writing.connection)  # from here to the end of the transaction no other writer adds one
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


def by_prefix(connection: Connection, prefix: str) -> Row | None:
    return connection.execute(select(access_key).where(access_key.c.prefix == prefix)).first()


def every(connection: Connection) -> list[Row]:
    return list(connection.execute(select(access_key).order_by(access_key.c.id)))


def any_made(connection: Connection) -> bool:
    return connection.scalar(select(access_key.c.id).limit(1)) is not None
