"""The value of any number for some values of the inputs: the measures of service/measures.py one at a time, as they are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from operator import sub
from typing import Any

from service.analysis.circuit import Literal
from service.engine.matching import holds, support
from service.engine.trace import Facts
from service.knowledge.records import Compare, Vocabulary
from service.measures import ADULT, PLACES, Measure, Same, observer

PULSE = "pulse_pressure"  # read by no rule: the schema wants the upper pressure above the lower one
PRESSURES = ("systolic", "diastolic")
FITTING = Literal(Compare(PULSE, "above", 0.0), True)


class Pulse:
    """A measure by its form."""

    asked, needed = PRESSURES, frozenset(PRESSURES)

    @staticmethod
    def made(pressures: Sequence[float]) -> float:
        return round(float(sub(*pressures)), PLACES)


class Numbers:
    """One person's numbers; what forbids a measure, and the age that most of them need, is never among what changes."""

    def __init__(self, values: Facts, vocabulary: Vocabulary):
        adult = values.get("age", 0) >= ADULT
        self.vocabulary = vocabulary
        self.measures: dict[str, Measure | type[Pulse]] = {PULSE: Pulse}
        for measure in observer(Same(vocabulary)).measures.values():
            allowed = measure.unless is None or support(measure.unless, values, wanted=False)
            if allowed and (adult or measure.at_any_age):
                self.measures[measure.fact] = measure
        self.inputs: dict[str, tuple[str, ...]] = {PULSE: PRESSURES}

    def of(self, fact: str, values: Facts) -> Any:
        """A fact's value; None where it is not known or cannot be made."""
        if fact in values or fact not in self.measures:
            return values.get(fact)
        measure = self.measures[fact]
        asked = [self.of(part, values) for part in measure.asked]
        if None in asked:
            known = {part for part, value in zip(measure.asked, asked, strict=True) if value is not None}
            if not known or not known >= measure.needed:
                return None
        return measure.made(asked)

    def met(self, literal: Literal, values: Facts) -> bool:
        return as_wanted(literal, self.of(literal.test.fact, values))

    def behind(self, fact: str) -> tuple[str, ...]:
        """The inputs that a number is made from, through whatever stands between; of an input itself."""
        if fact not in self.inputs:
            word = self.vocabulary[fact]
            found = [input_ for part in (*word.from_, *word.from_any) for input_ in self.behind(part)] or [fact]
            self.inputs[fact] = tuple(dict.fromkeys(found))
        return self.inputs[fact]


def as_wanted(literal: Literal, value: Any) -> bool:
    """Whether a test of this value, None where there is none, comes out as wanted."""
    return holds(literal.test, {} if value is None else {literal.test.fact: value}) == literal.wanted
