"""What to ask next: only what is unknown, only what is undecided, nothing that bears on it left out, and in the answer as when asked for it."""

from __future__ import annotations

import json
from copy import deepcopy

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from schemas.profile import profile_schema
from service.advising import Advisor
from service.analysis.sufficing import restricted
from service.answering.missing import sensible
from service.explaining.questions import Questions
from service.workbench.corpus import KEPT
from tests.conftest import ROOT, TODAY
from tests.explaining.asked import CASES, FEW, KNOWLEDGE, PEOPLE, at
from tests.profiles import OPEN, changed
from tests.thoroughness import some

WORDS = KNOWLEDGE.vocabulary
SCHEMA = profile_schema(WORDS)()
STATES = [word.id for word in WORDS.values() if word.listed == "state"]
FLAGS = [word.id for word in WORDS.values() if word.listed == "red_flag"]
WITNESSES = [witness["profile"] for witness in json.loads((ROOT / KEPT).read_text(encoding="utf-8"))]
RESULTS = {**{state: state for state in STATES}, **{iv: f"placement.{iv}" for iv in KNOWLEDGE.interventions}}


@pytest.fixture(scope="module")
def missing(advisor):
    """The rows to a profile, asked for in both places."""
    questions = Questions(advisor)

    def ask(profile, **voice):
        loaded = SCHEMA.load(deepcopy(profile))
        rows = questions.missing(loaded, now=TODAY, **voice)["inputs"]
        assert advisor.advise(loaded, now=TODAY, **voice)["missing"] == rows
        return rows

    return ask


@pytest.fixture(scope="module")
def unchecked():
    """An advisor that asks no second engine."""
    return Advisor(KNOWLEDGE)


# Of a sign that is named there more may be asked, and the outcome of a test may be too old.
ASKED_AGAIN = {word.asked_at or word.input for word in WORDS.values() if word.asked_at or (word.kind == "choice" and word.valid_for_days)}


def check(profile, rows):
    assert [len(row["settles"]) for row in rows] == sorted((len(row["settles"]) for row in rows), reverse=True)
    for row in rows:
        assert at(profile, row["input"]) is None or row["input"].startswith("/labs/") or row["input"] in ASKED_AGAIN
        assert row["settles"] and set(row["settles"]) <= set(RESULTS)
        assert row["question"].endswith(("?", ".")) and row["why"].startswith("Undecided without ")


@pytest.mark.parametrize("case", CASES)
def test_every_case(missing, case):
    check(CASES[case], missing(CASES[case]))


@given(PEOPLE)
@FEW
def test_everybody(missing, profile):
    check(profile, missing(profile))


def asked_for(whole):
    """What was answered to a question, and the pointer of the answer."""
    given_for = {one.fact: one.pointer for one in whole.given if one.fact in WORDS and WORDS[one.fact].question}
    return {fact: pointer for fact, pointer in given_for.items() if fact not in ("age", "cleared")}


def not_asked_for(advisor, whole, gone):
    """The results that these answers, once taken out, would change and that no row on one of them names; none where it is not comparable."""
    part = restricted(whole, {one.pointer for one in whole.given if one.fact not in gone}, WORDS)
    with_them, advised = advisor.session.derive(whole.values).facts, advisor.advised(part)
    without = advised.derivation.facts
    urgent = without["disposition"] in ("out_of_scope", "emergency") or any(with_them.get(flag) != without.get(flag) for flag in FLAGS)
    if urgent or not all(sensible(WORDS[fact], without) for fact in gone):
        return set()
    answer = advisor.answer(advised, decision_id="unrecorded", now=TODAY, detail="standard", voice="person")
    named = {result for row in answer["missing"] if row["input"] in {WORDS[fact].input for fact in gone} for result in row["settles"]}
    return {result for result, name in RESULTS.items() if with_them.get(name) != without.get(name)} - named


@given(PEOPLE, st.data())
@FEW
def test_answers_that_change_a_result_were_asked_for(advisor, observe, profile, data):
    """Up to three answers are taken out: whatever they change must have stood among what one of them would settle."""
    cleared = data.draw(st.lists(st.sampled_from(list(KNOWLEDGE.interventions)), max_size=4, unique=True))
    clearances = [{"intervention": intervention, "role": "gp", "date": "2026-01-10"} for intervention in cleared]
    whole = observe({**profile, **({"clearances": clearances} if clearances else {})})
    assume(asked_for(whole))
    gone = data.draw(st.lists(st.sampled_from(sorted(asked_for(whole))), min_size=1, max_size=3, unique=True))
    assert not not_asked_for(advisor, whole, gone)


@pytest.mark.parametrize("profile", [*some(list(CASES.values()), 4), *some(WITNESSES, 48)])
def test_each_answer_that_changes_a_result_was_asked_for(unchecked, observe, profile):
    """The people of the cases, and those kept as witnesses that some rule fires."""
    whole = observe(profile)
    assert {fact: found for fact in asked_for(whole) if (found := not_asked_for(unchecked, whole, [fact]))} == {}


def test_a_clinician_is_told_the_same_in_other_words(missing):
    profile = changed(OPEN, {"labs": {"hba1c": None}, "waist": None})
    person, clinician = missing(profile), missing(profile, voice="clinician")
    assert [{**row, "why": None} for row in person] == [{**row, "why": None} for row in clinician]


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


@pytest.mark.parametrize(("sex", "age", "asked"), [
    ("male", 40, False), ("female", 40, True), (None, 40, True), ("female", 55, True), ("female", 56, False), (None, 84, False),
])  # fmt: skip
def test_who_cannot_be_is_not_asked_whether_she_is_pregnant(missing, sex, age, asked):
    profile = changed(OPEN, {"sex": sex, "age": age, "pregnancy": None})
    assert ("/pregnancy" in {row["input"] for row in missing(profile)}) is asked
