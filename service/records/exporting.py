"""One decision with everything it takes to check it elsewhere: its entry, the way to a signed checkpoint, its content and its rules."""

from __future__ import annotations

from typing import Any, cast

import orjson
from sqlalchemy import Connection, select

from schemas.record import FORMAT
from service.records import rulebases
from service.records.canonical import sha256
from service.records.chain import START, store_id
from service.records.decisions import Kept
from service.records.sealing import Secret
from service.records.tables import checkpoint, log, rulebase


def exported(connection: Connection, kept: Kept) -> dict[str, Any]:
    """The record as schemas/record.py shapes it. Raises Erased, SealBroken.

    The salt goes out with it and the key does not: content can be checked against the log with the one, and is here already.
    """
    parts, signed = kept.parts(), _covering(connection, kept.seq)
    version = connection.scalar(select(rulebase.c.version).where(rulebase.c.digest == kept.rulebase))
    return {
        "format": FORMAT,
        "entry": orjson.loads(connection.scalars(select(log.c.entry).where(log.c.seq == kept.seq)).one()),
        "previous": connection.scalar(select(log.c.hash).where(log.c.seq == kept.seq - 1)) or START.hex(),
        "leaves": _leaves(connection, kept.seq, signed["seq"]) if signed else [],
        "checkpoint": signed,
        "salt": Secret.of(cast("bytes", kept.secret)).salt.hex(),
        "parts": parts,
        "rulebase": {"version": version, "files": rulebases.files(connection, kept.rulebase)},
    }


def _covering(connection: Connection, seq: int) -> dict[str, Any] | None:
    """The first checkpoint at or after an entry."""
    found = connection.execute(select(checkpoint).where(checkpoint.c.seq >= seq).order_by(checkpoint.c.seq).limit(1)).mappings().first()
    return {"store": store_id(connection), **{str(name): value for name, value in found.items()}} if found else None


def _leaves(connection: Connection, after: int, until: int) -> list[str]:
    entries = connection.scalars(select(log.c.entry).where(log.c.seq > after, log.c.seq <= until).order_by(log.c.seq))
    return [sha256(entry.encode()).hex() for entry in entries]
