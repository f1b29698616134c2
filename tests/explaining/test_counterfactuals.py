"""Counterfactuals: what they say is so on the engine, nothing is smaller, nothing forbidden is named, and what is out of reach has a reason."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings

from service.advising import Advisor
from service.explaining import counterfactuals as module
from tests.explaining.asked import CASES, KNOWLEDGE, PEOPLE
from tests.explaining.brute_force import compare
from tests.explaining.checking_counterfactuals import GOALS, NEVER, QUESTIONS, Asked, check
from tests.explaining.well import FEW_INPUTS, WELL, eased, somebody
from tests.profiles import OPEN, changed
from tests.thoroughness import some


@pytest.fixture(scope="module")
def asked():
    """Without the second derivation of each answer: here every set is run again."""
    return Asked(Advisor(KNOWLEDGE))


@pytest.mark.parametrize("case", some(list(CASES), 16))
def test_every_case(asked, case):
    assert check(asked, CASES[case])["questions"] == len(QUESTIONS)


@given(PEOPLE)
@settings(max_examples=min(3, settings.default.max_examples))
def test_everybody(asked, profile):
    check(asked, profile, at_most=2)


@given(PEOPLE)
@settings(max_examples=min(4, settings.default.max_examples))
def test_everybody_whom_no_safety_answer_stops(asked, profile):
    check(asked, eased(profile))


# --- against brute force ---------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("inputs", some(FEW_INPUTS, 3), ids=" ".join)
def test_brute_force_finds_the_same_smallest_sets(asked, inputs):
    chance = random.Random(" ".join(inputs))
    compare(asked, somebody(chance, inputs))


def test_both_blood_pressures_against_brute_force(asked):
    compare(asked, changed(WELL, {"blood_pressure": {"systolic": 185, "diastolic": 112, "unit": "mm[Hg]"}}))


# --- single answers --------------------------------------------------------------------------------------------------------------


def test_what_is_reached_already_needs_no_change(asked):
    answer = asked.counterfactuals(OPEN, "fibre", "recommend")
    assert answer["reachable"] and answer["exhausted"] and answer["reason"] is None
    assert [(one["changes"], one["size"]) for one in answer["sets"]] == [([], 0)] and "already" in answer["sets"][0]["text"]


def test_a_threshold_in_the_unit_and_with_the_digits_of_the_caller(asked):
    mmol = changed(OPEN, {"labs": {"fasting_glucose": {"value": 7.1, "unit": "mmol/L"}}})
    found = asked.counterfactuals(mmol, "intermittent_fasting", "recommend")["sets"][0]
    assert found["changes"] == [{"input": "/labs/fasting_glucose", "from": 7.1, "to": 6.9, "unit": "mmol/L"}]
    assert "6.9 mmol/L instead of 7.1 mmol/L" in found["text"] and "directly" in found["text"]


def test_what_can_be_changed_directly_comes_first(asked):
    sets = asked.counterfactuals(OPEN, "cut_added_sugar", "not_recommend")["sets"]
    assert sets[0]["changes"] == [{"input": "/diet/added_sugar_pct", "from": 16, "to": 9, "unit": "%"}]
    assert all(INDIRECT in one["text"] for one in sets[1:]) and INDIRECT not in sets[0]["text"]


INDIRECT = "Nobody can change"


def test_a_set_that_would_be_a_warning_sign_says_so(asked):
    texts = {one["changes"][0]["input"]: one["text"] for one in asked.counterfactuals(OPEN, "fibre", "not_recommend")["sets"]}
    assert "warning sign" in texts["/labs/fasting_glucose"] and "warning sign" not in texts["/diet/fibre_g"]


@pytest.mark.parametrize(
    ("change", "intervention", "reason"),
    [
        ({"sex": "female", "pregnancy": "pregnant"}, "caloric_reduction", "pregnancy status"),
        ({"age": 15}, "fibre", "age"),
        ({"conditions": ["adrenal_insufficiency"]}, "intermittent_fasting", "conditions"),
        ({"eating_disorder": "current"}, "intermittent_fasting", "history of eating disorders"),
    ],
)
def test_what_is_not_open_to_change_is_the_reason(asked, change, intervention, reason):
    answer = asked.counterfactuals(changed(OPEN, change), intervention, "recommend")
    assert not answer["reachable"] and answer["exhausted"] and not answer["sets"]
    assert "not open to change" in answer["reason"] and reason in answer["reason"]


def test_a_direction_in_which_nobody_is_sent_is_the_reason(asked):
    answer = asked.counterfactuals(changed(OPEN, {"diet": {"upf": "never"}}), "cut_processed_foods", "recommend")
    assert not answer["reachable"] and "use of ultra-processed food (downwards only)" in answer["reason"]


def test_what_is_not_known_is_the_reason(asked):
    answer = asked.counterfactuals(changed(OPEN, {"diet": {"satfat_pct": None}}), "lower_saturated_fat", "recommend")
    assert not answer["reachable"] and "not known: share of energy from saturated fat" in answer["reason"]


def test_larger_sets_than_asked_for_are_not_searched(asked):
    profile = changed(OPEN, {"blood_pressure": {"systolic": 190, "diastolic": 115, "unit": "mm[Hg]"}})
    one, two = (asked.counterfactuals(profile, "strength_training", "recommend", most) for most in (1, 2))
    assert not one["reachable"] and one["exhausted"] and "up to 1 of" in one["reason"]
    assert {change["input"] for change in two["sets"][0]["changes"]} == {"/blood_pressure/systolic", "/blood_pressure/diastolic"}


def test_where_the_bound_is_reached_it_says_how_far_the_search_came(asked, monkeypatch):
    whole = asked.counterfactuals(CASES["C12"], "hiit", "recommend")
    assert whole["exhausted"] and whole["reason"] is None
    for bound, told in ((0, "Not even every"), (1, "Every single one of the "), (30, "up to 2 of the ")):
        monkeypatch.setattr(module, "MOST_LOOKS", bound)
        cut = asked.counterfactuals(CASES["C12"], "hiit", "recommend")
        assert not cut["exhausted"] and told in cut["reason"]
        assert all(one in whole["sets"] for one in cut["sets"])


def test_several_readings_are_moved_as_one_only_where_they_were_taken_alike(asked):
    glucose = [{"value": 7.2, "unit": "mmol/L"}, {"value": 7.0, "unit": "mmol/L"}]
    alike = asked.counterfactuals(changed(OPEN, {"labs": {"fasting_glucose": glucose}}), "intermittent_fasting", "recommend")
    assert alike["sets"][0]["changes"] == [{"input": "/labs/fasting_glucose", "from": 7.1, "to": 6.9, "unit": "mmol/L"}]
    glucose[0]["taken_on"] = "2026-11-01"
    apart = asked.counterfactuals(changed(OPEN, {"labs": {"fasting_glucose": glucose}}), "intermittent_fasting", "recommend")
    assert "/labs/fasting_glucose" not in {change["input"] for one in apart["sets"] for change in one["changes"]}


def test_both_voices(asked):
    texts = [asked.counterfactuals(OPEN, "fibre", "not_recommend", voice=voice)["sets"][-2]["text"] for voice in ("person", "clinician")]
    assert texts[0] != texts[1]


def test_what_must_never_be_named_is_not_changeable():
    assert {word.input for word in KNOWLEDGE.vocabulary.values() if word.changeable == "no"} >= NEVER


@pytest.mark.parametrize(("case", "intervention"), some([("C12", "hiit"), ("C12", "fibre"), ("C01", "hiit"), ("C01", "caloric_reduction")], 2))
def test_what_if_confirms_every_set_over_http(client, case, intervention):
    told = 0
    for goal in GOALS:
        question = {"profile": CASES[case], "intervention": intervention, "goal": goal}
        answer = client.post("/v1/explanations/counterfactuals", json=question).get_json()
        for one in answer["sets"]:
            changes = [{"input": change["input"], "value": change["to"]} for change in one["changes"]]
            after = client.post("/v1/explanations/what-if", json={"profile": CASES[case], "changes": changes})
            assert after.status_code == 200, after.text
            listed = {row["intervention"] for row in after.get_json()["after"]["recommendations"]}
            assert (intervention in listed) == (goal == "recommend")
            told += 1
    assert told >= 2
