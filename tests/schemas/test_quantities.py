"""Quantities: their parts, doubt, conflict, repeated readings, factors."""

from __future__ import annotations

from datetime import date
from math import inf, nextafter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from schemas.faults import flatten
from schemas.fields import StrictSchema
from schemas.quantities import Quantity, WeightChange
from tests.loaded import KNOWLEDGE

WORDS = KNOWLEDGE.vocabulary


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


def test_readings_further_than_5_percent_apart_conflict():
    sent = [{"value": 5.9, "unit": "mmol/L"}, {"value": 140, "unit": "mg/dL"}]
    assert faults(GLUCOSE, "fasting_glucose", sent) == [("", "conflicting")]
    assert message(GLUCOSE, "fasting_glucose", sent) == "fasting_glucose: conflicting: the values are more than 5 % apart"


@given(st.integers(40, 500), st.floats(1, 1.1))
def test_5_percent_apart_is_still_one_value(low, ratio):
    high = round(low * ratio, 3)
    sent = [{"value": low, "unit": "mg/dL"}, {"value": high, "unit": "mg/dL"}]
    if round(high * 1000) * 100 <= low * 1000 * 105:  # in whole thousandths: floats would miss the edge
        assert read(GLUCOSE, "fasting_glucose", sent).value == pytest.approx((low + high) / 2)
    else:
        assert faults(GLUCOSE, "fasting_glucose", sent) == [("", "conflicting")]


def test_exactly_5_percent():
    assert read(GLUCOSE, "fasting_glucose", [{"value": 100, "unit": "mg/dL"}, {"value": 105, "unit": "mg/dL"}]).value == 102.5
    assert faults(GLUCOSE, "fasting_glucose", [{"value": 100, "unit": "mg/dL"}, {"value": nextafter(105.00001, inf), "unit": "mg/dL"}])


def test_of_several_readings_the_oldest_day_and_the_shortest_fast_count():
    sent = [
        {"value": 100, "unit": "mg/dL", "taken_on": "2026-03-01", "fasting_hours": 12},
        {"value": 102, "unit": "mg/dL", "taken_on": "2026-01-01"},
        {"value": 101, "unit": "mg/dL", "fasting_hours": 3},
    ]
    reading = read(GLUCOSE, "fasting_glucose", sent)
    assert (reading.value, reading.taken_on, reading.fasting_hours, reading.repeated) == (101.0, date(2026, 1, 1), 3, True)
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
