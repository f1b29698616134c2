"""What the answer does in the situations the knowledge speaks of: clearance, stale values, fasting hours, age, detail and voice."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.asking import codes, placements, reasons_of
from tests.profiles import OPEN, changed

HEART = changed(OPEN, {"conditions": ["cvd_stable"]})
CLEARED = {"intervention": "hiit", "role": "cardiologist", "date": "2026-10-01"}


def levels(answer):
    return {row["id"]: row["level"] for row in answer["states"]}


def findings(answer):
    return {row["id"] for row in answer["findings"]}


def sources_of(evidence):
    told = [*evidence["outcomes"], evidence["leptin"], evidence["harm"]]
    return [source for one in told for source in one["sources"]]


# --- clearance ---------------------------------------------------------------------------------------------------


def test_a_yearly_clearance_lifts_the_screening_and_nothing_else(advise):
    before, after = advise(HEART), advise(changed(HEART, {"clearance_within_12m": True}))
    assert reasons_of(before, "hiit") == ("clinician_first", {"W.CVD_STABLE", "W.ACSM_SCREEN"})
    assert reasons_of(after, "hiit") == ("clinician_first", {"W.CVD_STABLE"})


def test_a_dated_clearance_turns_a_question_for_the_clinician_into_a_change(advise):
    answer = advise(changed(HEART, {"clearances": [CLEARED]}))
    assert placements(answer)["hiit"] == "recommendations"
    assert {"W.CVD_STABLE", "W.ACSM_SCREEN"} <= reasons_of(answer, "hiit")[1]
    assert placements(answer)["intermittent_fasting"] == "clinician_first"


@pytest.mark.parametrize(
    "clearance",
    [{**CLEARED, "date": "2025-11-21"}, {**CLEARED, "expires": "2026-11-21"}, {**CLEARED, "intervention": "strength_training"}],
    ids=["a year old", "expired", "for something else"],
)
def test_a_clearance_that_does_not_hold_lifts_nothing(advise, clearance):
    assert placements(advise(changed(HEART, {"clearances": [clearance]})))["hiit"] == "clinician_first"


def test_no_clearance_lifts_what_is_withheld_or_not_answered(advise):
    withheld = changed(OPEN, {"conditions": ["pdr"], "clearances": [CLEARED], "clearance_within_12m": True})
    silent = changed(OPEN, {"medications": None, "clearances": [CLEARED], "clearance_within_12m": True})
    assert placements(advise(withheld))["hiit"] == "withheld"
    assert reasons_of(advise(silent), "hiit") == ("clinician_first", {"W.SAFETY_UNKNOWN"})


# --- values that are old, repeated or not fasting ---------------------------------------------------------------


HEALTHY = changed(
    OPEN,
    {
        "weight": {"value": 70, "unit": "kg"},
        "waist": {"value": 80, "unit": "cm"},
        "diet": {"produce_servings": 7, "fibre_g": 40, "upf": "never", "refined_carbs": "never", "added_sugar_pct": 4, "satfat_pct": 6},
        "activity": {"moderate_min": 200, "strength_sessions": 2},
        "labs": {
            "fasting_glucose": {"value": 85, "unit": "mg/dL"},
            "fasting_insulin": {"value": 5, "unit": "u[IU]/mL"},
            "triglycerides": {"value": 70, "unit": "mg/dL"},
            "hdl": {"value": 60, "unit": "mg/dL"},
        },
    },
)


def lab(name, value, unit, **more):
    return {"labs": {name: {"value": value, "unit": unit, **more}}}


def test_an_old_normal_value_reassures_nobody(advise):
    fresh = advise(HEALTHY)
    assert levels(fresh)["insulin_resistance"] == "not_supported"
    dated = {"taken_on": "2025-01-01"}
    old = changed(HEALTHY, {"labs": None})
    old["labs"] = {name: {**value, **dated} for name, value in HEALTHY["labs"].items()}
    answer = advise(old)
    assert levels(answer)["insulin_resistance"] == "insufficient_data"
    assert not findings(answer) & {"fpg_normal", "homa_normal"}


def test_an_old_dangerous_value_still_warns(advise):
    """It commands nothing (clinical_review 10.4), and is to be measured again soon."""
    answer = advise(changed(HEALTHY, lab("potassium", 6.6, "mmol/L", taken_on="2020-01-01")))
    assert answer["disposition"] == "soon" and [flag["code"] for flag in answer["red_flags"]] == ["RF.HYPERK"]


def test_a_finding_from_an_old_value_is_marked_through_every_step(advise):
    fats = changed(OPEN, lab("triglycerides", 200, "mg/dL"))
    old = changed(fats, lab("fasting_glucose", 108, "mg/dL", taken_on="2024-01-01"))
    marked = {row["id"] for row in advise(old)["findings"] if row.get("stale")}
    assert {"fpg_prediabetes", "homa_high", "metabolic_syndrome"} <= marked
    assert not marked & {"bmi_obese_1", "fibre_low", "waist_high"}
    assert not any("stale" in row for row in advise(OPEN)["findings"])


def test_the_day_a_value_turns_old(advise):
    on = changed(HEALTHY, lab("fasting_glucose", 85, "mg/dL", taken_on="2025-11-22"))
    past = changed(HEALTHY, lab("fasting_glucose", 85, "mg/dL", taken_on="2025-11-21"))
    assert "fpg_normal" in findings(advise(on))
    assert "fpg_normal" not in findings(advise(past))


def test_a_value_not_taken_fasting_makes_no_fasting_class_but_still_warns(advise):
    answer = advise(changed(HEALTHY, lab("fasting_glucose", 320, "mg/dL", fasting_hours=2)))
    assert not any(name.startswith("fpg") for name in findings(answer))
    assert "homa_ir" not in {row["id"] for row in answer["computed"]}
    assert {row["code"]: row["urgency"] for row in answer["red_flags"]} == {"RF.GLUCOSE_VERY_HIGH": "same_day", "RF.NEW_DIABETES_RANGE": "soon"}


def test_repeated_values_are_averaged(advise):
    readings = [{"value": 98, "unit": "mg/dL"}, {"value": 101, "unit": "mg/dL"}]
    answer = advise(changed(HEALTHY, {"labs": {"fasting_glucose": readings}}), detail="full")
    node = next(node for node in answer["trace"]["nodes"] if node["id"] == "given:/labs/fasting_glucose")
    assert node["value"] == 99.5
    assert node["sent"] == readings


# --- age and urgency ---------------------------------------------------------------------------------------------


def test_nothing_adult_is_said_of_a_child_but_an_emergency_is(advise):
    answer = advise(changed(OPEN, {"age": 17, "symptoms": ["chest_pain"]}))
    assert answer["disposition"] == "out_of_scope"
    assert {row["code"] for row in answer["red_flags"]} == {"RF.CHEST_PAIN"}
    assert answer["states"] == []
    assert not {row["id"] for row in answer["computed"]} & {"bmi", "homa_ir", "mets_count"}
    assert set(placements(answer).values()) == {"withheld"}
    assert {row["status"] for row in answer["components"]} == {"withheld"}


def test_a_same_day_sign_leaves_only_watching_oneself(advise):
    answer = advise(changed(OPEN, {"symptoms": ["foot_ulcer"]}))
    places = placements(answer)
    assert {iv for iv, place in places.items() if place == "recommendations"} == {"self_monitoring"}
    assert {iv for iv, place in places.items() if place == "withheld"} == {
        "intermittent_fasting", "caloric_reduction", "weight_loss_goal", "hiit", "strength_training",
    }  # fmt: skip
    assert all(codes(row["reasons"]) >= {"W.RED_FLAG_FIRST"} for row in answer["withheld"] + answer["clinician_first"])


def test_what_a_person_does_not_want_is_not_recommended(advise):
    answer = advise(changed(OPEN, {"preferences": {"fasting_ok": False, "hiit_ok": False}}))
    nearest = {row["intervention"]: row["nearest"] for row in answer["not_indicated"]}
    assert nearest["intermittent_fasting"]["code"] == nearest["hiit"]["code"] == "N.PREFERENCE"


# --- the form of the answer --------------------------------------------------------------------------------------


def test_mechanisms_are_unbroken_paths_to_a_state_and_never_measured(advise, knowledge):
    for row in advise(OPEN)["recommendations"]:
        path = row["mechanism"]
        assert path[0]["from"] == knowledge.interventions[row["intervention"]].node
        assert path[-1]["to"].startswith("state.")
        assert all(one["to"] == two["from"] for one, two in pairwise(path))
        assert not any(step["measured"] for step in path)
        assert all(step["bridge"] == (not step["claims"]) for step in path)
        assert ("horm.leptin", "state.leptin_resistance") not in {(step["from"], step["to"]) for step in path}


def test_article_and_evidence_are_never_mixed(advise, knowledge):
    for row in advise(OPEN)["recommendations"]:
        assert set(row["article"]["claims"]) <= set(knowledge.claims)
        assert not set(sources_of(row["evidence"])) & set(knowledge.claims)
        assert "The article" in row["rationale"]
        assert "Independent evidence" in row["rationale"]


def test_at_most_so_many_changes_begin_at_once(advise):
    for most in (1, 2, 3):
        answer = advise(changed(OPEN, {"preferences": {"max_changes_at_once": most}}))
        first = [row for row in answer["recommendations"] if row["phase"] == 1 and row["intervention"] != "self_monitoring"]
        assert len(first) == most


def test_the_plan_uses_the_persons_own_numbers(advise):
    rows = {row["intervention"]: row for row in advise(OPEN)["recommendations"]}
    numbers = {number["id"]: number["value"] for number in rows["fibre"]["plan"]["numbers"]}
    assert numbers["fibre_goal_g"] == pytest.approx(36.4)
    assert "36 g" in rows["fibre"]["plan"]["text"]


def test_the_two_voices_say_the_same_in_other_words(advise):
    person, clinician = (advise(OPEN, voice=voice) for voice in ("person", "clinician"))
    assert placements(person) == placements(clinician)
    assert [row["rationale"] for row in person["recommendations"]] != [row["rationale"] for row in clinician["recommendations"]]


def test_a_summary_is_part_of_the_standard_answer(advise):
    whole, summary = advise(OPEN), advise(OPEN, detail="summary")
    assert set(summary) < set(whole)
    for name in ("recommendations", "withheld"):
        for short, long in zip(summary[name], whole[name], strict=True):
            assert short.items() <= long.items()


def test_a_node_says_the_value_the_word_and_the_threshold(advise):
    nodes = {node["id"]: node["text"] for node in advise(OPEN, detail="full", voice="clinician")["trace"]["nodes"]}
    assert "HOMA-IR is 4.8 (at least 2.5)" in nodes["finding.homa_high"]


def test_missing_inputs_are_asked_for_and_never_guessed(advise):
    answer = advise({"age": 44, "sex": "female", "pregnancy": "none", "height": {"value": 163, "unit": "cm"}, "weight": {"value": 86, "unit": "kg"},
                     "symptoms": ["fatigue", "post_meal_hunger", "weight_resistance"], "conditions": [], "medications": [], "eating_disorder": "none"})  # fmt: skip
    asked = {row["input"] for row in answer["missing"]}
    assert {"/waist", "/blood_pressure/systolic", "/labs/fasting_glucose", "/labs/hba1c", "/labs/triglycerides", "/labs/hdl"} <= asked
    assert not asked & {"/age", "/weight", "/conditions"}
    assert all(row["settles"] for row in answer["missing"])
