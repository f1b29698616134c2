"""The log: one entry per event, each bound to all before it by a hash."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import Connection, insert, select, text

from service.records.canonical import canonical, sha256
from service.records.tables import log

START = bytes(32)
_LOCK = 5_277_103_117  # any number that no other user of this database takes


class Link(NamedTuple):
    """Where an entry stands in the chain."""

    seq: int
    hash: str


def hash_after(previous: bytes, entry: bytes) -> bytes:
    """The chain's hash once this entry, in canonical form, is appended."""
    return sha256(previous + sha256(entry))


def hold(connection: Connection) -> None:
    """Keep every other writer waiting until the caller's transaction ends; in SQLite a transaction that writes does so of itself."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def append(connection: Connection, kind: str, about: str | None, said: Mapping[str, Any]) -> Link:
    """Append one entry for a caller who holds the chain. `said` must have `id` and `at`, and no word about a person."""
    last = newest(connection)
    entry = canonical({**said, "seq": last.seq + 1, "kind": kind, "about": about})
    link = Link(last.seq + 1, hash_after(bytes.fromhex(last.hash), entry).hex())
    row = {"seq": link.seq, "kind": kind, "about": about, "entry": entry.decode(), "hash": link.hash}
    connection.execute(insert(log), row)
    return link


def newest(connection: Connection) -> Link:
    """The end of the chain."""
    found = connection.execute(select(log.c.seq, log.c.hash).order_by(log.c.seq.desc()).limit(1)).first()
    return Link(*found) if found else Link(0, START.hex())
