"""Numbers that fit: values for inputs such that every measure computed from them lies where it is wanted, or that there are none.

Every formula rises or falls along with each of its arguments, so over a box of intervals its extremes lie at the corners. A box is given
up where the corners show that a measure cannot be reached, and halved where they do not: what is given up is proven.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, product
from random import Random
from typing import Any

from service.engine.trace import Facts
from service.knowledge.records import Condition, Word
from service.knowledge.rulebase import Knowledge
from service.measures import PLACES, in_order, made_by

Box = dict[str, tuple[float, float]]
FAR = 1e300
EVERYWHERE = (-FAR, FAR)
MOST_BOXES = 5_000
SLICES = (1 / 2, 1 / 4, 1 / 8)  # shares of an interval that are tried at its ends
GUESSES = 300  # points tried in the first box, before it is cut
BISECTIONS = 60
NARROWEST = 1e-9  # share of its width below which an interval is not halved again


@dataclass(frozen=True)
class Measure:
    """One computed number: its formula, what it needs, and what forbids it."""

    fact: str
    formula: Callable[..., float | None]
    needed: tuple[str, ...]
    any_of: tuple[str, ...] = ()
    unless: Condition | None = None
    choices: tuple[str, ...] = ()  # arguments that are not numbers

    @property
    def asked(self) -> tuple[str, ...]:
        return (*self.needed, *self.any_of)

    @property
    def one_needed(self) -> bool:
        """Whether one of `any_of` must be known; beside what is needed they may all be absent."""
        return bool(self.any_of) and not self.needed

    def of(self, values: Facts) -> float | None:
        """The number for these values; an argument that is absent is None."""
        value = self.formula(*map(values.get, self.asked))
        return None if value is None else round(float(value), PLACES)

    def corners(self, box: Box, chosen: Mapping[str, Any]) -> Iterator[float | None]:
        """The number at every corner of the box; arguments in neither are absent."""
        ends = [box.get(fact, (chosen.get(fact),)) for fact in self.asked]
        return (self.formula(*corner) for corner in product(*map(dict.fromkeys, ends)))

    def definedness(self, inputs: Any) -> Iterator[tuple[tuple[tuple[str, Any], ...], bool]]:
        """Each choice of the arguments that are not numbers for which the formula always, or never, has a value."""
        box = {fact: inputs.hard(fact) for fact in self.needed if fact not in self.choices}
        if self.one_needed or None in box.values() or not set(self.any_of) <= set(self.choices):
            return
        needed = [fact for fact in self.choices if fact in self.needed]
        others = [[(fact, value) for value in (None, *inputs.vocabulary[fact].values)] for fact in self.any_of]
        for choice in product(*(inputs.vocabulary[fact].values for fact in needed)):
            chosen = tuple(zip(needed, choice, strict=True))
            found = {corner is not None for rest in product(*others) for corner in self.corners(box, dict((*chosen, *rest)))}
            if len(found) == 1:
                yield chosen, found.pop()


@dataclass(frozen=True)
class Wanted:
    """A measure with the interval in which it is wanted; None: it must not be defined."""

    measure: Measure
    interval: tuple[float, float] | None


def measures(knowledge: Knowledge) -> list[Measure]:
    """Every computed number of the vocabulary, each after those it is made from."""
    vocabulary = knowledge.vocabulary
    return [measure(word, vocabulary) for word in in_order(vocabulary)]


def measure(word: Word, vocabulary: Mapping[str, Word]) -> Measure:
    choices = tuple(fact for fact in (*word.from_, *word.from_any) if vocabulary[fact].kind == "choice")
    return Measure(word.id, made_by(word), word.from_, word.from_any, word.unless, choices)


class Unsettled(Exception):
    """The boxes were halved to the limit and neither values nor a proof that there are none was found."""


def fitting(
    box: Box, chosen: Mapping[str, Any], wanted: list[Wanted], whole: frozenset[str] = frozenset(), most: int = MOST_BOXES
) -> dict[str, float] | None:
    """Values within the box for which every measure lies where it is wanted; None where there are none.

    Raises Unsettled after `most` boxes.
    """
    waiting, tried = deque([box]), 0
    while waiting:
        tried += 1
        if tried > most:
            raise Unsettled(f"no numbers found and none excluded: {box}, {chosen}, {[(one.measure.fact, one.interval) for one in wanted]}")
        box = waiting.popleft()
        if any(low > high for low, high in box.values()) or not reachable(box, chosen, wanted):
            continue
        between = deciding(box, chosen, wanted)
        box = shaved(box, chosen, wanted, between - whole)
        for point in chain(aimed(middle(box, whole), box, chosen, wanted), points(box, whole, between, GUESSES if tried == 1 else 0)):
            if fits(point, box, chosen, wanted):
                return plain(point, box, chosen, wanted)
        waiting += halves(box, whole, between)
    return None


def shaved(box: Box, chosen: Mapping[str, Any], wanted: list[Wanted], numbers: set[str]) -> Box:
    """The box without the slices at its ends in which no measure can be reached."""
    for fact, share in product(sorted(numbers), SLICES):
        low, high = box[fact]
        below, above = low + (high - low) * share, high - (high - low) * share
        if not reachable({**box, fact: (low, below)}, chosen, wanted):
            box = {**box, fact: (below, high)}
        elif not reachable({**box, fact: (above, high)}, chosen, wanted):
            box = {**box, fact: (low, above)}
    return box


def aimed(point: dict[str, float], box: Box, chosen: Mapping[str, Any], wanted: list[Wanted]) -> Iterator[dict[str, float]]:
    """The point moved along one number at a time until a measure lies in the middle of where it is wanted, be it a single value."""
    for one in wanted:
        if one.interval is not None and FAR not in map(abs, one.interval):
            for fact in box.keys() & set(one.measure.asked):
                yield {**point, fact: crossing(one, {**chosen, **point}, fact, box[fact])}


def crossing(one: Wanted, values: dict[str, Any], fact: str, ends: tuple[float, float]) -> float:
    """Where between the ends a measure that rises or falls with the number crosses the middle of its interval."""
    target = sum(one.interval or EVERYWHERE) / 2
    low, high = ends
    rising = over(one.measure, {**values, fact: high}, target)
    for _ in range(BISECTIONS):
        between = (low + high) / 2
        if over(one.measure, {**values, fact: between}, target) == rising:
            high = between
        else:
            low = between
    return round((low + high) / 2, PLACES)


def over(measure: Measure, values: Facts, target: float) -> bool:
    """Whether the measure can be made of these values and lies above the target."""
    if any(values.get(fact) is None for fact in measure.needed):
        return False
    value = measure.of(values)
    return value is not None and value > target


def points(box: Box, whole: frozenset[str], between: set[str], guesses: int) -> Iterator[dict[str, float]]:
    """The middle of the box, its corners, and some points between; the same ones for the same box."""
    centre = middle(box, whole)
    yield centre
    names = sorted(between)
    for corner in product(*(box[fact] for fact in names)):
        yield {**centre, **dict(zip(names, corner, strict=True))}
    chance = Random(0)  # noqa: S311 - guesses, not secrets
    for _ in range(guesses):
        yield {**centre, **{fact: chance.uniform(*box[fact]) for fact in names if fact not in whole}}


def deciding(box: Box, chosen: Mapping[str, Any], wanted: list[Wanted]) -> set[str]:
    """The numbers on which it depends whether the measures can be made, and lie where they are wanted."""
    asked = {one.measure.fact: one.measure.asked for one in wanted}
    known, waiting = dict(box), list[str]()
    for one in wanted:
        numbers, everywhere = values_at_corners(one, known, chosen)
        if one.interval != EVERYWHERE or not everywhere:
            waiting += one.measure.asked
        if one.interval is not None:
            known[one.measure.fact] = within(numbers, everywhere, one.interval)
    found: set[str] = set()
    while waiting:
        fact = waiting.pop()
        waiting += asked.get(fact, ())
        found.add(fact)
    return found & box.keys()


def reachable(box: Box, chosen: Mapping[str, Any], wanted: list[Wanted]) -> bool:
    """Whether the corners leave it open that every measure lies where it is wanted."""
    known = dict(box)
    for one in wanted:
        numbers, everywhere = values_at_corners(one, known, chosen)
        if one.interval is None:
            if everywhere:
                return False
            continue
        if not numbers:
            return False
        low, high = within(numbers, everywhere, one.interval)
        if low > high:
            return False
        known[one.measure.fact] = (low, high)
    return True


def values_at_corners(one: Wanted, known: Box, chosen: Mapping[str, Any]) -> tuple[list[float], bool]:
    """The values that a measure has at the corners, and whether it has one at each."""
    found = list(one.measure.corners(known, chosen))
    numbers = [value for value in found if value is not None]
    return numbers, len(numbers) == len(found)


def within(numbers: list[float], everywhere: bool, interval: tuple[float, float]) -> tuple[float, float]:
    """Where a measure can lie that has these values at the corners; where it has none at some, they say nothing."""
    low, high = (min(numbers), max(numbers)) if everywhere else EVERYWHERE
    return max(low, interval[0]), min(high, interval[1])


def fits(point: Mapping[str, float], box: Box, chosen: Mapping[str, Any], wanted: list[Wanted]) -> bool:
    """Whether the point lies in the box and every measure where it is wanted, by the formulas themselves."""
    if any(not low <= point[fact] <= high for fact, (low, high) in box.items()):
        return False
    values = {**chosen, **point}
    for one in wanted:
        value = one.measure.of(values)
        if value is None or one.interval is None:
            if (value is None) != (one.interval is None):
                return False
            continue
        if not one.interval[0] <= value <= one.interval[1]:
            return False
        values[one.measure.fact] = value
    return True


def middle(box: Box, whole: frozenset[str]) -> dict[str, float]:
    return {fact: float((low + high) // 2) if fact in whole else (low + high) / 2 for fact, (low, high) in box.items()}


def plain(point: dict[str, float], box: Box, chosen: Mapping[str, Any], wanted: list[Wanted]) -> dict[str, float]:
    """The same with as few decimals as still fit, number by number."""
    for fact, value in point.items():
        for digits in range(PLACES):
            simpler = {**point, fact: round(value, digits)}
            if fits(simpler, box, chosen, wanted):
                point = simpler
                break
    return point


def halves(box: Box, whole: frozenset[str], deciding: set[str]) -> list[Box]:
    """The box cut in two where one of the deciding numbers is widest for its size; nothing where it is too narrow to cut."""
    widths = {fact: (box[fact][1] - box[fact][0]) / (abs(box[fact][0]) + abs(box[fact][1]) + 1) for fact in deciding}
    if not widths:
        return []
    fact = max(widths, key=widths.__getitem__)
    low, high = box[fact]
    if widths[fact] < NARROWEST:
        return []
    cut = (low + high) / 2
    upper = cut if fact not in whole else cut // 1 + 1
    return [{**box, fact: (low, cut)}, {**box, fact: (upper, high)}]
