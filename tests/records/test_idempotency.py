"""Keys: of two who come at once one answers, whoever died is followed, and whoever was followed keeps nothing."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from service.records import idempotency
from service.records.idempotency import KEPT_FOR, KeyInUse, KeyOfAnother, LeaseLost
from service.records.store import StoreUnavailable
from service.records.tables import idempotency as table

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LEASE = timedelta(seconds=30)


def take(store, key="key", client="a", fingerprint="same", now=NOW):
    return idempotency.take(store.database, client, key, fingerprint, now, LEASE)


def outcome(act):
    try:
        return act()
    except (KeyInUse, KeyOfAnother) as refused:
        return refused


def test_of_many_at_once_one_takes_the_key(store):
    with ThreadPoolExecutor(8) as threads:
        outcomes = list(threads.map(lambda _: outcome(lambda: take(store)), range(8)))
    refused = [one for one in outcomes if isinstance(one, KeyInUse)]
    assert len(refused) == 7


def test_a_key_is_held_for_its_whole_lease(store):
    take(store)
    for later in (timedelta(seconds=10), LEASE - timedelta(milliseconds=1)):
        with pytest.raises(KeyInUse):
            take(store, now=NOW + later)


def test_another_body_is_refused_at_any_time(store):
    take(store)
    for later in (NOW, NOW + LEASE, NOW + 2 * LEASE):
        with pytest.raises(KeyOfAnother):
            take(store, fingerprint="other", now=later)


def test_a_key_belongs_to_its_client(store):
    take(store)
    assert take(store, client="b", fingerprint="other").decision is None


def test_whoever_was_followed_keeps_nothing(store):
    first = take(store)
    second = take(store, now=NOW + LEASE)
    with store.writing(NOW) as writing, pytest.raises(LeaseLost):
        idempotency.bind(writing.connection, first, "dec_first")
    idempotency.give_back(store.database, first)  # is not his to give
    with pytest.raises(KeyInUse):
        take(store, now=NOW + LEASE)
    with store.reading() as connection:
        assert connection.scalar(select(table.c.owner)) == second.owner


def test_a_key_that_was_given_back_is_free(store):
    idempotency.give_back(store.database, take(store))
    assert take(store).decision is None


def test_giving_back_to_a_store_that_does_not_answer_is_no_fault_of_its_own(store, monkeypatch):
    lease = take(store)

    def gone():
        raise StoreUnavailable

    monkeypatch.setattr(store.database, "writing", gone)
    idempotency.give_back(store.database, lease)


def test_old_keys_are_forgotten_some_at_a_time(store):
    for number in range(30):
        take(store, key=f"old-{number}")
    later = NOW + KEPT_FOR + LEASE + timedelta(seconds=1)
    sizes = []
    for number in range(3):
        take(store, key=f"new-{number}", now=later)
        with store.reading() as connection:
            sizes.append(connection.scalar(select(func.count()).select_from(table)))
    assert sizes == [11, 2, 3]


def test_a_key_is_not_forgotten_before_its_time(store):
    take(store)
    take(store, key="another", now=NOW + KEPT_FOR)
    with pytest.raises(KeyOfAnother):
        take(store, fingerprint="other", now=NOW + KEPT_FOR)
