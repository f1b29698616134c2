"""Why no change of what a person can change is enough: what is not known, or what is not theirs to change, and stands in the way."""

from __future__ import annotations

from collections.abc import Sequence

from service.analysis.circuit import Circuit, Literal, reduced
from service.analysis.lacking import MET, NO_WAY, Ends, Ways, lacking
from service.analysis.numbers import FITTING, Numbers
from service.engine.matching import holds
from service.engine.trace import Facts
from service.knowledge.conditions import leaves
from service.knowledge.records import Word

MOST_NAMED = 5  # of inputs that stand in the way together
MOST_ALTERNATIVES = 3


class Hindrances:
    """Looks at a circuit that cannot hold, with what can be changed counted as if it were."""

    def __init__(self, circuit: Circuit, values: Facts, numbers: Numbers, ends: Ends):
        self.circuit, self.values, self.numbers, self.ends = circuit, values, numbers, ends
        self.facts = [word.id for word in numbers.vocabulary.values() if word.input]

    @property
    def unknown(self) -> list[list[str]]:
        """The smallest sets of inputs without a value with which it might hold; none where those are not what it lacks."""
        return self.named(fixed=False)

    @property
    def fixed(self) -> list[list[str]]:
        """The same with what was sent and cannot be changed, or not in the direction that it would take."""
        return self.named(fixed=True)

    def named(self, fixed: bool) -> list[list[str]]:
        found = {literal: self.ways(literal, fixed) for literal in self.circuit.literals()}
        left = reduced(self.circuit, lambda literal: {(): False, (0,): True}.get(tuple(found[literal])))
        for most in range(1, MOST_NAMED + 1):
            ways = lacking(left, found.__getitem__, most)
            if ways:
                return [[fact for place, fact in enumerate(self.facts) if way >> place & 1] for way in ways[:MOST_ALTERNATIVES]]
        return []

    def ways(self, literal: Literal, fixed: bool) -> Ways:
        if literal == FITTING or self.ends.ways(literal, self.values, self.ends.all):
            return MET
        word = self.numbers.vocabulary[literal.test.fact]
        behind = [fact for fact in self.numbers.behind(word.id) if fact in self.facts and (fixed or fact not in self.ends.bits)]
        others = [*self.forbidding(word), *behind]
        absent = [fact for fact in others if fact not in self.values]
        if absent:
            return [self.mask([fact]) for fact in absent] if word.from_any else [self.mask(absent)]
        return [self.mask([fact]) for fact in others] if fixed else NO_WAY

    def forbidding(self, word: Word) -> list[str]:
        """What keeps a computed number from being made at all, whatever it is made from."""
        if word.formula is None or word.id in self.numbers.measures:
            return []
        stated = [leaf.fact for leaf, _ in leaves(word.unless) if holds(leaf, self.values)] if word.unless else []
        return [fact for fact in stated if fact in self.facts] or ["age"]

    def mask(self, facts: Sequence[str]) -> int:
        return sum(1 << self.facts.index(fact) for fact in facts)
