"""The log itself: numbered without a gap, each entry in its one form, repeated by its columns, bound to all before it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import Connection, RowMapping

from service.records.canonical import canonical
from service.records.chain import START, hash_after
from service.records.tables import log
from service.records.verifying.faults import Faults
from service.records.verifying.rows import numbered

Entry = Mapping[str, Any]
_ALWAYS: dict[str, type] = {"seq": int, "kind": str, "id": str, "at": str}
_SAYS: dict[str, dict[str, type]] = {
    "store": {"subject_key": str},
    "rulebase": {"digest": str, "version": str, "packed": str},
    "decision": {"client": str, "shared": bool, "rulebase": str, "commitments": dict},
    "review": {"about": str, "client": str, "commitment": str},
    "erasure": {"decisions": list},
    "key": {"about": str},
    "revocation": {"about": str},
}  # what later checks read; kinds that are not named say nothing that is repeated elsewhere


@dataclass
class Told:
    """What the entries say that later checks need; entries of decisions and reviews are too many to be kept here."""

    last: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    founded: Entry | None = None
    rulebases: dict[str, Entry] = field(default_factory=dict)
    keys: dict[str, Entry] = field(default_factory=dict)
    revoked: dict[str, str] = field(default_factory=dict)
    erased: dict[str, str] = field(default_factory=dict)

    def learn(self, entry: Entry) -> None:
        """Take note of what an entry says."""
        self.kinds[entry["kind"]] += 1
        if entry["kind"] in _LEARN:
            _LEARN[entry["kind"]](self, entry)

    def _store(self, entry: Entry) -> None:
        self.founded = self.founded or entry

    def _rulebase(self, entry: Entry) -> None:
        self.rulebases[entry["digest"]] = entry

    def _key(self, entry: Entry) -> None:
        self.keys[entry["about"]] = entry

    def _revocation(self, entry: Entry) -> None:
        self.revoked.setdefault(entry["about"], entry["at"])

    def _erasure(self, entry: Entry) -> None:
        for decision in entry["decisions"]:
            self.erased.setdefault(decision, entry["at"])


_LEARN: dict[str, Callable[[Told, Entry], None]] = {
    "store": Told._store, "rulebase": Told._rulebase, "key": Told._key, "revocation": Told._revocation, "erasure": Told._erasure,
}  # fmt: skip


def walk(connection: Connection, faults: Faults) -> Told:
    """Check every entry, from the first on."""
    chain, told, ids = _Chain(faults), Told(), set()
    for row in numbered(connection, log):
        chain.follow(row)
        entry = read(row["entry"])
        if entry is None or canonical(entry) != _bytes(row["entry"]):
            faults.add(name(row["seq"]), "not an entry in its one form (RFC 8785), with all that its kind says")
            continue
        faults.unless_equal(name(row["seq"]), {key: (row[key], entry.get(key)) for key in ("seq", "kind", "about")})
        if entry["id"] in ids:
            faults.add(name(row["seq"]), "repeats the id of an entry before it")
        ids.add(entry["id"])
        told.learn(entry)
    told.last = chain.last
    return told


def read(written: Any) -> dict[str, Any] | None:
    """An entry, in whatever form; None where it is not one, or lacks what its kind says."""
    try:
        found = orjson.loads(written)
    except (ValueError, TypeError):
        return None
    return found if isinstance(found, dict) and _says_all(found) else None


def _says_all(entry: Entry) -> bool:
    must = {**_ALWAYS, **_SAYS.get(entry.get("kind", ""), {})}
    return all(type(entry.get(field)) is kind for field, kind in must.items()) and all(map(_is_id, entry.get("decisions", ())))


def _is_id(value: object) -> bool:
    return isinstance(value, str)


def name(seq: int) -> str:
    return f"entry {seq}"


class _Chain:
    """Follows the hashes. After a fault both what stands there and what should are taken as the start of what comes next, so that
    one changed entry is one fault."""

    def __init__(self, faults: Faults):
        self.faults, self.last, self.before = faults, 0, {START}

    def follow(self, row: RowMapping) -> None:
        if row["seq"] != self.last + 1:
            self._gap(row["seq"])
        hashes = {hash_after(before, _bytes(row["entry"])) for before in self.before}
        stands = _unhexed(row["hash"])
        if self.before and stands not in hashes:
            self.faults.add(name(row["seq"]), "the entry and those before it do not give its hash")
        self.before = {stands} if stands in hashes else {*hashes, *([stands] if stands else [])}
        self.last = row["seq"]

    def _gap(self, seq: int) -> None:
        if seq > self.last + 1:
            more = f", with those up to {seq - 1}" if seq > self.last + 2 else ""
            self.faults.add(name(self.last + 1), f"missing{more}")
        else:
            self.faults.add(name(seq), "the log begins with 1")
        self.before = set()


def _bytes(entry: object) -> bytes:
    return entry.encode("utf-8", "surrogateescape") if isinstance(entry, str) else repr(entry).encode()


def _unhexed(written: Any) -> bytes | None:
    try:
        found = bytes.fromhex(written)
    except (ValueError, TypeError):
        return None
    return found if found.hex() == written else None
