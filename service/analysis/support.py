"""Which inputs suffice for a result, from its justifications: sets of inputs that keep it, whatever else is taken away.

A result holds for a set where it holds in every profile between that set and the whole; so what a rule takes from an absence is
accounted for by whatever keeps it absent.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import reduce
from itertools import combinations
from typing import Any

from service.analysis.minimal import by_name, minimal
from service.engine.matching import holds
from service.given import Given, facts_given
from service.knowledge.conditions import UPWARDS
from service.knowledge.program import Atom, Program
from service.knowledge.records import CONCLUDED, All, Any_, Compare, Condition, Holds, Known, Leaf, Not, Word
from service.measures import Measure, Observations, Same, observer

Sets = tuple[frozenset[str], ...]  # none of them within another; an input goes by its JSON Pointer
NEVER: Sets = ()
ALWAYS: Sets = (frozenset(),)
MOST_SETS = 400


class Support:
    """One person's supports; `bounded` says that some were left out because there were more than MOST_SETS."""

    def __init__(self, observations: Observations, program: Program):
        self.values, self.makers, self.vocabulary = observations.values, program.makers, program.vocabulary
        self.inputs: dict[str, list[Given]] = defaultdict(list)
        for given in observations.given:
            self.inputs[given.fact].append(given)
        self.measures = observer(Same(self.vocabulary)).measures
        self.found: dict[tuple[Atom, bool], Sets] = {}
        self.bounded = False

    def of(self, condition: Condition, wanted: bool = True) -> Sets:
        """The least sets of inputs that keep the condition true (or, if not wanted, untrue)."""
        if isinstance(condition, Not):
            return self.of(condition.test, not wanted)
        if isinstance(condition, All | Any_):
            parts = [self.of(test, wanted) for test in condition.tests]
            return self.together(parts) if isinstance(condition, All) == wanted else self.either(parts)
        word = self.vocabulary[condition.fact]
        if word.kind in CONCLUDED and isinstance(condition, Holds):
            return self.atom((condition.fact, condition.value), wanted)
        if word.kind == "count" and not isinstance(condition, Holds):
            return self.counted(condition, wanted)
        if word.formula is not None and not isinstance(condition, Holds):
            return self.computed(condition, wanted)
        return self.given(condition, wanted)

    def atom(self, atom: Atom, wanted: bool) -> Sets:
        key = (atom, wanted)
        if key not in self.found:
            self.found[key] = NEVER if wanted else ALWAYS
            parts = [self.of(step.condition, wanted) for step in self.makers.get(atom, ())]
            self.found[key] = self.either(parts) if wanted else self.together(parts)
        return self.found[key]

    def given(self, leaf: Leaf, wanted: bool) -> Sets:
        """A test of an input: true as long as the input is there; untrue also when it is gone."""
        if holds(leaf, self.values) != wanted:
            return NEVER
        beside = self.told_by(self.vocabulary[leaf.fact])
        return tuple(frozenset([pointer, *beside]) for pointer in self.pointers(leaf)) if wanted else ALWAYS

    def told_by(self, word: Word) -> list[str]:
        """A list that speaks of the signs of another rests on the list of those of now too."""
        return [other.input or "" for other in self.vocabulary.values() if word.speaks_of is not None and other.counts_as == word.speaks_of]

    def pointers(self, leaf: Leaf) -> Iterable[str]:
        """The inputs each of which makes a test true; a list that dates make rests on the value that it names."""
        word = self.vocabulary[leaf.fact]
        if word.speaks_of is not None:
            return self.pointers(Holds(word.speaks_of, leaf.value)) if isinstance(leaf, Holds) else []
        if word.kind == "codes" and word.input is None and isinstance(leaf, Holds):
            return [self.vocabulary[leaf.value].input or ""]
        return dict.fromkeys(given.input for given in self.inputs[leaf.fact] if holds(leaf, facts_given([given])))

    def counted(self, test: Compare | Known, wanted: bool) -> Sets:
        """So many members that hold, or so many that do not, as settle the test."""
        if isinstance(test, Known):
            return ALWAYS if wanted else NEVER
        members = self.vocabulary[test.fact].of
        fits = [many for many in range(len(members) + 1) if holds(test, {test.fact: many}) == wanted]
        if not fits:
            return NEVER
        more = (test.word in UPWARDS) == wanted
        needed = min(fits) if more else len(members) - max(fits)
        kept = [self.atom((member, True), more) for member in members]
        return self.either(self.together(some) for some in combinations([one for one in kept if one], needed))

    # --- measures ------------------------------------------------------------------------------------------------------------

    def computed(self, leaf: Compare | Known, wanted: bool) -> Sets:
        measure = self.measures[leaf.fact]
        parts = [fact for fact in measure.asked if fact in self.values]
        free = [fact for fact in parts if self.rigid(fact)]
        fixed = tuple(fact for fact in parts if fact not in free)
        kept = [(*fixed, *some) for many in range(len(free) + 1) for some in combinations(free, many)]
        enough = [some for some in kept if all(self.outcome(leaf, (*some, *rest)) == wanted for rest in without(free, some))]
        found = self.either(self.together(self.value(fact) for fact in some) for some in enough)
        return self.together([found, self.allowed(measure)]) if wanted else self.either([found, self.stopped(measure)])

    def rigid(self, fact: str) -> bool:
        """Whether a part has one value only wherever it is there."""
        measure = self.measures.get(fact)
        return measure is None or sum(part in self.values for part in measure.asked if part not in measure.needed) < 2

    def outcome(self, leaf: Compare | Known, parts: Iterable[str]) -> bool:
        """The test, with these parts only and nothing to forbid the measure."""
        measure, known = self.measures[leaf.fact], {part: self.values[part] for part in parts}
        arguments = tuple(map(known.get, measure.asked))
        made = measure.made(arguments) if measure.enough(arguments) else None
        return made is not None and holds(leaf, {leaf.fact: made})

    def value(self, fact: str) -> Sets:
        """What keeps a number, or an answer, exactly as it is."""
        measure = self.measures.get(fact)
        if measure is None:
            return (frozenset(given.input for given in self.inputs[fact]),)
        parts = [self.value(part) for part in measure.asked if part in self.values]
        return self.together([*parts, self.allowed(measure)])

    def allowed(self, measure: Measure) -> Sets:
        """What keeps a measure from being forbidden; most are made for adults only."""
        kept = self.of(measure.unless, False) if measure.unless is not None else ALWAYS
        return kept if measure.at_any_age else self.together([kept, (frozenset(["/age"]),)])

    def stopped(self, measure: Measure) -> Sets:
        """What keeps a measure forbidden."""
        if not measure.of_age(self.values):
            return ALWAYS
        return self.of(measure.unless, True) if measure.unless is not None else NEVER

    # --- sets of sets --------------------------------------------------------------------------------------------------------

    def either(self, parts: Iterable[Sets]) -> Sets:
        return self.least({one for part in parts for one in part})

    def together(self, parts: Iterable[Sets]) -> Sets:
        return reduce(lambda one, other: self.least({a | b for a in one for b in other}), parts, ALWAYS)

    def least(self, sets: set[frozenset[str]]) -> Sets:
        """The sets that have no other within them, smallest first."""
        found = minimal(sets, by_name)
        self.bounded = self.bounded or len(found) > MOST_SETS
        return tuple(found[:MOST_SETS])


def without(free: list[str], some: tuple[Any, ...]) -> Iterable[tuple[str, ...]]:
    """Every choice among what is free and not yet taken."""
    rest = [fact for fact in free if fact not in some]
    return (choice for many in range(len(rest) + 1) for choice in combinations(rest, many))
