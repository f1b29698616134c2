"""Where to put an input so that some tests that do not come out as wanted do.

A literal bounds a number from one side only: each formula moves one way with each of its inputs. So take any positions with which a circuit
holds, and of all such those in which the first input is nearest to what was sent. A step nearer some literal fails, so there it begins to
hold: these are the positions that are tried, and between them nothing is gained. A literal that reads other inputs, which may still change,
begins to hold at a place that depends on them, and nearest with each of them at an end of where it may be: the last of its positions, or
one at which another literal begins or ceases to hold, which may depend on a third one in turn, to the depth of as many as may still change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from operator import ge
from typing import Any, NamedTuple

from service.analysis.circuit import Literal
from service.analysis.movable import Input, Number
from service.analysis.numbers import Numbers
from service.analysis.ranges import crossing, parts
from service.engine.trace import Facts
from service.knowledge.conditions import UPWARDS
from service.knowledge.records import Compare

Literals = Sequence[Literal]


class Place(NamedTuple):
    """A position, and what speaks for it."""

    position: Any
    merits: list[float]


class Free(NamedTuple):
    """The inputs that may still change besides, and how many of them at most."""

    facts: frozenset[str]
    most: int

    def without(self, facts: set[str]) -> Free:
        return Free(self.facts - facts, self.most - 1)


class Cells:
    """One person's inputs between the switches of some literals."""

    def __init__(self, inputs: Sequence[Input], numbers: Numbers, values: Facts):
        self.inputs, self.numbers, self.values = {one.fact: one for one in inputs}, numbers, values
        self.moving = {one.fact: one for one in inputs if isinstance(one, Number)}
        self.sides: dict[tuple[Literal, str], int] = {}
        self.known: dict[tuple[Any, ...], list[int]] = {}

    def places(self, fact: str, literals: Literals, values: Facts, free: Free) -> list[Place]:
        """Where to put it, nearest first; nowhere that is no better than here."""
        one, mine = self.inputs[fact], self.reading(fact, literals)
        shared = [literal for literal in mine if self.beside(literal, fact, free)]
        found: Iterable[Any] = one.extremes
        if isinstance(one, Number):
            found = {step for literal in mine for step in self.begins(one, literal, literals, values, free)}
        here = self.merits(one, one.value, mine, shared, values)
        every = [Place(position, self.merits(one, one.at(position), mine, shared, values)) for position in sorted(found, key=one.share)]
        return [place for place in every if not as_good(here, place.merits)]

    def merits(self, one: Input, value: Any, mine: Literals, shared: Literals, values: Facts) -> list[float]:
        """For each literal whether it holds; of one that others may change too, how far the input is on the side on which it does."""
        there = {**values, one.fact: value}
        return [self.side(literal, one.fact) * value if literal in shared else self.numbers.met(literal, there) for literal in mine]

    def begins(self, one: Number, literal: Literal, literals: Literals, values: Facts, free: Free) -> Iterator[int]:
        """The steps at which a literal begins to hold, away from what was sent."""
        for corner in self.corners(literal, one.fact, literals, values, free):
            there = {**values, **corner}
            yield from (step for step in self.switches(one, literal, there) if self.numbers.met(literal, {**there, one.fact: one.at(step)}))

    def corners(self, literal: Literal, fact: str, literals: Literals, values: Facts, free: Free) -> Iterator[Facts]:
        """The best that the free inputs behind a literal, this one apart, may be put to for it."""
        others = self.beside(literal, fact, free)
        ends = [self.ends(self.moving[other], self.side(literal, other), literals, values, free.without({fact, other})) for other in others]
        return (dict(zip(others, corner, strict=True)) for corner in product(*ends))

    def ends(self, one: Number, side: int, literals: Literals, values: Facts, free: Free) -> list[float]:
        """How high (or, on side -1, how low) the number may be: as now, as ever, or as high as a literal that wants it low still holds."""
        found = {end for _, end in one.sides}
        for literal in self.reading(one.fact, literals):
            if self.side(literal, one.fact) != side:
                for corner in self.corners(literal, one.fact, literals, values, free):
                    there = {**values, **corner}
                    found |= {self.holding(one, literal, step, there) for step in self.switches(one, literal, there)}
        return sorted({values[one.fact], *map(one.at, found)})

    def holding(self, one: Number, literal: Literal, step: int, values: Facts) -> int:
        """On this side of a switch or on that one, where the literal holds."""
        if self.numbers.met(literal, {**values, one.fact: one.at(step)}):
            return step
        return step - 1 if step > one.along.starts[True] else step + 1

    def side(self, literal: Literal, fact: str) -> int:
        """1 where the literal holds rather for high values of the number, -1 for low ones."""
        if (literal, fact) not in self.sides:
            others = [other for other in self.numbers.behind(literal.test.fact) if other in self.inputs and other != fact]
            ends = [dict(zip(others, end, strict=True)) for end in product(*map(self.extremes, others))]
            low, high = min(self.extremes(fact)), max(self.extremes(fact))
            pairs = [[self.numbers.of(literal.test.fact, {**self.values, **end, fact: value}) for value in (low, high)] for end in ends]
            rises = any(None not in pair and pair[1] > pair[0] for pair in pairs)
            upwards = isinstance(literal.test, Compare) and literal.test.word in UPWARDS
            self.sides[literal, fact] = 1 if rises == (upwards == literal.wanted) else -1
        return self.sides[literal, fact]

    def extremes(self, fact: str) -> list[Any]:
        one = self.inputs[fact]
        return [one.value, *map(one.at, one.extremes)]

    def reading(self, fact: str, literals: Literals) -> list[Literal]:
        return [literal for literal in literals if fact in self.numbers.behind(literal.test.fact)]

    def beside(self, literal: Literal, fact: str, free: Free) -> list[str]:
        """The other inputs behind a literal that may change; what only has to be known stays known."""
        if free.most < 1 or not isinstance(literal.test, Compare):
            return []
        return [other for other in self.numbers.behind(literal.test.fact) if other in free.facts and other != fact]

    def cell(self, fact: str, position: int, literals: Literals, values: Facts) -> tuple[int, int]:
        """The positions in which no literal differs, the nearest to what was sent first."""
        one = self.moving[fact]
        start, end = next(side for side in one.sides if inside(position, side))
        forward = 1 if end > start else -1
        switches = {step for literal in self.reading(fact, literals) for step in self.switches(one, literal, values)}
        mine = [step for step in switches if inside(step, (start, end))]
        passed = [step for step in mine if (position - step) * forward >= 0]
        ahead = [step for step in mine if (position - step) * forward < 0]
        near = max(passed, key=lambda step: step * forward, default=start + forward)
        return near, min((step - forward for step in ahead), key=lambda step: step * forward, default=end)

    def switches(self, one: Number, literal: Literal, values: Facts) -> list[int]:
        """Every step from which on, away from what was sent, the literal has another truth."""
        here = {fact: values[fact] for fact in self.numbers.behind(literal.test.fact) if fact in values and fact != one.fact}
        key = (one.fact, literal.test, *here.items())
        if key not in self.known:
            self.known[key] = [step for side in one.sides for step in self.along(one, literal, here, side)]
        return self.known[key]

    def along(self, one: Number, literal: Literal, here: Facts, side: tuple[int, int]) -> list[int]:
        """A test changes once where its number is there, and that number appears or goes at most once."""
        start, end = side

        def there(step: int) -> bool:
            return self.numbers.of(literal.test.fact, {**here, one.fact: one.at(step)}) is not None

        def met(step: int) -> bool:
            return self.numbers.met(literal, {**here, one.fact: one.at(step)})

        appears = crossing(there, start, end)
        pieces = parts(start, end, appears, 1 if end > start else -1)
        return [*appears, *(step for first, last in pieces for step in crossing(met, first, last))]


def as_good(merits: Sequence[float], others: Sequence[float]) -> bool:
    return all(map(ge, merits, others))


def best(places: Sequence[Place]) -> list[Place]:
    """Those for which nothing speaks that does not speak for another one too; of equal ones the nearest."""
    kept: list[Place] = []
    for place in places:
        if not any(as_good(other.merits, place.merits) for other in kept):
            kept = [other for other in kept if not as_good(place.merits, other.merits)] + [place]
    return kept


def worth_it(places: Sequence[Place]) -> list[Place]:
    """Those for which more speaks than for any nearer one."""
    kept: list[Place] = []
    for place in places:
        if not any(as_good(nearer.merits, place.merits) for nearer in kept):
            kept.append(place)
    return kept


def inside(step: int, side: tuple[int, int]) -> bool:
    """Beyond where the side begins, which stands for what was sent."""
    start, end = side
    return start < step <= end or end <= step < start
