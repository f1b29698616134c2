"""Which inputs would at least have to change for a circuit to hold: no fewer and no others can be enough.

Each test is looked at alone, so what is found is needed and not yet sure to suffice. Every formula moves one way as one of its numbers
does: where a test cannot be met at any end of the ranges, it cannot be met within them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import combinations, product
from typing import Any

from service.analysis.circuit import Circuit, Gate, Literal
from service.analysis.minimal import by_bits, minimal
from service.analysis.movable import Input
from service.analysis.numbers import Numbers, as_wanted
from service.engine.trace import Facts

Ways = list[int]  # sets of inputs as bits, none of which holds another; 0 is the set of none
MET: Ways = [0]
NO_WAY: Ways = []


def lacking(circuit: Circuit, ways_of: Callable[[Literal], Ways], most: int) -> Ways:
    """The smallest sets of up to so many inputs."""
    found: list[Ways] = []
    for node in circuit.nodes:
        if isinstance(node, Literal):
            found.append([way for way in ways_of(node) if way.bit_count() <= most])
        else:
            found.append(joined(node, [found[part] for part in node.parts], most))
    return found[-1]


def joined(gate: Gate, parts: Sequence[Ways], most: int) -> Ways:
    """So many of the parts at least; row by row the ways to none, one, two ... of those seen."""
    open_ = [ways for ways in parts if ways and ways != MET]
    least = gate.least - parts.count(MET)
    if least <= 0 or least > len(open_):
        return MET if least <= 0 else NO_WAY
    if least == 1:
        return open_[0] if len(open_) == 1 else smallest(way for ways in open_ for way in ways)
    rows: list[Ways] = [MET, *(NO_WAY for _ in range(least))]
    for number, ways in enumerate(open_):
        still = len(open_) - number - 1  # parts to come
        for row in range(min(least, number + 1), max(0, least - still - 1), -1):
            rows[row] = smallest([*rows[row], *both(rows[row - 1], ways, most)])
    return rows[least]


def both(ones: Ways, others: Ways, most: int) -> Ways:
    found = {one | other for one in ones for other in others}
    return [way for way in found if way.bit_count() <= most]


def smallest(ways: Iterable[int]) -> Ways:
    """Those that hold no other."""
    return minimal(ways, by_bits)


class Ends:
    """What a change of some inputs, the others as they are, can make of one number and of a test of it."""

    def __init__(self, inputs: Sequence[Input], numbers: Numbers):
        self.numbers = numbers
        self.bits = {one.fact: 1 << place for place, one in enumerate(inputs)}
        self.all = (1 << len(inputs)) - 1
        self.extremes = {one.fact: [one.at(end) for end in one.extremes] for one in inputs}
        self.made: dict[tuple[Any, ...], list[tuple[int, list[Any]]]] = {}
        self.found: dict[tuple[Any, ...], Ways] = {}

    def ways(self, literal: Literal, values: Facts, free: int) -> Ways:
        """The smallest sets of free inputs with which it may hold."""
        here = tuple(map(values.get, self.numbers.behind(literal.test.fact)))
        key = (literal, here)
        found = self.found.get(key)
        if found is None:
            sets = self.sets(literal.test.fact, here)
            found = self.found[key] = smallest(set_ for set_, ends in sets if any(as_wanted(literal, end) for end in ends))
        return found if found == MET else [way for way in found if not way & ~free]

    def settled(self, literal: Literal, values: Facts, free: int, most: int) -> bool | None:
        """What comes out one way whatever up to so many free inputs are; None where it is open."""
        possible = [
            any(way.bit_count() <= most for way in self.ways(one, values, free))
            for one in (literal, literal._replace(wanted=not literal.wanted))
        ]
        return None if all(possible) else possible[0]

    def sets(self, fact: str, here: tuple[Any, ...]) -> list[tuple[int, list[Any]]]:
        """For each set of inputs behind a fact what it is at the ends of their ranges."""
        key = (fact, here)
        if key not in self.made:
            values = {one: value for one, value in zip(self.numbers.behind(fact), here, strict=True) if value is not None}
            moving = [one for one in values if one in self.bits]
            some = [part for size in range(len(moving) + 1) for part in combinations(moving, size)]
            self.made[key] = [(sum(map(self.bits.__getitem__, part)), self.at_ends(fact, part, values)) for part in some]
        return self.made[key]

    def at_ends(self, fact: str, moving: Sequence[str], values: Facts) -> list[Any]:
        ends = product(*([values[one], *self.extremes[one]] for one in moving))
        return [self.numbers.of(fact, {**values, **dict(zip(moving, end, strict=True))}) for end in ends]
