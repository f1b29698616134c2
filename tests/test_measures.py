"""From a profile to facts: what is kept, what is set aside, what is computed and from what."""

from __future__ import annotations

from datetime import date, timedelta
from math import isfinite

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.profile import profile_schema
from service.engine.trace import Premise
from service.formulas import FORMULAS
from service.given import Given
from service.knowledge.loading import load
from service.measures import AT_ANY_AGE, Observations, ProfileFault, compute, observe
from tests.conftest import RULES
from tests.profiles import OPEN, changed

WORDS = load(RULES).vocabulary
SCHEMA = profile_schema(WORDS)()
TODAY = date(2026, 11, 22)
COMPUTED = {word.id for word in WORDS.values() if word.formula}


def seen(profile, today=TODAY):
    return observe(SCHEMA.load(profile), WORDS, today)


def values(**profile):
    return seen({"age": 40, **profile}).values


def made(observations, fact):
    return next((one for one in observations.computed if one.fact == fact), None)


def glucose(value, **more):
    return {"fasting_glucose": {"value": value, "unit": "mg/dL", **more}}


# --- what is given -----------------------------------------------------------------------------------------------------------


def test_every_formula_is_asked_for_by_a_word_and_every_word_has_its_formula():
    assert {WORDS[fact].formula for fact in COMPUTED} == set(FORMULAS)


@pytest.mark.parametrize(
    ("fact", "value", "pointer", "sent"),
    [
        ("age", 40.0, "/age", 40),
        ("sex", "male", "/sex", "male"),
        ("weight", 99.7903214, "/weight", {"value": 220, "unit": "[lb_av]"}),
        ("conditions", frozenset({"t2d"}), "/conditions", ["t2d", "t2d"]),
        ("medications", frozenset({"metformin", "unreviewed_medication"}), "/medications", ["A10BA02", "drops"]),
        ("systolic", 120.0, "/blood_pressure/systolic", {"value": 120, "unit": "mm[Hg]"}),
        ("diastolic", 80.0, "/blood_pressure/diastolic", {"value": 80, "unit": "mm[Hg]"}),
        ("weight_change", -4.0, "/weight_change", {"value": -4, "unit": "kg", "intentional": False}),
        ("weight_change_intentional", False, "/weight_change/intentional", False),
        ("diet_pattern", "vegan", "/diet/pattern", "vegan"),
        ("equipment", frozenset(), "/activity/equipment", []),
        ("fasting_ok", False, "/preferences/fasting_ok", False),
        ("hdl", 50.0, "/labs/hdl", [{"value": 49, "unit": "mg/dL"}, {"value": 51, "unit": "mg/dL"}]),
    ],
)
def test_a_given_fact(fact, value, pointer, sent):
    observations = seen(
        {
            "age": 40,
            "sex": "male",
            "weight": {"value": 220, "unit": "[lb_av]"},
            "conditions": ["t2d", "t2d"],
            "medications": ["A10BA02", "drops"],
            "blood_pressure": {"systolic": 120, "diastolic": 80, "unit": "mm[Hg]"},
            "weight_change": {"value": -4, "unit": "kg", "intentional": False},
            "diet": {"pattern": "vegan"},
            "activity": {"equipment": []},
            "preferences": {"fasting_ok": False},
            "labs": {"hdl": [{"value": 49, "unit": "mg/dL"}, {"value": 51, "unit": "mg/dL"}]},
        }
    )
    assert Given(fact, value, pointer, sent) in observations.given
    assert observations.values[fact] == value
    assert type(observations.values[fact]) is type(value)


def test_absent_is_not_empty_and_unknown_is_a_value():
    assert "conditions" not in values()
    assert values(conditions=[])["conditions"] == frozenset()
    assert values(pregnancy="unknown")["pregnancy"] == "unknown"


def test_soft_ranges_are_noted_and_nothing_else():
    observations = seen(changed(OPEN, {"labs": {"ldl": {"value": 190, "unit": "mg/dL"}, "hs_crp": {"value": 10.1, "unit": "mg/L"}}}))
    assert observations.notes == ["hs_crp"]
    loss = {"age": 40, "weight": {"value": 80, "unit": "kg"}, "weight_change": {"value": -20, "unit": "kg"}}
    assert seen(loss).notes == ["weight_loss_pct"]


