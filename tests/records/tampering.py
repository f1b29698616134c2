"""Changes a store behind its back: rows as they are, put back after each change; chains forged as an attacker would forge them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

import orjson
from sqlalchemy import Connection, LargeBinary, Table, create_engine, delete, insert, select, text, type_coerce
from sqlalchemy.pool import NullPool
from sqlalchemy.types import NullType

from service.records.canonical import canonical
from service.records.chain import START, hash_after
from service.records.store import Store
from service.records.tables import metadata

Tables = dict[str, list[dict[str, Any]]]


class Tampering:
    """`tables` is what stood there: rows by the table's name, as the driver gives them."""

    def __init__(self, store: Store):
        self.file = store.checkpoints.file
        self.engine = create_engine(store.database.engine.url, poolclass=NullPool)  # without the checks that the service's connections make
        self.anchors = self.file.read_bytes() if self.file.exists() else b""
        with self.engine.connect() as connection:
            self.tables: Tables = {table.name: rows_of(connection, table) for table in metadata.sorted_tables}

    @contextmanager
    def changed(self, tables: Tables, anchors: bytes | None = None) -> Iterator[None]:
        """These rows for as long as the block lasts; tables that are not named stay."""
        self._put(tables)
        if anchors is not None:
            self.file.write_bytes(anchors)
        try:
            yield
        finally:
            self._put({name: self.tables[name] for name in tables})
            self.file.write_bytes(self.anchors)

    def copy(self, *names: str) -> Tables:
        return {name: deepcopy(self.tables[name]) for name in names}

    def _put(self, tables: Tables) -> None:
        with self.engine.begin() as connection:
            unguarded(connection)
            for name, rows in tables.items():
                table = metadata.tables[name]
                connection.execute(delete(table))
                if rows:
                    connection.execute(insert(table), rows)


def rows_of(connection: Connection, table: Table) -> list[dict[str, Any]]:
    found = connection.execute(select(*(type_coerce(column, NullType()).label(column.name) for column in table.columns)))
    return [dict(row) for row in found.mappings()]


def unguarded(connection: Connection) -> None:
    """PostgreSQL's administrator can switch foreign keys off; a new connection to SQLite has them off."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL session_replication_role = replica"))


def rechained(log: list[dict[str, Any]], since: int = 1) -> list[dict[str, Any]]:
    """The same entries with new numbers and hashes from one of them on, as if they had been written so."""
    rows, before = [], START
    for number, row in enumerate(log, 1):
        entry = orjson.loads(row["entry"])
        content = canonical({**entry, "seq": number}) if number >= since else row["entry"].encode()
        before = hash_after(before, content)
        rows.append({**row, "seq": number, "entry": content.decode(), "hash": before.hex()})
    return rows


def is_bytes(table: Table, column: str) -> bool:
    return isinstance(table.columns[column].type, LargeBinary)
