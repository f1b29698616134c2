"""Rows as the driver gives them, so that what is no text or no number is seen and not converted; and one view of the whole store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Column, Connection, RowMapping, Table, select, text, type_coerce
from sqlalchemy.types import NullType

from service.records.sqlite import driver_of
from service.records.store import Database
from service.records.tables import Query, log

PAGE = 256  # rows read at once: some megabytes of decisions
NAMED_AT_ONCE = 500


@contextmanager
def snapshot(database: Database) -> Iterator[Connection]:
    """One view of the store for as long as it takes, whatever is written meanwhile."""
    with database.reading() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
            connection.execute(text("SET LOCAL statement_timeout = 0"))
            yield connection
            return
        driver = driver_of(connection)
        driver.text_factory = _text
        try:
            yield connection
        finally:
            driver.text_factory = str


def _text(content: bytes) -> str:
    """SQLite keeps any bytes as text; what is not UTF-8 must be found, and not end the search."""
    return content.decode("utf-8", "surrogateescape")


def raw(table: Table) -> Query:
    return select(*map(as_kept, table.columns))


def as_kept(column: Column[Any]) -> Any:
    return type_coerce(column, NullType()).label(column.name)


def numbered(connection: Connection, table: Table) -> Iterator[RowMapping]:
    """Every row in the order of `seq`, page by page."""
    page = raw(table).order_by(table.c.seq).limit(PAGE)
    rows = connection.execute(page).mappings().all()
    while rows:
        yield from rows
        rows = connection.execute(page.where(table.c.seq > rows[-1]["seq"])).mappings().all()


def within(connection: Connection, table: Table, first: int, last: int) -> dict[int, RowMapping]:
    """The rows of these numbers."""
    found = connection.execute(raw(table).where(table.c.seq.between(first, last))).mappings()
    return {row["seq"]: row for row in found}


def entries_of(connection: Connection, kind: str, first: int, last: int) -> dict[int, str]:
    """The entries of one kind among these numbers, as they are written."""
    these = select(as_kept(log.c.seq), as_kept(log.c.entry)).where(log.c.kind == kind, log.c.seq.between(first, last))
    return {row["seq"]: row["entry"] for row in connection.execute(these).mappings()}


def named(connection: Connection, wanted: Query, column: Column[Any], names: Sequence[Any]) -> list[RowMapping]:
    """What `wanted` gives for the rows whose column is one of these; a name that is no text by now is nobody's."""
    names = [name for name in names if not _spoilt(name)]
    some = (names[start : start + NAMED_AT_ONCE] for start in range(0, len(names), NAMED_AT_ONCE))
    return [row for few in some for row in connection.execute(wanted.where(column.in_(few))).mappings()]


def _spoilt(name: Any) -> bool:
    """Whether no driver can send it: `_text` leaves a surrogate where a byte was no UTF-8."""
    return isinstance(name, str) and any("\ud800" <= letter <= "\udfff" for letter in name)