# --- fasting -----------------------------------------------------------------------------------------------------------------


def fasting_labs(hours):
    said = {} if hours is None else {"fasting_hours": hours}
    return {
        "fasting_glucose": {"value": 110, "unit": "mg/dL", **said},
        "fasting_insulin": {"value": 12, "unit": "u[IU]/mL", **said},
        "triglycerides": {"value": 160, "unit": "mg/dL", **said},
        "hdl": {"value": 40, "unit": "mg/dL"},
    }


@pytest.mark.parametrize("hours", [None, 8, 8.0, 12])
def test_after_a_fast_or_where_nothing_is_said_the_values_count(hours):
    found = values(labs=fasting_labs(hours))
    assert {"fasting_glucose", "fasting_insulin", "homa_ir", "quicki", "tyg", "tg_hdl"} <= set(found)
    assert "not_fasting" not in found


@pytest.mark.parametrize("hours", [0, 3, 7.9])
def test_without_a_fast_no_fasting_rule_reads_them(hours):
    observations = seen({"age": 40, "labs": fasting_labs(hours)})
    found = observations.values
    assert found["not_fasting"] == {"fasting_glucose", "fasting_insulin", "triglycerides"}
    assert not {"fasting_glucose", "fasting_insulin", "homa_ir", "quicki", "tyg", "tg_hdl"} & set(found)
    assert (found["glucose_highest"], found["glucose_lowest"], found["triglycerides"]) == (110, 110, 160)
    assert Given("glucose_not_fasting", 110.0, "/labs/fasting_glucose", fasting_labs(hours)["fasting_glucose"]) in observations.given
    assert set(made(observations, "not_fasting").premises) == {
        Premise("glucose_not_fasting", 110.0), Premise("insulin_not_fasting", 12.0), Premise("triglycerides", 160.0),
    }  # fmt: skip


def test_the_highest_and_lowest_glucose_are_over_all_readings():
    labs = {**glucose(90, fasting_hours=2), "random_glucose": {"value": 300, "unit": "mg/dL"}, "ogtt_2h": {"value": 50, "unit": "mg/dL"}}
    found = values(labs=labs)
    assert (found["glucose_highest"], found["glucose_lowest"]) == (300, 50)


# --- dates -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fact", ["fasting_glucose", "hba1c", "egfr"])
@pytest.mark.parametrize("days", [-1, 0, 1])
def test_a_value_is_stale_the_day_after_its_validity(fact, days):
    word = WORDS[fact]
    taken = TODAY - timedelta(days=word.valid_for_days + days)
    observations = seen({"age": 40, "labs": {fact: {"value": word.hard[0] * 3, "unit": word.unit, "taken_on": taken.isoformat()}}})
    assert observations.values.get("stale", frozenset()) == ({fact} if days > 0 else set())
    if days > 0:
        assert made(observations, "stale").premises == (Premise(fact, observations.values[fact]), Premise("today", "2026-11-22"))
        assert Given("today", "2026-11-22", "today") in observations.given
    assert "today" not in observations.values


def test_everything_that_can_be_stale_is_a_value_of_stale():
    valid = {word.id for word in WORDS.values() if word.valid_for_days and word.input}
    assert valid == set(WORDS["stale"].values)
    assert set(WORDS["not_fasting"].values) == {word.id for word in WORDS.values() if word.fasting}


def test_both_numbers_of_the_blood_pressure_age_together():
    pressure = {"systolic": 120, "diastolic": 80, "unit": "mm[Hg]", "taken_on": "2026-01-01"}
    assert values(blood_pressure=pressure)["stale"] == {"systolic", "diastolic"}


def test_without_a_date_nothing_is_stale():
    assert "stale" not in seen(OPEN).values


