"""All mutants of a rule base, and a spread choice of them: every kind as often as the others, every file in its turn."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from random import Random

from service.knowledge.files.layout import takes_part
from service.knowledge.loading import files_of
from service.knowledge.rulebase import Knowledge
from tests.mutation import knowledge as other_knowledge
from tests.mutation.rules import Rules
from tests.mutation.text import Mutant, RuleText, value_of


def every_mutant(folder: Path, knowledge: Knowledge) -> list[Mutant]:
    """Single changes, each of which leaves the file with other text."""
    files = [file for file in files_of(folder) if takes_part(file) and file.endswith(".yaml")]
    found = [one for file in files for one in of_file(RuleText(folder, file), knowledge)]
    return [one for one in found if one is not None and one.before != one.after]


def of_file(text: RuleText, knowledge: Knowledge) -> Iterator[Mutant | None]:
    if text.file.startswith("vocabulary/"):
        yield from other_knowledge.vocabulary(text, knowledge)
    if text.file in other_knowledge.FILES:
        yield from other_knowledge.FILES[text.file](text, knowledge)
    if value_of(text.root, "rules") is not None:
        yield from Rules(text, knowledge).mutants()


def chosen(mutants: list[Mutant], count: int, seed: int) -> list[Mutant]:
    """`count` of them: kinds take turns, and within a kind files do."""
    chance = Random(seed)
    by_kind = grouped(mutants, "kind")
    queues = [by_turns([shuffled(one, chance) for one in shuffled(list(grouped(by_kind[kind], "file").values()), chance)]) for kind in sorted(by_kind)]
    return by_turns(queues)[:count]


def grouped(mutants: list[Mutant], name: str) -> dict[str, list[Mutant]]:
    found: dict[str, list[Mutant]] = defaultdict(list)
    for one in mutants:
        found[getattr(one, name)].append(one)
    return found


def shuffled(items: list, chance: Random) -> list:
    return chance.sample(items, len(items))


def by_turns(queues: list[list[Mutant]]) -> list[Mutant]:
    return [one for turn in zip_longest(*queues) for one in turn if one is not None]
