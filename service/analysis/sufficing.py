"""The smallest profiles that still give a result: supports cut out of a person's profile, run again and shown to be minimal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any

from service.analysis.grounds import Grounds
from service.analysis.minimal import by_name, minimal
from service.analysis.support import Support
from service.analysis.unknown import Outlook
from service.engine.trace import Derivation
from service.given import facts_given
from service.knowledge.program import Atom, Program
from service.knowledge.reach import OF_A_READING
from service.knowledge.records import Holds, Vocabulary
from service.measures import NOT_NOW, Computed, Observations, compute

MOST_LOOKS = 24  # pairs of profiles between which a witness is looked for, for one result


def restricted(observations: Observations, pointers: Iterable[str], vocabulary: Vocabulary) -> Observations:
    """What would be known of a profile that has these inputs only."""
    kept = frozenset(pointers)
    given = [one for one in observations.given if one.input in kept]
    cut = Observations(facts_given(one for one in given if one.fact in vocabulary), given)
    for made in observations.computed:
        if made.fact in OF_A_READING:
            named = frozenset(fact for fact in made.value if vocabulary[fact].input in kept)
            if named:
                cut.values[made.fact] = named
                cut.computed.append(Computed(made.fact, named, made.formula, ()))
        if made.fact == NOT_NOW and any(word.counts_as and word.input in kept for word in vocabulary.values()):
            named = made.value & frozenset(cut.values[vocabulary[NOT_NOW].speaks_of or ""])
            if named:
                cut.values[NOT_NOW] = named
                cut.computed.append(Computed(NOT_NOW, named, made.formula, ()))
    compute(cut, vocabulary)
    return cut


class OutOfBounds(Exception):
    """The search for a witness was given up."""


class Sufficing:
    """The minimal sufficient sets of inputs for one result of one person.

    A set suffices where the result holds in every profile between it and the whole: cut down to it, with or without the rest. It is
    minimal where for each of its inputs there is a witness: a profile with all its other inputs, but not that one, without the result.
    """

    def __init__(
        self,
        observations: Observations,
        result: Atom,
        program: Program,
        derive: Callable[[Mapping[str, Any]], Derivation],
    ):
        self.observations, self.result, self.program, self.derive = observations, result, program, derive
        self.vocabulary = program.vocabulary
        self.all = frozenset(one.input for one in observations.given if one.fact in self.vocabulary)
        self.support = Support(observations, program)
        self.given: dict[frozenset[str], bool] = {}
        self.least: dict[frozenset[str], frozenset[frozenset[str]]] = {}
        self.open: dict[tuple[frozenset[str], frozenset[str]], str | None] = {}
        self.complete = True

    @cached_property
    def relevant(self) -> Program:
        """Only the rules that the result follows from."""
        return self.program.only([self.result[0]])

    def sets(self) -> list[list[str]]:
        """Every one of them, smallest first; `complete` is False where a bound was reached."""
        found = {least for one in self.support.of(Holds(*self.result)) for least in self.reduced(one)}
        self.complete = self.complete and not self.support.bounded
        return [sorted(one) for one in minimal(found, by_name)]

    def single_points(self, sets: list[list[str]]) -> list[str]:
        """The inputs whose removal alone takes the result away: they stand in every set that suffices."""
        common = frozenset(sets[0]).intersection(*sets[1:]) if sets else self.all
        return [pointer for pointer in sorted(common) if not self.gives(self.all - {pointer})]

    def gives(self, pointers: frozenset[str]) -> bool:
        """Whether the engine derives the result from these inputs alone."""
        if pointers not in self.given:
            values = restricted(self.observations, pointers, self.vocabulary).values
            self.given[pointers] = self.derive(values).holds(*self.result)
        return self.given[pointers]

    def reduced(self, one: frozenset[str]) -> frozenset[frozenset[str]]:
        """The set itself where each of its inputs is needed; else its parts that suffice."""
        if one not in self.least:
            spare = [pointer for pointer in sorted(one) if not self.needed(one, pointer)]
            parts = [self.reduced(one - {pointer}) for pointer in spare]
            self.least[one] = frozenset().union(*parts) if spare else frozenset([one])
        return self.least[one]

    def needed(self, one: frozenset[str], pointer: str) -> bool:
        """Whether there is a witness, or none was found within the bound of the search."""
        try:
            return self.witness(one, pointer) is not None
        except OutOfBounds:
            self.complete = False
            return True

    def witness(self, one: frozenset[str], pointer: str) -> frozenset[str] | None:
        """A profile with the rest of the set, without this input and without the result; None where there is none."""
        waiting = [(one - {pointer}, self.all - {pointer})]
        while waiting:
            low, high = waiting.pop()
            found = next((end for end in (high, low) if not self.gives(end)), None)
            if found is not None:
                return found
            first = self.undecided(low, high)
            if first is not None:
                waiting += [(low | {first}, high), (low, high - {first})]
        return None

    def undecided(self, low: frozenset[str], high: frozenset[str]) -> str | None:
        """An input on which it depends whether the result holds between these two; None where it holds in all of them."""
        if (low, high) not in self.open:
            if len(self.open) == MOST_LOOKS:
                raise OutOfBounds
            self.open[low, high] = self.look(low, high)
        return self.open[low, high]

    def look(self, low: frozenset[str], high: frozenset[str]) -> str | None:
        whole = restricted(self.observations, high, self.vocabulary)
        loose = {given.fact: given.input for given in whole.given if given.input not in low}
        outlook = Outlook(whole.values, self.relevant.strata, self.vocabulary, (), loose)
        if outlook.truth(Holds(*self.result)) is True:
            return None
        behind = Grounds(outlook, self.program.makers).behind(self.result)
        return loose[next(iter(behind))] if behind else min(high - low)
