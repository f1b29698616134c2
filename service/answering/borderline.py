"""Which recommendations hang on a measurement that might as well have come out on the other side of a threshold.

Borderline is what leaves the recommended list where one number that was sent, and no other answer, is off by no more than one standard
deviation: of repeated measurements of one unchanged person, as the vocabulary states it with its source.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from math import ceil, floor
from typing import Any

from service.advised import Advised
from service.analysis.outcome import ON_THE_TABLE
from service.analysis.ranges import Range, ranges
from service.analysis.units import usual_range
from service.answering.indexes import Indexes
from service.engine.revising import Revisable
from service.engine.trace import Facts
from service.knowledge.conversion import exact


class Borderline:
    """One person's recommendations against the variability of what was measured."""

    def __init__(self, indexes: Indexes, advised: Advised):
        self.indexes = indexes
        self.observations, self.derivation, _ = advised
        placements = indexes.outcomes.placements
        self.recommended = {iv: fact for iv, fact in placements if self.derivation.facts.get(fact) in ON_THE_TABLE}

    @cached_property
    def rows(self) -> dict[str, list[dict[str, Any]]]:
        """intervention -> the numbers within whose variability it leaves the list, with where it then stands."""
        found: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for along, upwards, last in self.near():
            for intervention, row in self.leaving(along, upwards, last):
                found[intervention].append(row)
        return found

    @cached_property
    def now(self) -> Revisable:
        return Revisable(self.indexes.program, self.observations.values, self.derivation)

    def near(self) -> Iterator[tuple[Range, bool, int]]:
        """The sides on which some test changes within the variability, each with its last step; for most numbers there is none."""
        for along in ranges(self.observations, self.indexes.readers) if self.recommended else ():
            usual = usual_range(along.word, along.values[along.fact], along.sent)
            if usual is not None:
                low, high = within(along, *usual)
                sides = ((upwards, last) for upwards, last in ((False, low), (True, high)))
                yield from ((along, upwards, last) for upwards, last in sides if along.crosses(along.number(last, upwards)))

    def leaving(self, along: Range, upwards: bool, last: int) -> Iterator[tuple[str, dict[str, Any]]]:
        staying = dict(self.recommended)
        for step in along.switches(upwards, last):
            facts = self.now.revised(along.at(along.number(step, upwards))).facts
            for intervention in [iv for iv, fact in staying.items() if facts.get(fact) not in ON_THE_TABLE]:
                yield intervention, self.row(along, step, upwards, staying.pop(intervention), facts)

    def row(self, along: Range, step: int, upwards: bool, fact: str, facts: Facts) -> dict[str, Any]:
        inside, outside = along.number(step - 1 if upwards else step + 1, upwards), along.number(step, upwards)
        at, _ = along.written(inside, outside, lambda between: self.now.revised(along.at(between)).facts.get(fact) in ON_THE_TABLE)
        return {"input": along.word.input, "at": at, "unit": along.sent.unit, "to": facts[fact]}


def within(along: Range, lowest: float, highest: float) -> tuple[int, int]:
    """The last steps below and above the number that lie between these and that a profile may have."""
    low, high = ceil(exact(lowest) * along.scale), floor(exact(highest) * along.scale)
    return max(low, along.end(upwards=False)), min(high, along.end(upwards=True))
