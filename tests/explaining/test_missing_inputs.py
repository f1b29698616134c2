"""What to ask next: only what is unknown, only what is undecided, and nothing that bears on it left out."""

from __future__ import annotations

from copy import deepcopy

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from schemas.profile import profile_schema
from service.analysis.sufficing import restricted
from service.analysis.unmet import Makers
from service.explaining.questions import Questions
from service.explaining.undecided import Undecided
from tests.conftest import TODAY
from tests.explaining.asked import CASES, FEW, KNOWLEDGE, PEOPLE, at
from tests.profiles import OPEN, changed

WORDS = KNOWLEDGE.vocabulary
SCHEMA = profile_schema(WORDS)()
STATES = [word.id for word in WORDS.values() if word.listed == "state"]
FLAGS = [word.id for word in WORDS.values() if word.listed == "red_flag"]
RESULTS = {**{state: state for state in STATES}, **{iv: f"placement.{iv}" for iv in KNOWLEDGE.interventions}}


@pytest.fixture(scope="module")
def missing(advisor):
    questions = Questions(advisor)
    return lambda profile: questions.missing(SCHEMA.load(deepcopy(profile)), now=TODAY)["inputs"]


def check(profile, rows):
    assert [len(row["settles"]) for row in rows] == sorted((len(row["settles"]) for row in rows), reverse=True)
    for row in rows:
        assert at(profile, row["input"]) is None or row["input"].startswith("/labs/")
        assert row["settles"] and set(row["settles"]) <= set(RESULTS)
        assert row["question"].endswith(("?", ".")) and row["why"].startswith("Undecided without it: ")


@pytest.mark.parametrize("case", CASES)
def test_every_case(missing, case):
    check(CASES[case], missing(CASES[case]))


@given(PEOPLE)
@FEW
def test_everybody(missing, profile):
    check(profile, missing(profile))


@given(PEOPLE, st.data())
@FEW
def test_an_answer_that_changes_a_result_was_asked_for(advisor, observe, profile, data):
    """One answer is taken out: whatever it changes must have stood among what it would settle."""
    whole = observe(profile)
    asked = sorted({one.fact: one.pointer for one in whole.given if one.fact in WORDS and WORDS[one.fact].question}.items())
    fact, pointer = data.draw(st.sampled_from([one for one in asked if one[0] not in ("age", "cleared")] or [("sex", "/sex")]))
    part = restricted(whole, {one.pointer for one in whole.given} - {pointer}, WORDS)
    with_it, without = (advisor.session.derive(one.values).facts for one in (whole, part))
    assume(without["disposition"] not in ("out_of_scope", "emergency"))
    assume(all(with_it.get(flag) == without.get(flag) for flag in FLAGS))
    advised = advisor.advised(part)
    settles = Undecided(advised, advisor.indexes, Makers(advisor.strata)).settles()
    for result, name in RESULTS.items():
        if with_it.get(name) != without.get(name):
            assert result in settles[fact], (fact, result)


def test_what_is_answered_or_decided_is_not_asked(missing):
    asked = {row["input"] for row in missing(changed(OPEN, {"preferences": {"hiit_ok": True, "fasting_ok": True}}))}
    assert not asked & {"/weight", "/conditions", "/preferences/hiit_ok", "/clearances"}


def test_a_question_says_who_reads_the_answer(missing):
    row = next(row for row in missing(changed(OPEN, {"diet": {"added_sugar_pct": None}})) if row["input"] == "/diet/added_sugar_pct")
    assert "cut_added_sugar" in row["settles"]
    assert row["question"] == WORDS["added_sugar_pct"].question and row["unit"] == WORDS["added_sugar_pct"].unit
    assert any(f"“{rule.title}”" in row["why"] for rule in KNOWLEDGE.rules.values())


def test_nothing_is_asked_while_only_urgent_care_counts(missing):
    assert missing({"age": 44, "symptoms": ["chest_pain"]}) == []
    assert missing({"age": 12}) == []


@pytest.mark.parametrize(("sex", "asked"), [("male", False), ("female", True), (None, True)])
def test_a_man_is_not_asked_whether_he_is_pregnant(missing, advise, sex, asked):
    profile = changed(OPEN, {"sex": sex, "pregnancy": None})
    assert ("/pregnancy" in {row["input"] for row in missing(profile)}) is asked
    assert ("/pregnancy" in {row["input"] for row in advise(profile)["missing"]}) is asked
