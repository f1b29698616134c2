"""What of a profile a person can change, and how: the inputs that were sent and that the vocabulary calls changeable.

A position is where such an input may be put: of a number a step (see service/analysis/ranges.py), of anything else the value itself.
What was not sent is no input to change but one to ask for. Several readings that differ in day or fast are left out: one number in their
place would have one day and one fast.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import combinations
from math import log10
from typing import Any

from service.analysis.numbers import PRESSURES
from service.analysis.ranges import Range, Readers
from service.analysis.units import ANY, Sent, Units, as_list, decimals, forth
from service.engine.trace import Facts
from service.knowledge.records import Holds, Vocabulary, Word

MOST_DECIMALS = 6  # of a number proposed: the steps of a range


class Input:
    """One input; `fact` is what it is read as, `value` what it is now, `extremes` the last positions that it can be put to."""

    extremes: list[Any]
    at: Callable[[Any], Any]
    share: Callable[[Any], float]
    shown: Callable[[Any], Any]

    def __init__(self, word: Word, fact: str, value: Any, sent: Sent):
        self.word, self.fact, self.value, self.sent = word, fact, value, sent
        self.indirect = word.changeable == "indirect"

    def distance(self, position: Any) -> float:
        """The share of what it could move, and one more where a person can change it only by way of others."""
        return self.share(position) + self.indirect


class Number(Input):
    """A number: steps up to the last one that a profile would be accepted with, in the direction that the vocabulary allows."""

    value: float

    def __init__(self, word: Word, fact: str, values: Facts, sent: Sent, readers: Readers):
        super().__init__(word, fact, values[fact], sent)
        alone = {name: value for name, value in values.items() if name not in PRESSURES}  # the other one may move too
        self.along = Range({**alone, fact: self.value}, fact, word, sent, readers)
        directions = [upwards for upwards in (False, True) if word.changeable in ("either", "indirect", "up" if upwards else "down")]
        sides = [(self.along.starts[upwards], self.along.end(upwards), upwards) for upwards in directions]
        self.sides = [(start, end) for start, end, upwards in sides if (end > start if upwards else end < start)]
        self.extremes = [end for _, end in self.sides]
        self.lowest, self.highest = word.soft or word.hard or ANY

    def number(self, position: int) -> float:
        """In the caller's unit; the step where a side begins stands for what was sent."""
        return self.sent.value if position in self.along.starts else position / self.along.scale

    def at(self, position: int) -> float:
        if position in self.along.starts:
            return self.value
        return forth(self.word, position / self.along.scale, self.sent.unit, self.sent.factor)

    def share(self, position: int) -> float:
        return abs(self.at(position) - self.value) / (self.highest - self.lowest)

    def shown(self, position: int) -> Any:
        number = self.number(position)
        return int(number) if number == int(number) else number

    def plainest(self, near: int, far: int) -> int:
        """The step between these two with the fewest decimals, not fewer than the number is usually written with; of such the nearest."""
        for places in range(self.places(), MOST_DECIMALS):
            grain = self.along.scale // 10**places or 1
            found = (-(-near // grain) if near <= far else near // grain) * grain
            if min(near, far) <= found <= max(near, far):
                return found
        return near

    def places(self) -> int:
        """As many decimals as were sent, and as few as tell in the caller's unit what the vocabulary tells in the canonical one."""
        conversion = self.word.units.get(self.sent.unit or "")
        finer = 0 if conversion is None else round(log10(conversion.times / conversion.per))
        return min(MOST_DECIMALS, max(0, decimals(float(self.sent.value)), (self.word.digits or 0) + finer))


class Choice(Input):
    """Anything else: of ordered words those on the side that is allowed, else all; of a list of codes those that the rules ask for."""

    def __init__(self, word: Word, fact: str, value: Any, sent: Sent, asked: Iterable[Any] = ()):
        super().__init__(word, fact, value, sent)
        self.order = {"boolean": (False, True), "codes": ()}.get(word.kind, word.values)
        self.extremes = [frozenset(one) for one in toggled(value, list(asked))] if word.kind == "codes" else self.others()

    def others(self) -> list[Any]:
        here = self.order.index(self.value)
        allowed = {"up": self.order[here + 1 :], "down": self.order[:here]}.get(self.word.changeable, self.order)
        return [value for value in allowed if value != self.value]

    def at(self, position: Any) -> Any:
        return position

    def share(self, position: Any) -> float:
        """Of words in an order the share of it; of others whole; of codes how many of them."""
        if self.word.kind == "codes":
            return len(position ^ self.value) / len(self.word.values)
        if self.word.changeable == "either":
            return 1.0
        return abs(self.order.index(position) - self.order.index(self.value)) / (len(self.order) - 1)

    def shown(self, position: Any) -> Any:
        if self.word.kind != "codes":
            return position
        kept = [code for code in self.sent.value if code in position]
        return kept + [code for code in self.word.values if code in position - self.value]


def toggled(value: frozenset[Any], asked: list[Any]) -> list[frozenset[Any]]:
    """The codes with some of those that are asked for added or taken away."""
    return [value ^ frozenset(some) for size in range(1, len(asked) + 1) for some in combinations(asked, size)]


def movable(values: Facts, units: Units, readers: Readers, tests: Iterable[Any]) -> list[Input]:
    """The inputs behind these tests that can be changed, those that can be so directly first."""
    codes: dict[str, dict[Any, None]] = {}
    for test in tests:
        if isinstance(test, Holds):
            codes.setdefault(test.fact, {})[test.value] = None
    found: list[Input] = []
    for word in changeable(readers.vocabulary):
        given = units.at.get(word.input or "")
        if given is None or mixed(given.sent):
            continue
        sent = units.sent(word.id)
        if word.kind == "number":
            found.append(Number(word, given.fact, values, sent, readers))
        else:
            found.append(Choice(word, word.id, values[word.id], sent, codes.get(word.id, ())))
    return sorted((one for one in found if one.extremes), key=lambda one: one.indirect)


def changeable(vocabulary: Vocabulary) -> list[Word]:
    return [word for word in vocabulary.values() if word.input is not None and word.changeable != "no"]


def mixed(sent: Any) -> bool:
    """Whether a bound came, or several readings that were not all taken on one day after one fast."""
    readings = [one for one in as_list(sent) if isinstance(one, Mapping)]
    apart = (len({one.get(key) for one in readings}) > 1 for key in ("taken_on", "fasting_hours"))
    return any("comparator" in one for one in readings) or any(apart)
