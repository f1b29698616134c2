"""SQLite as the store needs it: what is committed is on the disk, and writers wait for their turn."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import TimeoutError

_CONNECTIONS = 16


def engine(url: str, patience: float) -> tuple[Engine, Callable[..., AbstractContextManager]]:
    """The engine, and what every block is done within: `block(writes=...)`."""
    made = create_engine(
        url, pool_size=_CONNECTIONS, max_overflow=_CONNECTIONS, pool_timeout=patience, connect_args={"timeout": patience}, hide_parameters=True
    )
    event.listen(made, "connect", _prepare)
    event.listen(made, "begin", _begin)
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


def _prepare(connection: Any, _: Any) -> None:
    """FULL, because what was answered must outlive a power failure; deleted content is overwritten."""
    connection.isolation_level = None  # transactions are begun below, not by the driver
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    """A writer takes its lock at once: a reader that becomes a writer could find its view outdated and fail."""
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
