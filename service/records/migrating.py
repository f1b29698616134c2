"""Brings the tables to the form this version knows, by an explicit command; a service never changes them while it serves."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, insert, select

from service.records import chain, ids
from service.records.canonical import sha256
from service.records.store import Database
from service.records.tables import store

MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(database: Database, to: str = "head") -> None:
    """Apply what is missing (or take back, towards `to`), and give a new store its id."""
    with database.writing() as connection:
        chain.hold(connection)
        _run(command.upgrade if to == "head" else command.downgrade, connection, to)
        if to == "head" and connection.scalar(select(store.c.id)) is None:
            _found(connection)


def _found(connection: Connection) -> None:
    made, key = {"id": ids.new("store"), "at": ids.stamp(datetime.now(UTC))}, secrets.token_bytes(32)
    connection.execute(insert(store).values(id=made["id"], created_at=made["at"], subject_key=key))
    chain.append(connection, "store", None, {**made, "subject_key": sha256(key).hex()})


def _run(apply: Callable[[Config, str], None], connection: Connection, to: str) -> None:
    config = _config()
    config.attributes["connection"] = connection
    apply(config, to)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config
