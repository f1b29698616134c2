"""For a number that is computed: how far one of its inputs would have to move, the others as they are, to change a test of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from service.analysis.units import ANY, Sent, apart, converted, forth
from service.engine.matching import holds
from service.engine.trace import Facts
from service.knowledge.records import Compare, Vocabulary, Word
from service.measures import Measure, Same, observer

STEPS = 10**6  # of one caller's unit: the grid on which an edge is found


class Edge(NamedTuple):
    """The first value, in the caller's unit, at which a test changes, and on which side of the present value it lies."""

    value: float
    upwards: bool


class Solver:
    """One person's computed numbers; `values` is what is known before any rule fires."""

    def __init__(self, values: Facts, vocabulary: Vocabulary):
        self.values, self.vocabulary = values, vocabulary
        self.measures = observer(Same(vocabulary)).measures

    def edge(self, test: Compare, wanted: bool, fact: str, sent: Sent) -> Edge | None:
        """Where a change of this one input makes the test true (or untrue); None where no plausible value does."""
        word = self.vocabulary[fact]

        def reached(step: int) -> bool:
            value = forth(word, step / STEPS, sent.unit, sent.factor)
            return self.holds(test, {**self.values, fact: value}) == wanted

        start = round(sent.value * STEPS)
        found = [first(reached, start, end) for end in ends(word, sent)]
        edges = [Edge(step / STEPS, step > start) for step in found if step is not None]
        return min(edges, key=lambda edge: apart(edge.value, sent.value), default=None)

    def holds(self, test: Compare, values: dict[str, Any]) -> bool:
        for measure in self.chain(test.fact):
            made = measure.of(values)
            values.pop(measure.fact, None)
            if made is not None:
                values[measure.fact] = made.value
        return holds(test, values)

    def chain(self, fact: str) -> Iterator[Measure]:
        """The measures behind a number, inputs first."""
        if fact in self.measures:
            for part in self.measures[fact].asked:
                yield from self.chain(part)
            yield self.measures[fact]


def ends(word: Word, sent: Sent) -> list[int]:
    """The hard range in steps of the caller's unit."""
    return [round(converted(word, bound, sent.unit, sent.factor) * STEPS) for bound in word.hard or ANY]


def first(reached: Callable[[int], bool], start: int, end: int) -> int | None:
    """The step nearest to the start from which on it is reached, where it is reached at the end."""
    if not reached(end):
        return None
    outside, inside = start, end
    while abs(inside - outside) > 1:
        middle = (inside + outside) // 2
        outside, inside = (outside, middle) if reached(middle) else (middle, inside)
    return inside