def test_dates_in_the_future_are_told_all_at_once():
    later = "2026-11-23"
    profile = {
        "age": 40,
        "weight": {"value": 80, "unit": "kg", "taken_on": later},
        "blood_pressure": {"systolic": 120, "diastolic": 80, "unit": "mm[Hg]", "taken_on": later},
        "labs": {"hdl": [{"value": 50, "unit": "mg/dL", "taken_on": "2026-11-22"}, {"value": 50, "unit": "mg/dL", "taken_on": later}]},
        "clearances": [{"intervention": "hiit", "role": "cardiologist", "date": later}],
    }
    with pytest.raises(ProfileFault) as caught:
        seen(profile)
    assert {(error["pointer"], error["code"]) for error in caught.value.errors} == {
        ("/weight/taken_on", "invalid_date"), ("/blood_pressure/taken_on", "invalid_date"), ("/labs/hdl/1/taken_on", "invalid_date"),
        ("/clearances/0/date", "invalid_date"),
    }  # fmt: skip
    assert all(error["message"] for error in caught.value.errors)
    seen(profile, date(2026, 11, 23))


# --- clearances --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "expires", "today", "valid"),
    [
        ("2025-11-22", None, TODAY, True), ("2025-11-21", None, TODAY, False), ("2026-11-22", None, TODAY, True),
        ("2026-01-01", "2026-11-22", TODAY, True), ("2026-01-01", "2026-11-21", TODAY, False), ("2020-01-01", "2030-01-01", TODAY, True),
        ("2024-02-29", None, date(2025, 2, 28), True), ("2024-02-29", None, date(2025, 3, 1), False), ("9999-01-01", None, date(9999, 12, 31), True),
    ],
)  # fmt: skip
def test_a_clearance_holds_until_its_end(day, expires, today, valid):
    clearance = {"intervention": "hiit", "role": "cardiologist", "date": day, **({"expires": expires} if expires else {})}
    observations = seen({"age": 40, "clearances": [clearance]}, today)
    assert observations.values["cleared"] == ({"hiit"} if valid else set())
    assert next(one for one in observations.given if one.fact == "cleared").sent == [clearance]
    assert any(one.fact == "today" for one in observations.given)


# --- computed numbers --------------------------------------------------------------------------------------------------------


def test_measures_come_after_what_they_are_made_from():
    observations = seen(OPEN)
    known = {one.fact for one in observations.given}
    for one in observations.computed:
        assert {premise.fact for premise in one.premises if premise.present} <= known
        known.add(one.fact)
    assert {"bmi", "whtr", "homa_ir", "quicki", "tyg", "tg_hdl", "mvpa_min", "tdee_kcal", "kcal_target_500"} <= known


def test_premises_name_values_and_absences():
    homa = made(seen(OPEN), "homa_ir")
    assert (homa.formula, homa.value) == ("homa_ir", 4.8)
    assert homa.premises == (
        Premise("fasting_glucose", 108.0), Premise("fasting_insulin", 18.0), Premise("conditions", "t1d", False),
        Premise("medications", "insulin", False), Premise("pregnancy", "pregnant", False),
    )  # fmt: skip
    assert made(seen({"age": 40, "activity": {"vigorous_min": 30}}), "mvpa_min").premises == (
        Premise("moderate_min", None, False), Premise("vigorous_min", 30.0),
    )  # fmt: skip


@pytest.mark.parametrize(
    "change", [{"medications": ["insulin"]}, {"medications": ["A10AE04"]}, {"conditions": ["t1d"]}, {"pregnancy": "pregnant"}]
)
def test_homa_and_quicki_are_not_made_where_they_mean_nothing(change):
    found = seen(changed(OPEN, change)).values
    assert not {"homa_ir", "quicki"} & set(found)
    assert {"bmi", "tyg"} <= set(found)


@pytest.mark.parametrize("word", [WORDS[fact] for fact in COMPUTED], ids=lambda word: word.id)
def test_nothing_is_made_from_what_is_not_known(word):
    everything = seen(FULL).values
    assert word.id in everything
    for missing in set(word.from_) - COMPUTED:
        less = Observations({fact: value for fact, value in everything.items() if fact not in COMPUTED and fact != missing})
        compute(less, WORDS)
        assert word.id not in less.values


