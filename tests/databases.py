"""The databases that the tests run over: SQLite, and a real PostgreSQL, one server for the session."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.postgresql import PostgreSQL
from service.records import migrating, opening
from service.records.store import Store

KINDS = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgreSQL]:
    """A test that stops it starts it again."""
    with PostgreSQL() as server:
        yield server


@pytest.fixture(scope="session")
def postgresql(postgresql_server: PostgreSQL) -> Callable[[], str]:
    """Call it for the URL of an empty database."""
    return postgresql_server.new


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of either kind."""
    return f"sqlite:///{tmp_path}/attune.db" if request.param == "sqlite" else request.getfixturevalue("postgresql")()


@pytest.fixture
def store(database_url: str, tmp_path: Path) -> Iterator[Store]:
    """An empty store over either database, its checkpoints beside the test's other files."""
    with opening.store(database_url, tmp_path, checkpoint_every=4, patience=120) as store:  # a busy machine turns nobody away
        migrating.migrate(store.database)
        yield store
