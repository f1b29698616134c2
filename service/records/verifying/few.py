"""The tables with few rows: the store itself, its rule bases and its keys, each against its entries."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from typing import Any

import orjson
from sqlalchemy import Connection, RowMapping, Table

from service.knowledge.loading import digest
from service.records.canonical import canonical, sha256
from service.records.tables import access_key, rulebase, store
from service.records.verifying.faults import Faults
from service.records.verifying.log import Entry, Told
from service.records.verifying.rows import raw


def check_store(connection: Connection, told: Told, faults: Faults) -> bytes:
    """Check what says which store this is; returns the key of its subjects, empty where there is none."""
    rows, founded = connection.execute(raw(store)).mappings().all(), told.founded
    if len(rows) != 1 or founded is None or founded["seq"] != 1:
        faults.add("store", "there must be one row, and the first entry must be about it")
        return bytes(rows[0]["subject_key"]) if rows and isinstance(rows[0]["subject_key"], bytes) else b""
    row = rows[0]
    key = row["subject_key"] if isinstance(row["subject_key"], bytes) else b""
    repeats = {"id": (row["id"], founded["id"]), "created_at": (row["created_at"], founded["at"])}
    faults.unless_equal(f"store {founded['id']}", {**repeats, "subject_key": (sha256(key).hex(), founded["subject_key"])})
    return key


def check_rulebases(connection: Connection, told: Told, faults: Faults) -> None:
    for digest_, entry, row in _paired(connection, rulebase, "digest", told.rulebases, faults):
        repeats = {"version": (row["version"], entry["version"]), "added_at": (row["added_at"], entry["at"])}
        faults.unless_equal(f"rule base {digest_}", repeats)
        if not _kept_whole(row["files"], entry):
            faults.add(f"rule base {digest_}", "the column `files` is not what the log names by its digests")


def _kept_whole(packed: object, entry: Entry) -> bool:
    """Whether these are the very bytes that were kept, and the files the rule base of this digest."""
    if not isinstance(packed, bytes) or sha256(packed).hex() != entry["packed"]:
        return False
    try:
        files = orjson.loads(unpacked := zlib.decompress(packed))
        return canonical(files) == unpacked and digest({name: content.encode() for name, content in files.items()}) == entry["digest"]
    except (zlib.error, ValueError, AttributeError):
        return False


def check_keys(connection: Connection, told: Told, faults: Faults) -> None:
    repeats = [column.name for column in access_key.columns if column.name not in ("created_at", "revoked_at")]
    for id_, entry, row in _paired(connection, access_key, "id", told.keys, faults):
        must = {**{name: entry.get(name) for name in repeats}, "created_at": entry["at"], "revoked_at": told.revoked.get(id_)}
        faults.unless_equal(f"key {id_}", {name: (row[name], must[name]) for name in must})
    for id_ in sorted(set(told.revoked) - set(told.keys)):
        faults.add(f"key {id_}", "revoked according to the log, which does not know it")


def _paired(
    connection: Connection, table: Table, by: str, entries: Mapping[str, Entry], faults: Faults
) -> Iterator[tuple[str, Entry, RowMapping]]:
    """Each row with its entry; what has no other is a fault."""
    rows: dict[Any, RowMapping] = {row[by]: row for row in connection.execute(raw(table)).mappings()}
    kind = {"rulebase": "rule base", "access_key": "key"}[table.name]
    for id_, entry in entries.items():
        if id_ in rows:
            yield id_, entry, rows[id_]
        else:
            faults.add(f"{kind} {id_}", f"its row is missing; entry {entry['seq']} says it was made")
    for id_ in rows:
        if id_ not in entries:
            faults.add(f"{kind} {id_}", "no entry says that it was made")


