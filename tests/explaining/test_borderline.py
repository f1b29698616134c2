"""Borderline: a recommendation that a measurement's usual variability could have undone, set against the engine over the whole of it."""

from __future__ import annotations

from copy import deepcopy
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.analysis.outcome import ON_THE_TABLE
from service.analysis.units import Units, usual_variability
from service.explaining.questions import Questions
from tests.asking import listed
from tests.conftest import TODAY
from tests.explaining.asked import CASES, PEOPLE
from tests.explaining.checking_stability import INPUTS, SCHEMA, SIDES, WORDS, reader, step_of, with_number
from tests.profiles import OPEN, changed
from tests.thoroughness import some

SOME = settings(max_examples=min(60, settings.default.max_examples))
GLUCOSE = {"labs": {"fasting_glucose": {"value": 101, "unit": "mg/dL"}}}


@pytest.fixture(scope="module")
def said(advisor):
    return reader(advisor)


@pytest.fixture(scope="module")
def widths(observe):
    """pointer -> how far a number may be off, of each whose variability is known."""

    def of(profile):
        observations = observe(profile)
        units = Units(observations.given, WORDS)
        found = {given.pointer: given.fact for given in observations.given if given.pointer in INPUTS}
        usual = {at: usual_variability(INPUTS[at], observations.values[fact], units.sent(INPUTS[at].id)) for at, fact in found.items()}
        return {at: (units.sent(INPUTS[at].id).value, Decimal(repr(one["amount"]))) for at, one in usual.items() if one}

    return of


def check(profile, answer, said, widths, draw):
    named = {(row["intervention"], one["input"]): one for row in answer["recommendations"] for one in row.get("borderline_inputs", ())}
    assert all(row["borderline"] is ("borderline_inputs" in row) for row in answer["recommendations"])
    for (intervention, pointer), one in named.items():
        value, width = widths[pointer]
        assert abs(Decimal(repr(one["at"])) - Decimal(repr(float(value)))) <= width
        away = [side for side in (1, -1) if (one["at"] - value) * side >= 0]  # both, where the value lies exactly on the end
        tried = [said(with_number(profile, pointer, number)) for number in (one["at"], *(beside(pointer, one["at"], side) for side in away))]
        assert one["to"] in {there["list", intervention] for there in tried if there} and one["to"] not in ON_THE_TABLE
    for pointer, (value, width) in widths.items():
        tried = said(with_number(profile, pointer, float(Decimal(repr(float(value))) + width * Decimal(draw()).quantize(Decimal("0.001")))))
        gone = {iv for iv in listed(answer, "recommendations") if tried and tried["list", iv] not in ON_THE_TABLE}
        assert gone <= {iv for iv, at in named if at == pointer}, pointer


def beside(pointer, number, side):
    step = step_of(pointer)
    return float((Decimal(repr(number)) // step + (1 if side > 0 else 0 if Decimal(repr(number)) % step else -1)) * step)


@pytest.mark.parametrize("case", some(list(CASES), 6))
def test_every_case(advise, said, widths, case):
    for off in (-1, -0.5, 0.5, 1):
        check(CASES[case], advise(CASES[case]), said, widths(CASES[case]), lambda off=off: off)


def test_a_value_exactly_on_a_limit(advise, said, widths):
    """What leaves the list below it has its end at the value itself."""
    profile = {"age": 18, "labs": {"ogtt_2h": {"value": 140, "unit": "mg/dL"}}}
    check(profile, advise(profile), said, widths(profile), lambda: -0.5)


@given(PEOPLE, st.data())
@SOME
def test_everybody(advise, said, widths, profile, data):
    check(profile, advise(profile), said, widths(profile), lambda: data.draw(st.sampled_from([-1, 1]) | st.floats(-1, 1)))


@pytest.mark.parametrize("case", some(list(CASES), 6))
def test_an_end_of_stability_within_the_variability_is_borderline(advisor, advise, widths, case):
    rows = Questions(advisor).stability(SCHEMA.load(deepcopy(CASES[case])), now=TODAY)["inputs"]
    answer, usual = advise(CASES[case]), widths(CASES[case])
    named = {(row["intervention"], one["input"]): one for row in answer["recommendations"] for one in row.get("borderline_inputs", ())}
    for row, end in ((row, row[side]) for row in rows for side in SIDES if row[side] and row["input"] in usual):
        off = abs(Decimal(repr(end["at"])) - Decimal(repr(float(row["value"]))))
        for move in end["moves"]:
            if move["from"] in ON_THE_TABLE and move["to"] not in ON_THE_TABLE and off < usual[row["input"]][1]:
                found = named[move["intervention"], row["input"]]
                assert (found["at"], found["to"], found["unit"]) == (end["at"], move["to"], row["unit"])


def test_beyond_what_changes_first_the_variability_goes_on(advise):
    """The first end within the variability may be one at which only a level changes."""
    rows = {row["intervention"]: row for row in advise(changed(OPEN, {"labs": {"fasting_glucose": {"value": 124, "unit": "mg/dL"}}}))["recommendations"]}
    assert {"input": "/labs/fasting_glucose", "at": 126.0, "unit": "mg/dL", "to": "clinician_first"} in rows["intermittent_fasting"]["borderline_inputs"]
    assert rows["whole_food_diet"]["borderline"] is False and "borderline_inputs" not in rows["whole_food_diet"]


def test_in_a_summary_it_is_said_without_the_numbers(advise):
    profile = changed(OPEN, {"labs": {"fasting_glucose": {"value": 6.9, "unit": "mmol/L"}}})
    row = next(one for one in advise(profile, detail="summary")["recommendations"] if one["intervention"] == "intermittent_fasting")
    assert row["borderline"] is True and "borderline_inputs" not in row
