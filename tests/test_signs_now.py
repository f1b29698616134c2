"""What is said of a sign of now: read as facts, asked for where it is missing, and explained like everything else that was given."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from schemas.bounds import Bounded
from schemas.profile import profile_schema
from service.explaining.questions import Questions
from service.measures import observe
from tests.deriving import check_trace
from tests.loaded import KNOWLEDGE
from tests.profiles import OPEN, changed

TODAY = date(2026, 11, 28)
NOW = datetime(2026, 11, 28, tzinfo=UTC)
SCHEMA = profile_schema(KNOWLEDGE.vocabulary)()


def values(**sent: Any) -> dict[str, Any]:
    return observe(SCHEMA.load({"age": 44, **sent}), KNOWLEDGE.vocabulary, TODAY).values


def told(*entries: Any) -> dict[str, Any]:
    return values(signs_now=[*entries])


def since(value: float, unit: str) -> dict[str, Any]:
    return {"code": "chest_pain", "since": {"value": value, "unit": unit}}


def test_time_and_course_of_a_sign_are_facts():
    found = told({**since(12, "h"), "course": "worse"})
    assert (found["since.chest_pain"], found["course.chest_pain"]) == (0.5, "worse")
    assert told(since(3, "d"))["since.chest_pain"] == 3.0


def test_the_word_may_be_a_name_or_a_code_of_another_system():
    for word in ({"code": "tight chest"}, {"system": "ICD-10", "code": "R07.4"}):
        assert told({**word, "course": "new"})["course.chest_pain"] == "new"


def test_what_comes_with_a_sign_is_a_sign_of_its_own_without_the_details():
    found = told({"code": "fatigue", "course": "worse", "since": {"value": 1, "unit": "h"}, "with": ["chest_pain"]})
    assert found["symptoms"] == {"fatigue", "chest_pain"}
    assert not {"since.chest_pain", "course.chest_pain"} & found.keys()


def test_what_no_rule_asks_of_a_sign_makes_no_fact():
    assert not [fact for fact in told({"code": "fatigue", "course": "new"}) if fact.startswith("course.")]


def test_two_entries_of_one_sign_leave_the_time_between_them_and_the_graver_course():
    found = told({**since(2, "h"), "course": "as_usual"}, {**since(4, "d"), "course": "worse"})["since.chest_pain"]
    assert isinstance(found, Bounded) and (found.low, found.high) == (2 / 24, 4.0)
    assert told({"code": "chest_pain", "course": "as_usual"}, {"code": "tight chest", "course": "worse"})["course.chest_pain"] == "worse"


@pytest.mark.parametrize(("sent", "past"), [
    ({"symptoms": ["chest_pain"], "signs_now": []}, {"chest_pain"}), ({"symptoms": ["chest_pain"]}, None),
    ({"symptoms": ["chest_pain"], "signs_now": ["tight chest"]}, None), ({"symptoms": ["chest_pain", "fatigue"], "signs_now": ["fatigue"]}, {"chest_pain"}),
    ({"signs_now": [{"code": "fatigue", "with": ["chest_pain"]}], "symptoms": ["chest_pain"]}, None),
    ({"conditions": ["chest pain"], "signs_now": []}, {"chest_pain"}), ({"signs_now": ["chest_pain"]}, None),
    ({"symptoms": ["chest_pain"], "signs_now": ["a wobbling of the left sprocket"]}, None),
    ({"symptoms": ["chest_pain", "a wobbling of the left sprocket"], "signs_now": []}, {"chest_pain", "unreviewed_symptom"}),
])  # fmt: skip
def test_only_what_was_named_and_is_not_among_the_signs_of_now_is_past(sent, past):
    assert values(**sent).get("not_now") == past


def test_the_trace_has_the_details_as_given_and_is_derived_again(advise, advisor):
    entry = {**since(20, "h"), "course": "new", "with": ["sweaty"]}
    answer = advise(changed(OPEN, {"signs_now": [entry], "symptoms": ["fatigue"]}), detail="full")
    nodes = {node["id"]: node for node in answer["trace"]["nodes"]}
    node = nodes["given:/signs_now/0/since"]
    assert (node["kind"], node["fact"], node["sent"]) == ("given", "since.chest_pain", {"value": 20, "unit": "h"})
    assert nodes["given:/signs_now/0/course"]["value"] == "new"
    assert set(nodes["computed:not_now"]["premises"]) == {"given:/symptoms", "given:/signs_now"}
    check_trace(KNOWLEDGE, advisor.knowledge.program.strata, answer)


def test_a_kept_rule_base_without_details_reads_signs_as_before():
    old = {key: word for key, word in KNOWLEDGE.vocabulary.items() if word.detail_of is None and key != "not_now"}
    old["signs_now"] = replace(old["signs_now"], details=())
    found = observe(SCHEMA.load({"age": 44, "symptoms": ["fatigue"], "signs_now": [since(1, "h")]}), old, TODAY).values
    assert found["symptoms"] == {"fatigue", "chest_pain"} and not {"not_now", "since.chest_pain"} & found.keys()


# --- asked about like everything else that was given ---------------------------------------------------------------------------


@pytest.mark.parametrize(("sent", "facts"), [
    ({"signs_now": [{**since(80, "h"), "course": "as_usual"}]}, {"since.chest_pain": "/signs_now/0/since"}),
    ({"signs_now": [since(2, "h"), since(80, "h")]}, {}),
    ({"signs_now": [{"code": "headache_severe", "course": "new"}], "conditions": ["migraine"]}, {"course.headache_severe": "/signs_now/0/course"}),
    ({"signs_now": [{"code": "vomiting", "since": {"value": 30, "unit": "h"}}]}, {"since.vomiting": "/signs_now/0/since"}),
])  # fmt: skip
def test_why_names_what_was_told_of_a_sign(advisor, sent, facts):
    profile = SCHEMA.load(changed(OPEN, sent))
    found = Questions(advisor).why(profile, "hiit", now=NOW)
    assert {row["fact"]: row["input"] for row in found["premises"] if "." in row["fact"]} == facts


@pytest.mark.parametrize("sent", [
    {"signs_now": ["headache_severe"]}, {"signs_now": [since(80, "h")]}, {"symptoms": ["chest_pain"], "signs_now": []},
    {"symptoms": ["visual_disturbance"], "conditions": ["t2d"]}, {"signs_now": [{"code": "seizure", "course": "as_usual"}]},
])  # fmt: skip
def test_every_question_about_a_sign_has_an_answer(advisor, sent):
    asked, profile, without = Questions(advisor), SCHEMA.load(changed(OPEN, sent)), SCHEMA.load(changed(OPEN, {"signs_now": []}))
    rows = asked.why_not(profile, "hiit", now=NOW)["interventions"]
    assert rows[0]["intervention"] == "hiit"
    assert asked.what_if(profile, without, now=NOW)["after"]["disposition"] == "self_care"
    assert asked.why(profile, "intermittent_fasting", now=NOW)
    assert all(row["input"] for row in asked.missing(profile, now=NOW)["inputs"])
