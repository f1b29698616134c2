"""Quantities: every unit of every word against factors written by hand, the edges of every range, doubt and conflict."""

from __future__ import annotations

from datetime import date
from math import inf, nextafter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from schemas.faults import flatten
from schemas.fields import StrictSchema
from schemas.quantities import Converter, Quantity, WeightChange
from service.knowledge.loading import load
from tests.conftest import RULES

WORDS = load(RULES).vocabulary
MEASURED = [word for word in WORDS.values() if word.input and word.kind == "number" and word.units]

# One of the unit is so much of the canonical one; HbA1c has an offset and stands apart.
BY_HAND = {
    ("height", "m"): 100, ("height", "[in_i]"): 2.54, ("height", "[ft_i]"): 30.48, ("waist", "m"): 100, ("waist", "[in_i]"): 2.54,
    ("weight", "g"): 0.001, ("weight", "[lb_av]"): 0.45359237, ("weight", "[stone_av]"): 6.35029318,
    ("weight_change", "g"): 0.001, ("weight_change", "[lb_av]"): 0.45359237, ("weight_change", "[stone_av]"): 6.35029318,
    ("systolic", "kPa"): 7.50062, ("diastolic", "kPa"): 7.50062, ("fasting_glucose", "mmol/L"): 18.016, ("random_glucose", "mmol/L"): 18.016,
    ("ogtt_2h", "mmol/L"): 18.016, ("hba1c", "mmol/mol"): 0.09148, ("fasting_insulin", "m[IU]/L"): 1, ("fasting_insulin", "pmol/L"): 1 / 6,
    ("triglycerides", "mmol/L"): 88.57, ("hdl", "mmol/L"): 38.67, ("ldl", "mmol/L"): 38.67, ("hs_crp", "mg/dL"): 10, ("alt", "ukat/L"): 60,
    ("ast", "ukat/L"): 60, ("creatinine", "umol/L"): 1 / 88.42, ("urine_acr", "mg/mmol"): 8.84, ("potassium", "meq/L"): 1,
    ("urate", "umol/L"): 1 / 59.48, ("leptin", "ug/L"): 1,
}  # fmt: skip
OFFSETS = {("hba1c", "mmol/mol"): 2.152}
IN_UNIT = [(word, unit) for word in MEASURED for unit in word.units]


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


def test_every_unit_has_a_factor_written_by_hand():
    assert {(word.id, unit) for word, unit in IN_UNIT} == set(BY_HAND)


@pytest.mark.parametrize(("word", "unit"), IN_UNIT, ids=lambda each: getattr(each, "id", each))
@given(share=st.floats(0, 1))
def test_units_convert_as_by_hand_and_back(word, unit, share):
    converter = Converter(word)
    low, high = converter.bounds(unit)["minimum"], converter.bounds(unit)["maximum"]
    sent = low + share * (high - low)
    factor, offset = BY_HAND[word.id, unit], OFFSETS.get((word.id, unit), 0)
    canonical = converter.canonical(sent, unit)
    assert canonical == pytest.approx(sent * factor + offset, rel=1e-12, abs=1e-9)
    assert (canonical - offset) / factor == pytest.approx(sent, rel=1e-9, abs=1e-6)


@pytest.mark.parametrize(("word", "unit"), IN_UNIT, ids=lambda each: getattr(each, "id", each))
@given(tenths=st.integers(0, 100_000))
def test_the_same_body_in_other_units_is_the_same_number(word, unit, tenths):
    low, high = word.hard
    canonical = round(low + (high - low) * tenths / 100_000, 3)
    sent = (canonical - OFFSETS.get((word.id, unit), 0)) / BY_HAND[word.id, unit]
    assert Converter(word).canonical(sent, unit) == canonical


@pytest.mark.parametrize("word", MEASURED, ids=lambda word: word.id)
def test_the_edges_of_the_hard_range_belong_to_it(word):
    converter = Converter(word)
    low, high = word.hard
    assert converter.checked(word.id, low, word.unit) == low
    assert converter.checked(word.id, high, word.unit) == high
    for beyond in (low - 1e-6, high + 1e-6, -inf, inf):
        with pytest.raises(ValidationError):
            converter.checked(word.id, beyond, word.unit)


@pytest.mark.parametrize(("word", "unit"), IN_UNIT, ids=lambda each: getattr(each, "id", each))
def test_the_documented_bounds_are_accepted_and_tight(word, unit):
    converter = Converter(word)
    bounds = converter.bounds(unit)
    step = 1.01e-6 * BY_HAND[word.id, unit] + 1e-9
    for hard, documented in zip(word.hard, (bounds["minimum"], bounds["maximum"]), strict=True):
        canonical = converter.canonical(documented, unit)
        assert converter.plausible(canonical)
        assert canonical == pytest.approx(hard, abs=step)


@given(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(IN_UNIT))
def test_any_number_is_converted_or_doubted_and_nothing_else(value, where):
    word, unit = where
    try:
        canonical = Converter(word).checked(word.id, value, unit)
    except ValidationError as error:
        assert error.messages[0]["code"] == "implausible"
    else:
        assert word.hard[0] <= canonical <= word.hard[1]


def test_boundary_values_of_the_contract():
    assert read(GLUCOSE, "fasting_glucose", {"value": 5.5, "unit": "mmol/L"}).value == 99.088
    assert read(GLUCOSE, "fasting_glucose", {"value": 7.0, "unit": "mmol/L"}).value == 126.112
    assert Converter(WORDS["hba1c"]).canonical(47, "mmol/mol") == 6.45156
    assert Converter(WORDS["hba1c"]).canonical(48, "mmol/mol") == 6.54304


def test_a_reading_keeps_what_was_sent():
    sent = {"value": 5.5, "unit": "mmol/L", "taken_on": "2026-01-02", "fasting_hours": 10}
    reading = read(GLUCOSE, "fasting_glucose", sent)
    assert (reading.unit, reading.sent, reading.repeated) == ("mg/dL", (sent,), False)
    assert (reading.taken_on, reading.fasting_hours) == (date(2026, 1, 2), 10)


@pytest.mark.parametrize("sent", [5.5, "5.5 mmol/L", None, True, [5.5], [], {}])
def test_a_bare_number_is_no_quantity(sent):
    assert faults(GLUCOSE, "fasting_glucose", sent)


@pytest.mark.parametrize("unit", ["mmol", "cm", "MG/DL", "mg/dl", "", "mg/dL ", "%"])
def test_an_unknown_unit_is_refused_with_the_ones_that_are_accepted(unit):
    sent = {"value": 100, "unit": unit}
    assert faults(GLUCOSE, "fasting_glucose", sent) == [("/unit", "unknown_unit")]
    assert message(GLUCOSE, "fasting_glucose", sent) == "unit of fasting_glucose must be one of mg/dL, mmol/L"


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
        ("weight", 1200, "kg", None),
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
    assert message(GLUCOSE, "fasting_glucose", sent) == "fasting_glucose: conflicting: 106.294 and 140 mg/dL are more than 5 % apart"


@given(st.integers(40, 500), st.floats(1, 1.1))
def test_5_percent_apart_is_still_one_value(low, ratio):
    high = round(low * ratio, 3)
    sent = [{"value": low, "unit": "mg/dL"}, {"value": high, "unit": "mg/dL"}]
    if high * 100 <= low * 105:
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
