"""What is computed: from what, in which order, for whom, and laws that hold for everybody."""

from __future__ import annotations

from datetime import date
from math import inf, isfinite

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.bounds import Bounded
from schemas.profile import profile_schema
from service.engine.trace import Premise
from service.formulas import EARLIER, FORMULAS
from service.measures import Observations, compute, observe
from tests.loaded import KNOWLEDGE
from tests.profiles import OPEN, changed

WORDS = KNOWLEDGE.vocabulary
SCHEMA = profile_schema(WORDS)()
TODAY = date(2026, 11, 22)
NEVER_BESIDE_A_FAST = "glucose_not_fasting_now"  # the same reading was fasting or was not
AT_ANY_AGE = {word.id for word in WORDS.values() if word.at_any_age}
COMPUTED = {word.id: word for word in WORDS.values() if word.formula}  # a dict keeps its order: test workers must agree on it
FULL = changed(
    OPEN,
    {
        "weight_change": {"value": -4, "unit": "kg", "intentional": True},
        "labs": {
            "random_glucose": {"value": 120, "unit": "mg/dL"},
            "ogtt_2h": {"value": 130, "unit": "mg/dL"},
            "egfr": {"value": 90, "unit": "mL/min/{1.73_m2}"},
            "creatinine": {"value": 1, "unit": "mg/dL"},
            "ast": {"value": 30, "unit": "U/L"},
            "alt": {"value": 30, "unit": "U/L"},
            "platelets": {"value": 250, "unit": "10*9/L"},
        },
    },
)


def seen(profile, today=TODAY):
    return observe(SCHEMA.load(profile), WORDS, today)


def values(**profile):
    return seen({"age": 40, **profile}).values


def made(observations, fact):
    return next((one for one in observations.computed if one.fact == fact), None)


def test_every_formula_is_asked_for_by_a_word_and_every_word_has_its_formula():
    assert {WORDS[fact].formula for fact in COMPUTED} == set(FORMULAS) - EARLIER


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
        Premise("medications", "insulin", False), Premise("other_sample", "fasting_insulin", False), Premise("pregnancy", "pregnant", False),
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


@pytest.mark.parametrize("word", [WORDS[fact] for fact in COMPUTED if fact != NEVER_BESIDE_A_FAST], ids=lambda word: word.id)
def test_nothing_is_made_from_what_is_not_known(word):
    everything = seen(FULL).values
    assert word.id in everything
    for missing in set(word.from_) - set(COMPUTED) - set(word.each_of):  # an answer that could be several gives bounds
        less = Observations({fact: value for fact, value in everything.items() if fact not in COMPUTED and fact != missing})
        compute(less, WORDS)
        assert word.id not in less.values


def test_under_18_or_of_unknown_age_only_what_danger_levels_need():
    for profile in ({**FULL, "age": 17}, {**FULL, "age": 17.9}):
        assert {one.fact for one in seen(profile).computed} == AT_ANY_AGE - {NEVER_BESIDE_A_FAST}
    unknown = Observations({fact: value for fact, value in seen(FULL).values.items() if fact not in COMPUTED and fact != "age"})
    compute(unknown, WORDS)
    assert {one.fact for one in unknown.computed} == AT_ANY_AGE - {NEVER_BESIDE_A_FAST}
    assert len(seen({**FULL, "age": 18}).computed) == len(COMPUTED) - 1


def test_under_18_creatinine_is_not_turned_into_filtration():
    labs = {"creatinine": {"value": 1, "unit": "mg/dL"}}
    assert "egfr_value" not in values(age=17, sex="male", labs=labs)
    assert round(values(age=50, sex="male", labs=labs)["egfr_value"]) == 92


def test_a_computed_fact_that_is_given_is_not_computed_again():
    observations = Observations({"age": 40.0, "weight": 80.0, "height": 180.0, "bmi": 31.0})
    compute(observations, WORDS)
    assert observations.values["bmi"] == 31.0
    assert observations.values["protein_weight_kg"] == 80.75


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
    assert all(isinstance(one.value, float) and isfinite(one.value) for one in observations.computed)
    bounded = [one.value for one in observations.computed if isinstance(one.value, Bounded)]
    assert all(isfinite(value.low) and value.low < value.high < inf for value in bounded)
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
            "labs": {"fasting_glucose": {"value": 108 / 18.016, "unit": "mmol/L"}, "fasting_insulin": {"value": 108, "unit": "pmol/L", "factor": 6}},
        },
    )
    assert seen(other).values == seen(FULL).values


@pytest.mark.parametrize(
    ("sent", "assumed"),
    [({"value": 108, "unit": "pmol/L"}, True), ({"value": 108, "unit": "pmol/L", "factor": 6.945}, False), ({"value": 18, "unit": "u[IU]/mL"}, False),
     ([{"value": 18, "unit": "u[IU]/mL"}, {"value": 108, "unit": "pmol/L"}], True), ({"value": 108, "unit": "pmol/L", "fasting_hours": 3}, False)],
)  # fmt: skip
def test_a_factor_that_nobody_told_is_known_to_be_assumed(sent, assumed):
    values = seen(changed(FULL, {"labs": {"fasting_insulin": sent}})).values
    assert ("fasting_insulin" in values.get("factor_assumed", ())) == assumed


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
