"""The log: one entry per event, each bound to all before it by a hash; and its checkpoints, signed and kept in two places: their table, and
a file outside of the database."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, cast

import orjson
from sqlalchemy import Connection, insert, select, text

from service.records import ids
from service.records.canonical import canonical, sha256
from service.records.signing import Signer
from service.records.tables import checkpoint, log, store

START = bytes(32)
_LOCK = 5_277_103_117  # any number that no other user of this database takes
SAID = {"store", "seq", "hash", "at", "key", "signature"}


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


class Checkpoints:
    """Signs the log every `every` entries. `file` is appended to after the transaction: it anchors what the database says of itself."""

    def __init__(self, signer: Signer, file: Path, every: int):
        self.signer, self.file, self.every = signer, file, every

    def due(self, connection: Connection, link: Link, at: datetime) -> dict[str, Any] | None:
        """The checkpoint that this entry calls for, kept in its transaction; the caller hands it to `anchor` afterwards."""
        return self.make(connection, link, at) if link.seq % self.every == 0 else None

    def make(self, connection: Connection, link: Link, at: datetime) -> dict[str, Any]:
        said = {"store": store_id(connection), "seq": link.seq, "hash": link.hash, "at": ids.stamp(at), "key": self.signer.key}
        signed = {**said, "signature": self.signer.sign(said)}
        connection.execute(insert(checkpoint).values({column.name: signed[column.name] for column in checkpoint.columns}))
        return signed

    def now(self, connection: Connection, at: datetime) -> dict[str, Any] | None:
        """A checkpoint of the log as it ends here; None where its end has one already."""
        link = newest(connection)
        if link.seq == 0 or connection.scalar(select(checkpoint.c.seq).where(checkpoint.c.seq == link.seq)):
            return None
        return self.make(connection, link, at)

    def anchor(self, signed: dict[str, Any] | None) -> None:
        """Append to the file. Raises OSError; then the file is as it was."""
        if signed is not None:
            add_line(self.file, canonical(signed))


def add_line(file: Path, line: bytes) -> None:
    """Add one line, whole or not at all, while no other process adds one. Raises OSError."""
    with os.fdopen(os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644), "r+b", buffering=0) as kept:
        fcntl.flock(kept, fcntl.LOCK_EX)
        end = kept.seek(0, os.SEEK_END)
        try:
            if kept.write(line + b"\n") != len(line) + 1:
                raise OSError(errno.ENOSPC, "written in part")
            os.fsync(kept.fileno())
        except OSError:
            kept.truncate(end)
            raise


def anchored(file: Path) -> list[dict[str, Any] | None]:
    """Each line of the file; None for what is not a checkpoint in its one form."""
    with file.open("rb") as kept:
        fcntl.flock(kept, fcntl.LOCK_SH)  # no line is half written
        return [_read(line) for line in kept]


def _read(line: bytes) -> dict[str, Any] | None:
    try:
        found = orjson.loads(line)
        whole = isinstance(found, dict) and set(found) == SAID and canonical(found) + b"\n" == line
    except ValueError:
        return None
    return found if whole else None


def store_id(connection: Connection) -> str:
    return cast("str", connection.scalar(select(store.c.id)))
