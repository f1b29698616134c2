"""An exact search for the smallest sets of inputs, and their nearest positions, with which a circuit holds.

Sets of one input come first, then of two, and so on; no set that holds another one found is looked at. In each step the inputs that
are lacking at least (service/analysis/lacking.py) are put to every position that differs (service/analysis/cells.py) one after the
other, and once all has been tried with an input it stays as it was sent. So every set that could do is come to, and only once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from service.analysis.cells import Cells, Free, best, worth_it
from service.analysis.circuit import Circuit, reduced
from service.analysis.lacking import MET, Ends, lacking
from service.analysis.movable import Input, Number
from service.engine.trace import Facts

MOST_NEARER = 200  # combinations of positions looked at for a set that was found, to find nearer ones
Positions = dict[str, Any]


class Found(NamedTuple):
    """A set of inputs, where they are put, and how far that is."""

    positions: Positions
    distance: float


class State(NamedTuple):
    """Some inputs put elsewhere, some still free; the circuit is what is open while the others stay as they are."""

    circuit: Circuit
    positions: Positions
    values: Facts
    free: int


class Spent(Exception):
    """The bound of the work was reached."""


class Search:
    """One person and one goal; `bound` is how many combinations of positions are looked at for all sets."""

    def __init__(self, circuit: Circuit, inputs: Sequence[Input], ends: Ends, values: Facts, bound: int):
        self.circuit, self.inputs, self.ends, self.values = circuit, inputs, ends, values
        self.by_fact = {one.fact: one for one in inputs}
        self.cells = Cells(inputs, ends.numbers, values)
        self.found: dict[int, Found] = {}
        self.searched, self.looks, self.choose = 0, bound, best

    def run(self, most: int) -> list[Found]:
        """The sets of up to so many inputs, smallest first, then nearest; `searched` is the size up to which all were found."""
        with suppress(Spent):
            for size in range(1, most + 1):
                self.extend(State(self.circuit, {}, self.values, self.mask(self.by_fact)), size)
                self.searched = size
        self.choose = worth_it
        for mask, found in list(self.found.items()):
            self.looks = MOST_NEARER
            with suppress(Spent):
                self.extend(State(self.circuit, {}, self.values, mask), len(found.positions))
        plain = [self.plain(one.positions) for one in self.found.values()]
        return sorted(plain, key=lambda one: (len(one.positions), one.distance, list(one.positions)))

    def extend(self, state: State, left: int) -> None:
        """Everything that can be reached from here with exactly so many more of the free inputs."""
        if self.looks == 0:
            raise Spent
        self.looks -= 1
        state = state._replace(free=state.free & ~self.completing(state.positions, len(state.positions) + left))
        ways = lacking(state.circuit, lambda literal: self.ends.ways(literal, state.values, state.free), left)
        if ways == MET:
            self.keep(state.positions, left)
            return
        while ways:
            one = max(self.inputs, key=lambda one: sum(way & self.ends.bits[one.fact] > 0 for way in ways))
            bit = self.ends.bits[one.fact]
            self.put(one, state, left)
            state = state._replace(free=state.free & ~bit)
            ways = [way for way in ways if not way & bit]

    def put(self, one: Input, state: State, left: int) -> None:
        """Every position of this input that may be needed, and what more it takes."""
        bit = self.ends.bits[one.fact]
        circuit = reduced(state.circuit, lambda literal: self.ends.settled(literal, state.values, state.free, left))
        others = frozenset(fact for fact, other in self.ends.bits.items() if state.free & other and other != bit)
        for place in self.choose(self.cells.places(one.fact, circuit.literals(), state.values, Free(others, left - 1))):
            positions = {**state.positions, one.fact: place.position}
            values = {**state.values, one.fact: one.at(place.position)}
            self.extend(State(circuit, positions, values, state.free & ~bit), left - 1)

    def keep(self, positions: Positions, left: int) -> None:
        """The nearest positions of each set; what was reached with fewer inputs is known from before."""
        found = Found(positions, self.distance(positions))
        mask = self.mask(positions)
        if not left and (mask not in self.found or found.distance < self.found[mask].distance):
            self.found[mask] = found

    def completing(self, positions: Positions, size: int) -> int:
        """The inputs with which a set of this size would hold a smaller one that was found."""
        lacks = [other & ~self.mask(positions) for other in self.found if other.bit_count() < size]
        return sum({one for one in lacks if one.bit_count() == 1})

    def mask(self, facts: Iterable[str]) -> int:
        return sum(self.ends.bits[fact] for fact in facts)

    def distance(self, positions: Positions) -> float:
        return round(sum(self.by_fact[fact].distance(position) for fact, position in positions.items()), 9)

    def plain(self, positions: Positions) -> Found:
        """The same with each number as short as its cell allows."""
        positions = dict(positions)
        for fact, position in positions.items():
            one = self.by_fact[fact]
            if isinstance(one, Number):
                values = {**self.values, **{name: self.by_fact[name].at(other) for name, other in positions.items() if name != fact}}
                positions[fact] = one.plainest(*self.cells.cell(fact, position, self.circuit.literals(), values))
        return Found(positions, self.distance(positions))
