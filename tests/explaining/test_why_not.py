"""Why not: every intervention that is not recommended, down to what was sent, in the caller's units."""

from __future__ import annotations

from copy import deepcopy

import pytest
from hypothesis import given

from schemas.profile import profile_schema
from service.analysis.units import forth
from service.engine.matching import holds
from service.explaining.conditions import INVERSE
from service.explaining.questions import Questions
from service.knowledge.records import Compare
from service.measures import Observations, compute
from tests.asking import codes
from tests.conftest import TODAY
from tests.explaining.asked import CASES, FEW, KNOWLEDGE, PEOPLE
from tests.explaining.checking_why_not import INPUTS, WORDS, check
from tests.profiles import OPEN, changed
from tests.thoroughness import some

SCHEMA = profile_schema(WORDS)()


@pytest.fixture(scope="module")
def why_not(advisor):
    questions = Questions(advisor)
    return lambda profile, **options: questions.why_not(SCHEMA.load(deepcopy(profile)), now=TODAY, **options)["interventions"]


@pytest.mark.parametrize("case", some(list(CASES), 6))
def test_every_intervention_of_every_case(why_not, advise, case):
    check(CASES[case], why_not(CASES[case]), advise(CASES[case]))


@given(PEOPLE)
@FEW
def test_every_intervention_of_everybody(why_not, advise, profile):
    check(profile, why_not(profile), advise(profile))


@pytest.mark.parametrize("case", some(list(CASES), 6))
def test_at_its_threshold_a_failed_number_is_met(why_not, observe, case):
    for row in why_not(CASES[case]):
        for condition in row["conditions"]:
            if condition["margin"] is not None and condition["word"] in ("at_least", "at_most"):
                assert moved(observe(CASES[case]), condition), condition


def moved(observations, condition):
    """Whether some test of the rule on this fact changes where the input is moved to the threshold."""
    word = INPUTS[condition["input"]]
    sent = next(given.sent for given in observations.given if given.fact == word.id)
    factor = sent.get("factor") if isinstance(sent, dict) else None
    known = {given.fact: given.value for given in observations.given if given.fact in WORDS}
    after = Observations({**known, word.id: forth(word, condition["threshold"], condition["unit"], factor)})
    compute(after, WORDS)
    tests = [test for test in comparisons(KNOWLEDGE.rules[condition["rule"]].when) if test.fact == condition["fact"]]
    before = observations.values
    return any(holds(test, before) != holds(test, after.values) for test in tests) or any(
        holds(Compare(test.fact, INVERSE[test.word], test.threshold), after.values) for test in tests
    )


def comparisons(condition):
    if isinstance(condition, Compare):
        yield condition
    for test in getattr(condition, "tests", [getattr(condition, "test", None)]):
        if test is not None:
            yield from comparisons(test)


def test_values_thresholds_and_margins_are_in_the_callers_unit(why_not):
    profile = {"age": 40, "labs": {"fasting_glucose": {"value": 5.5, "unit": "mmol/L"}}, "conditions": []}
    rows = {row["intervention"]: row for row in why_not(profile)}
    found = next(one for one in rows["intermittent_fasting"]["conditions"] if one["rule"] == "finding.fpg_prediabetes")
    assert (found["value"], found["unit"], found["word"]) == (5.5, "mmol/L", "at_least")
    assert forth(WORDS["fasting_glucose"], found["threshold"], "mmol/L") == 100
    assert found["margin"] == pytest.approx(0.1, abs=1e-9)


@pytest.mark.parametrize(("hours", "value", "status", "margin"), [(2, 6.0, "failed", 5.1), (None, None, "unknown", None)])
def test_what_was_not_taken_fasting_is_told_by_its_reading(why_not, hours, value, status, margin):
    """The number counts under another name, and is asked for and converted as the fasting value is."""
    glucose = {"fasting_glucose": {"value": 6.0, "unit": "mmol/L", "fasting_hours": hours}} if hours else {}
    rows = why_not({"age": 40, "labs": {**glucose, "random_glucose": {"value": 100, "unit": "mg/dL"}}})
    found = next(one for row in rows for one in row["conditions"] if one["fact"] == "glucose_not_fasting")
    assert (found["rule"], found["input"]) == ("finding.random_diabetes_range", "/labs/fasting_glucose")
    assert (found["value"], found["status"], found["margin"] and round(found["margin"], 1)) == (value, status, margin)


