"""Whether what must be final is final: gates against offers, the stronger level against the weaker, every intervention with its ground."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations

from service.knowledge.records import Place
from service.knowledge.rulebase import Knowledge
from service.workbench.failures import Failure
from service.workbench.searching import Search

ON = ("recommend", "maintain", "deferred")
OPPOSITES = ("raised", "lowered")


def outweighed(search: Search) -> Iterator[Failure]:
    """Gates after which an intervention still stands in a milder list than the gate allows."""
    for intervention in search.knowledge.interventions:
        for gate, held, milder in gate_questions(search, intervention):
            for value in milder:
                witness = search.find([*held, search.book.holds(f"placement.{intervention}", value)])
                if witness:
                    place = concluding(search, witness.fired, f"placement.{intervention}", value)
                    yield Failure(place, f"{intervention} stands in {value} although a gate says {gate}", witness.profile)


def gate_questions(search: Search, intervention: str) -> Iterator[tuple[str, list[int], tuple[str, ...]]]:
    """Each level of a gate with what must hold for it to bind, and the lists that it forbids."""
    book = search.book
    placed = search.knowledge.vocabulary[f"placement.{intervention}"].values
    yield "withhold", [book.holds("withhold", intervention)], tuple(value for value in placed if value != "withheld")
    yield "clinician_first", [book.holds("clinician_first", intervention), book.holds("cleared", intervention) ^ 1], ON
    yield "clinician_first, never lifted", [book.holds("not_clearable", intervention)], ON


def unplaced(search: Search) -> Iterator[Failure]:
    """Interventions that stand in no list for somebody."""
    for intervention in search.knowledge.interventions:
        word = search.knowledge.vocabulary[f"placement.{intervention}"]
        witness = search.find([search.book.holds(word.id, value) ^ 1 for value in word.values])
        if witness:
            yield Failure(word.place, f"{intervention} stands in no list", witness.profile)


def contradictions(search: Search) -> Iterator[Failure]:
    """Levels of one fact that hold together, although the vocabulary states which of them is the stronger."""
    for word in search.knowledge.vocabulary.values():
        if word.kind == "level":
            for one, other in combinations(word.values, 2):
                witness = search.find([search.book.holds(word.id, one), search.book.holds(word.id, other)])
                if witness:
                    yield Failure(word.place, f"{word.id} is {one} and {other} at once", witness.profile)


def both_ways(search: Search) -> Iterator[Failure]:
    """Nodes of the graph that are raised and lowered for one person: the article states no precedence between its arrows."""
    for fact in sorted({fact for fact, value in search.book.makers if value in OPPOSITES}):
        witness = search.find([search.book.holds(fact, value) for value in OPPOSITES])
        if witness:
            place = concluding(search, witness.fired, fact, OPPOSITES[1])
            yield Failure(place, f"{fact} is raised and lowered at once", witness.profile)


def groundless(search: Search) -> Iterator[Failure]:
    """Interventions and components from which no path of the graph leads to a state."""
    knowledge = search.knowledge
    for target in (*knowledge.interventions.values(), *knowledge.components.values()):
        if not any(node.startswith("state.") for node in reached(knowledge, target.node)):
            yield Failure(knowledge.vocabulary[target.node].place, f"no path of the graph leads from {target.id} to a state")


def reached(knowledge: Knowledge, node: str) -> set[str]:
    leaving: dict[str, list[str]] = defaultdict(list)
    for edge in knowledge.edges:
        leaving[edge.from_].append(edge.to)
    waiting, seen = [node], {node}
    while waiting:
        fresh = set(leaving[waiting.pop()]) - seen
        seen |= fresh
        waiting += fresh
    return seen


def concluding(search: Search, fired: frozenset[str], fact: str, value: str) -> Place:
    """Where the rule stands that concluded this."""
    rules = [rule.place for rule in search.book.makers[fact, value] if rule.id in fired]
    return rules[0] if rules else search.knowledge.vocabulary[fact].place
