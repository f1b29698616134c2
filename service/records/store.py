"""The store: SQLite or PostgreSQL, by its URL; every change is one transaction that ends in the log, and the log is signed as it grows."""

from __future__ import annotations

import shutil
import sqlite3
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Any

from sqlalchemy import Connection, Engine, update
from sqlalchemy.exc import DataError, DBAPIError, TimeoutError
from sqlalchemy.exc import IntegrityError as Conflict

from service import observing
from service.records import chain, ids, sqlite, tables
from service.records.chain import Checkpoints

PATIENCE = 2.0  # seconds to wait for a connection, a lock or a statement, before the caller is asked to come again

__all__ = ["PATIENCE", "Conflict", "Database", "Store", "StoreUnavailable", "Writing"]
ROOM = 2**20  # bytes on the disk: so little that some of the next decisions will not fit, though a smaller write does


class StoreUnavailable(Exception):
    """The database cannot be reached, is full, is read-only, or is too slow; nothing is answered of what was being written."""


class Database:
    """Connections to the database at `url`; made after a process forks and safe to share between its threads.

    `patience`: how many seconds one block may wait for the database.
    """

    def __init__(self, url: str, patience: float = PATIENCE):
        self.is_sqlite = url.startswith("sqlite")
        self.engine, self._block = (sqlite.engine if self.is_sqlite else _postgresql())(url, patience)
        weakref.finalize(self, self.engine.dispose)  # an application is never told of its end: its connections are closed with it

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection to read with. Raises StoreUnavailable."""
        with _translated(), self._block(writes=False), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction: kept whole at the end of the block, or not at all.

        Raises StoreUnavailable; where that comes of the very end of the block, what was written may be kept all the same.
        """
        with _translated(), self._block(writes=True), self._writer() as connection, connection.begin():
            yield connection

    def room(self) -> int | None:
        """Bytes free on the disk of a database that is a file here."""
        return shutil.disk_usage(Path(self.engine.url.database or "").parent).free if self.is_sqlite else None

    def _writer(self) -> Connection:
        return self.engine.connect().execution_options(writes=True)

    def overwritten(self) -> bool:
        """Empty what the database keeps of earlier content, where it can; whether nothing is left. Raises StoreUnavailable."""
        with _translated():
            return self.is_sqlite and sqlite.empty_log(self.engine)

    def close(self) -> None:
        self.engine.dispose()


def _postgresql() -> Callable[[str, float], tuple[Engine, Callable[..., AbstractContextManager[None]]]]:
    """Loaded only here: its driver takes a tenth of a second, which no command on a store of SQLite has to wait for."""
    from service.records import postgresql

    return postgresql.engine


@contextmanager
def _translated() -> Iterator[None]:
    """Values and rows that the database refuses are faults of ours, and stay what they are."""
    try:
        yield
    except (Conflict, DataError):
        raise
    except (DBAPIError, TimeoutError, sqlite3.Error) as error:
        raise StoreUnavailable from error


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
