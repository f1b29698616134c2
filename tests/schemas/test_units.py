"""Units: every unit of every word against factors written by hand, and the edges of every range."""

from __future__ import annotations

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from schemas.quantities import Converter
from tests.loaded import KNOWLEDGE

WORDS = KNOWLEDGE.vocabulary
MEASURED = [word for word in WORDS.values() if word.input and word.kind == "number" and word.units]

# One of the unit is so much of the canonical one; HbA1c has an offset and stands apart.
BY_HAND = {
    ("height", "m"): 100, ("height", "[in_i]"): 2.54, ("height", "[ft_i]"): 30.48, ("waist", "m"): 100, ("waist", "[in_i]"): 2.54,
    ("weight", "g"): 0.001, ("weight", "[lb_av]"): 0.45359237, ("weight", "[stone_av]"): 6.35029318,
    ("weight_change", "g"): 0.001, ("weight_change", "[lb_av]"): 0.45359237, ("weight_change", "[stone_av]"): 6.35029318,
    ("systolic", "kPa"): 7.50062, ("diastolic", "kPa"): 7.50062,
    ("fasting_glucose", "mmol/L"): 18.016, ("random_glucose", "mmol/L"): 18.016, ("ogtt_2h", "mmol/L"): 18.016, ("hba1c", "mmol/mol"): 0.09148, ("fasting_insulin", "m[IU]/L"): 1, ("fasting_insulin", "pmol/L"): 1 / 6,
    ("triglycerides", "mmol/L"): 88.57, ("hdl", "mmol/L"): 38.67, ("ldl", "mmol/L"): 38.67, ("hs_crp", "mg/dL"): 10, ("alt", "ukat/L"): 60,
    ("ast", "ukat/L"): 60, ("creatinine", "umol/L"): 1 / 88.42, ("urine_acr", "mg/mmol"): 8.84, ("potassium", "meq/L"): 1,
    ("urate", "umol/L"): 1 / 59.48, ("leptin", "ug/L"): 1,
}  # fmt: skip
OFFSETS = {("hba1c", "mmol/mol"): 2.152}
IN_UNIT = [(word, unit) for word in MEASURED for unit in word.units]


def test_every_unit_has_a_factor_written_by_hand():
    assert {(word.id, unit) for word, unit in IN_UNIT} == set(BY_HAND)


@given(st.sampled_from(IN_UNIT), st.floats(0, 1))
def test_units_convert_as_by_hand_and_back(where, share):
    word, unit = where
    converter = Converter(word)
    low, high = converter.bounds(unit)["minimum"], converter.bounds(unit)["maximum"]
    sent = low + share * (high - low)
    factor, offset = BY_HAND[word.id, unit], OFFSETS.get((word.id, unit), 0)
    canonical = converter.canonical(sent, unit)
    assert canonical == pytest.approx(sent * factor + offset, rel=1e-12, abs=1e-9)
    assert (canonical - offset) / factor == pytest.approx(sent, rel=1e-9, abs=1e-6)


@given(st.sampled_from(IN_UNIT), st.integers(0, 100_000))
def test_the_same_body_in_other_units_is_the_same_number(where, step):
    word, unit = where
    low, high = word.hard
    canonical = round(low + (high - low) * step / 100_000, 3)
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
    converter = Converter(word)
    if word.hard[0] <= converter.canonical(value, unit) <= word.hard[1]:
        assert converter.checked(word.id, value, unit) == converter.canonical(value, unit)
        return
    with pytest.raises(ValidationError, match="implausible"):
        converter.checked(word.id, value, unit)


def test_boundary_values_of_the_contract():
    assert Converter(WORDS["fasting_glucose"]).canonical(5.5, "mmol/L") == 99.088
    assert Converter(WORDS["fasting_glucose"]).canonical(7.0, "mmol/L") == 126.112
    assert Converter(WORDS["hba1c"]).canonical(47, "mmol/mol") == 6.45156
    assert Converter(WORDS["hba1c"]).canonical(48, "mmol/mol") == 6.54304
