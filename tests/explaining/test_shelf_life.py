"""Until when an answer holds: to the day, and up to the last moment it is the same answer."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.answering.shelf_life import written
from tests.conftest import TODAY
from tests.loaded import KNOWLEDGE
from tests.profiles import OPEN, changed
from tests.strategies import profiles

WORDS = KNOWLEDGE.vocabulary
DAY = TODAY.date()
OF_THE_MOMENT = ("decision_id", "created_at", "valid_until", "measure_again")
GATED = changed(OPEN, {"conditions": ["cvd_stable"]})


def dated(fact: str, days: int) -> dict:
    """A person whose only ageing input was taken so many days ago."""
    word = WORDS[fact]
    value = {"value": word.hard[0] * 3, "unit": word.unit, "taken_on": (DAY - timedelta(days=days)).isoformat()}
    return {"age": 40, **({"labs": {fact: value}} if word.input.startswith("/labs/") else {fact: value})}


@pytest.mark.parametrize("fact", ["weight", "hba1c", "fasting_glucose", "potassium"])
def test_it_holds_through_the_last_day_and_not_a_moment_longer(advise, fact):
    days = WORDS[fact].valid_for_days
    last = advise(dated(fact, days))
    assert last["valid_until"] == "2026-11-23T00:00:00Z"
    [row] = last["measure_again"]
    assert (row["input"], row["unit"], row["until"]) == (WORDS[fact].input, WORDS[fact].unit, last["valid_until"])
    assert row["taken_on"] == (DAY - timedelta(days=days)).isoformat()
    at_the_end = {"now": datetime(2026, 11, 22, 23, 59, 59, 999999, UTC)}
    assert advise(dated(fact, days), **at_the_end)["valid_until"] == last["valid_until"]
    over = advise(dated(fact, days), now=datetime(2026, 11, 23, tzinfo=UTC))
    assert over["valid_until"] == last["valid_until"] and [again["input"] for again in over["measure_again"]] == [row["input"]]
    assert advise(dated(fact, 0))["valid_until"] == f"{DAY + timedelta(days=days + 1)}T00:00:00Z"


def test_what_has_no_date_counts_from_today_and_says_so(advise):
    [row] = advise({"age": 40, "weight": {"value": 80, "unit": "kg"}})["measure_again"]
    assert row["taken_on"] is None and row["until"] == f"{DAY + timedelta(days=32)}T00:00:00Z"
    assert "no date was sent" in row["why"]


def test_of_repeated_measurements_the_oldest_counts(advise):
    taken = ["2026-11-20", "2026-10-25", None]
    several = [{"value": 5.5, "unit": "%", **({"taken_on": day} if day else {})} for day in taken]
    [row] = advise({"age": 40, "labs": {"hba1c": several}})["measure_again"]
    assert (row["taken_on"], row["until"]) == ("2026-10-25", "2027-04-27T00:00:00Z")


def test_the_soonest_comes_first_and_is_the_end_of_the_whole(advise):
    answer = advise(OPEN)
    ends = [row["until"] for row in answer["measure_again"]]
    assert ends == sorted(ends) and len(set(ends)) > 1
    assert answer["valid_until"] == ends[0]
    assert {row["input"] for row in answer["measure_again"]} == {
        "/weight", "/waist", "/blood_pressure/systolic", "/blood_pressure/diastolic", *(f"/labs/{name}" for name in OPEN["labs"]),
    }  # fmt: skip


def test_where_nothing_ages_it_holds(advise):
    answer = advise({"age": 40, "height": {"value": 170, "unit": "cm"}, "diet": {"protein_g": 80}})
    assert (answer["valid_until"], answer["measure_again"]) == (None, [])


def test_a_summary_keeps_the_end(advise):
    short = advise(OPEN, detail="summary")
    assert short["valid_until"] == advise(OPEN)["valid_until"] and "measure_again" not in short


# --- clearances --------------------------------------------------------------------------------------------------------------


def cleared(*days: dict) -> dict:
    return changed(GATED, {"clearances": [{"intervention": "hiit", "role": "cardiologist", **one} for one in days]})


def clearance(answer: dict) -> dict | None:
    return next((row for row in answer["measure_again"] if row["input"] == "/clearances"), None)


def test_a_clearance_that_lifts_something_ends_with_its_last_day(advise):
    assert "hiit" in {row["intervention"] for row in advise(GATED)["clinician_first"]}
    assert clearance(advise(cleared({"date": "2026-01-10"})))["until"] == "2027-01-11T00:00:00Z"
    row = clearance(advise(cleared({"date": "2026-01-10", "expires": "2026-11-22"})))
    assert (row["taken_on"], row["until"]) == ("2026-01-10", "2026-11-23T00:00:00Z")
    assert clearance(advise(cleared({"date": "2026-01-10", "expires": "2026-11-21"}))) is None


def test_of_two_clearances_the_longer_counts_and_one_without_end_has_none(advise):
    both = cleared({"date": "2026-05-01", "expires": "2026-12-01"}, {"date": "2026-01-10", "expires": "2026-12-24"})
    assert clearance(advise(both))["until"] == "2026-12-25T00:00:00Z"
    assert clearance(advise(cleared({"date": "2026-01-10", "expires": "9999-12-31"}))) is None


def test_a_clearance_that_lifts_nothing_ends_nothing(advise):
    assert clearance(advise(changed(OPEN, {"clearances": [{"intervention": "hiit", "role": "gp", "date": "2026-01-10"}]}))) is None


# --- the same answer to the last moment --------------------------------------------------------------------------------------

DAYS = st.dates(date(2025, 10, 1), DAY).map(date.isoformat)


@st.composite
def people(draw):
    """Anybody, measured on any days, with clearances or without."""
    profile = draw(profiles(KNOWLEDGE))
    for holder in (profile, profile.get("labs", {})):
        for name, value in holder.items():
            if isinstance(value, dict) and "unit" in value and name != "weight_change" and draw(st.booleans()):
                holder[name] = {**value, "taken_on": draw(DAYS)}
    named = draw(st.lists(st.sampled_from(["hiit", "intermittent_fasting", "caloric_reduction", "fibre"]), max_size=2))
    if named:
        profile["clearances"] = [{"intervention": name, "role": "gp", "date": draw(DAYS)} for name in named]
    return profile


@settings(max_examples=60)
@given(profile=people())
def test_until_then_it_is_the_same_answer(advise, profile):
    answer = advise(profile)
    ends = [row["until"] for row in answer["measure_again"] if row["until"] > answer["created_at"]]
    end = min(ends, default=None)
    moment = datetime.fromisoformat(end) - timedelta(microseconds=1) if end else TODAY + timedelta(days=2000)
    later = advise(profile, now=moment)
    assert {key: value for key, value in later.items() if key not in OF_THE_MOMENT} == {
        key: value for key, value in answer.items() if key not in OF_THE_MOMENT
    }


def test_a_year_of_three_digits_is_written_with_four():
    assert written(datetime(818, 9, 7, tzinfo=UTC)) == "0818-09-07T00:00:00Z"
