"""The rules as clauses: a fact holds exactly where a rule that concludes it does, so what a solver finds is what would be derived."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import cast

from service.knowledge.program import Step, Stratum
from service.knowledge.records import CONCLUDED, All, Any_, Compare, Condition, Holds, Known, Not, Rule, Word
from service.knowledge.rulebase import Knowledge
from service.workbench.solver import Solver

AT_LEAST, ABOVE = 0, 1
BOUND = {"at_least": (AT_LEAST, True), "below": (AT_LEAST, False), "above": (ABOVE, True), "at_most": (ABOVE, False)}

Point = tuple[float, int]  # a threshold, and whether it is about reaching or about passing it


class Rulebook:
    """Variables for what a rule may ask, and clauses for what the rules make of it. Literals as in the solver."""

    def __init__(self, knowledge: Knowledge):
        self.knowledge = knowledge
        self.vocabulary = knowledge.vocabulary
        self.solver = Solver()
        self.true = self.solver.variable(preferred=True)
        self.solver.add([self.true])
        self.known: dict[str, int] = {}
        self.values: dict[tuple[str, object], int] = {}
        self.points: dict[str, dict[Point, int]] = defaultdict(dict)
        self.parts: dict[Condition, int] = {}
        self.fires: dict[str, int] = {}
        self.steps: dict[str, Step] = {}
        self.makers: dict[tuple[str, object], list[Rule]] = defaultdict(list)
        strata = knowledge.program.strata
        self._read(strata)
        self._conclude(strata)
        self._count()

    @contextmanager
    def meanwhile(self) -> Iterator[None]:
        """What is asked for the first time within is forgotten afterwards."""
        known, values, parts = dict(self.known), dict(self.values), dict(self.parts)
        points = {fact: dict(found) for fact, found in self.points.items()}
        with self.solver.meanwhile():
            yield
        self.known, self.values, self.parts, self.points = known, values, parts, defaultdict(dict, points)

    @property
    def false(self) -> int:
        return self.true ^ 1

    def condition(self, condition: Condition) -> int:
        """The literal that is true exactly where the condition holds."""
        if condition not in self.parts:
            self.parts[condition] = self._made(condition)
        return self.parts[condition]

    def both(self, literals: Iterable[int]) -> int:
        """A literal for all of these together."""
        whole = [one for one in dict.fromkeys(literals) if one != self.true]
        if self.false in whole:
            return self.false
        if len(whole) < 2:
            return whole[0] if whole else self.true
        literal = self.solver.variable()
        for one in whole:
            self.solver.add([literal ^ 1, one])
        self.solver.add([literal, *(one ^ 1 for one in whole)])
        return literal

    def either(self, literals: Iterable[int]) -> int:
        """A literal for at least one of these."""
        return self.both(one ^ 1 for one in literals) ^ 1

    def is_known(self, fact: str) -> int:
        if fact not in self.known:
            self.known[fact] = self.solver.variable()
        return self.known[fact]

    def holds(self, fact: str, value: object = True) -> int:
        """A fact has a value, or contains it; what no rule concludes never holds."""
        key = (fact, value)
        if key not in self.values:
            concluded = self.vocabulary[fact].kind in CONCLUDED
            self.values[key] = self.false if concluded and key not in self.makers else self.solver.variable()
        return self.values[key]

    def point(self, fact: str, threshold: float, passing: int = AT_LEAST) -> int:
        """A number is known and reaches (or passes) the threshold."""
        points = self.points[fact]
        if (threshold, passing) not in points:
            points[threshold, passing] = self.solver.variable()
        return points[threshold, passing]

    def makes(self, fact: str, value: object = True) -> list[int]:
        """One literal for each rule that concludes this."""
        return [self.fires[rule.id] for rule in self.makers.get((fact, value), ())]

    def _made(self, condition: Condition) -> int:
        if isinstance(condition, Not):
            return self.condition(condition.test) ^ 1
        if isinstance(condition, All | Any_):
            parts = [self.condition(test) for test in condition.tests]
            return self.both(parts) if isinstance(condition, All) else self.either(parts)
        if isinstance(condition, Known):
            return self.is_known(condition.fact)
        if isinstance(condition, Holds):
            return self.holds(condition.fact, condition.value)
        return self._compared(condition)

    def _compared(self, leaf: Compare) -> int:
        passing, upwards = BOUND[leaf.word]
        literal = self.point(leaf.fact, leaf.threshold, passing)
        return literal if upwards else self.both([self._there(leaf.fact), literal ^ 1])

    def _there(self, fact: str) -> int:
        return self.true if self.vocabulary[fact].kind == "count" else self.is_known(fact)

    def _read(self, strata: tuple[Stratum, ...]) -> None:
        for stratum in strata:
            for step in stratum.steps:
                self.steps[step.rule.id] = step
                for atom in step.rule.conclusions:
                    self.makers[atom].append(step.rule)
        for id_, step in self.steps.items():
            self.fires[id_] = self.condition(step.condition)

    def _conclude(self, strata: tuple[Stratum, ...]) -> None:
        looping = {step.rule.id for stratum in strata if stratum.recursive for step in stratum.steps}
        for fact, value in self.makers:
            if fact in self.vocabulary:
                seeds = self._seeds((fact, value), looping)
                self._same(self.holds(fact, value), self.either(self.fires[id_] for id_ in seeds))

    def _seeds(self, atom: tuple[str, object], looping: set[str]) -> list[str]:
        """The rules from which an atom follows: within a loop those that enter it, so that nothing holds itself up."""
        waiting, seen, found = [atom], {atom}, []
        while waiting:
            for rule in self.makers[waiting.pop()]:
                if rule.id not in looping:
                    found.append(rule.id)
                    continue
                test = cast("Holds", rule.when)  # a loop is of edges alone
                before = (test.fact, test.value)
                if before not in seen:
                    seen.add(before)
                    waiting.append(before)
        return list(dict.fromkeys(found))

    def _same(self, one: int, other: int) -> None:
        self.solver.add([one ^ 1, other])
        self.solver.add([one, other ^ 1])

    def _count(self) -> None:
        for word in list(self.vocabulary.values()):
            if word.kind == "count" and word.id in self.points:
                self._count_of(word)

    def _count_of(self, word: Word) -> None:
        row = self.tally(self.holds(member) for member in word.of)
        for point, literal in self.points[word.id].items():
            self._same(literal, self.as_many(row, point))

    def tally(self, members: Iterable[int]) -> list[int]:
        """Literals for at least none, one, two and so on of these, member by member."""
        row = [self.true]
        for held in members:
            longer = [*row, self.false]
            row = [self.true] + [self.either([longer[k], self.both([row[k - 1], held])]) for k in range(1, len(longer))]
        return row

    def as_many(self, row: list[int], point: Point) -> int:
        """The literal of a tally for as many as reach, or pass, a threshold."""
        threshold, passing = point
        least = int(threshold // 1) + 1 if passing or threshold % 1 else int(threshold)
        return row[least] if least < len(row) else self.false
