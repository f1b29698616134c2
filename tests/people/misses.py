"""The misses that are known, as data: `python -m tests.people.misses` writes known_misses.yaml anew and prints the score."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import yaml

from tests.people.asking import ask
from tests.people.judging import misses
from tests.people.reading import people

KNOWN = Path(__file__).with_name("known_misses.yaml")
HEAD = "# Misses of today, by person: why, and what exactly. A miss that is not here fails, and so does one here that is none any more.\n"


def today() -> dict[str, list[str]]:
    """Everybody who is missed, with what is otherwise than expected."""
    judged = {person.id: misses(ask(person.profile), person.expect) for person in people()}
    return {name: lines for name, lines in judged.items() if lines}


def known() -> dict[str, Any]:
    return yaml.safe_load(KNOWN.read_text()) or {} if KNOWN.exists() else {}


def write() -> None:
    """Reasons are kept; a new miss has none yet, which the test demands."""
    before, now = known(), today()
    rows = {name: {"reason": before.get(name, {}).get("reason", ""), "misses": lines} for name, lines in now.items()}
    KNOWN.write_text(HEAD + yaml.safe_dump(dict(sorted(rows.items())), sort_keys=False, allow_unicode=True, width=200))
    files = sorted({person.file for person in people()})
    for file in files:
        of_file = [person.id for person in people() if person.file == file]
        print(f"{file}: {sum(name not in now for name in of_file)} of {len(of_file)} as expected")


if __name__ == "__main__":
    sys.exit(write())
