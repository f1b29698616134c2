"""A copy of an SQLite store while it is written to; PostgreSQL has its own tools for that."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from service.records.sqlite import driver_of
from service.records.store import Database

_PAGES = 256  # copied at once: writers go on in between


class NotSQLite(Exception):
    """A database that its own tools copy."""


def backup(database: Database, file: Path) -> None:
    """Copy the store, as it is at one moment, to a new file for this user's eyes only.

    Raises FileExistsError, NotSQLite, StoreUnavailable.
    """
    if not database.is_sqlite:
        raise NotSQLite
    os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    copy = sqlite3.connect(file)
    try:
        with database.reading() as connection:
            driver_of(connection).backup(copy, pages=_PAGES)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, whole by itself
    finally:
        copy.close()
