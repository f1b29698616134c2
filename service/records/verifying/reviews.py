"""Every review against its entry, the decision that it is about, and its own content."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from sqlalchemy import Connection, RowMapping, select

from service.records import reviews
from service.records.sealing import SealBroken, Secret
from service.records.tables import decision, review
from service.records.verifying.faults import Faults
from service.records.verifying.log import Told, read
from service.records.verifying.rows import PAGE, as_kept, entries_of, named, within

PERSONAL = ("verdict", "rule", "rule_hash", "thread", "content")


def check(connection: Connection, told: Told, faults: Faults) -> None:
    for first in range(1, told.last + 1, PAGE):
        last = min(first + PAGE - 1, told.last)
        rows = within(connection, review, first, last)
        readings = {seq: read(written) for seq, written in entries_of(connection, "review", first, last).items()}
        entries = {seq: entry for seq, entry in readings.items() if entry and entry["kind"] == "review"}
        secrets = _secrets(connection, [entry["about"] for entry in entries.values()])
        for seq in sorted({*rows, *entries}):
            _pair(seq, entries.get(seq), rows.get(seq), secrets, told, faults)
    outside = select(as_kept(review.c.id)).where(review.c.seq.is_(None) | ~review.c.seq.between(1, told.last))
    for row in connection.execute(outside).mappings():
        faults.add(f"review {row['id']}", "there is no entry of its number")


def _secrets(connection: Connection, ids: list[Any]) -> dict[str, bytes]:
    found = named(connection, select(as_kept(decision.c.id), as_kept(decision.c.secret)), decision.c.id, ids)
    return {row["id"]: row["secret"] for row in found}


def _pair(
    seq: int, entry: Mapping[str, Any] | None, row: RowMapping | None, secrets: Mapping[str, bytes], told: Told, faults: Faults
) -> None:
    """What the log has under this number, and what the table has."""
    if entry is None:
        if row is not None:
            faults.add(f"review {row['id']}", f"entry {seq}, to which it points, is no review's")
        return
    record = f"review {entry['id']}"
    if row is None:
        faults.add(record, f"its row is missing; entry {seq} says it was given")
        return
    says = {"id": "id", "decision": "about", "client": "client", "at": "at"}
    faults.unless_equal(record, {column: (row[column], entry[said]) for column, said in says.items()})
    if entry["about"] in told.erased:
        left = [f"`{column}`" for column in PERSONAL if row[column] is not None]
        if left:
            faults.add(record, f"its decision is erased, and yet there is {', '.join(left)}")
        return
    for what in _content_faults(entry, row, secrets.get(entry["about"])):
        faults.add(record, what)


def _content_faults(entry: Mapping[str, Any], row: RowMapping, kept: bytes | None) -> Iterable[str]:
    try:
        secret = Secret.of(kept or b"")
        opened = secret.open(row["content"], row["id"])
    except (SealBroken, TypeError, AttributeError):
        yield "the column `content` does not fit the secret of its decision: the seal is broken"
        return
    if secret.commitment(reviews.committed_as(row["id"]), opened) != entry["commitment"]:
        yield "the content is not what the log is committed to"
        return
    must = reviews.looked_up_by(secret, entry["client"], orjson.loads(opened))
    yield from (f"the column `{name}` is not what it repeats" for name in must if row[name] != must[name])
