"""The rule base of each digest, kept once: an old decision is derived again with the rules of its day."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from pathlib import Path

import orjson
from sqlalchemy import Connection, insert, select

from service.knowledge.loading import files_of, load_files, takes_part
from service.knowledge.records import Knowledge
from service.records import ids
from service.records.canonical import canonical
from service.records.store import Writing
from service.records.tables import rulebase


def keep(writing: Writing, knowledge: Knowledge, folder: Path) -> None:
    """Store the files that `knowledge` was loaded from, where its digest is not stored yet."""
    if writing.connection.scalar(select(rulebase.c.digest).where(rulebase.c.digest == knowledge.digest)) is None:
        files = {name: (folder / name).read_text(encoding="utf-8") for name in files_of(folder) if takes_part(name)}
        kept = {"digest": knowledge.digest, "version": knowledge.version, "added_at": ids.stamp(writing.now)}
        writing.connection.execute(insert(rulebase).values(**kept, files=zlib.compress(canonical(files))))
        writing.append("rulebase", None, {"id": ids.new("rul"), "digest": knowledge.digest, "version": knowledge.version})


def files(connection: Connection, digest: str) -> dict[str, str] | None:
    """The files of one rule base by name; None where it is not kept."""
    found = connection.scalar(select(rulebase.c.files).where(rulebase.c.digest == digest))
    return None if found is None else orjson.loads(zlib.decompress(found))


def loaded(kept: Mapping[str, str]) -> Knowledge:
    """The knowledge of these files. Raises RuleBaseFaults where they are not what was once loaded."""
    return load_files({name: content.encode() for name, content in kept.items()})
