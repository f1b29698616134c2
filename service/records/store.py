"""Reading and writing the store: every change is one transaction that ends in the log, and the log is signed as it grows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Any

from sqlalchemy import Connection, update

from service import observing
from service.records import chain, ids, tables
from service.records.checkpoints import Checkpoints
from service.records.database import Database, StoreUnavailable

ROOM = 2**20  # bytes on the disk: so little that some of the next decisions will not fit, though a smaller write does


@dataclass
class Writing:
    """One transaction, and the checkpoint that its entries called for."""

    connection: Connection
    checkpoints: Checkpoints
    now: datetime
    signed: list[dict[str, Any]] = field(default_factory=list)

    def append(self, kind: str, about: str | None, said: Mapping[str, Any]) -> chain.Link:
        """Append an entry to the log; its time is added. `said` holds `id` and no word about a person."""
        link = chain.append(self.connection, kind, about, {"at": ids.stamp(self.now), **said})
        if signed := self.checkpoints.due(self.connection, link, self.now):
            self.signed.append(signed)
        return link


class Store:
    """One store, for every thread of a process."""

    def __init__(self, database: Database, checkpoints: Checkpoints):
        self.database, self.checkpoints = database, checkpoints
        self._written_until = 0.0

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.database.close()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Raises StoreUnavailable."""
        with self.database.reading() as connection:
            yield connection

    @contextmanager
    def writing(self, now: datetime) -> Iterator[Writing]:
        """One transaction, kept whole or not at all, while nobody else has one. Raises StoreUnavailable."""
        with self.database.writing() as connection:
            chain.hold(connection)
            writing = Writing(connection, self.checkpoints, now)
            yield writing
        self.anchor(writing.signed)

    def checkpoint(self, now: datetime) -> None:
        """Sign the log as it ends here, where its end is not signed yet."""
        with self.database.writing() as connection:
            chain.hold(connection)
            signed = self.checkpoints.now(connection, now)
        self.anchor([signed] if signed else [])

    def try_writing(self) -> None:
        """Write what stands there already: what can be read may be full or read-only all the same. Raises StoreUnavailable.

        It is written at most once a second, for whoever asks costs a write to the disk.
        """
        if (room := self.database.room()) is not None and room < ROOM:
            raise StoreUnavailable
        if monotonic() < self._written_until:
            return
        with self.database.writing() as connection:
            connection.execute(update(tables.store).values(created_at=tables.store.c.created_at))
        self._written_until = monotonic() + 1

    def anchor(self, signed: list[dict[str, Any]]) -> None:
        """What is committed stays answered even where the file outside cannot be written; the log of the service tells of it."""
        try:
            for one in signed:
                self.checkpoints.anchor(one)
        except OSError as error:
            observing.fault("checkpoint_not_anchored", error)
