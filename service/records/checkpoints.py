"""When a checkpoint is made, and the two places it goes to: its table, and a file outside of the database."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert, select

from service.records import chain, ids
from service.records.canonical import canonical
from service.records.signing import Signer
from service.records.tables import checkpoint, store


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
        """Append to the file: one write of one line, so that two processes do not mix theirs."""
        if signed is None:
            return
        descriptor = os.open(self.file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            os.write(descriptor, canonical(signed) + b"\n")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def store_id(connection: Connection) -> str:
    return connection.scalar(select(store.c.id))
