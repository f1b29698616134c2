"""The whole article is told: each claim that says anything of a person or an intervention stands at a sentence or path somebody reads."""

from __future__ import annotations

from itertools import chain

from service.knowledge.basis import basis
from tests.profiles import OPEN, changed

SIGNS = ["fatigue", "weight_resistance", "post_meal_hunger", "weight_gain", "body_opposes_effort"]
PEOPLE = {
    "everything is offered, signs of both resistances": {"symptoms": SIGNS, "labs": {"hs_crp": {"value": 4.2, "unit": "mg/L"}}},
    "leptin only, slim by waist": {"symptoms": SIGNS, "labs": None},
    "does much already": {"activity": {"moderate_min": 200, "strength_sessions": 2, "hiit_sessions": 1}, "symptoms": SIGNS},
    "intervals wait for a base": {"activity": {"moderate_min": 20, "fitness": "low"}, "symptoms": SIGNS},
}
EMERGENCY = {"symptoms": [*SIGNS, "neuro_deficit"]}


def told(answer) -> set[str]:
    """The claims at sentences and paths of a standard answer."""
    sentences = chain.from_iterable(row["article"]["claims"] for row in answer["article_says"])
    paths = chain.from_iterable(arrow["claims"] for row in answer["recommendations"] for arrow in row["mechanism"])
    return {*sentences, *paths}


def test_each_claim_is_told_to_somebody(advise, knowledge):
    heard = set().union(*(told(advise(changed(OPEN, change))) for change in PEOPLE.values()))
    speaking = {claim.id for claim in knowledge.claims.values() if not claim.context_only}
    assert sorted(speaking - heard) == []


def test_each_overstatement_reaches_somebody(advise, knowledge):
    """Where the article goes further than outside evidence, that is said beside it, and in the basis for review."""
    rows = [row for change in PEOPLE.values() for row in advise(changed(OPEN, change))["article_says"] if "exceeds" in row]
    overstated = {one["rule"]: one for one in basis(knowledge)["evidence"]["overstated"]}
    assert {row["because"][0].split("~")[0] for row in rows} == set(overstated)
    assert all(row["exceeds"]["says"] == overstated[row["because"][0].split("~")[0]]["says"] for row in rows)
    claims = {claim for one in overstated.values() for claim in one["claims"]}
    assert claims >= {"F-08", "F-17", "F-31", "F-35", "I-02", "I-34", "I-35", "I-60", "T1-07", "T1-08", "A-15", "A-36", "A-41", "A-44", "A-46"}


def test_of_what_findings_do_not_support_nothing_is_told(advise):
    """A well person hears of no resistance: neither of molecules nor of the loop of leptin."""
    well = changed(OPEN, {
        "weight": {"value": 70, "unit": "kg"}, "waist": {"value": 80, "unit": "cm"},
        "labs": {"fasting_glucose": {"value": 85, "unit": "mg/dL"}, "fasting_insulin": {"value": 4, "unit": "u[IU]/mL"},
                 "triglycerides": {"value": 70, "unit": "mg/dL"}, "hdl": {"value": 60, "unit": "mg/dL"}},
        "diet": {"upf": "rarely", "refined_carbs": "rarely", "added_sugar_pct": 4, "satfat_pct": 7},
    })  # fmt: skip
    of = {name for row in advise(well)["article_says"] for name in row["of"]}
    assert of & {"insulin_resistance", "leptin_resistance_signs", "chronic_inflammation"} == set()


def test_no_node_asserts_a_molecule(advise):
    nodes = advise(changed(OPEN, PEOPLE["everything is offered, signs of both resistances"]), detail="full")["trace"]["nodes"]
    assert [node["fact"] for node in nodes if node["fact"].startswith(("mol.", "tis.", "horm."))] == []


def test_beside_an_urgent_sign_the_article_is_silent(advise):
    assert advise(changed(OPEN, EMERGENCY))["article_says"] == []
