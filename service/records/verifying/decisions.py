"""Every decision against its entry and its own content, and what points to it: marks and idempotency keys."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, RowMapping, select

from service.records import decisions, idempotency
from service.records.sealing import SealBroken, Secret
from service.records.tables import decision, mark
from service.records.tables import idempotency as idempotency_key
from service.records.verifying.faults import Faults
from service.records.verifying.log import Told, read
from service.records.verifying.rows import PAGE, as_kept, entries_of, named, raw, within

PERSONAL = ("subject_ref", "disposition", "valid_until", "secret", "content")


class Beside(NamedTuple):
    """What other tables keep of decisions, by the decision's id."""

    marks: Mapping[str, list[str]]
    keys: Mapping[str, list[RowMapping]]


def check(connection: Connection, told: Told, subject_key: bytes, faults: Faults) -> int:
    """Check every decision; returns how many have content."""
    checker = _Checker(told, subject_key, faults)
    for first in range(1, told.last + 1, PAGE):
        last = min(first + PAGE - 1, told.last)
        entries = entries_of(connection, "decision", first, last)
        rows = within(connection, decision, first, last)
        beside = _beside(connection, [row["id"] for row in rows.values()])
        for seq in range(first, last + 1):
            entry = read(entries.get(seq))
            checker.pair(seq, entry if entry and entry["kind"] == "decision" else None, rows.get(seq), beside)
    checker.finish()
    _astray(connection, told.last, faults)
    return checker.with_content


class _Checker:
    def __init__(self, told: Told, subject_key: bytes, faults: Faults):
        self.told, self.subject_key, self.faults = told, subject_key, faults
        self.not_yet = set(told.erased)
        self.with_content = 0

    def pair(self, seq: int, entry: Mapping[str, Any] | None, row: RowMapping | None, beside: Beside) -> None:
        """What the log has under this number, and what the table has."""
        if entry is None:
            if row is not None:
                self.faults.add(f"decision {row['id']}", f"entry {seq}, to which it points, is no decision's")
            return
        if row is None:
            self.faults.add(f"decision {entry['id']}", f"its row is missing; entry {seq} says it was made")
        else:
            self._row(entry, row, beside)
        self.not_yet.discard(entry["id"])

    def _row(self, entry: Mapping[str, Any], row: RowMapping, beside: Beside) -> None:
        record = f"decision {entry['id']}"
        says = {"id": "id", "client": "client", "created_at": "at", "rulebase": "rulebase", "shared": "shared"}
        self.faults.unless_equal(record, {column: (row[column], entry[said]) for column, said in says.items()})
        self.faults.unless_equal(record, {"erased_at": (row["erased_at"], self.told.erased.get(entry["id"]))})
        if entry["rulebase"] not in self.told.rulebases:
            self.faults.add(record, "no entry says that its rule base was stored")
        if entry["id"] in self.told.erased:
            self._erased(record, row, beside)
        else:
            self.with_content += 1
            for what in content_faults(entry, row, beside, self.subject_key):
                self.faults.add(record, what)

    def _erased(self, record: str, row: RowMapping, beside: Beside) -> None:
        left = [f"`{column}`" for column in PERSONAL if row[column] is not None]
        left += ["a mark"] if beside.marks.get(row["id"]) else []
        left += ["an idempotency key"] if beside.keys.get(row["id"]) else []
        if left:
            self.faults.add(record, f"erased, and yet there is {', '.join(left)}")

    def finish(self) -> None:
        for id_ in sorted(self.not_yet):
            self.faults.add(f"decision {id_}", "erased according to the log, which does not know it")


def content_faults(entry: Mapping[str, Any], row: RowMapping, beside: Beside, subject_key: bytes) -> Iterable[str]:
    """What is wrong with the content of one decision, and with the columns that repeat it."""
    try:
        opened = Secret.of(row["secret"]).open(row["content"], row["id"])
        parts = decisions.parted(opened)
        salted = {name: Secret.of(row["secret"]).commitment(name, part) for name, part in parts.items()}
    except (SealBroken, TypeError, AttributeError):
        yield "the columns `secret` and `content` do not fit: the seal is broken"
        return
    if salted != entry["commitments"]:
        changed = [name for name in salted if salted[name] != entry["commitments"].get(name)]
        yield f"the content is not what the log is committed to: {', '.join(changed)}"
        return
    answer, request = orjson.loads(parts["answer"]), orjson.loads(parts["request"])
    must = decisions.repeated(subject_key, entry["client"], request["body"], answer)
    yield from (f"the column `{name}` is not what it repeats" for name in must if row[name] != must[name])
    if sorted(beside.marks.get(row["id"], ())) != sorted(set(decisions.marks(answer))):
        yield "the rows of `mark` are not those of the answer"
    print_ = idempotency.fingerprint(request["body"], request["voice"])
    for key in beside.keys.get(row["id"], ()):
        if (key["client"], key["fingerprint"]) != (entry["client"], print_):
            yield "a row of `idempotency` is bound to it with another `client` or `fingerprint`"


def _beside(connection: Connection, ids: list[Any]) -> Beside:
    beside = Beside(defaultdict(list), defaultdict(list))
    for row in named(connection, raw(mark), mark.c.decision, ids):
        beside.marks[row["decision"]].append(row["mark"])
    for row in named(connection, raw(idempotency_key), idempotency_key.c.decision, ids):
        beside.keys[row["decision"]].append(row)
    return beside


def _astray(connection: Connection, last: int, faults: Faults) -> None:
    """Rows outside of the log, and rows that point to no decision."""
    outside = select(as_kept(decision.c.id)).where(decision.c.seq.is_(None) | ~decision.c.seq.between(1, last))
    for row in connection.execute(outside).mappings():
        faults.add(f"decision {row['id']}", "there is no entry of its number")
    for table in (mark, idempotency_key):
        orphans = select(as_kept(table.c.decision)).distinct().where(
            table.c.decision.is_not(None), ~select(decision.c.id).where(decision.c.id == table.c.decision).exists()
        )  # fmt: skip
        for row in connection.execute(orphans).mappings():
            faults.add(f"decision {row['decision']}", f"a row of `{table.name}` points to it, and it is not there")
