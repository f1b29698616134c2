"""PostgreSQL as the store needs it: nobody waits for long for a server that is slow, frozen or gone.

The server ends statements and waits for locks itself. It cannot where its replies do not arrive, so a block also has a limit at this end:
of the time it waits, not of the time it works. Where that runs out, its connection is closed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from threading import local
from time import monotonic
from typing import Any

import psycopg
from psycopg.abc import RV, PQGen
from sqlalchemy import Engine, create_engine, event

_CONNECTIONS = 8
_CONNECTING = 2  # seconds, the least that PostgreSQL's own library knows
_IDLE = 30.0  # seconds that a transaction may hold up others while its process does nothing, as one that was frozen
_GRACE = 0.5  # seconds more than the server has, so that it is the server that ends a slow statement wherever it can


def engine(url: str, patience: float) -> tuple[Engine, Callable[..., AbstractContextManager[None]]]:
    """The engine, and what every block is done within: `block(writes=...)`."""
    limits = {"statement_timeout": patience, "lock_timeout": patience, "idle_in_transaction_session_timeout": _IDLE}
    options = " ".join(f"-c {name}={round(seconds * 1000)}" for name, seconds in limits.items())
    made = create_engine(
        url.replace("postgresql://", "postgresql+psycopg://", 1),
        pool_size=_CONNECTIONS,
        max_overflow=_CONNECTIONS,
        pool_timeout=patience,
        pool_pre_ping=True,
        connect_args={"connect_timeout": _CONNECTING, "options": options + " -c timezone=UTC -c synchronous_commit=on"},
        hide_parameters=True,
    )
    budget = _Budget(patience + _GRACE)

    @event.listens_for(made, "do_connect")
    def connect(_dialect: Any, _record: Any, arguments: tuple[Any, ...], named: dict[str, Any]) -> _Connection:
        return _connect(budget, arguments, named)

    return made, lambda writes: budget.block()


class _Budget(local):
    """How long this thread may still wait for the server."""

    def __init__(self, seconds: float):
        self.seconds = self.left = seconds

    @contextmanager
    def block(self) -> Iterator[None]:
        """A block of its own, also within another."""
        before, self.left = self.left, self.seconds
        try:
            yield
        finally:
            self.left = before

    @contextmanager
    def spent(self) -> Iterator[float]:
        """What is done here is waiting, and may take as long as is yielded."""
        began = monotonic()
        try:
            yield max(0.0, self.left)
        finally:
            self.left -= monotonic() - began


class _Connection(psycopg.Connection[Any]):
    """Every exchange with the server goes through `wait`."""

    budget: _Budget

    def wait(self, gen: PQGen[RV], *options: Any, **named: Any) -> RV:
        exchange: Callable[..., RV] = super().wait
        with self.budget.spent() as left:
            try:
                return exchange(gen, *options, timeout=left, **named)
            except psycopg.errors._WaitTimeout:  # an OperationalError that psycopg has no public name for
                self.close()  # an answer that comes late must meet nobody
                raise


def _connect(budget: _Budget, arguments: tuple[Any, ...], named: dict[str, Any]) -> _Connection:
    with budget.spent() as left:
        if left <= 0:
            raise psycopg.OperationalError("no time left to connect")
        connection = _Connection.connect(*arguments, **named)
    connection.budget = budget
    return connection
