"""verify, export: is the store untouched, and can one decision be shown to be right elsewhere."""

from __future__ import annotations

import argparse
import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from schemas.json_edge import read_json
from service.commands.records import ready
from service.decisions import rechecking
from service.records import audit, decisions, exporting, signing
from service.records.decisions import Erased
from service.records.opening import PUBLIC_KEYS
from service.records.store import Store
from service.records.verifying import Report, verify
from service.settings import Settings


class Operator(NamedTuple):
    """Who reads from the command line, for the trail."""

    client: str = "operator"
    key: str = "command line"
    request: str | None = None


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    check = commands.add_parser("verify", help="check that the store, or one exported decision, is what it was when it was written")
    check.add_argument("record", type=Path, nargs="?", help="an exported decision: checked by itself; none: the whole store")
    check.add_argument("--public-key", type=Path, metavar="FILE", help="trusted keys; else those of the data folder")
    check.add_argument("--checkpoints", type=Path, metavar="FILE", help="what was kept outside; else that of the data folder")
    check.set_defaults(run=run_verify)
    export = commands.add_parser("export", help="print one decision with its proof, its content and its rules; on record as an access")
    export.add_argument("decision")
    export.set_defaults(run=run_export)


def run_verify(chosen: argparse.Namespace) -> int:
    try:
        return verify_store(chosen) if chosen.record is None else verify_record(chosen)
    except (OSError, ValueError) as error:
        print(f"cannot be read: {error}", file=sys.stderr)
        return 1


def verify_store(chosen: argparse.Namespace) -> int:
    began = time.monotonic()
    with ready() as store:
        trusted = signing.trusted(chosen.public_key or keys_of(store))
        anchors = chosen.checkpoints or store.checkpoints.file
        if chosen.checkpoints and not anchors.exists():
            raise FileNotFoundError(f"{anchors}: no such file")
        report = verify(store.database, trusted, anchors)
    print("\n".join(as_lines(report, time.monotonic() - began)))
    return 1 if report.count else 0


def keys_of(store: Store) -> Path:
    return store.checkpoints.file.with_name(PUBLIC_KEYS)


def as_lines(report: Report, seconds: float) -> list[str]:
    kinds = ", ".join(f"{number} {kind}" for kind, number in sorted(report.kinds.items()))
    first = "FIRST FAULT"
    lines = [f"{first if number == 0 else 'also':<11}  {fault}" for number, fault in enumerate(report.faults)]
    if report.count > len(report.faults):
        lines.append(f"and {report.count - len(report.faults)} more faults")
    lines.append(f"{report.entries} entries ({kinds}), {report.with_content} decisions with content")
    lines.append(f"{seconds:.1f} s, {report.entries / max(seconds, 0.001):.0f} entries a second")
    lines.append(f"signed up to entry {report.vouched}: {report.entries - report.vouched} entries come after the newest checkpoint")
    return [*lines, f"{report.count} faults" if report.count else "no faults"]


def verify_record(chosen: argparse.Namespace) -> int:
    """Without settings and store: the keys are those of the default data folder, where none are named."""
    file = chosen.public_key or Settings.data / PUBLIC_KEYS
    trusted = signing.trusted(file) if chosen.public_key or file.exists() else {}
    levels = rechecking.recheck(read_json(chosen.record.read_bytes()), trusted)
    for level in levels:
        print(f"{level.name:<11} {'yes' if level.holds else 'NO '}  {level.remark}".rstrip())
        print("".join(f"{'':<16} {what}\n" for what in level.against), end="")
    return 0 if all(level.holds for level in levels) else 1


def run_export(chosen: argparse.Namespace) -> int:
    """The log is signed first, so that the record can be shown to be part of it."""
    now = datetime.now(UTC)
    with ready() as store:
        audit.accessed(store, Operator(), "export", [chosen.decision], now)
        store.checkpoint(now)
        with store.reading() as connection:
            kept = decisions.read(connection, chosen.decision)
            try:
                record = exporting.exported(connection, kept) if kept else None
            except Erased as erased:
                print(f"{chosen.decision}: erased at {erased.at}", file=sys.stderr)
                return 1
    if record is None:
        print(f"{chosen.decision}: no such decision", file=sys.stderr)
        return 1
    print(json.dumps(record, ensure_ascii=False))
    return 0
