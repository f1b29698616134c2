"""Every checkpoint, of the table and of the file outside: signed with a trusted key, and about this log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select

from service.records.signing import signed_by
from service.records.tables import checkpoint, log
from service.records.verifying.faults import Faults
from service.records.verifying.log import Told, name
from service.records.verifying.rows import as_kept, named, raw

Signed = Mapping[str, Any]
Outside = Sequence[Signed | None]


def check(connection: Connection, told: Told, trusted: Mapping[str, bytes], outside: Outside, faults: Faults) -> int:
    """Check all of them; returns the number of the last entry that one of them vouches for, 0 where there is none.

    `trusted` are public keys by their short names; `outside` are the lines of the file.
    """
    store = told.founded["id"] if told.founded else None
    rows = [{"store": store, **row} for row in connection.execute(raw(checkpoint).order_by(checkpoint.c.seq)).mappings()]
    whole = [("checkpoint {seq}", row) for row in rows] + list(_of_this_store(outside, store, faults))
    good = [(label.format(**one), one) for label, one in whole if _signed(label, one, trusted, faults)]
    hashes = named(connection, select(as_kept(log.c.seq), as_kept(log.c.hash)), log.c.seq, [one["seq"] for _, one in good])
    vouched = _about_this_log(good, {row["seq"]: row["hash"] for row in hashes}, told.last, faults)
    _in_the_table(good, {row["seq"] for row in rows}, told.last, faults)
    return vouched


def _of_this_store(outside: Outside, store: str | None, faults: Faults) -> Iterator[tuple[str, Signed]]:
    for number, line in enumerate(outside, 1):
        record = f"line {number} of the checkpoint file"
        if line is None:
            faults.add(record, "not a checkpoint in its one form")
        elif line["store"] != store:
            faults.add(record, "a checkpoint of another store")
        else:
            yield f"checkpoint {{seq}} ({record})", line


def _signed(label: str, one: Signed, trusted: Mapping[str, bytes], faults: Faults) -> bool:
    said = {key: value for key, value in one.items() if key != "signature"}
    if one["key"] not in trusted:
        faults.add(label.format(**one), "signed with a key that is not trusted")
    elif not signed_by(trusted[one["key"]], said, one["signature"]):
        faults.add(label.format(**one), "the signature is not that of its key for what it says")
    else:
        return True
    return False


def _about_this_log(good: list[tuple[str, Signed]], hashes: Mapping[int, Any], last: int, faults: Faults) -> int:
    """Those whose signatures hold, against the hashes of the log."""
    beyond = max((one["seq"] for _, one in good if one["seq"] > last), default=None)
    if beyond is not None:
        faults.add(name(last + 1), f"missing: a signed checkpoint says that the log had {beyond} entries, and it ends with {last}")
    vouched = 0
    for record, one in good:
        if one["seq"] in hashes and hashes[one["seq"]] != one["hash"]:
            faults.add(record, f"the log up to entry {one['seq']} is not the one that was signed")
        elif one["seq"] in hashes:
            vouched = max(vouched, one["seq"])
    return vouched


def _in_the_table(good: list[tuple[str, Signed]], rows: set[int], last: int, faults: Faults) -> None:
    for seq in sorted({one["seq"] for _, one in good if one["seq"] <= last} - rows):
        faults.add(f"checkpoint {seq}", "its row is missing; the checkpoint file has it")
