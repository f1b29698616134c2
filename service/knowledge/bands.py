"""No value is silent: of each value that a measurement may have a rule says something, or its row says why nothing has to be said.

The range of a measurement is cut at every limit that rules read of it. In each piece a finding, a red flag or a class must rest on a test
of this number, or the row must call the piece `unremarkable`; and what it calls so may raise no red flag in an adult of whom nothing else
is known. A number that is handed on as it is, as an eGFR that was reported, is read under its other name too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from math import inf
from typing import Any

from service.knowledge.conditions import COMPARE, leaves
from service.knowledge.faults import Findings
from service.knowledge.program import NegationCycle, arrange
from service.knowledge.records import All, Any_, Compare, Condition, Holds, Known, Not, Rule, Word
from service.knowledge.rulebase import Knowledge

MEASURED = ("vocabulary/body.yaml", "vocabulary/labs.yaml")  # what is measured, and not answered
TELLING = ("finding", "holds", "red_flag")  # the forms of conclusions that say something of a value
AN_ADULT: Mapping[str, Any] = {"age": 40.0}  # of whom nothing else is known
Facts = Mapping[str, Any]


def check(knowledge: Knowledge, faults: Findings) -> None:
    """Adds a fault for each piece of a range of which nothing is said, and for each that is called unremarkable and raises a red flag."""
    telling = [rule for rule in knowledge.rules.values() if rule.status != "retired" and next(iter(rule.then)) in TELLING]
    alone, read = Alone(telling, knowledge.vocabulary), {rule.id: facts_of(rule.when) for rule in telling}
    for word in measurements(knowledge.vocabulary):
        number = Number(word, handed_on(word, knowledge.vocabulary))
        readers = [rule for rule in telling if read[rule.id] & number.names]
        for value, piece in number.pieces(readers):
            declared = any(all(met(limit, value) for limit in one.limits) for one in word.unremarkable)
            flags = alone.red_flags(number.names, value) if declared else []
            if flags:
                faults.add(word.place, f"{word.id} {piece} is called unremarkable, and raises {', '.join(flags)}")
            elif not declared and not any(number.tells(rule.when, value) for rule in readers):
                faults.add(word.place, f"of {word.id} {piece} no rule says anything: let one, or say in the row why it is `unremarkable`")


def measurements(vocabulary: Mapping[str, Word]) -> list[Word]:
    """What is measured, and the numbers shown in an answer that are made from nothing else."""
    measured = {word.id: word for word in vocabulary.values() if word.place.file in MEASURED and word.kind == "number" and word.hard}
    made = [word for word in vocabulary.values() if word.listed == "computed" and word.formula]
    return [*measured.values(), *(word for word in made if {*word.from_, *word.from_any} <= {*measured, *(one.id for one in made)})]


def handed_on(word: Word, vocabulary: Mapping[str, Word]) -> set[str]:
    """The names under which rules read this number: its own, and those of numbers that are one of several in the same unit."""
    names = {word.id}
    for other in vocabulary.values():
        if other.unit == word.unit and word.id in other.from_any:
            names |= handed_on(other, vocabulary)
    return names


class Number:
    """A measurement with the names under which rules read it."""

    def __init__(self, word: Word, names: set[str]):
        self.names, self.unremarkable = names, word.unremarkable
        self.low, self.high = word.hard or (-inf, inf)

    def pieces(self, rules: Iterable[Rule]) -> Iterator[tuple[float, str]]:
        """A value for each limit and for each piece between two of them, with how to call it."""
        read = (leaf.threshold for rule in rules for leaf, _ in leaves(rule.when) if isinstance(leaf, Compare) and leaf.fact in self.names)
        limits = {*read, *(limit.threshold for one in self.unremarkable for limit in one.limits)}
        ends = sorted({self.low, self.high, *(limit for limit in limits if self.low < limit < self.high)})
        yield from ((end, f"of {end:g}") for end in ends if abs(end) != inf)
        yield from ((between(below, above), f"from {below:g} to {above:g}") for below, above in pairwise(ends))

    def tells(self, condition: Condition, value: float) -> bool:
        """Whether the condition can hold with this value, and by a test of it that is not true of every value."""
        if isinstance(condition, All):
            return all(self.allows(test, value) for test in condition.tests) and any(self.tells(test, value) for test in condition.tests)
        if isinstance(condition, Any_):
            return any(self.tells(test, value) for test in condition.tests)
        if not isinstance(condition, Compare) or condition.fact not in self.names:
            return False
        return met(condition, value) and not (met(condition, self.low) and met(condition, self.high))

    def allows(self, condition: Condition, value: float, wanted: bool = True) -> bool:
        """Whether the condition can come out as wanted with this value, whatever else is known."""
        if isinstance(condition, All | Any_):
            every = isinstance(condition, All) == wanted
            return (all if every else any)(self.allows(test, value, wanted) for test in condition.tests)
        if isinstance(condition, Not):
            return self.allows(condition.test, value, not wanted)
        return not isinstance(condition, Compare) or condition.fact not in self.names or met(condition, value) == wanted


def between(below: float, above: float) -> float:
    if below == -inf:
        return min(above, 0.0) - 1
    return below + 1 if above == inf else (below + above) / 2


def met(test: Compare, value: float) -> bool:
    return COMPARE[test.word](value, test.threshold)


class Alone:
    """What follows from one measurement of an adult of whom nothing else is known."""

    def __init__(self, rules: list[Rule], vocabulary: Mapping[str, Word]):
        try:
            steps = [step for stratum in arrange(rules, vocabulary) for step in stratum.steps]
        except NegationCycle:
            steps = []  # told where the order of the rules is checked
        self.steps = [(step, facts_of(step.condition), frozenset(fact for fact, _ in step.rule.conclusions)) for step in steps]
        self.of_nobody: list[bool] = []  # whether each fires where nothing is measured
        facts = dict(AN_ADULT)
        for step in steps:
            self.of_nobody.append(holds(step.condition, facts))
            facts.update(step.rule.conclusions if self.of_nobody[-1] else ())

    def red_flags(self, names: Iterable[str], value: float) -> list[str]:
        """The flags that a value raises; only what reads something that is otherwise than without it is judged again."""
        facts, otherwise = {**AN_ADULT, **dict.fromkeys(names, value)}, set(names)
        found = []
        for (step, read, made), before in zip(self.steps, self.of_nobody, strict=True):
            fires = before if read.isdisjoint(otherwise) else holds(step.condition, facts)
            if fires != before:
                otherwise |= made
            if fires:
                facts.update(step.rule.conclusions)
                found += [f"{fact} ({urgency})" for fact, urgency in step.rule.conclusions if "red_flag" in step.rule.then]
        return found


def facts_of(condition: Condition) -> set[str]:
    return {leaf.fact for leaf, _ in leaves(condition)}


def holds(condition: Condition, facts: Facts) -> bool:
    """Whether a condition holds of single values; of lists nothing is known here."""
    if isinstance(condition, All):
        return all(holds(test, facts) for test in condition.tests)
    if isinstance(condition, Any_):
        return any(holds(test, facts) for test in condition.tests)
    if isinstance(condition, Compare):
        return condition.fact in facts and met(condition, facts[condition.fact])
    if isinstance(condition, Holds):
        return bool(facts.get(condition.fact) == condition.value)
    return condition.fact in facts if isinstance(condition, Known) else not holds(condition.test, facts)
