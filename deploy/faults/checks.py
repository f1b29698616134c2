"""What must hold of a store whatever was done to the service or the database meanwhile."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import orjson
from sqlalchemy import Connection, select

from service.records import decisions
from service.records.canonical import canonical
from service.records.chain import START, hash_after
from service.records.decisions import PARTS, Kept
from service.records.sealing import Secret
from service.records.store import Store
from service.records.tables import decision, log, mark


def faults(store: Store, answered: Collection[str]) -> list[str]:
    """A decision that was answered and is not kept; a broken chain; anything half-written."""
    ids = kept(store)
    with store.reading() as connection:
        return [
            *(f"{id_} was answered and is not kept" for id_ in sorted(set(answered) - ids)),
            *_chain(connection),
            *(fault for id_ in sorted(ids) for fault in _decision(connection, id_)),
        ]


def kept(store: Store) -> set[str]:
    """The ids of all decisions."""
    with store.reading() as connection:
        return set(connection.scalars(select(decision.c.id)))


def _chain(connection: Connection) -> Iterator[str]:
    before = START
    rows = connection.execute(select(log).order_by(log.c.seq)).all()
    for seq, row in enumerate(rows, 1):
        before = hash_after(before, row.entry.encode())
        if (row.seq, row.hash) != (seq, before.hex()):
            yield f"entry {row.seq} does not follow the one before it"
    told = {row.about for row in rows if row.kind == "decision"}
    yield from (f"{id_} is only in the log or only in its table" for id_ in sorted(told ^ {*connection.scalars(select(decision.c.id))}))


def _decision(connection: Connection, id_: str) -> Iterator[str]:
    row = decisions.read(connection, id_)
    said = connection.scalar(select(log.c.entry).where(log.c.seq == row.seq)) if row is not None else None
    if row is None or said is None:
        yield f"{id_} is not to be read"
        return
    entry = orjson.loads(said)
    parts = row.parts()
    if entry["id"] != id_ or entry["commitments"] != _commitments(row, parts):
        yield f"{id_} is not what its entry says"
    if set(connection.scalars(select(mark.c.mark).where(mark.c.decision == id_))) != set(decisions.marks(parts["answer"])):
        yield f"{id_} lacks marks"


def _commitments(row: Kept, parts: Mapping[str, Any]) -> dict[str, str]:
    secret = Secret.of(row.secret or b"")
    return {name: secret.commitment(name, canonical(parts[name])) for name in PARTS}
