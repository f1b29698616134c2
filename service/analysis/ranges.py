"""One number of a profile moved along its range, everything else as it is: where tests of it, and of what is computed from it, change."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from math import ceil, floor
from typing import Any, NamedTuple

from schemas.bounds import Bounded
from service.analysis.solving import STEPS
from service.analysis.units import ANY, Sent, Units, converted, decimals, forth
from service.engine.matching import holds
from service.engine.trace import Facts
from service.knowledge.conversion import exact
from service.knowledge.program import Program
from service.knowledge.records import NUMBERS, Compare, Holds, Joint, Known, Word
from service.measures import Measure, Observations, Same, observer

APART = 10**-6  # both blood pressures differ
Aim = Callable[[int, int], list[int]]  # from the two steps between which a test changes to those worth trying


class Family(NamedTuple):
    """A fact and all that is computed from it: the measures, inputs first, and the tests of each number."""

    measures: list[Measure]
    facts: list[str]
    tests: dict[str, list[Compare | Known]]


class Readers:
    """Which measures follow from an input, and which tests read a number; prepared once from the rules."""

    def __init__(self, program: Program):
        vocabulary = self.vocabulary = program.vocabulary
        self.measures = observer(Same(vocabulary)).measures.values()
        self.tests: dict[str, dict[Compare | Known, None]] = defaultdict(dict)
        for step in program.steps.values():
            for leaf in step.leaves:
                if vocabulary[leaf.fact].kind in NUMBERS and not isinstance(leaf, Holds):
                    self.tests[leaf.fact][leaf] = None
        compared = {fact: {test.threshold for test in tests if isinstance(test, Compare)} for fact, tests in self.tests.items()}
        self.thresholds = {fact: sorted(found) for fact, found in compared.items()}
        self.families = {word.id: self._family(word.id) for word in vocabulary.values() if word.kind == "number"}
        self.asked = [word for word in vocabulary.values() if word.kind == "number" and word.input]
        self.joint: dict[str, list[tuple[str, Joint]]] = defaultdict(list)  # by either of the two numbers
        for word in self.asked:
            for joint in word.joint:
                self.joint[word.id].append((word.id, joint))
                self.joint[joint.other].append((word.id, joint))

    def _family(self, fact: str) -> Family:
        measures = self.following(fact)
        facts = [fact, *(measure.fact for measure in measures)]
        return Family(measures, facts, {name: list(self.tests[name]) for name in facts if name in self.tests})

    def following(self, fact: str) -> list[Measure]:
        """The measures that rest on a fact, through whatever stands between, inputs first; a grown-up's rest on age too."""
        moved, found = {fact}, []
        for measure in self.measures:
            if not moved.isdisjoint(measure.asked) or (fact == "age" and not measure.at_any_age):
                moved.add(measure.fact)
                found.append(measure)
        return found


def ranges(observations: Observations, readers: Readers) -> Iterator[Range]:
    """One for each number that was sent, and not only a bound of it, in the order of the vocabulary."""
    units = Units(observations.given, readers.vocabulary)
    for word in readers.asked:
        if word.input in units.at and not isinstance(units.at[word.input].value, Bounded):
            yield Range(observations.values, units.at[word.input].fact, word, units.sent(word.id), readers)