def test_under_18_or_of_unknown_age_only_what_danger_levels_need():
    for profile in ({**FULL, "age": 17}, {**FULL, "age": 17.9}):
        assert {one.fact for one in seen(profile).computed} == AT_ANY_AGE
    unknown = Observations({fact: value for fact, value in seen(FULL).values.items() if fact not in COMPUTED and fact != "age"})
    compute(unknown, WORDS)
    assert {one.fact for one in unknown.computed} == AT_ANY_AGE
    assert len(seen({**FULL, "age": 18}).computed) == len(COMPUTED)


def test_under_18_creatinine_is_not_turned_into_filtration():
    labs = {"creatinine": {"value": 1, "unit": "mg/dL"}}
    assert "egfr_value" not in values(age=17, sex="male", labs=labs)
    assert round(values(age=50, sex="male", labs=labs)["egfr_value"]) == 92


def test_a_computed_fact_that_is_given_is_not_computed_again():
    observations = Observations({"age": 40.0, "weight": 80.0, "height": 180.0, "bmi": 31.0})
    compute(observations, WORDS)
    assert observations.values["bmi"] == 31.0
    assert observations.values["protein_weight_kg"] == 80.75


FULL = changed(
    OPEN,
    {
        "weight_change": {"value": -4, "unit": "kg", "intentional": True},
        "labs": {
            "random_glucose": {"value": 120, "unit": "mg/dL"},
            "ogtt_2h": {"value": 130, "unit": "mg/dL"},
            "egfr": {"value": 90, "unit": "mL/min/{1.73_m2}"},
            "creatinine": {"value": 1, "unit": "mg/dL"},
        },
    },
)


# --- laws --------------------------------------------------------------------------------------------------------------------

NUMBERS = [word for word in WORDS.values() if word.input and word.kind == "number" and word.hard]


@st.composite
def people(draw):
    """A loaded-like profile: any of the numbers, within their hard ranges."""
    facts = {"age": float(draw(st.integers(0, 120)))}
    for word in draw(st.lists(st.sampled_from(NUMBERS), unique_by=lambda word: word.id)):
        facts[word.id] = draw(st.floats(*word.hard))
    facts["sex"] = draw(st.sampled_from(WORDS["sex"].values))
    return facts


@given(people())
def test_every_computed_value_is_a_finite_number(facts):
    observations = Observations(dict(facts))
    compute(observations, WORDS)
    assert all(type(one.value) is float and isfinite(one.value) for one in observations.computed)
    assert facts.items() <= observations.values.items()


@given(st.permutations(list(FULL)), st.permutations(list(FULL["labs"])))
def test_the_order_of_fields_changes_nothing(tops, labs):
    shuffled = {top: FULL[top] for top in tops}
    shuffled["labs"] = {lab: FULL["labs"][lab] for lab in labs}
    first, second = seen(FULL), seen(shuffled)
    assert (first.given, first.computed, first.notes) == (second.given, second.computed, second.notes)
    assert list(first.values) == list(second.values)


def test_the_same_body_in_other_units_is_the_same_person():
    other = changed(
        FULL,
        {
            "height": {"value": 178 / 2.54, "unit": "[in_i]"},
            "weight": {"value": 100 / 0.45359237, "unit": "[lb_av]"},
            "waist": {"value": 1.1, "unit": "m"},
            "blood_pressure": {"systolic": 124 / 7.50062, "diastolic": 78 / 7.50062, "unit": "kPa"},
            "labs": {"fasting_glucose": {"value": 108 / 18.016, "unit": "mmol/L"}, "fasting_insulin": {"value": 108, "unit": "pmol/L"}},
        },
    )
    assert seen(other).values == seen(FULL).values


def test_every_value_for_the_engine_is_a_number_a_declared_value_or_a_boolean():
    for fact, value in seen(FULL).values.items():
        word = WORDS[fact]
        if word.kind == "number":
            assert type(value) is float
            assert isfinite(value)
        elif word.kind == "codes":
            assert isinstance(value, frozenset)
            assert value <= set(word.values)
        elif word.kind == "boolean":
            assert type(value) is bool
        else:
            assert value in word.values
