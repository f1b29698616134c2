"""What is prepared once from a rule base, for every answer and every question."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from service.analysis.outcome import Outcomes
from service.analysis.ranges import Readers
from service.answering.missing import Missing
from service.answering.rationale import Paths, grounding
from service.answering.sentences import VOICES, Sentences
from service.answering.shelf_life import ShelfLife
from service.knowledge.program import Program
from service.knowledge.records import Rule, Word
from service.knowledge.rulebase import Knowledge


@dataclass(frozen=True)
class Indexes:
    """A rule base, seen from what an answer asks of it; it keeps nothing of a person."""

    knowledge: Knowledge
    outcomes: Outcomes
    program: Program  # only the rules that the outcome follows from
    readers: Readers
    paths: Paths
    missing: Missing
    shelf_life: ShelfLife
    sentences: Mapping[str, Sentences]  # by voice
    offers: Mapping[str, tuple[Rule, ...]]  # by intervention
    grounding: Mapping[str, dict[str, Any]]  # by intervention
    listed: Mapping[str | None, tuple[Word, ...]]  # by list of the answer
    telling: Mapping[str, int]  # place in the order of telling, by rule


def indexes(knowledge: Knowledge) -> Indexes:
    """The indexes of a rule base."""
    outcomes = Outcomes(knowledge)
    program = knowledge.program.prepared().only(outcomes.facts).prepared()
    return Indexes(
        knowledge=knowledge,
        outcomes=outcomes,
        program=program,
        readers=Readers(program),
        paths=Paths(knowledge),
        missing=Missing(knowledge),
        shelf_life=ShelfLife(knowledge),
        sentences=MappingProxyType({voice: Sentences(knowledge, voice) for voice in VOICES}),
        offers=offers(knowledge),
        grounding=MappingProxyType(grounding(knowledge)),
        listed=listed(knowledge),
        telling=telling(knowledge),
    )


def offers(knowledge: Knowledge) -> Mapping[str, tuple[Rule, ...]]:
    """The rules that offer each intervention."""
    offering = [rule for rule in knowledge.rules.values() if next(iter(rule.then), "") == "offer"]
    return MappingProxyType({iv: tuple(rule for rule in offering if rule.then["offer"] == iv) for iv in knowledge.interventions})


def telling(knowledge: Knowledge) -> Mapping[str, int]:
    """The rules that tell what the article says: of states first, then of interventions."""
    rules = [rule for rule in knowledge.rules.values() if "told" in rule.then]
    ordered = sorted(rules, key=lambda rule: rule.then["of"][0] in knowledge.interventions)
    return MappingProxyType({rule.id: place for place, rule in enumerate(ordered)})


def listed(knowledge: Knowledge) -> Mapping[str | None, tuple[Word, ...]]:
    by_list: dict[str | None, list[Word]] = defaultdict(list)
    for word in knowledge.vocabulary.values():
        by_list[word.listed].append(word)
    return MappingProxyType({name: tuple(words) for name, words in by_list.items()})
