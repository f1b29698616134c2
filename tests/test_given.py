"""What is given: facts kept with what was sent, values set aside for want of a fast, dates and clearances."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from schemas.profile import profile_schema
from service.engine.trace import Premise
from service.given import Given, ProfileFault
from service.measures import observe
from tests.loaded import KNOWLEDGE
from tests.profiles import OPEN, changed

WORDS = KNOWLEDGE.vocabulary
SCHEMA = profile_schema(WORDS)()
TODAY = date(2026, 11, 22)


def seen(profile, today=TODAY):
    return observe(SCHEMA.load(profile), WORDS, today)


def values(**profile):
    return seen({"age": 40, **profile}).values


def made(observations, fact):
    return next((one for one in observations.computed if one.fact == fact), None)


def glucose(value, **more):
    return {"fasting_glucose": {"value": value, "unit": "mg/dL", **more}}


# --- what is given -----------------------------------------------------------------------------------------------------------


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
    assert seen(loss).notes == ["weight_change"]


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


@pytest.mark.parametrize(("days", "old"), [(0, False), (7, False), (8, True)])
def test_the_outcome_of_a_test_is_past_its_validity_after_its_days(days, old):
    sent = {"result": "negative", "taken_on": (TODAY - timedelta(days=days)).isoformat()}
    observations = seen({"age": 30, "pregnancy_test": sent})
    assert observations.values["pregnancy_test"] == "negative"
    assert observations.values.get("stale", frozenset()) == ({"pregnancy_test"} if old else set())
    assert Given("pregnancy_test", "negative", "/pregnancy_test", sent, TODAY - timedelta(days=days)) in observations.given


def test_a_test_of_a_day_to_come_is_refused():
    with pytest.raises(ProfileFault) as caught:
        seen({"age": 30, "pregnancy_test": {"result": "negative", "taken_on": "2026-11-24"}})
    assert [error["pointer"] for error in caught.value.errors] == ["/pregnancy_test/taken_on"]


def test_both_numbers_of_the_blood_pressure_age_together():
    pressure = {"systolic": 120, "diastolic": 80, "unit": "mm[Hg]", "taken_on": "2026-01-01"}
    assert values(blood_pressure=pressure)["stale"] == {"systolic", "diastolic"}


def test_without_a_date_nothing_is_stale():
    assert "stale" not in seen(OPEN).values


def test_dates_in_the_future_are_told_all_at_once():
    later = "2026-11-24"  # the day after tomorrow: tomorrow has begun somewhere east of UTC
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
        ("2024-02-29", None, date(2025, 2, 28), True), ("2024-02-29", None, date(2025, 3, 1), False),
        ("9999-01-01", None, date(9999, 12, 31), True),
    ],
)  # fmt: skip
def test_a_clearance_holds_until_its_end(day, expires, today, valid):
    clearance = {"intervention": "hiit", "role": "cardiologist", "date": day, **({"expires": expires} if expires else {})}
    observations = seen({"age": 40, "clearances": [clearance]}, today)
    assert observations.values["cleared"] == ({"hiit"} if valid else set())
    assert next(one for one in observations.given if one.fact == "cleared").sent == [clearance]
    assert any(one.fact == "today" for one in observations.given)