def test_a_sign_named_before_asks_whether_it_is_there_now(why_not):
    rows = why_not(changed(OPEN, {"symptoms": ["head_injury"]}))
    found = [one for row in rows for one in row["conditions"] if one["fact"] == "not_now"]
    assert {(one["input"], one["value"], one["status"]) for one in found} == {("/signs_now", None, "unknown")}


def test_a_computed_number_is_followed_to_the_input_that_can_move(why_not):
    thin = changed(OPEN, {"weight": {"value": 160, "unit": "[lb_av]"}, "waist": {"value": 80, "unit": "cm"}})
    rows = {row["intervention"]: row for row in why_not(thin)}
    found = next(one for one in rows["caloric_reduction"]["conditions"] if one["rule"] == "finding.bmi_overweight")
    assert (found["fact"], found["input"], found["value"], found["unit"]) == ("bmi", "/weight", 160, "[lb_av]")
    assert found["threshold"] == pytest.approx(25 * 1.78**2 / 0.45359237, abs=1e-5)
    assert not [one for row in rows.values() for one in row["conditions"] if one["input"] == "/height"]


def test_blocked_tells_the_gate_and_what_lies_behind_it(why_not):
    stopped = changed(OPEN, {"conditions": ["t1d"], "medications": ["insulin"]})
    row = next(iter(why_not(stopped, intervention="intermittent_fasting")))
    assert (row["list"], row["status"]) == ("withheld", "blocked") and row["blocked_by"]
    assert {one["input"] for one in row["conditions"]} <= {"/conditions", "/medications"}
    assert {one["word"] for one in row["conditions"]} == {"includes_not"}


def test_an_unanswered_safety_question_is_named(why_not):
    rows = {row["intervention"]: row for row in why_not(changed(OPEN, {"medications": None}))}
    row = rows["intermittent_fasting"]
    assert row["status"] == "blocked" and row["would_offer"] is True
    assert ("/medications", "unknown") in {(one["input"], one["status"]) for one in row["conditions"]}


def test_a_wish_is_named_and_what_it_stops(why_not):
    row = next(one for one in why_not(changed(OPEN, {"preferences": {"hiit_ok": False}})) if one["intervention"] == "hiit")
    assert (row["list"], row["status"], row["would_offer"], codes(row["blocked_by"])) == ("not_indicated", "blocked", True, {"N.PREFERENCE"})


def test_a_deferral_tells_what_comes_first(why_not):
    lazy = changed(OPEN, {"activity": {"moderate_min": 40, "fitness": "low"}})
    row = next(one for one in why_not(lazy, intervention="hiit"))
    found = next(one for one in row["conditions"] if one["input"] == "/activity/moderate_min")
    assert (row["list"], found["threshold"], found["margin"]) == ("deferred", 90.0, 50.0)
    assert "/age" not in {one["input"] for one in row["conditions"]}


def test_the_nearest_miss_comes_first(why_not):
    near = changed(OPEN, {"diet": {"added_sugar_pct": 9.9, "satfat_pct": 5, "upf": "never", "refined_carbs": "never"}})
    asked = [row["intervention"] for row in why_not(near)]
    assert asked.index("cut_added_sugar") < asked.index("lower_saturated_fat") < asked.index("cut_processed_foods")


def test_what_is_recommended_has_no_row(why_not):
    assert why_not(OPEN, intervention="self_monitoring") == []
    assert [row["intervention"] for row in why_not(CASES["C03"], intervention="fibre")] == ["fibre"]


def test_another_threshold_is_another_sentence(why_not):
    sugar = {row["intervention"]: row for row in why_not(CASES["C03"])}["cut_added_sugar"]["conditions"][0]
    rule, word = KNOWLEDGE.rules[sugar["rule"]], WORDS[sugar["fact"]]
    assert rule.title in sugar["text"] and word.plain in sugar["text"] and f"{sugar['threshold']:g}" in sugar["text"]
