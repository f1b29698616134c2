"""One number of a profile moved along its range, everything else as it is: where tests of it, and of what is computed from it, change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from math import ceil, floor
from typing import Any

from service.engine.matching import holds
from service.explaining.solving import STEPS
from service.explaining.units import Sent, converted, exact, forth
from service.knowledge.conditions import leaves
from service.knowledge.program import Step, Stratum
from service.knowledge.records import Compare, Known, Vocabulary, Word
from service.measures import ADULT, AT_ANY_AGE, WAIST_PER_HEIGHT, Measure, Same, observer

NUMBERS = ("number", "count")
APART = 10**-6  # both blood pressures differ


class Readers:
    """Which measures follow from an input, which tests read a number, and which rules; prepared once from the rules."""

    def __init__(self, strata: Iterable[Stratum], vocabulary: Vocabulary):
        self.vocabulary = vocabulary
        self.measures = observer(Same(vocabulary)).measures
        self.tests: dict[str, dict[Compare | Known, None]] = defaultdict(dict)
        self.steps: dict[str, dict[int, Step]] = defaultdict(dict)
        for step in (step for stratum in strata for step in stratum.steps):
            for leaf, _ in leaves(step.condition):
                if vocabulary[leaf.fact].kind in NUMBERS:
                    self.tests[leaf.fact][leaf] = None
                    self.steps[leaf.fact][id(step)] = step

    def following(self, fact: str) -> list[Measure]:
        """The measures that rest on a fact, through whatever stands between, inputs first; a grown-up's rest on age too."""
        moved, found = {fact}, []
        for measure in self.measures:
            if not moved.isdisjoint(measure.asked) or (fact == "age" and measure.fact not in AT_ANY_AGE):
                moved.add(measure.fact)
                found.append(measure)
        return found


class Range:
    """The values that one input of one person can have; a step is a millionth of the caller's unit, of a count one."""

    def __init__(self, values: Mapping[str, Any], fact: str, word: Word, sent: Sent, readers: Readers):
        self.values, self.fact, self.word, self.sent = values, fact, word, sent
        self.measures = readers.following(fact)
        self.facts = [fact, *(measure.fact for measure in self.measures)]
        self.tests = {name: list(readers.tests[name]) for name in self.facts if name in readers.tests}
        self.steps = list({id_: step for name in self.facts for id_, step in readers.steps.get(name, {}).items()}.values())
        self.scale = 1 if word.type == "integer" else STEPS
        self.rest = {name: value for name, value in values.items() if name not in self.facts}
        self.starts = (self.start(upwards=False), self.start(upwards=True))
        self.known: dict[tuple[float, str], dict[str, Any]] = {}

    def start(self, upwards: bool) -> int:
        """The step that stands for the value itself: the nearest one on the near side of it."""
        steps = exact(float(self.sent.value)) * self.scale
        return floor(steps) if upwards else ceil(steps)

    def end(self, upwards: bool) -> int:
        """The last step that a profile with this value would be accepted with."""
        low, high = self.limits()
        bound = exact(converted(self.word, high if upwards else low, self.sent.unit, self.sent.factor)) * self.scale
        return floor(bound) if upwards else ceil(bound)

    def limits(self) -> tuple[float, float]:
        """The hard range, and what must fit together with it: waist with height, both blood pressures."""
        (low, high), rest, (least, most) = self.word.hard, self.values, WAIST_PER_HEIGHT
        if self.fact == "waist" and "height" in rest:
            return max(low, least * rest["height"]), min(high, most * rest["height"])
        if self.fact == "height" and "waist" in rest:
            return max(low, rest["waist"] / most), min(high, rest["waist"] / least)
        if self.fact == "systolic" and "diastolic" in rest:
            return max(low, rest["diastolic"] + APART), high
        if self.fact == "diastolic" and "systolic" in rest:
            return low, min(high, rest["systolic"] - APART)
        return low, high

    def number(self, step: int, upwards: bool) -> float:
        """The caller's number at a step; at the start the one that was sent."""
        return self.sent.value if step == self.starts[upwards] else step / self.scale

    def at(self, number: float, wanted: str = "") -> dict[str, Any]:
        """What is known before any rule fires, with this number of the caller's in its place; of measures only the wanted, if named."""
        if number == self.sent.value:
            return self.values
        canonical = forth(self.word, number, self.sent.unit, self.sent.factor)
        if (canonical, wanted) not in self.known:
            self.known[canonical, wanted] = self.made(canonical, self.behind(wanted) if wanted else self.measures)
        return self.known[canonical, wanted]

    def behind(self, fact: str) -> list[Measure]:
        """The measures that follow from the input and that a fact rests on, itself among them."""
        found, wanted = [], {fact}
        for measure in reversed(self.measures):
            if measure.fact in wanted:
                wanted.update(measure.asked)
                found.insert(0, measure)
        return found

    def made(self, canonical: float, measures: list[Measure]) -> dict[str, Any]:
        values = {**self.rest, self.fact: canonical}
        adult = values.get("age", 0) >= ADULT
        for measure in measures:
            made = measure.of(values) if adult or measure.fact in AT_ANY_AGE else None
            if made is not None:
                values[measure.fact] = made.value
        return values

    def switches(self, upwards: bool) -> list[int]:
        """Every step from which on some test has another truth, nearest first.

        Each formula moves one way where its number is there at all, so between two ends that agree nothing changes.
        """
        start, end = self.starts[upwards], self.end(upwards)
        if (end - start) * (1 if upwards else -1) <= 0:
            return []
        found: set[int] = set()
        for fact, tests in self.tests.items():
            appears = crossing(lambda step, fact=fact: fact in self.at(self.number(step, upwards), fact), start, end)
            found.update(appears)
            for one, other in parts(start, end, appears, 1 if upwards else -1):
                for test in tests:
                    found.update(crossing(lambda step, test=test: holds(test, self.at(self.number(step, upwards), test.fact)), one, other))
        return sorted(found, reverse=not upwards)


def parts(start: int, end: int, cuts: list[int], forward: int) -> list[tuple[int, int]]:
    """The stretch from start to end, cut where something appears or goes."""
    return [(start, end)] if not cuts else [(start, cuts[0] - forward), (cuts[0], end)]


def crossing(truth: Callable[[int], bool], start: int, end: int) -> list[int]:
    """The first step beyond which a test that changes once has changed; none where both ends agree."""
    before, after = truth(start), truth(end)
    if before == after:
        return []
    inside, outside = start, end
    while abs(outside - inside) > 1:
        middle = (inside + outside) // 2
        inside, outside = (middle, outside) if truth(middle) == before else (inside, middle)
    return [outside]
