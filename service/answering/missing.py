"""Which unknown inputs would settle something, worked out from what the rules read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from service.answering.sentences import Sentences
from service.engine.revising import true
from service.engine.trace import Derivation, Facts
from service.knowledge.conditions import leaves
from service.knowledge.records import Knowledge, Word

OPEN_LEVELS = ("possible", "suggestive", "indeterminate", "insufficient_data")
MOVABLE = ("recommend", "maintain", "deferred", "not_indicated", "clinician_first")


class Missing:
    """Prepared once: for each input, the states and interventions it can reach without passing through a state or red flag."""

    def __init__(self, knowledge: Knowledge):
        self.knowledge = knowledge
        self.settles = settles(knowledge)

    def rows(self, derivation: Derivation, sentences: Sentences) -> list[dict[str, Any]]:
        """Unknown inputs that could still change a state or a placement, most settling first."""
        if derivation.facts.get("disposition") in ("out_of_scope", "emergency"):
            return []
        rows = []
        for word in self.knowledge.vocabulary.values():
            if word.input and word.id not in derivation.facts and askable(word, derivation.facts):
                undecided = [result for result in self.settles.get(word.id, ()) if undecided_yet(result, derivation)]
                if undecided:
                    rows.append(row(word, undecided, sentences))
        return sorted(rows, key=lambda one: -len(one["settles"]))


def askable(word: Word, facts: Facts) -> bool:
    """Whether there is a question for it that makes sense to this person."""
    return word.question is not None and (word.unless is None or not true(word.unless, facts))


def undecided_yet(result: str, derivation: Derivation) -> bool:
    placement = derivation.facts.get(f"placement.{result}")
    return placement in MOVABLE if placement is not None else derivation.facts.get(result) in OPEN_LEVELS


def row(word: Word, undecided: list[str], sentences: Sentences) -> dict[str, Any]:
    named = ", ".join(sentences.label(result) for result in undecided[:3])
    more = f" and {len(undecided) - 3} more" if len(undecided) > 3 else ""
    return {"input": word.input, "unit": word.unit, "settles": undecided, "why": f"{word.question} It is read to judge {named}{more}."}


def settles(knowledge: Knowledge) -> dict[str, list[str]]:
    """input fact -> states, then interventions, in the order of the vocabulary."""
    reads = {rule.id: {leaf.fact for leaf, _ in leaves(rule.when)} for rule in knowledge.rules.values()}
    facts_of = {id_: effects(knowledge.rules[id_], knowledge) for id_ in reads}
    readers: dict[str, set[str]] = defaultdict(set)
    for id_, facts in reads.items():
        for fact in facts:
            readers[fact].add(id_)
    for word in knowledge.vocabulary.values():
        for part in (*word.from_, *word.from_any, *word.of):
            readers[part].add(f"computed:{word.id}")
            facts_of[f"computed:{word.id}"] = {word.id}
    results = [word.id for word in knowledge.vocabulary.values() if word.listed == "state"] + list(knowledge.interventions)
    ends = {*results, *knowledge.groups["red_flags"]}  # a danger sign is asked for by its own name, not to settle advice
    return {
        word.id: [result for result in results if result in reached(word.id, readers, facts_of, ends)]
        for word in knowledge.vocabulary.values()
        if word.input
    }


def effects(rule: Any, knowledge: Knowledge) -> set[str]:
    """What a rule concludes, an intervention named for what is offered or gated; the graph settles nothing."""
    if rule.layer in ("mechanisms", "plans", "interactions", "monitoring", "ranking", "placement"):
        return set()
    return {value if value in knowledge.interventions else fact for fact, value in rule.conclusions}


def reached(start: str, readers: Mapping[str, set[str]], facts_of: Mapping[str, set[str]], ends: set[str]) -> set[str]:
    found: set[str] = set()
    waiting = [start]
    while waiting:
        for reader in readers.get(waiting.pop(), ()):
            for fact in facts_of[reader] - found:
                found.add(fact)
                if fact not in ends:
                    waiting.append(fact)
    return found
