"""The database behind every table: SQLite or PostgreSQL, by its URL; short waits, and one kind of failure."""

from __future__ import annotations

import shutil
import sqlite3
import weakref
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DataError, DBAPIError, TimeoutError
from sqlalchemy.exc import IntegrityError as Conflict

from service.records import sqlite

PATIENCE = 2.0  # seconds to wait for a connection, a lock or a statement, before the caller is asked to come again

__all__ = ["PATIENCE", "Conflict", "Database", "StoreUnavailable"]


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
