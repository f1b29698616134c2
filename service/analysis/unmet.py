"""From a condition that does not hold down its chain of rules to the inputs: every test that stands in the way."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import NamedTuple

from service.engine.matching import holds, true
from service.engine.trace import Facts
from service.knowledge.conditions import UPWARDS
from service.knowledge.program import Atom, Program, Step
from service.knowledge.records import CONCLUDED, All, Any_, Compare, Condition, Holds, Known, Leaf, Not


class Miss(NamedTuple):
    """A single test of a rule that would have to be true (or, if not wanted, untrue) and is not."""

    rule: str
    test: Leaf
    wanted: bool


class Chains:
    """Follows one person's unmet conditions; `facts` are all that hold, and what is `kept` is never to be taken back."""

    def __init__(self, program: Program, facts: Facts, kept: Collection[Atom] = ()):
        self.makers, self.vocabulary, self.facts = program.makers, program.vocabulary, facts
        self.kept = frozenset(kept)
        self.followed: dict[tuple[Atom, bool], dict[Miss, None]] = {}

    def met(self, condition: Condition, wanted: bool = True) -> bool:
        return true(condition, self.facts) == wanted

    def unmet(self, rule: str, condition: Condition, wanted: bool = True) -> Iterator[Miss]:
        """Every test in the way of the condition, alternatives included."""
        if self.met(condition, wanted):
            return
        if isinstance(condition, Not):
            yield from self.unmet(rule, condition.test, not wanted)
        elif isinstance(condition, All | Any_):
            for test in condition.tests:
                yield from self.unmet(rule, test, wanted)
        elif isinstance(condition, Holds) and self.vocabulary[condition.fact].kind in CONCLUDED:
            yield from self.behind((condition.fact, condition.value), wanted)
        elif not isinstance(condition, Holds) and self.vocabulary[condition.fact].kind == "count":
            for member, needed in self.members(condition, wanted):
                yield from self.behind((member, True), needed)
        else:
            yield Miss(rule, condition, wanted)

    def behind(self, atom: Atom, wanted: bool) -> Iterable[Miss]:
        """What keeps a fact from being concluded, or, if it is not wanted, what concludes it."""
        key = (atom, wanted)
        if key not in self.followed:
            self.followed[key] = {}
            steps = self.steps(atom, wanted)
            self.followed[key] = dict.fromkeys(miss for step in steps for miss in self.unmet(step.rule.id, step.condition, wanted))
        return self.followed[key]

    def steps(self, atom: Atom, wanted: bool) -> Iterable[Step]:
        return () if atom in self.kept and not wanted else self.makers.get(atom, ())

    def members(self, test: Compare | Known, wanted: bool) -> list[tuple[str, bool]]:
        """The members of a count that would have to change, with what they would have to become."""
        more = isinstance(test, Known) or (test.word in UPWARDS) == wanted
        return [(member, more) for member in self.vocabulary[test.fact].of if (self.facts.get(member) is True) != more]


class Nearest:
    """The way out that asks for the fewest changes, then for the smallest; `cost` weighs one test between 0 and 1."""

    def __init__(self, chains: Chains, cost: Callable[[Miss], float]):
        self.chains, self.cost = chains, cost
        self.found: dict[tuple[Atom, bool], frozenset[Miss] | None] = {}

    def way(self, rule: str, condition: Condition, wanted: bool = True) -> frozenset[Miss] | None:
        """The tests of that way; none where the condition holds already, None where there is no way."""
        if self.chains.met(condition, wanted):
            return frozenset()
        if isinstance(condition, Not):
            return self.way(rule, condition.test, not wanted)
        if isinstance(condition, All | Any_):
            ways = [self.way(rule, test, wanted) for test in condition.tests]
            return united(ways) if isinstance(condition, All) == wanted else self.shortest(ways)
        kind = self.chains.vocabulary[condition.fact].kind
        if kind in CONCLUDED and isinstance(condition, Holds):
            return self.behind((condition.fact, condition.value), wanted)
        if kind == "count" and not isinstance(condition, Holds):
            return self.counted(condition, wanted)
        return frozenset([Miss(rule, condition, wanted)])

    def behind(self, atom: Atom, wanted: bool) -> frozenset[Miss] | None:
        key = (atom, wanted)
        if key not in self.found:
            self.found[key] = None
            ways = [self.way(step.rule.id, step.condition, wanted) for step in self.chains.steps(atom, wanted)]
            self.found[key] = self.shortest(ways) if wanted or not ways else united(ways)
        return self.found[key]

    def counted(self, test: Compare | Known, wanted: bool) -> frozenset[Miss] | None:
        """The cheapest members, as many as are lacking."""
        ways = [self.behind((member, True), needed) for member, needed in self.chains.members(test, wanted)]
        possible = sorted((way for way in ways if way is not None), key=self.weight)
        for many in range(1, len(possible) + 1):
            if self.enough(test, wanted, many):
                return united(possible[:many])
        return None

    def enough(self, test: Compare | Known, wanted: bool, changed: int) -> bool:
        more = isinstance(test, Known) or (test.word in UPWARDS) == wanted
        step = changed if more else -changed
        return holds(test, {test.fact: self.chains.facts[test.fact] + step}) == wanted

    def shortest(self, ways: Iterable[frozenset[Miss] | None]) -> frozenset[Miss] | None:
        return min((way for way in ways if way is not None), key=self.weight, default=None)

    def weight(self, way: frozenset[Miss]) -> tuple[int, float]:
        return len(way), round(sum(self.cost(miss) for miss in way), 9)


def united(ways: Iterable[frozenset[Miss] | None]) -> frozenset[Miss] | None:
    found: frozenset[Miss] = frozenset()
    for way in ways:
        if way is None:
            return None
        found |= way
    return found
