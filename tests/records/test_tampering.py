"""Whatever is changed behind the service's back is found, and named.

Bytes: every column of every table, every byte of short values and every STRIDEth of longer ones, which is every byte under
`--hypothesis-profile=long`. What an attacker can do to a whole log: at every place of it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from itertools import combinations, cycle
from typing import Any

import hypothesis
import orjson
import pytest
from sqlalchemy import Boolean, Integer, text

from service.records import ids
from service.records.canonical import canonical
from service.records.signing import Signer
from service.records.tables import metadata
from tests.records.conftest import NOW, decide, verified_of
from tests.records.tampering import Tampering, is_bytes, rechained
from tests.thoroughness import some, whole

SHORT = 16
STRIDE = 1 if hypothesis.settings.get_current_profile_name() == "long" else 37 if whole() else 307
FLIPS = (0x01, 0x20, 0x80)  # another letter, the other case, no text any more
NOT_VERIFIED = {
    ("idempotency", "key"): "kept for a week, so that a repeated request is known; no record is made of it",
    ("idempotency", "owner"): "the same",
    ("idempotency", "lease_until"): "the same",
}
NAMED = {
    "store": "store {id}", "log": "entry {seq}", "checkpoint": "checkpoint {seq}", "rulebase": "rule base {digest}", "decision": "decision {id}",
    "mark": "decision {decision}", "review": "review {id}", "idempotency": "decision {decision}", "access_key": "key {id}",
}  # fmt: skip
KEYS = {table.name: [column.name for column in table.primary_key] for table in metadata.sorted_tables}


def test_every_table_is_looked_at():
    assert set(NAMED) == set(metadata.tables)
    assert all(column in metadata.tables[table].columns for table, column in NOT_VERIFIED)


@pytest.mark.parametrize(("table", "column"), [("decision", "id"), ("review", "id"), ("review", "decision"), ("mark", "decision"), ("access_key", "id"), ("store", "id")])
def test_a_name_that_is_no_text_any_more_is_found(filled, table, column):
    raw = sqlite3.connect(filled.database.engine.url.database, isolation_level=None)
    (rowid, name) = raw.execute(f'SELECT rowid, "{column}" FROM "{table}" LIMIT 1').fetchone()
    raw.execute(f'UPDATE "{table}" SET "{column}" = CAST(? AS TEXT) WHERE rowid = ?', (name.encode()[:-1] + b"\xe3", rowid))
    raw.close()
    assert verified_of(filled).faults


def places(length: int) -> Iterator[int]:
    return iter(range(length)) if length <= SHORT else iter(range(0, length, STRIDE))


def changes(table: str, column: str, value: Any) -> Iterator[Any]:
    """One byte of a value changed at a time; for a number and a truth the values beside it."""
    if value is None:
        yield b"\0" if is_bytes(metadata.tables[table], column) else "x"
    elif isinstance(metadata.tables[table].columns[column].type, Boolean):
        yield from (1 - value, 2)
    elif isinstance(value, int):
        yield from (value + 1, value - 1, value + 1000)
    else:
        content, flips = value if isinstance(value, bytes) else value.encode(), cycle(FLIPS)
        for place in places(len(content)):
            yield content[:place] + bytes([content[place] ^ next(flips)]) + content[place + 1 :]


@pytest.fixture
def database_url(tmp_path):
    """SQLite, whose columns take any byte; the tests of whole logs are over both."""
    return f"sqlite:///{tmp_path}/attune.db"


@pytest.mark.parametrize("table", sorted(NAMED))
def test_every_change_of_one_byte_is_found_and_its_record_named_first(filled, table):
    rows, columns = Tampering(filled).tables[table], metadata.tables[table].columns
    raw, missed, tried = sqlite3.connect(filled.database.engine.url.database, isolation_level=None), [], 0
    for row in rows:
        key = " AND ".join(f'"{name}" IS ?' for name in KEYS[table])
        for column in columns:
            if (table, column.name) in NOT_VERIFIED:
                continue
            kind = "BLOB" if is_bytes(metadata.tables[table], column.name) else "INTEGER" if isinstance(column.type, Boolean | Integer) else "TEXT"
            put = f'UPDATE OR IGNORE "{table}" SET "{column.name}" = CAST(? AS {kind}) WHERE rowid = ?'
            (rowid,) = raw.execute(f'SELECT rowid FROM "{table}" WHERE {key}', [row[name] for name in KEYS[table]]).fetchone()
            for value in changes(table, column.name, row[column.name]):
                if raw.execute(put, (value, rowid)).rowcount == 0:
                    continue  # the number of another entry: refused by the database itself
                tried += 1
                now = value if table in ("log", "checkpoint") and column.name == "seq" else rowid  # SQLite's own name for the row
                if not found(filled, table, row, column.name, value):
                    missed.append((row, column.name, value))
                raw.execute(put, (row[column.name], now))
    raw.close()
    assert verified_of(filled).faults == []
    assert tried >= 3 * len(rows)
    assert missed == []


def found(store, table: str, row: dict[str, Any], column: str, value: Any) -> bool:
    """Whether the first fault is of this record; a row that now points elsewhere may be named by where it points."""
    report = verified_of(store)
    records = [record for record, _ in report.faults]
    name = NAMED[table].format(**row)
    if column in KEYS[table] or column == "decision":
        return any(record.startswith(name) for record in records) or (bool(records) and records[0].startswith(name.split()[0]))
    return bool(records) and records[0].startswith(name)


def test_every_change_of_one_byte_of_the_checkpoint_file_is_found(filled):
    tampering = Tampering(filled)
    for place in range(0, len(tampering.anchors), STRIDE):
        for flip in FLIPS:
            changed = bytearray(tampering.anchors)
            changed[place] ^= flip
            with tampering.changed({}, bytes(changed)):
                assert "checkpoint" in verified_of(filled).faults[0].record


@pytest.fixture
def long(filled):
    """More entries, the last of them signed."""
    for number in range(6):
        decide(filled, f"subject {number}")
    filled.checkpoint(NOW)
    return Tampering(filled)


class TestWholeLogs:
    """Over both databases."""

    @pytest.fixture(params=["sqlite", "postgresql"])
    def database_url(self, request, tmp_path):
        return f"sqlite:///{tmp_path}/attune.db" if request.param == "sqlite" else request.getfixturevalue("postgresql")()

    def test_an_entry_removed(self, long, filled):
        for index, row in enumerate(long.tables["log"][:-1]):
            tables = long.copy("log")
            del tables["log"][index]
            with long.changed(tables):
                assert verified_of(filled).faults[0] == (f"entry {row['seq']}", "missing")

    def test_an_entry_removed_and_the_rest_written_anew(self, long, filled):
        for index in some(range(len(long.tables["log"]) - 1), 5):
            tables = long.copy("log")
            del tables["log"][index]
            with long.changed({"log": rechained(tables["log"], index + 1)}):
                assert verified_of(filled).count

    def test_two_entries_swapped(self, long, filled):
        for one, other in list(combinations(range(len(long.tables["log"])), 2))[:: max(1, STRIDE // 2)]:
            tables = long.copy("log")
            first, second = tables["log"][one], tables["log"][other]
            first["seq"], second["seq"] = second["seq"], first["seq"]
            with long.changed(tables):
                assert verified_of(filled).faults[0].record == f"entry {one + 1}"

    def test_an_entry_doubled_at_the_end(self, long, filled):
        for row in some(long.tables["log"], 5):
            tables = long.copy("log")
            tables["log"] = rechained([*tables["log"], row], len(tables["log"]) + 1)
            with long.changed(tables):
                assert verified_of(filled).count

    def test_an_entry_inserted_and_the_rest_written_anew(self, long, filled):
        for index in some(range(len(long.tables["log"])), 5):
            tables = long.copy("log")
            said = {"id": ids.new("acc"), "at": ids.stamp(NOW), "kind": "access", "about": None, "decisions": [], "seq": 0}
            tables["log"].insert(index, {"kind": "access", "about": None, "entry": canonical(said).decode()})
            with long.changed({"log": rechained(tables["log"], index + 1)}):
                assert verified_of(filled).count

    def test_an_entry_changed_and_the_rest_written_anew(self, long, filled):
        for index, row in some(list(enumerate(long.tables["log"])), 5):
            tables = long.copy("log")
            entry = {**orjson.loads(row["entry"]), "at": "2020-01-01T00:00:00.000000Z"}
            tables["log"][index]["entry"] = canonical(entry).decode()
            with long.changed({"log": rechained(tables["log"], index + 1)}):
                assert any("is not the one that was signed" in what for _, what in verified_of(filled).faults)

    def test_the_end_cut_off_with_all_that_belongs_to_it(self, long, filled):
        """Decisions and checkpoints go too, so that the database agrees with itself; the file outside remembers."""
        for last in range(4, len(long.tables["log"])):
            tables = long.copy("log", "decision", "checkpoint", "review", "mark", "idempotency", "access_key")
            for name in ("log", "decision", "checkpoint", "review"):
                tables[name] = [row for row in tables[name] if row["seq"] <= last]
            left = {row["id"] for row in tables["decision"]}
            for name in ("mark", "idempotency"):
                tables[name] = [row for row in tables[name] if row["decision"] in left]
            with long.changed(tables):
                assert verified_of(filled).faults[0].record == f"entry {last + 1}"
                assert "missing" in verified_of(filled).faults[0].what

    def test_the_whole_log_forged_and_signed_with_another_key(self, long, filled, tmp_path):
        forger = Signer.made(tmp_path / "forger" / "signing.pem")
        tables = long.copy("log", "checkpoint")
        entries = [{**orjson.loads(row["entry"]), "at": "2020-01-01T00:00:00.000000Z"} for row in tables["log"]]
        tables["log"] = rechained([{**row, "entry": canonical(entry).decode()} for row, entry in zip(tables["log"], entries, strict=True)])
        hashes = {row["seq"]: row["hash"] for row in tables["log"]}
        for key in (forger.key, filled.checkpoints.signer.key):
            for row in tables["checkpoint"]:
                said = {"store": entries[0]["id"], "seq": row["seq"], "hash": hashes[row["seq"]], "at": row["at"], "key": key}
                row.update(said, signature=forger.sign(said))
                del row["store"]
            with long.changed(tables, b""):
                assert {record.split()[0] for record, _ in verified_of(filled).faults[: len(tables["checkpoint"])]} == {"checkpoint"}

    def test_an_old_checkpoint_used_again(self, long, filled):
        signed = long.tables["checkpoint"]
        for one, other in combinations(range(len(signed)), 2):
            tables = long.copy("checkpoint")
            tables["checkpoint"][other] = {**signed[one], "seq": signed[other]["seq"]}
            with long.changed(tables):
                assert verified_of(filled).faults[0].record == f"checkpoint {signed[other]['seq']}"

    def test_a_checkpoint_removed(self, long, filled):
        for index, row in enumerate(long.tables["checkpoint"]):
            tables = long.copy("checkpoint")
            del tables["checkpoint"][index]
            with long.changed(tables):
                assert verified_of(filled).faults[0] == (f"checkpoint {row['seq']}", "its row is missing; the checkpoint file has it")

    @pytest.mark.parametrize("table", sorted({*NAMED} - {"log", "checkpoint", "store", "idempotency"}))
    def test_a_row_removed(self, long, filled, table):
        for index, row in enumerate(long.tables[table]):
            tables = long.copy(table)
            del tables[table][index]
            with long.changed(tables):
                assert NAMED[table].format(**row) in {record for record, _ in verified_of(filled).faults}

    def test_rows_that_no_entry_knows(self, long, filled):
        decision, key = long.tables["decision"][0], long.tables["access_key"][0]
        added = {
            "decision": {**decision, "id": "dec_new", "seq": 999}, "mark": {"decision": "dec_new", "mark": "red_flag:RF.TWO"},
            "access_key": {**key, "id": "key_new", "prefix": "att_new"}, "rulebase": {**long.tables["rulebase"][0], "digest": "new"},
            "review": {**long.tables["review"][0], "id": "rev_new", "seq": 1}, "store": {**long.tables["store"][0], "id": "store_new"},
        }  # fmt: skip
        for name, row in added.items():
            with long.changed({name: [*long.tables[name], row]}):
                assert verified_of(filled).count, name

    def test_content_exchanged_between_two_decisions(self, long, filled):
        whole = [index for index, row in enumerate(long.tables["decision"]) if row["content"] is not None]
        for one, other in list(combinations(whole, 2))[::3]:
            tables = long.copy("decision")
            first, second = tables["decision"][one], tables["decision"][other]
            for column in ("secret", "content", "subject_ref", "disposition", "valid_until"):
                first[column], second[column] = second[column], first[column]
            with long.changed(tables):
                assert verified_of(filled).faults[0].record == f"decision {first['id']}"

    def test_content_brought_back_after_an_erasure_and_an_erasure_pretended(self, long, filled):
        rows = long.tables["decision"]
        erased = next(index for index, row in enumerate(rows) if row["erased_at"])
        for index, row in enumerate(rows):
            if row["erased_at"]:
                continue
            tables = long.copy("decision")
            tables["decision"][erased].update({name: row[name] for name in ("secret", "content", "disposition")})
            with long.changed(tables):
                assert verified_of(filled).faults[0].record == f"decision {rows[erased]['id']}"
            tables = long.copy("decision")
            tables["decision"][index].update(dict.fromkeys(("secret", "content", "disposition", "valid_until", "subject_ref")), erased_at=ids.stamp(NOW))
            with long.changed(tables):
                assert verified_of(filled).faults[0].record == f"decision {row['id']}"


def test_another_administrator_of_the_same_database_is_seen(filled):
    """A change through any connection, not only the one that the tests keep."""
    id_ = decide(filled, "eve")
    with filled.writing(NOW) as writing:
        writing.connection.execute(text("DELETE FROM mark WHERE decision = :id AND mark = 'withheld:hiit'"), {"id": id_})
    assert verified_of(filled).faults == [(f"decision {id_}", "the rows of `mark` are not those of the answer")]
