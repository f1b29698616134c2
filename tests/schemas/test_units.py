"""Units: what UCUM calls the same is the same, what people write for it is understood, and nothing else is."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from schemas.faults import flatten
from schemas.profile import profile_schema
from schemas.quantities import Converter
from schemas.ucum import meaning, same
from tests.loaded import KNOWLEDGE

PROFILE = profile_schema(KNOWLEDGE.vocabulary)()
ALIKE = {"U/L": ("[IU]/L", "[iU]/L", "[IU]/l"), "mL/min/{1.73_m2}": ("mL/min/{BSA}",), "/min": ("{bpm}",)}  # by habit, not by UCUM
TABLE = list(csv.DictReader(Path(__file__).with_name("unit_spellings.csv").read_text(encoding="utf-8").splitlines()))
CONVERTERS = {row["quantity"]: Converter(KNOWLEDGE.vocabulary[row["quantity"]]) for row in TABLE}
UNITS = sorted({unit for converter in CONVERTERS.values() for unit in converter.units if unit})


def test_every_spelling_is_taken_or_refused_as_the_table_says():
    wrong = []
    for row in TABLE:
        found = CONVERTERS[row["quantity"]].unit_of(row["spelling"])
        right = found is None if row["verdict"] == "refuse" else found and (same(found, row["unit"]) or row["unit"] in ALIKE.get(found, ()))
        if not right:
            wrong.append(f"{row['quantity']}: {row['spelling']!r} is {found}, {row['verdict']} {row['unit']}")
    assert wrong == []


def test_every_unit_of_the_vocabulary_has_a_meaning_and_none_is_another_of_the_same_word():
    assert [unit for unit in UNITS if meaning(unit) is None] == []
    twice = [name for name, one in CONVERTERS.items() if len({meaning(unit) for unit in one.units}) < len(one.units)]
    assert sorted(twice) == ["fasting_insulin", "leptin"]  # u[IU]/mL and m[IU]/L are one, and so are ng/mL and ug/L


def test_converting_is_what_the_sizes_say_wherever_two_units_have_one_dimension():
    """mmol/L and mg/dL need a molar mass; all other factors of the vocabulary are UCUM's own."""
    for name, converter in CONVERTERS.items():
        own = meaning(converter.unit)
        for unit in converter.units[1:]:
            other = meaning(unit)
            if other.dimensions == own.dimensions:
                factor = float(other.size / own.size)
                assert converter.canonical(1.0, unit) == pytest.approx(factor, rel=1e-5), f"{name}: {unit}"


@pytest.mark.parametrize("text", ["", " ", "mg/", "/", "mg//dL", "(mg", "mg)", "mg dL", "{", "}", "mg{a", "MG/DL", "KG", "m" * 65, "mmol/L ", "µg/L", "mg/dL5", "10*3", "mg-", "kmin", "-1"])  # fmt: skip
def test_what_is_no_unit_here_has_no_meaning(text):
    assert meaning(text) is None


@given(st.text(alphabet="mgdLlUukoPat[]IiEU/.(){}0123456789-% ", max_size=12))
def test_no_text_is_taken_for_a_unit_that_it_does_not_mean(text):
    for converter in CONVERTERS.values():
        found = converter.unit_of(text)
        assert found is None or text.strip() in converter.spellings or meaning(text) == meaning(found) or text == found


def test_annotations_say_nothing_but_for_the_body_surface():
    assert same("mg/dL{serum}", "mg/dl")
    assert not same("mL/min", "mL/min/{1.73_m2}")
    assert same("mL/min/{1.73m2}", "ml/min/{1.73_m2}{CKD-EPI}")


def test_a_refusal_names_the_units_and_what_was_perhaps_meant():
    with pytest.raises(ValidationError) as caught:
        PROFILE.load({"age": 40, "labs": {"fasting_glucose": {"value": 100, "unit": "MG/DL"}}})
    [fault] = flatten(caught.value.messages)
    assert fault == {
        "pointer": "/labs/fasting_glucose/unit",
        "code": "unknown_unit",
        "message": "unit of fasting_glucose must be one of mg/dL, mmol/L, g/L; did you mean mg/dL? Small and capital letters differ",
    }


def test_the_same_in_another_spelling_is_the_same_answer(advise):
    def answer(glucose: str, weight: str, pressure: str) -> dict:
        profile = {
            "age": 50, "sex": "female", "conditions": [], "medications": [], "weight": {"value": 190, "unit": weight}, "height": {"value": 170, "unit": "cm"},
            "labs": {"fasting_glucose": {"value": 108, "unit": glucose}}, "blood_pressure": {"systolic": 128, "diastolic": 82, "unit": pressure},
        }  # fmt: skip
        found = advise(profile, detail="full")
        del found["decision_id"], found["created_at"]
        return found

    assert answer("mg/dl", "lbs", "mmHg") == answer("mg/dL", "[lb_av]", "mm[Hg]")
