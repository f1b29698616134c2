"""The value of any number for some values of the inputs: the measures of service/measures.py one at a time, as they are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from operator import sub
from typing import Any

from service.analysis.circuit import Literal
from service.engine.matching import holds, true
from service.engine.trace import Facts
from service.knowledge.records import Compare, Vocabulary
from service.measures import PLACES, Measure, Same, inputs_of, observer

PULSE = "pulse_pressure"  # read by no rule: the schema wants the upper pressure above the lower one
PRESSURES = ("systolic", "diastolic")
FITTING = Literal(Compare(PULSE, "above", 0.0), True)


class Pulse:
    """A measure by its form."""

    asked = PRESSURES

    @staticmethod
    def enough(pressures: Sequence[float | None]) -> bool:
        return None not in pressures

    @staticmethod
    def made(pressures: Sequence[float]) -> float:
        return round(float(sub(*pressures)), PLACES)


class Numbers:
    """One person's numbers; what forbids a measure, and the age that most of them need, is never among what changes."""

    def __init__(self, values: Facts, vocabulary: Vocabulary):
        self.vocabulary = vocabulary
        self.measures: dict[str, Measure | type[Pulse]] = {PULSE: Pulse}
        for measure in observer(Same(vocabulary)).measures.values():
            if measure.of_age(values) and not (measure.unless is not None and true(measure.unless, values)):
                self.measures[measure.fact] = measure
        self.inputs: dict[str, tuple[str, ...]] = {PULSE: PRESSURES}

    def of(self, fact: str, values: Facts) -> Any:
        """A fact's value; None where it is not known or cannot be made."""
        if fact in values or fact not in self.measures:
            return values.get(fact)
        measure = self.measures[fact]
        asked = [self.of(part, values) for part in measure.asked]
        return measure.made(asked) if measure.enough(asked) else None

    def met(self, literal: Literal, values: Facts) -> bool:
        return as_wanted(literal, self.of(literal.test.fact, values))

    def behind(self, fact: str) -> tuple[str, ...]:
        """The inputs that a number is made from; looked up often."""
        if fact not in self.inputs:
            self.inputs[fact] = inputs_of(fact, self.vocabulary)
        return self.inputs[fact]


def as_wanted(literal: Literal, value: Any) -> bool:
    """Whether a test of this value, None where there is none, comes out as wanted."""
    return holds(literal.test, {} if value is None else {literal.test.fact: value}) == literal.wanted