class Range:
    """The values that one input of one person can have; a step is a millionth of the caller's unit, of a count one."""

    def __init__(self, values: Facts, fact: str, word: Word, sent: Sent, readers: Readers):
        self.values, self.fact, self.word, self.sent, self.readers = values, fact, word, sent, readers
        self.measures, self.facts, self.tests = readers.families[fact]
        self.scale = 1 if word.type == "integer" else STEPS
        self.joint = [(one, joint) for one, joint in readers.joint.get(fact, ()) if one in values and joint.other in values]
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
        end = floor(bound) if upwards else ceil(bound)
        if not self.joint:
            return end
        beyond = crossing(lambda step: self.possible(step, upwards), self.starts[upwards], end)
        return beyond[0] + (-1 if upwards else 1) if beyond else end

    def possible(self, step: int, upwards: bool) -> bool:
        """Whether a body can have this number beside the others."""
        values = {**self.values, self.fact: forth(self.word, self.number(step, upwards), self.sent.unit, self.sent.factor)}
        return all(joint.fits(values[fact], values[joint.other]) for fact, joint in self.joint)

    def limits(self) -> tuple[float, float]:
        """The hard range, and what must fit together with it: both blood pressures."""
        (low, high), rest = self.word.hard or ANY, self.values
        if self.fact == "systolic" and "diastolic" in rest:
            return max(low, rest["diastolic"] + APART), high
        if self.fact == "diastolic" and "systolic" in rest:
            return low, min(high, rest["systolic"] - APART)
        return low, high

    def number(self, step: int, upwards: bool) -> float:
        """The caller's number at a step; at the start the one that was sent."""
        return self.sent.value if step == self.starts[upwards] else step / self.scale

    def at(self, number: float, wanted: str = "") -> Mapping[str, Any]:
        """What is known before any rule fires, with this number of the caller's in its place; of measures only the wanted, if named."""
        if number == self.sent.value:
            return self.values
        canonical = forth(self.word, number, self.sent.unit, self.sent.factor)
        if (canonical, wanted) not in self.known:
            self.known[canonical, wanted] = self.made(canonical, self.behind(wanted) if wanted else self.measures)
        return self.known[canonical, wanted]

    def behind(self, fact: str) -> list[Measure]:
        """The measures that follow from the input and that a fact rests on, itself among them."""
        found: list[Measure] = []
        wanted = {fact}
        for measure in reversed(self.measures):
            if measure.fact in wanted:
                wanted.update(measure.asked)
                found.insert(0, measure)
        return found

    def made(self, canonical: float, measures: list[Measure]) -> dict[str, Any]:
        values = {**self.rest, self.fact: canonical}
        for measure in measures:
            made = measure.value(values) if measure.of_age(values) else None
            if made is not None:
                values[measure.fact] = made
        return values

    def crosses(self, number: float) -> bool:
        """Whether any test may have another truth at this number, or between it and the present one; cheap, and never wrongly False."""
        there = self.at(number)
        return any(self.crossed(fact, self.values.get(fact), there.get(fact)) for fact in self.tests)

    def crossed(self, fact: str, now: float | None, there: float | None) -> bool:
        if now is None or there is None:
            return now is not there
        limits = self.readers.thresholds[fact]
        return bisect_left(limits, min(now, there)) < bisect_right(limits, max(now, there))

    def written(self, inside: float, outside: float, same: Callable[[float], bool]) -> tuple[float, bool]:
        """An end between two steps, and whether it still belongs inside: a threshold that lies there, else the shorter of both numbers."""
        between = [number for number in self.thresholds() if min(inside, outside) < number < max(inside, outside)]
        if len(between) == 1:
            return between[0], same(between[0])
        return (outside, False) if decimals(outside) < decimals(inside) else (inside, True)

    def thresholds(self) -> Iterator[float]:
        """What the input itself is compared with, in the caller's unit."""
        for threshold in {test.threshold for test in self.tests.get(self.fact, ()) if isinstance(test, Compare)}:
            yield converted(self.word, threshold, self.sent.unit, self.sent.factor)

    def switches(self, upwards: bool, last: int | None = None) -> list[int]:
        """Every step from which on some test has another truth, nearest first, up to the last one named.

        Each formula moves one way where its number is there at all, so between two ends that agree nothing changes.
        """
        start, end = self.starts[upwards], self.end(upwards) if last is None else last
        if (end - start) * (1 if upwards else -1) <= 0:
            return []
        found: set[int] = set()
        for fact, tests in self.tests.items():
            appears = self.appearing(fact, upwards, start, end)
            found.update(appears)
            for one, other in parts(start, end, appears, 1 if upwards else -1):
                for test in tests:
                    found.update(crossing(self.truth(test, upwards), one, other, self.aim(test, upwards)))
        return sorted(found, reverse=not upwards)

    def appearing(self, fact: str, upwards: bool, start: int, end: int) -> list[int]:
        """Where a number, or one that it is made of, comes or goes, nearest first: between, it moves one way."""
        made = {fact, *(one.fact for one in self.behind(fact))}
        steps = {step for one in made for step in crossing(self.there(one, upwards), start, end)}
        return sorted(steps, reverse=not upwards)

    def there(self, fact: str, upwards: bool) -> Callable[[int], bool]:
        return lambda step: fact in self.at(self.number(step, upwards), fact)

    def truth(self, test: Compare | Known, upwards: bool) -> Callable[[int], bool]:
        return lambda step: holds(test, self.at(self.number(step, upwards), test.fact))

    def aim(self, test: Compare | Known, upwards: bool) -> Aim:
        """Where the threshold would lie between two steps if the number moved evenly, and a step beside it."""
        if not isinstance(test, Compare):
            return halfway
        threshold = test.threshold

        def aimed(one: int, other: int) -> list[int]:
            low, high = (self.at(self.number(step, upwards), test.fact)[test.fact] for step in (one, other))
            if low == high:
                return []
            middle = one + round((threshold - low) / (high - low) * (other - one))
            return [middle, middle - 1, middle + 1]

        return aimed


def parts(start: int, end: int, cuts: list[int], forward: int) -> list[tuple[int, int]]:
    """The stretch from start to end, cut wherever something appears or goes."""
    begins = [start, *cuts]
    return list(zip(begins, [*(cut - forward for cut in cuts), end], strict=True))


def halfway(one: int, other: int) -> list[int]:
    return [(one + other) // 2]


def crossing(truth: Callable[[int], bool], start: int, end: int, aim: Aim = halfway) -> list[int]:
    """The first step beyond which a test that changes once has changed, looked for where the aim is; none where both ends agree."""
    before, after = truth(start), truth(end)
    if before == after:
        return []
    inside, outside = start, end
    while abs(outside - inside) > 1:
        for middle in (*aim(inside, outside), *halfway(inside, outside)):
            if min(inside, outside) < middle < max(inside, outside):
                inside, outside = (middle, outside) if truth(middle) == before else (inside, middle)
    return [outside]
