"""The smallest sets of changeable inputs that bring an intervention into the recommended list, or out of it, each proven on the engine.

A number that is named is one that would do, not one that anybody is advised to reach. What must not be named at all - age, diagnoses,
medicines, the safety answers - the vocabulary calls not changeable.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import combinations
from typing import Any

from service.advised import Advised
from service.analysis.circuit import NEVER, Circuit, Literal, Writer, reduced
from service.analysis.hindrances import Hindrances
from service.analysis.lacking import Ends
from service.analysis.movable import Input, movable
from service.analysis.numbers import FITTING, PRESSURES, Numbers
from service.analysis.outcome import ON_THE_TABLE
from service.analysis.ranges import Readers
from service.analysis.reaching import Found, Search
from service.analysis.units import Units
from service.answering.sentences import Sentences
from service.engine.session import EngineFault
from service.engine.trace import Derivation, Facts
from service.explaining.counterfactuals_in_words import Words, searched
from service.knowledge.records import Any_, Holds
from service.knowledge.rulebase import Knowledge
from service.measures import Observations, compute

GOALS = {"recommend": True, "not_recommend": False}
MOST_LOOKS = 1000  # combinations looked at; a count, so that every machine says the same. Sets of three need up to 764 in the worked cases
Question = tuple[str, str]


class Goals:
    """The circuits of both goals of every intervention, written once from the rules."""

    def __init__(self, knowledge: Knowledge):
        self.vocabulary = knowledge.vocabulary
        self.circuits: dict[Question, Circuit] = {
            (iv, goal): Writer(knowledge.program).question(listed(iv), wanted, FITTING)
            for iv in knowledge.interventions
            for goal, wanted in GOALS.items()
        }


def listed(intervention: str) -> Any_:
    return Any_(tuple(Holds(f"placement.{intervention}", status) for status in ON_THE_TABLE))


class Counterfactuals:
    """One person and one question: an intervention with a goal."""

    def __init__(
        self, advised: Advised, goals: Goals, readers: Readers, derive: Callable[[Mapping[str, Any]], Derivation], question: Question
    ):
        self.advised, self.derive, self.vocabulary = advised, derive, goals.vocabulary
        self.intervention, self.wanted = question[0], GOALS[question[1]]
        self.values = {fact: value for fact, value in advised.observations.values.items() if self.vocabulary[fact].formula is None}
        self.numbers = Numbers(self.values, self.vocabulary)
        self.whole = goals.circuits[question]
        self.inputs = self.movable(readers)
        self.ends = Ends(self.inputs, self.numbers)
        self.circuit = reduced(self.whole, self.settled)
        self.open = {fact for literal in self.circuit.literals() for fact in self.numbers.behind(literal.test.fact)}
        self.derived: dict[frozenset[Any], Derivation] = {frozenset(): advised.derivation}

    def answer(self, most: int, sentences: Sentences) -> dict[str, Any]:
        """Every smallest set of up to so many inputs, or why there is none."""
        words = Words(self.intervention, sentences)
        if self.reached({}):
            already = {"changes": [], "size": 0, "text": words.already(self.advised.derivation)}
            return {"reachable": True, "exhausted": True, "reason": None, "sets": [already]}
        if self.circuit.nodes[-1] == NEVER:
            hindrances = Hindrances(self.whole, self.values, self.numbers, self.ends)
            hindered = words.hindered(hindrances.unknown, hindrances.fixed, self.values)
            return {"reachable": False, "exhausted": True, "reason": hindered, "sets": []}
        search = Search(self.circuit, [one for one in self.inputs if one.fact in self.open], self.ends, self.values, MOST_LOOKS)
        rows = [self.row(one, words) for one in search.run(most)]
        exhausted = search.searched == most
        reason = None if rows and exhausted else searched(search.searched, most, len(search.inputs))
        return {"reachable": bool(rows), "exhausted": exhausted, "reason": reason, "sets": rows}

    # --- what is searched ----------------------------------------------------------------------------------------------------

    def movable(self, readers: Readers) -> list[Input]:
        literals = self.whole.literals()
        behind = {fact for literal in literals for fact in self.numbers.behind(literal.test.fact)}
        units = Units(self.advised.observations.given, self.vocabulary)
        return [one for one in movable(self.values, units, readers, [literal.test for literal in literals]) if one.fact in behind]

    def settled(self, literal: Literal) -> bool | None:
        """What comes out one way whatever is changed; None where it is open."""
        if literal == FITTING and not self.values.keys() >= set(PRESSURES):
            return True
        return self.ends.settled(literal, self.values, self.ends.all, len(self.inputs))

    # --- the proof -----------------------------------------------------------------------------------------------------------

    def reached(self, changed: Facts) -> bool:
        return (self.engine(changed).facts[f"placement.{self.intervention}"] in ON_THE_TABLE) == self.wanted

    def engine(self, changed: Facts) -> Derivation:
        """What the engine says of the person with these values in place of theirs."""
        key = frozenset(changed.items())
        if key not in self.derived:
            observations = Observations({**self.values, **changed})
            compute(observations, self.vocabulary)
            self.derived[key] = self.derive(observations.values)
        return self.derived[key]

    def row(self, found: Found, words: Words) -> dict[str, Any]:
        """A set as told, once the engine has said that all of it is enough and no part of it is."""
        inputs = {one.fact: one for one in self.inputs if one.fact in found.positions}
        changed = {fact: one.at(found.positions[fact]) for fact, one in inputs.items()}
        if not self.reached(changed) or any(map(self.reached, proper(changed))):
            raise EngineFault("a set of changes does not do what the search says")
        changes = [
            {"input": one.word.input, "from": one.sent.value, "to": one.shown(found.positions[fact]), "unit": one.sent.unit}
            for fact, one in inputs.items()
        ]
        text = words.of(list(inputs.values()), changes, self.advised.derivation, self.engine(changed))
        return {"changes": changes, "size": len(changes), "text": text}


def proper(changed: Facts) -> Iterator[dict[str, Any]]:
    """Every part that lacks something."""
    return (dict(some) for size in range(len(changed)) for some in combinations(changed.items(), size))
