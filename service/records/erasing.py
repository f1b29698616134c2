"""Removes content, by subject and by age. The log keeps that it was removed, and when; the ids also go to a file outside of the
database, from which they are erased again after an older backup was restored."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, Table, delete, select, update
from sqlalchemy.sql.elements import ColumnElement

from service.records import ids
from service.records.canonical import canonical
from service.records.chain import add_line, store_id
from service.records.decisions import subject_ref
from service.records.store import Store, StoreUnavailable, Writing
from service.records.tables import decision, idempotency, mark, review

LIST = "erasures.ndjson"
AT_ONCE = 500  # decisions of one entry
_PERSONAL = {
    decision: ("subject_ref", "disposition", "valid_until", "secret", "content"),
    review: ("verdict", "rule", "rule_hash", "thread", "content"),
}


class Erasure(NamedTuple):
    """`decisions` is how many lost their content; `overwritten`: nothing of it is left in the database's own files either."""

    decisions: int
    at: str
    overwritten: bool


def erase_subject(store: Store, client: str, subject: str, by: str, now: datetime) -> Erasure:
    """Remove everything on record about a client's subject; `by` names the key. Raises StoreUnavailable.

    Nobody else writes meanwhile, so a decision being made is either found here, or written after the entry that says so.
    """
    with store.writing(now) as writing:
        theirs = (decision.c.client == client, decision.c.subject_ref == subject_ref(writing.connection, client, subject))
        erased = _erase(store, writing, _of(writing.connection, *theirs), {"client": client, "key": by, "why": "subject"})
    return _done(store, erased, now)


def erase_older(store: Store, before: datetime, by: str, now: datetime) -> Erasure:
    """Remove the content of every decision made before then, some at a time, so that others can write. Raises StoreUnavailable."""
    older, erased = decision.c.created_at < ids.stamp(before), 0
    while True:
        with store.writing(now) as writing:
            found = _of(writing.connection, older, decision.c.erased_at.is_(None))[:AT_ONCE]
            erased += _erase(store, writing, found, {"key": by, "why": "retention"})
        if len(found) < AT_ONCE:
            return _done(store, erased, now)


def erase_again(store: Store, listed: Iterable[bytes], by: str, now: datetime) -> Erasure:
    """Remove what the lines of a list say was erased, where there is content. Raises ValueError for what is no list of this store."""
    with store.writing(now) as writing:
        named = [id_ for line in listed for id_ in _read(line, store_id(writing.connection))]
        found = [id_ for few in _some(named) for id_ in _of(writing.connection, decision.c.id.in_(few), decision.c.erased_at.is_(None))]
        erased = _erase(store, writing, found, {"key": by, "why": "restored"})
    return _done(store, erased, now)


def _of(connection: Connection, *wanted: ColumnElement[bool]) -> list[str]:
    return list(connection.scalars(select(decision.c.id).where(*wanted).order_by(decision.c.seq)))


def _erase(store: Store, writing: Writing, found: Sequence[str], said: dict[str, str]) -> int:
    for few in _some(found):
        at = ids.stamp(writing.now)
        connection = writing.connection
        for table in (mark, idempotency):
            connection.execute(delete(table).where(table.c.decision.in_(few)))
        connection.execute(update(review).where(review.c.decision.in_(few)).values(_nothing(review)))
        connection.execute(update(decision).where(decision.c.id.in_(few)).values({**_nothing(decision), "erased_at": at}))
        entry = {"id": ids.new("era"), **said, "decisions": list(few)}
        writing.append("erasure", few[0] if len(few) == 1 else None, entry)
        _list(store, {"store": store_id(writing.connection), "at": at, "decisions": list(few)})
    return len(found)


def _nothing(table: Table) -> dict[str, None]:
    return dict.fromkeys(_PERSONAL[table])


def _list(store: Store, line: dict[str, Any]) -> None:
    """Before the end of the transaction: what is erased is always listed. Raises StoreUnavailable."""
    try:
        add_line(list_of(store), canonical(line))
    except OSError as error:
        raise StoreUnavailable from error


def list_of(store: Store) -> Path:
    return store.checkpoints.file.with_name(LIST)


def _read(line: bytes, store: str) -> list[str]:
    found = orjson.loads(line)
    if not isinstance(found, dict) or found.get("store") != store or not isinstance(found.get("decisions"), list):
        raise ValueError("a line that lists no erasure of this store")
    decisions: list[str] = found["decisions"]
    return decisions


def _some(found: Sequence[str]) -> Iterable[Sequence[str]]:
    return (found[start : start + AT_ONCE] for start in range(0, len(found), AT_ONCE))


def _done(store: Store, erased: int, now: datetime) -> Erasure:
    return Erasure(erased, ids.stamp(now), store.database.overwritten())
