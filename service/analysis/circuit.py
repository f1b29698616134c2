"""The rules behind one question as a single formula over tests of inputs: every conclusion between is followed down to what it rests on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import ceil, floor
from typing import NamedTuple

from service.knowledge.conditions import UPWARDS
from service.knowledge.program import Atom, Program
from service.knowledge.records import CONCLUDED, All, Any_, Compare, Condition, Holds, Known, Leaf, Not


class Literal(NamedTuple):
    """A test of an input, or of a number computed from inputs, that has to be true (or, if not wanted, untrue)."""

    test: Leaf
    wanted: bool


class Gate(NamedTuple):
    """Holds where at least so many of its parts do: one is an `any`, all of them an `all`. Parts are places in the circuit."""

    least: int
    parts: tuple[int, ...]


Node = Literal | Gate
NEVER, ALWAYS = Gate(1, ()), Gate(0, ())


class Circuit:
    """Nodes without negation, each after its parts; the last one is the question."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.places: dict[Node, int] = {}

    def add(self, node: Node) -> int:
        if node not in self.places:
            self.places[node] = len(self.nodes)
            self.nodes.append(node)
        return self.places[node]

    def gate(self, least: int, parts: Iterable[int]) -> int:
        """Settled parts are counted out; what is left of a gate with one part is that part."""
        open_ = []
        for part in parts:
            if self.nodes[part] == ALWAYS:
                least -= 1
            elif self.nodes[part] != NEVER:
                open_.append(part)
        if least <= 0 or least > len(open_):
            return self.add(ALWAYS if least <= 0 else NEVER)
        if least in (1, len(open_)):
            open_ = list(dict.fromkeys(open_))
            least = min(least, len(open_))
        return open_[0] if len(open_) == 1 else self.add(Gate(least, tuple(open_)))

    def literals(self) -> list[Literal]:
        return [node for node in self.nodes if isinstance(node, Literal)]


class Writer:
    """Writes circuits; the rules must not go in circles between the inputs and what is asked."""

    def __init__(self, program: Program):
        self.makers, self.vocabulary = program.makers, program.vocabulary
        self.circuit = Circuit()
        self.known: dict[tuple[Atom, bool], int] = {}

    def question(self, condition: Condition, wanted: bool, also: Literal) -> Circuit:
        """Whether the condition is as wanted, and this test besides."""
        last = self.circuit.gate(2, [self.condition(condition, wanted), self.circuit.add(also)])
        return trimmed(self.circuit, last)

    def condition(self, condition: Condition, wanted: bool) -> int:
        if isinstance(condition, Not):
            return self.condition(condition.test, not wanted)
        if isinstance(condition, All | Any_):
            parts = [self.condition(test, wanted) for test in condition.tests]
            return self.circuit.gate(len(parts) if isinstance(condition, All) == wanted else 1, parts)
        kind = self.vocabulary[condition.fact].kind
        if kind in CONCLUDED and isinstance(condition, Holds):
            return self.atom((condition.fact, condition.value), wanted)
        if kind == "count" and not isinstance(condition, Holds):
            return self.counted(condition, wanted)
        return self.circuit.add(Literal(condition, wanted))

    def atom(self, atom: Atom, wanted: bool) -> int:
        """Wanted: some rule concludes it; not wanted: none does."""
        key = (atom, wanted)
        if key not in self.known:
            parts = [self.condition(step.condition, wanted) for step in self.makers.get(atom, ())]
            self.known[key] = self.circuit.gate(1 if wanted else len(parts), parts)
        return self.known[key]

    def counted(self, test: Compare | Known, wanted: bool) -> int:
        """A count is always known; at most so many is: not one more."""
        members = self.vocabulary[test.fact].of
        if isinstance(test, Known):
            return self.circuit.add(ALWAYS if wanted else NEVER)
        least = ceil(test.threshold) if test.word in ("at_least", "below") else floor(test.threshold) + 1
        many = (test.word in UPWARDS) == wanted
        parts = [self.atom((member, True), many) for member in members]
        return self.circuit.gate(least if many else len(members) - least + 1, parts)


def reduced(circuit: Circuit, settled: Callable[[Literal], bool | None]) -> Circuit:
    """The circuit with the settled literals worked out, and nothing that it does not rest on."""
    small = Circuit()
    moved: dict[int, int] = {}
    for place, node in enumerate(circuit.nodes):
        if isinstance(node, Gate):
            moved[place] = small.gate(node.least, [moved[part] for part in node.parts])
        else:
            truth = settled(node)
            moved[place] = small.add(node if truth is None else ALWAYS if truth else NEVER)
    return trimmed(small, moved[len(circuit.nodes) - 1])


def trimmed(circuit: Circuit, last: int) -> Circuit:
    """What stands at this place, and what it rests on."""
    small = Circuit()
    moved: dict[int, int] = {}
    for place in sorted(behind(circuit, last)):
        node = circuit.nodes[place]
        moved[place] = small.add(Gate(node.least, tuple(moved[part] for part in node.parts)) if isinstance(node, Gate) else node)
    return small


def behind(circuit: Circuit, last: int) -> set[int]:
    """The node itself and all that it rests on."""
    found, waiting = {last}, [last]
    while waiting:
        node = circuit.nodes[waiting.pop()]
        fresh = set(node.parts) - found if isinstance(node, Gate) else set()
        found |= fresh
        waiting += fresh
    return found
