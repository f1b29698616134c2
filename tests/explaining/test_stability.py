"""Stability: inside an interval nothing changes, beyond its end what was said does; the ends are where the rules put them."""

from __future__ import annotations

from copy import deepcopy

import pytest
from hypothesis import given, settings

from service.advising import Advisor
from service.analysis.ranges import Readers
from service.explaining.questions import Questions
from service.knowledge.records import Compare
from tests.conftest import TODAY
from tests.explaining.asked import CASES, KNOWLEDGE, PEOPLE, at
from tests.explaining.checking_stability import INPUTS, SCHEMA, SIDES, WORDS, check, reader, with_number
from tests.profiles import OPEN, changed
from tests.thoroughness import some

ONE_WAY = {
    "bmi", "whtr", "weight_loss_pct", "homa_ir", "tyg", "tg_hdl", "glucose_highest", "glucose_lowest", "glucose_now_highest",
    "glucose_now_lowest", "egfr_value", "egfr_ratio", "egfr_at_worst", "pulse_pressure", "mvpa_min", "fib4", "energy_available",
}  # fmt: skip


@pytest.fixture(scope="module")
def advisor():
    """Without the second derivation of each answer: here every end is run again."""
    return Advisor(KNOWLEDGE)


@pytest.fixture(scope="module")
def stability(advisor):
    questions = Questions(advisor)
    return lambda profile: {row["input"]: row for row in questions.stability(SCHEMA.load(deepcopy(profile)), now=TODAY)["inputs"]}


@pytest.fixture(scope="module")
def said(advisor):
    return reader(advisor)


@pytest.mark.parametrize("case", some(list(CASES), 6))
def test_every_case(stability, said, case):
    check(CASES[case], stability(CASES[case]), said)


@given(PEOPLE)
@settings(max_examples=min(40, settings.default.max_examples))
def test_everybody(stability, said, profile):
    check(profile, stability(profile), said)


@pytest.mark.parametrize("case", ["C01", "C08", "C30"])
def test_what_has_no_end_changes_nothing_up_to_the_last_value(stability, said, case):
    profile = CASES[case]
    before = said(profile)
    for row in stability(profile).values():
        word = INPUTS[row["input"]]
        for name, bound in zip(SIDES, word.hard or (), strict=False):
            if row[name] is None and row["unit"] == word.unit:
                values = [row["value"] + (bound - row["value"]) * tenth / 10 for tenth in range(1, 11)]
                values = [round(value) for value in values] if word.type == "integer" else values
                assert all(said(with_number(profile, row["input"], value)) in (before, None) for value in values), (row["input"], name)


def test_every_number_sent_has_a_row(stability):
    rows = stability(OPEN)
    assert rows.keys() >= {"/age", "/weight", "/blood_pressure/diastolic", "/labs/fasting_glucose", "/diet/fibre_g"}
    assert all(at(OPEN, pointer) is not None for pointer in rows)


def test_a_threshold_of_the_input_itself(stability):
    high = stability(OPEN)["/labs/fasting_glucose"]["high"]
    assert (high["at"], high["inclusive"]) == (126, False)
    assert {"intervention": "intermittent_fasting", "from": "recommend", "to": "clinician_first"} in high["moves"]
    assert {"kind": "red_flag", "id": "RF.NEW_DIABETES_RANGE", "from": None, "to": "soon"} in high["shifts"]


def test_a_threshold_of_what_is_computed(stability):
    low = stability(OPEN)["/weight"]["low"]
    assert (low["at"], low["inclusive"]) == (20 * 1.78 * 1.78, True), "below a BMI of 20 there is nothing to lose"


def test_in_the_unit_of_the_caller(stability):
    profile = changed(OPEN, {"labs": {"fasting_glucose": {"value": 6, "unit": "mmol/L"}}})
    row = stability(profile)["/labs/fasting_glucose"]
    assert row["unit"] == "mmol/L" and row["high"]["at"] == 7.0 and not row["high"]["inclusive"]
    assert row["usual_variability"] == {"amount": 0.288, "percent": 4.8, "source": "widjaja_1999"}


def test_whole_numbers_and_what_was_not_taken_fasting(stability, said):
    glucose = {"value": 120, "unit": "mg/dL", "fasting_hours": 2}
    profile = changed(OPEN, {"scoff": 0, "labs": {"fasting_glucose": glucose}})
    rows = stability(profile)
    check(profile, rows, said)
    assert rows["/scoff"]["high"]["at"] == 1 and rows["/scoff"]["high"]["inclusive"]
    assert rows["/labs/fasting_glucose"]["high"]["at"] > 126


def test_of_several_readings_the_mean_moves(stability, said):
    profile = changed(OPEN, {"labs": {"fasting_glucose": [{"value": 6, "unit": "mmol/L"}, {"value": 109.5, "unit": "mg/dL"}]}})
    row = stability(profile)["/labs/fasting_glucose"]
    assert 6 < row["value"] < 109.5 / 18 and row["unit"] == "mmol/L"
    check(profile, {"/labs/fasting_glucose": row}, said)


def test_nothing_moves_that_the_schema_would_refuse(stability):
    rows = stability(changed(OPEN, {"blood_pressure": {"systolic": 128, "diastolic": 127, "unit": "mm[Hg]"}}))
    assert rows["/blood_pressure/systolic"]["low"] is None
    lone = stability({"age": 40, "height": {"value": 178, "unit": "cm"}, "waist": {"value": 45, "unit": "cm"}})
    assert lone["/waist"]["low"] is None and lone["/age"]["value"] == 40


def test_variability_has_a_source_and_is_no_larger_than_the_value():
    found = {word.id: word.variability for word in WORDS.values() if word.variability}
    assert found.keys() >= {"fasting_glucose", "hba1c", "fasting_insulin", "triglycerides", "hdl", "weight", "waist", "systolic"}
    for word, one in found.items():
        assert one.source in KNOWLEDGE.sources and (one.percent is None) != (one.absolute is None)
        assert 0 < (one.percent or one.absolute) < (100 if one.percent else WORDS[word].hard[1] / 10)


def test_each_computed_number_that_is_compared_is_known_to_move_one_way(advisor):
    """The search rests on it: a new formula has to be looked at before its thresholds are searched."""
    readers = Readers(advisor.knowledge.program)
    compared = {fact for fact, tests in readers.tests.items() if any(isinstance(test, Compare) for test in tests)}
    assert {fact for fact in compared if WORDS[fact].formula} == ONE_WAY
