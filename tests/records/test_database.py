"""What every connection promises, and which failures become the one that callers know."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import DataError

from service.records import opening
from service.records.store import Conflict, StoreUnavailable
from service.records.tables import mark


def test_what_sqlite_commits_is_on_the_disk(tmp_path):
    with opening.store(f"sqlite:///{tmp_path}/attune.db", tmp_path, 4) as store, store.reading() as connection:
        said = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous", "secure_delete", "foreign_keys")}
    assert said == {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1, "foreign_keys": 1}  # 2: FULL


def test_a_row_that_breaks_a_rule_is_a_fault_of_ours(store):
    with pytest.raises(Conflict), store.database.writing() as connection:
        connection.execute(insert(mark), {"decision": "dec_nobody", "mark": "a"})


def test_a_value_that_the_database_refuses_is_a_fault_of_ours(postgresql, tmp_path):
    with opening.store(postgresql(), tmp_path, 4) as store, pytest.raises(DataError), store.reading() as connection:
        connection.execute(text("SELECT CAST('a' AS integer)"))


def test_tables_that_are_not_there(database_url, tmp_path):
    with opening.store(database_url, tmp_path, 4) as store, pytest.raises(StoreUnavailable), store.reading() as connection:
        connection.execute(text("SELECT * FROM decision"))


def test_an_address_where_nothing_is(tmp_path):
    for url in (f"sqlite:///{tmp_path}/none/attune.db", "postgresql://nobody@127.0.0.1:1/none"):
        with opening.store(url, tmp_path, 4) as store, pytest.raises(StoreUnavailable), store.reading():
            pass


def test_a_refusal_that_comes_of_the_driver_itself(store):
    """As of a connection that was closed meanwhile."""
    closed = sqlite3.connect(":memory:")
    closed.close()
    with pytest.raises(StoreUnavailable), store.database.writing():
        closed.execute("SELECT 1")


def test_whoever_waits_too_long_is_turned_away(database_url, tmp_path):
    """One writes and does not end; another is refused, and has its turn afterwards."""

    def written():
        try:
            with store.writing(None):
                return True
        except StoreUnavailable:
            return False

    with opening.store(database_url, tmp_path, 4, patience=0.2) as store, ThreadPoolExecutor(1) as other:
        with store.writing(None):
            assert not other.submit(written).result()
        assert any(other.submit(written).result() for _ in range(50))  # its patience is short, and the machine may be busy
