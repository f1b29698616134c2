"""SQLite as the store needs it: what is committed is on the disk, and writers wait for their turn."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from threading import Lock
from time import monotonic, sleep
from typing import Any, cast

from sqlalchemy import Connection, Engine, ExceptionContext, create_engine, event
from sqlalchemy.exc import TimeoutError

_CONNECTIONS = 16
_PAUSE = 0.002  # seconds; SQLite's own pauses grow to 100 ms, in which another process takes one turn after the other
_FAULTS_OF_THE_DISK = {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY}


def engine(url: str, patience: float) -> tuple[Engine, Callable[..., AbstractContextManager[None]]]:
    """The engine, and what every block is done within: `block(writes=...)`."""
    made = create_engine(
        url,
        pool_size=_CONNECTIONS,
        max_overflow=_CONNECTIONS,
        pool_timeout=patience,
        connect_args={"timeout": patience},
        hide_parameters=True,
    )
    event.listen(made, "connect", _prepare)
    event.listen(made, "begin", partial(_begin, patience=patience))
    event.listen(made, "handle_error", _give_up)
    lock = Lock()
    return made, lambda writes: _turn(lock, patience) if writes else nullcontext()


@contextmanager
def _turn(lock: Lock, patience: float) -> Iterator[None]:
    """One thread of a process asks for SQLite's lock at a time: it is asked for by sleeping and trying again, which a crowd does badly."""
    if not lock.acquire(timeout=patience):
        raise TimeoutError("no turn to write")
    try:
        yield
    finally:
        lock.release()


def empty_log(made: Engine) -> bool:
    """Empty the write-ahead log; False where a reader of an older state held it for longer than the engine's patience."""
    with made.connect() as connection:  # asked of the driver: it must not be within a transaction
        busy, *_ = driver_of(connection).execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy


def driver_of(connection: Connection) -> sqlite3.Connection:
    """The driver's own connection behind one of SQLAlchemy's."""
    return cast("sqlite3.Connection", connection.connection.driver_connection)


def _prepare(connection: Any, _: Any) -> None:
    """FULL, because what was answered must outlive a power failure; deleted content is overwritten."""
    connection.isolation_level = None  # transactions are begun below, not by the driver
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection, patience: float) -> None:
    """A writer takes its lock at once: a reader that becomes a writer could find its view outdated and fail."""
    if not connection.get_execution_options().get("writes"):
        connection.exec_driver_sql("BEGIN")
        return
    driver, deadline = driver_of(connection), monotonic() + patience
    driver.execute("PRAGMA busy_timeout = 0")
    while not (begun := _begun(driver, connection)) and monotonic() < deadline:
        sleep(_PAUSE)
    driver.execute(f"PRAGMA busy_timeout = {round(patience * 1000)}")
    if not begun:
        raise TimeoutError("no lock to write")


def _begun(driver: sqlite3.Connection, connection: Connection) -> bool:
    try:
        driver.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
            return False
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # fails again, and as every other statement does
    return True


def _give_up(context: ExceptionContext) -> None:
    """A connection that was opened while the disk could only be read stays so for ever: after a fault of the disk all are opened anew."""
    if getattr(context.original_exception, "sqlite_errorcode", 0) & 0xFF in _FAULTS_OF_THE_DISK:
        context.is_disconnect = True
