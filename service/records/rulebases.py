"""The rule base of each digest, kept once: an old decision is derived again with the rules of its day."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import orjson
from sqlalchemy import Connection, false, insert, or_, select

from service.knowledge.files.layout import takes_part
from service.knowledge.loading import files_of, load_files
from service.knowledge.rulebase import Knowledge
from service.records import ids
from service.records.canonical import canonical, sha256
from service.records.store import Writing
from service.records.tables import rulebase

SHORTEST_PREFIX = 8  # characters of a digest that may stand for it


def keep(writing: Writing, knowledge: Knowledge, folder: Path) -> None:
    """Store the files that `knowledge` was loaded from, where its digest is not stored yet."""
    if writing.connection.scalar(select(rulebase.c.digest).where(rulebase.c.digest == knowledge.digest)) is None:
        files = {name: (folder / name).read_text(encoding="utf-8") for name in files_of(folder) if takes_part(name)}
        kept = {"digest": knowledge.digest, "version": knowledge.version, "added_at": ids.stamp(writing.now)}
        packed = zlib.compress(canonical(files))
        writing.connection.execute(insert(rulebase).values(**kept, files=packed))
        said = {"digest": knowledge.digest, "version": knowledge.version, "packed": sha256(packed).hex()}
        writing.append("rulebase", None, {"id": ids.new("rul"), **said})


def files(connection: Connection, digest: str) -> dict[str, str] | None:
    """The files of one rule base by name; None where it is not kept."""
    found = connection.scalar(select(rulebase.c.files).where(rulebase.c.digest == digest))
    return None if found is None else orjson.loads(zlib.decompress(found))


class NoSuchRuleBase(Exception):
    """No stored rule base has this name, or `several` have."""

    def __init__(self, several: bool):
        super().__init__()
        self.several = several


def named(connection: Connection, name: str) -> str:
    """The digest of the one rule base of this version, or whose digest begins so. Raises NoSuchRuleBase."""
    begins = rulebase.c.digest.startswith(name, autoescape=True) if len(name) >= SHORTEST_PREFIX else false()
    found: Sequence[str] = connection.scalars(select(rulebase.c.digest).where(or_(rulebase.c.version == name, begins)).limit(2)).all()
    if len(found) != 1:
        raise NoSuchRuleBase(several=bool(found))
    return found[0]


def digests(connection: Connection) -> list[str]:
    """Of every rule base that is kept, oldest first."""
    return list(connection.scalars(select(rulebase.c.digest).order_by(rulebase.c.added_at, rulebase.c.digest)))


def loaded(kept: Mapping[str, str]) -> Knowledge:
    """The knowledge of these files. Raises RuleBaseFaults where they are not what was once loaded."""
    return load_files({name: content.encode() for name, content in kept.items()})
