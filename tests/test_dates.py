"""What the days of readings imply: before birth, of another sample, too old to be urgent."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product

import pytest

from schemas.profile import profile_schema
from service.measures import ProfileFault, observe
from tests.conftest import TODAY
from tests.failing import failing
from tests.loaded import KNOWLEDGE
from tests.profiles import OPEN, changed

WORDS = KNOWLEDGE.vocabulary
DAY = TODAY.date()
SCHEMA = profile_schema(WORDS)()
MEASURED = {word.id: word for word in WORDS.values() if word.input and (word.unit or word.id == "hba1c") and word.valid_for_days}
DATED = [word for word in MEASURED.values() if word.id not in ("systolic", "diastolic")]
URGENT = [word for word in WORDS.values() if word.urgent_for_days is not None]
INDEXES = {"fasting_insulin": {"homa_ir", "quicki"}, "triglycerides": {"tyg"}, "hdl": {"tg_hdl"}}


def ago(days: int) -> str:
    return (DAY - timedelta(days=days)).isoformat()


def with_reading(profile: dict, word, value: float, taken_on: str | None) -> dict:
    sent = {"value": value, "unit": word.unit, **({"taken_on": taken_on} if taken_on else {})}
    if word.id in ("systolic", "diastolic"):
        number = {"systolic": 120, "diastolic": 80, "unit": "mm[Hg]", **({"taken_on": taken_on} if taken_on else {}), word.id: value}
        return changed(profile, {"blood_pressure": number})
    return changed(profile, {"labs": {word.id: sent}} if word.input.startswith("/labs/") else {word.id: sent})


def seen(profile: dict):
    return observe(SCHEMA.load(profile), WORDS, DAY)


def test_nobody_is_measured_before_birth():
    assert failing(measured_in_this_life, product(DATED, ["2026-11-20", "1984-11-22", "1984-11-21", "1899-01-01"])) == []


def measured_in_this_life(word, day):
    """Of somebody of 41 the earliest birthday is 42 years ago."""
    profile = with_reading({"age": 41}, word, (word.hard or (1, 2))[0] * 1.5, day)
    if date.fromisoformat(day) >= date(1984, 11, 22):
        assert seen(profile)
        return
    with pytest.raises(ProfileFault) as caught:
        seen(profile)
    assert [(fault["pointer"], fault["code"]) for fault in caught.value.errors] == [(f"{word.input}/taken_on", "invalid_date")]
    assert "before the person was born" in caught.value.errors[0]["message"]


def test_a_reading_is_too_old_to_be_urgent_the_day_after():
    assert failing(too_old_the_day_after, product(URGENT, [-1, 0, 1, None])) == []


def too_old_the_day_after(word, days):
    taken = None if days is None else ago(word.urgent_for_days + days)
    middle = sum(word.hard) / 2 if word.id not in ("systolic", "diastolic") else {"systolic": 130, "diastolic": 70}[word.id]
    old = seen(with_reading({"age": 40}, word, middle, taken)).values.get("not_recent", frozenset())
    assert (word.id in old) == (days == 1)


@pytest.mark.parametrize("fact", sorted(INDEXES))
@pytest.mark.parametrize("apart", [0, 1, 2, 300])
def test_no_index_is_made_of_values_of_different_days(fact, apart):
    """Up to a day apart is one sample; undated values are taken for one."""
    partner = WORDS[fact].same_sample_as
    labs = {
        name: {**OPEN["labs"][name], "taken_on": ago(apart if name == fact else 0)} for name in (fact, partner)
    }
    found = seen(changed(OPEN, {"labs": labs})).values
    assert (set(found) >= INDEXES[fact]) == (apart <= 1)
    assert (fact in found.get("other_sample", ())) == (apart > 1)
    assert set(seen(OPEN).values) >= INDEXES[fact]


# --- how fresh a value must be to be urgent (clinical_review 10.4) -------------------------------------------------------------

DANGEROUS = {
    "potassium": ({"labs": {"potassium": {"value": 6.6, "unit": "mmol/L"}}}, "RF.HYPERK", "emergency", 7),
    "glucose": ({"labs": {"random_glucose": {"value": 640, "unit": "mg/dL"}}}, "RF.DKA_HHS", "emergency", 1),
    "low glucose": (
        {"conditions": ["t2d"], "medications": ["metformin"], "labs": {"random_glucose": {"value": 45, "unit": "mg/dL"}}},
        "RF.HYPOGLYCAEMIA", "same_day", 1,
    ),
    "low glucose on a sulfonylurea": (
        {"conditions": ["t2d"], "medications": ["sulfonylurea"], "labs": {"random_glucose": {"value": 45, "unit": "mg/dL"}}},
        "RF.HYPOGLYCAEMIA", "same_day", 7,
    ),
    "high glucose": (
        {"conditions": ["t2d"], "medications": ["metformin"], "labs": {"fasting_glucose": {"value": 310, "unit": "mg/dL"}}},
        "RF.GLUCOSE_VERY_HIGH", "same_day", 1,
    ),
    "high glucose on insulin": (
        {"conditions": ["t2d"], "medications": ["insulin"], "labs": {"fasting_glucose": {"value": 310, "unit": "mg/dL"}}},
        "RF.GLUCOSE_VERY_HIGH", "same_day", 7,
    ),
    "pressure": ({"blood_pressure": {"systolic": 190, "diastolic": 100, "unit": "mm[Hg]"}}, "RF.BP_SEVERE", "same_day", 1),
    "weight": ({"weight": {"value": 45, "unit": "kg"}, "height": {"value": 178, "unit": "cm"}}, "RF.UNDERWEIGHT_SEVERE", "same_day", 31),
}  # fmt: skip


def dated(change: dict, taken_on: str | None) -> dict:
    """The change with every reading of it taken on that day."""
    if taken_on is None:
        return change
    return {
        name: {**value, "taken_on": taken_on} if "unit" in value and name != "height" else dated(value, taken_on) if name == "labs" else value
        for name, value in change.items()
    }


@pytest.mark.parametrize("case", sorted(DANGEROUS))
def test_what_is_too_old_asks_to_be_measured_again_and_commands_nothing(advise, case):
    change, code, urgency, days = DANGEROUS[case]
    person = {**OPEN, "labs": {}}
    for taken_on, expected in ((ago(0), urgency), (ago(days), urgency), (None, urgency), (ago(days + 1), "soon"), (ago(days + 3000), "soon")):
        answer = advise(changed(person, dated(change, taken_on)))
        [flag] = [flag for flag in answer["red_flags"] if flag["code"] == code]
        assert (flag["urgency"], answer["disposition"]) == (expected, expected), taken_on
        assert flag["message"].startswith("If this is") == (taken_on is None)
        assert ("commands nothing by itself" in flag["message"] or "too old to command" in flag["message"]) == (expected == "soon")


@pytest.mark.parametrize("case", sorted(DANGEROUS))
def test_an_urgent_answer_ends_with_its_urgency(advise, case):
    """On insulin it stays as urgent for longer, by another rule with another sentence."""
    change, _, _, days = DANGEROUS[case]
    days = 1 if " on " in case else days
    answer = advise(changed({**OPEN, "labs": {}}, dated(change, ago(0))))
    assert answer["valid_until"] == f"{DAY + timedelta(days=days + 1)}T00:00:00Z"


@pytest.mark.parametrize("word", DATED, ids=lambda word: word.id)
def test_what_is_past_its_validity_is_asked_for_again_and_ends_the_answer(advise, word):
    """Wherever a rule reads it: it stands in `measure_again`, and the answer holds no longer from the start."""
    profile = with_reading(OPEN, word, READINGS.get(word.id, sum(word.hard) / 2), ago(word.valid_for_days + 1))
    answer = advise(profile)
    again = [row for row in answer["measure_again"] if row["input"] == word.input]
    assert all(row["until"] <= answer["created_at"] for row in again)
    if again:
        assert answer["valid_until"] <= answer["created_at"]


READINGS = {
    "weight": 98, "waist": 112, "height": 178, "fasting_glucose": 108, "fasting_insulin": 18, "triglycerides": 190, "hdl": 38, "hba1c": 5.9,
    "hs_crp": 2, "potassium": 4.2, "egfr": 80,
}  # fmt: skip


def test_numbers_states_and_plans_that_rest_on_an_old_value_say_so(advise):
    old = changed(OPEN, {"weight": {**OPEN["weight"], "taken_on": ago(40)}})
    answer = advise(old)
    assert {row["id"] for row in answer["computed"] if row.get("stale")} >= {"bmi"}
    assert any(row.get("stale") for row in answer["states"]) and not any(row.get("stale") for row in advise(OPEN)["states"])
    numbers = [number for row in answer["recommendations"] for number in row["plan"]["numbers"]]
    assert any(number.get("stale") for number in numbers)
    assert "/weight" in {row["input"] for row in answer["missing"]}


# --- what one reading does not show (clinical_review 10.17.2) -----------------------------------------------------------------


@pytest.mark.parametrize(("series", "lasts"), [
    ([(59, 0), (59, 90)], True), ([(59, 0), (59, 89)], False), ([(60, 0), (50, 90)], False), ([(50, 0), (60, 90)], False), ([(50, 0)], False),
    ([(50, 0), (70, 120), (50, 300)], False), ([(50, 0), (50, 120), (70, 300)], True), ([(50, None), (50, 90)], False),
])  # fmt: skip
def test_a_low_kidney_function_lasts_where_two_readings_three_months_apart_are_low(series, lasts):
    unit = "mL/min/{1.73_m2}"
    readings = [{"value": value, "unit": unit, **({} if days is None else {"taken_on": ago(days)})} for value, days in series]
    assert seen(changed(OPEN, {"labs": {"egfr": readings}})).values.get("lasting", frozenset()) == ({"egfr"} if lasts else frozenset())
