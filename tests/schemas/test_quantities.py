"""Quantities: their parts, doubt, conflict, repeated readings, factors."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from schemas.faults import flatten
from schemas.fields import StrictSchema
from schemas.quantities import Quantity, WeightChange
from schemas.repeats import usual_difference
from tests.loaded import KNOWLEDGE

WORDS = KNOWLEDGE.vocabulary
EGFR = "mL/min/{1.73_m2}"


def schema(name, **options):
    return StrictSchema.from_dict({name: Quantity(WORDS[name], **options)})()


GLUCOSE = schema("fasting_glucose", laboratory=True)
INSULIN = schema("fasting_insulin", laboratory=True)
WEIGHT = schema("weight")


def read(loader, name, sent):
    return loader.load({name: sent})[name]


def faults(loader, name, sent):
    with pytest.raises(ValidationError) as caught:
        loader.load({name: sent})
    return [(each["pointer"].removeprefix(f"/{name}"), each["code"]) for each in flatten(caught.value.messages)]


def message(loader, name, sent):
    with pytest.raises(ValidationError) as caught:
        loader.load({name: sent})
    return flatten(caught.value.messages)[0]["message"]


def test_a_reading_keeps_what_was_sent():
    sent = {"value": 5.5, "unit": "mmol/L", "taken_on": "2026-01-02", "fasting_hours": 10}
    reading = read(GLUCOSE, "fasting_glucose", sent)
    assert (reading.unit, reading.sent, reading.repeated) == ("mg/dL", (sent,), False)
    assert (reading.taken_on, reading.fasting_hours) == (date(2026, 1, 2), 10)


@pytest.mark.parametrize("sent", [5.5, "5.5 mmol/L", None, True, [5.5], [], {}])
def test_a_bare_number_is_no_quantity(sent):
    assert faults(GLUCOSE, "fasting_glucose", sent)


@pytest.mark.parametrize("unit", ["mmol", "cm", "mg", "", "mg/dL  x", "%"])
def test_an_unknown_unit_is_refused_with_the_ones_that_are_accepted(unit):
    sent = {"value": 100, "unit": unit}
    assert faults(GLUCOSE, "fasting_glucose", sent) == [("/unit", "unknown_unit")]
    assert message(GLUCOSE, "fasting_glucose", sent) == "unit of fasting_glucose must be one of mg/dL, mmol/L, g/L"


def test_every_part_at_fault_is_told():
    sent = {"value": "100", "unit": 5, "taken_on": "2026-02-30", "fasting_hours": 100, "x": 1, "factor": 6}
    assert faults(GLUCOSE, "fasting_glucose", sent) == [
        ("/factor", "unknown_field"), ("/fasting_hours", "out_of_range"), ("/taken_on", "invalid_date"), ("/unit", "wrong_type"),
        ("/value", "wrong_type"), ("/x", "unknown_field"),
    ]  # fmt: skip
    assert faults(GLUCOSE, "fasting_glucose", {}) == [("/unit", "required"), ("/value", "required")]
    assert faults(GLUCOSE, "fasting_glucose", {"value": None, "unit": None}) == [("/unit", "not_null"), ("/value", "not_null")]


@pytest.mark.parametrize(
    ("name", "value", "unit", "other"),
    [
        ("fasting_glucose", 5.8, "mg/dL", "mmol/L"),
        ("fasting_glucose", 105, "mmol/L", "mg/dL"),
        ("hba1c", 48, "%", "mmol/mol"),
        ("height", 178, "m", "cm"),
        ("height", 1.78, "cm", "m"),
        ("weight", 13000, "kg", None),
        ("triglycerides", 1.9, "mg/dL", "mmol/L"),
        ("hdl", 1.2, "mg/dL", "mmol/L"),
        ("creatinine", 88, "mg/dL", "umol/L"),
        ("potassium", 67, "mmol/L", None),
    ],
)
def test_a_value_that_no_body_has_is_implausible_with_a_hint(name, value, unit, other):
    sent = {"value": value, "unit": unit}
    assert faults(schema(name), name, sent) == [("", "implausible")]
    text = message(schema(name), name, sent)
    assert text.startswith(f"{name}: implausible")
    assert ("it would be plausible in" in text) == (other is not None)
    assert other is None or other in text.split("plausible in")[-1]


def test_readings_of_no_day_that_one_person_does_not_have_conflict_at_both():
    sent = [{"value": 5.9, "unit": "mmol/L"}, {"value": 5.9, "unit": "mmol/L"}, {"value": 140, "unit": "mg/dL"}]
    assert faults(GLUCOSE, "fasting_glucose", sent) == [("/0", "conflicting"), ("/2", "conflicting")]
    assert message(GLUCOSE, "fasting_glucose", sent).startswith("fasting_glucose: conflicting: too far from another of the same day")


def refused(name, sent):
    try:
        read(schema(name, laboratory=True), name, sent)
    except ValidationError:
        return True
    return False


VARYING = [word for word in WORDS.values() if (word.input or "").startswith("/labs/")]


@pytest.mark.parametrize("word", VARYING, ids=lambda word: word.id)
def test_readings_count_together_up_to_the_difference_that_one_person_has(word):
    """2.77 standard deviations apart, of each measurement its own: just within they are one value, just beyond the newest counts."""
    middle = (word.hard[0] + word.hard[1]) / 2 if word.hard else 100.0
    apart = usual_difference(middle, word.variability)
    for share, one in ((0.999, True), (1.001, False)):
        ends = [round(middle - apart * share / 2, 9), round(middle + apart * share / 2, 9)]
        days = [{"value": value, "unit": word.unit, "taken_on": day} for value, day in zip(ends, ("2026-03-02", "2026-03-01"), strict=True)]
        reading = read(schema(word.id, laboratory=True), word.id, days)
        assert reading.value == pytest.approx(middle if one else ends[0])
        assert (reading.taken_on, reading.sent) == (date(2026, 3, 1) if one else date(2026, 3, 2), tuple(days))
        same_day = [{**sent, "taken_on": "2026-03-01"} for sent in days]
        assert refused(word.id, same_day) != one


def test_readings_of_another_month_are_history():
    """Two eGFR three months apart are two: the newest counts, both are kept."""
    sent = [{"value": 60, "unit": EGFR, "taken_on": "2026-03-01"}, {"value": 58, "unit": EGFR, "taken_on": "2026-06-01"}]
    reading = read(schema("egfr", laboratory=True), "egfr", sent)
    assert (reading.value, reading.taken_on, reading.sent) == (58.0, date(2026, 6, 1), tuple(sent))


def test_of_several_readings_the_oldest_day_and_the_shortest_fast_of_those_that_count():
    sent = [
        {"value": 100, "unit": "mg/dL", "taken_on": "2026-03-01", "fasting_hours": 12},
        {"value": 102, "unit": "mg/dL", "taken_on": "2026-02-20"},
        {"value": 101, "unit": "mg/dL", "fasting_hours": 3},
    ]
    reading = read(GLUCOSE, "fasting_glucose", sent)
    assert (reading.value, reading.taken_on, reading.fasting_hours, reading.repeated) == (101.0, date(2026, 2, 20), 3, True)
    assert reading.sent == tuple(sent)


@given(st.permutations([100, 101, 102.7, 103.1, 99.9]))
def test_the_order_of_readings_changes_nothing(values):
    assert read(GLUCOSE, "fasting_glucose", [{"value": value, "unit": "mg/dL"} for value in values]).value == 101.34


def test_faults_in_a_list_name_the_index():
    sent = [{"value": 100, "unit": "mg/dL"}, {"value": 5, "unit": "mg/dL"}, {"value": 100, "unit": "x"}, 5, None]
    assert faults(GLUCOSE, "fasting_glucose", sent) == [
        ("/1", "implausible"), ("/2/unit", "unknown_unit"), ("/3", "wrong_type"), ("/4", "not_null"),
    ]  # fmt: skip


@pytest.mark.parametrize(("count", "code"), [(0, "out_of_range"), (21, "too_long")])
def test_a_list_has_1_to_20_readings(count, code):
    assert faults(GLUCOSE, "fasting_glucose", [{"value": 100, "unit": "mg/dL"}] * count) == [("", code)]
    assert read(GLUCOSE, "fasting_glucose", [{"value": 100, "unit": "mg/dL"}] * 20).value == 100


def test_only_laboratory_values_are_repeated_or_fasted():
    assert faults(WEIGHT, "weight", [{"value": 80, "unit": "kg"}]) == [("", "wrong_type")]
    assert faults(WEIGHT, "weight", {"value": 80, "unit": "kg", "fasting_hours": 8}) == [("/fasting_hours", "unknown_field")]
    assert read(WEIGHT, "weight", {"value": 80, "unit": "kg", "taken_on": "2026-01-01"}).taken_on == date(2026, 1, 1)


def test_the_callers_factor_replaces_the_usual_one():
    assert read(INSULIN, "fasting_insulin", {"value": 69.45, "unit": "pmol/L", "factor": 6.945}).value == 10
    assert read(INSULIN, "fasting_insulin", {"value": 60, "unit": "pmol/L"}).value == 10


@pytest.mark.parametrize(
    ("sent", "fault"),
    [
        ({"value": 60, "unit": "pmol/L", "factor": 5.4}, ("/factor", "out_of_range")),
        ({"value": 60, "unit": "pmol/L", "factor": 7.6}, ("/factor", "out_of_range")),
        ({"value": 60, "unit": "pmol/L", "factor": "6"}, ("/factor", "wrong_type")),
        ({"value": 10, "unit": "u[IU]/mL", "factor": 6.0}, ("/factor", "unknown_field")),
    ],
)
def test_a_factor_goes_with_its_unit_and_within_limits(sent, fault):
    assert faults(INSULIN, "fasting_insulin", sent) == [fault]


def test_weight_change_carries_an_intention():
    loader = StrictSchema.from_dict({"weight_change": WeightChange(WORDS["weight_change"])})()
    loaded = read(loader, "weight_change", {"value": -10, "unit": "[lb_av]", "intentional": False})
    assert (loaded["value"].value, loaded["intentional"]) == (-4.5359237, False)
    assert "intentional" not in read(loader, "weight_change", {"value": 0, "unit": "kg"})
    assert faults(loader, "weight_change", {"value": -81, "unit": "kg"}) == [("", "implausible")]
    assert faults(loader, "weight_change", {"value": 1, "unit": "kg", "intentional": "no"}) == [("/intentional", "wrong_type")]
    assert faults(loader, "weight_change", {"value": 1, "unit": "kg", "taken_on": "2026-01-01"}) == [("/taken_on", "unknown_field")]
