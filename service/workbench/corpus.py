"""The witnesses, kept as a file: profiles as a caller sends them, each with the rules for which it is the first that shows them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from service.knowledge.rulebase import Knowledge
from service.workbench.searching import Search
from service.workbench.uses import witnesses

KEPT = Path("tests/rules/witnesses.json")

Entry = dict[str, Any]  # {"shows": [rule ids], "profile": {...}}


def made(knowledge: Knowledge) -> list[Entry]:
    """Profiles that fire every rule that can fire, found by exact search. Raises Unsettled and Disagreement."""
    entries: list[Entry] = []
    shown: set[str] = set()
    for _, witness in witnesses(Search(knowledge)):
        if witness is not None:
            entries.append({"shows": sorted(witness.fired - shown), "profile": witness.profile})
            shown |= witness.fired
    return entries


def write(path: Path, entries: list[Entry]) -> None:
    """One entry a line, so that a difference can be read."""
    lines = ",\n".join(json.dumps(entry, ensure_ascii=False) for entry in entries)
    path.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def profiles(path: Path) -> list[dict[str, Any]]:
    """The profiles of a file: a list of profiles, of requests or of witnesses, or one of these a line."""
    text = path.read_text(encoding="utf-8")
    entries = json.loads(text) if text.lstrip().startswith("[") else [json.loads(line) for line in text.splitlines() if line.strip()]
    return [entry.get("profile", entry) for entry in entries]
