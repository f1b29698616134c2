"""When a checkpoint is made, and the two places it goes to: its table, and a file outside of the database."""

from __future__ import annotations

import errno
import fcntl
import os
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import orjson
from sqlalchemy import Connection, insert, select

from service.records import chain, ids
from service.records.canonical import canonical
from service.records.signing import Signer
from service.records.tables import checkpoint, store

SAID = {"store", "seq", "hash", "at", "key", "signature"}


class Checkpoints:
    """Signs the log every `every` entries. `file` is appended to after the transaction: it anchors what the database says of itself."""

    def __init__(self, signer: Signer, file: Path, every: int):
        self.signer, self.file, self.every = signer, file, every

    def due(self, connection: Connection, link: chain.Link, at: datetime) -> dict[str, Any] | None:
        """The checkpoint that this entry calls for, kept in its transaction; the caller hands it to `anchor` afterwards."""
        return self.make(connection, link, at) if link.seq % self.every == 0 else None

    def make(self, connection: Connection, link: chain.Link, at: datetime) -> dict[str, Any]:
        said = {"store": store_id(connection), "seq": link.seq, "hash": link.hash, "at": ids.stamp(at), "key": self.signer.key}
        signed = {**said, "signature": self.signer.sign(said)}
        connection.execute(insert(checkpoint).values({column.name: signed[column.name] for column in checkpoint.columns}))
        return signed

    def now(self, connection: Connection, at: datetime) -> dict[str, Any] | None:
        """A checkpoint of the log as it ends here; None where its end has one already."""
        link = chain.newest(connection)
        if link.seq == 0 or connection.scalar(select(checkpoint.c.seq).where(checkpoint.c.seq == link.seq)):
            return None
        return self.make(connection, link, at)

    def anchor(self, signed: dict[str, Any] | None) -> None:
        """Append to the file. Raises OSError; then the file is as it was."""
        if signed is not None:
            append(self.file, canonical(signed))


def append(file: Path, line: bytes) -> None:
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
