"""Verifies a whole store: the log by itself and by its signed checkpoints, and every table by the log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from service.records.chain import anchored
from service.records.store import Database
from service.records.verifying import checkpoints, decisions, few, log, reviews
from service.records.verifying.faults import Fault, Faults
from service.records.verifying.rows import snapshot

__all__ = ["Fault", "Report", "verify"]

LIMIT = 20


@dataclass(frozen=True)
class Report:
    """`faults` are the first of `count`; `vouched` is the last entry that a signed checkpoint covers; `kinds` counts the entries."""

    faults: list[Fault]
    count: int
    entries: int
    kinds: Mapping[str, int]
    with_content: int
    vouched: int


def verify(database: Database, trusted: Mapping[str, bytes], anchors: Path, limit: int = LIMIT) -> Report:
    """Check everything, as of one moment. Raises StoreUnavailable."""
    faults = Faults(limit)
    outside = anchored(anchors) if anchors.exists() else []  # read first: what is signed later is not in the view of the store
    with snapshot(database) as connection:
        told = log.walk(connection, faults)
        vouched = checkpoints.check(connection, told, trusted, outside, faults)
        subject_key = few.check_store(connection, told, faults)
        few.check_rulebases(connection, told, faults)
        few.check_keys(connection, told, faults)
        with_content = decisions.check(connection, told, subject_key, faults)
        reviews.check(connection, told, faults)
    return Report(faults.found, faults.count, told.last, dict(told.kinds), with_content, vouched)
