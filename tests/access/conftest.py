"""Callers of every kind, for the application under test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count

import pytest

from service.access import keys
from service.access.keys import Wanted
from service.records import opening
from service.records.store import Store
from service.settings import Settings

ADDRESSES = (f"2001:db8::{n:x}" for n in count(1))  # failures are counted by address; a test that means to fail often takes a new one


@pytest.fixture(scope="session")
def own_store(settings: Settings) -> Iterator[Store]:
    """The store of `app`, opened beside it as another process would."""
    with opening.store(settings.database_url, settings.data, settings.checkpoint_every) as store:
        yield store


@pytest.fixture(scope="session")
def key(own_store: Store) -> Callable[..., str]:
    """Call it with a client and scopes for a new key of `app`; more as Wanted has it."""

    def made(client: str, *scopes: str, **more: object) -> str:
        wanted = Wanted(client, frozenset(scopes), **{"rate": "999999999/minute", **more})
        return keys.make(own_store, wanted, datetime.now(UTC))[1]

    return made


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def elsewhere() -> dict[str, str]:
    """The environment of a request from an address of its own."""
    return {"REMOTE_ADDR": next(ADDRESSES)}
