"""Words that stand in another list than their own, and signs that are felt now: nothing is lost, and no list is answered by another."""

from __future__ import annotations

from datetime import date
from itertools import product
from typing import Any

import pytest

from schemas.profile import profile_schema
from service.decisions.recording import observations_kept, observations_of
from service.engine.trace import Mentioned, answered
from service.given import ProfileFault
from service.measures import observe
from tests.asking import listed, placements, reasons_of
from tests.deriving import check_trace
from tests.loaded import KNOWLEDGE
from tests.profiles import OPEN, changed
from tests.thoroughness import some

WORDS = KNOWLEDGE.vocabulary
SCHEMA = profile_schema(WORDS)()
RISKY = ("intermittent_fasting", "caloric_reduction", "weight_loss_goal", "hiit")
OWN = ("medications", "supplements"), ("supplements", "medications"), ("conditions", "symptoms"), ("symptoms", "conditions")
# One name in two lists may mean two things: what a doctor prescribes in a dose of its own, and what stands on the shelf.
OTHERWISE = {"amino acids", "cafeina", "caffeina", "caffeine", "fish oil", "guar gum", "omega 3", "arthralgia", "joint pain"}


def seen(**profile: Any):
    return observe(SCHEMA.load({"age": 40, **profile}), WORDS, date(2026, 11, 22))


def ruled(list_: str) -> list[str]:
    return [str(value) for value in WORDS[list_].values if not str(value).startswith("unreviewed_")]


# --- words of another list ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("sent_in", "own"), OWN)
def test_a_word_counts_in_its_own_list_wherever_it_is_sent(sent_in, own):
    """Every value of a list, by its own word, unless the other list has a word of that name."""
    names = [value for value in ruled(own) if not WORDS[sent_in].thesaurus.whole(value).terms]
    assert len(names) > 2
    for value in names:
        known, expected = seen(**{sent_in: [value], own: []}).values, seen(**{own: [value]}).values[own]
        doubt = {WORDS[own].thesaurus.unreviewed} & expected  # stays where the word was sent
        assert known[own] == expected - doubt, value
        assert known[sent_in] == ({WORDS[sent_in].thesaurus.unreviewed} if doubt else frozenset())


@pytest.mark.parametrize(("sent_in", "own"), OWN)
def test_a_list_is_not_answered_by_a_word_in_another(sent_in, own):
    value = next(value for value in ruled(own) if not WORDS[sent_in].thesaurus.whole(value).terms)
    known = seen(**{sent_in: [value]}).values
    assert isinstance(known[own], Mentioned) and not answered(own, known) and answered(sent_in, known)
    assert value in known[own]
    assert known[own] != frozenset(known[own]) and frozenset(known[own]) != known[own]


def test_a_medicine_among_supplements_has_its_rules_and_leaves_the_question_open(advise):
    answer = advise(changed(OPEN, {"medications": None, "supplements": ["Lantus"]}))
    codes = {reason["code"] for row in (*answer["clinician_first"], *answer["withheld"]) for reason in row["reasons"]}
    assert "W.SAFETY_UNKNOWN" in codes
    assert "/medications" in {row["input"] for row in answer["missing"]}
    assert answer["unrecognised"] == []
    alone = advise(changed(OPEN, {"supplements": ["Lantus"]}))
    assert placements(alone) == placements(advise(changed(OPEN, {"medications": ["Lantus"]})))


def test_a_word_that_no_rule_knows_stays_where_it_was_sent():
    known = seen(conditions=["cough"]).values
    assert known["conditions"] == {"unreviewed_condition"} and "symptoms" not in known


def test_no_symptoms_among_conditions_says_nothing_about_conditions():
    assert seen(conditions=["no symptoms"]).values["conditions"] == {"unreviewed_condition"}


def test_a_code_of_the_other_list_counts_too():
    assert seen(conditions=[{"system": "ICD-10", "code": "R55"}]).values["symptoms"] == Mentioned({"syncope"})
    assert seen(supplements=[{"system": "ATC", "code": "A10BA02"}]).values["medications"] == Mentioned({"metformin"})


def test_the_answer_points_to_where_a_word_was_sent(advise, advisor):
    answer = advise(changed(OPEN, {"conditions": ["asthma", "chest pain"], "signs_now": ["chest_pain"]}), detail="full")
    nodes = {node["id"]: node for node in answer["trace"]["nodes"]}
    assert (nodes["given:/conditions/1"]["fact"], nodes["given:/conditions/1"]["sent"]) == ("symptoms", "chest pain")
    premises = {premise for node in nodes.values() if node["fact"] == "RF.CHEST_PAIN" for premise in node["premises"] if isinstance(premise, str)}
    assert {"given:/conditions/1", "given:/signs_now"} <= premises and "given:/symptoms" not in premises
    check_trace(KNOWLEDGE, advisor.knowledge.program.strata, answer)


def test_names_that_two_lists_share_mean_the_same_but_for_those_that_are_told():
    for one, other in (("medications", "supplements"), ("conditions", "symptoms")):
        here, there = (WORDS[name].thesaurus for name in (one, other))
        unlike = {name for name in {*here.by_id, *here.by_name} & {*there.by_id, *there.by_name} if meaning(here, name) != meaning(there, name)}
        assert unlike <= OTHERWISE, unlike


def meaning(thesaurus: Any, name: str) -> set[Any]:
    found = thesaurus.whole(name)
    return {(frozenset(term.values), term.outcome) for term in found.terms}


@pytest.mark.parametrize(("sent", "values"), [
    ("Omega-3 1000 mg capsules", set()), ("vitamin D3 + K2", {"unreviewed_supplement"}), ("Magnesiumcitrat", set()), ("2,4-DNP 200 mg", {"dnp"}),
    ("Johanniskraut", {"st_johns_wort"}), ("hierro", {"iron"}), ("Eiweißpulver", set()), ("magnesium 400 mg", set()), ("keine", set()),
    ("Hair, skin and nails", {"biotin"}), ("a name nobody mapped", {"unreviewed_supplement"}), ("ashwagandha", {"unreviewed_supplement"}),
    ("vitamin D and zinc", set()), ("Ma Huang", {"ephedra"}), ("RAD-140", {"anabolic_agent"}), ("kelp", {"high_iodine"}),
])  # fmt: skip
def test_a_supplement_is_understood(sent, values):
    assert seen(supplements=[sent]).values["supplements"] == values


def test_ephedrine_that_stays_in_the_nose_is_no_slimming_product():
    assert "supplements" not in seen(medications=["Ephedrine nasal spray"]).values
    assert seen(medications=["Ephedrine 30 mg tablets"]).values["supplements"] == Mentioned({"ephedra"})


# --- supplements ---------------------------------------------------------------------------------------------------------------


def test_supplements_that_are_reviewed_change_nothing(advise):
    sent = ["vitamin D", "iron", "Creatine", "whey protein", "fish oil", "probiotics", "psyllium", "melatonin", "Q10", "electrolytes"]
    before, answer = advise(OPEN), advise(changed(OPEN, {"supplements": sent}))
    assert placements(answer) == placements(before)
    assert answer["disposition"] == before["disposition"] and answer["unrecognised"] == []


def test_not_to_be_asked_about_supplements_stops_nothing(advise):
    assert placements(advise(changed(OPEN, {"supplements": []}))) == placements(advise(OPEN))


@pytest.mark.parametrize("sent", ["ma huang", "DNP"])
@pytest.mark.parametrize("list_", ["supplements", "medications"])
def test_what_can_kill_is_seen_the_same_day(advise, list_, sent):
    answer = advise(changed(OPEN, {list_: [sent]}))
    assert answer["disposition"] == "same_day"
    assert "RF.DANGEROUS_SUPPLEMENT" in {flag["code"] for flag in answer["red_flags"]}
    assert set(RISKY) <= set(listed(answer, "withheld"))


def test_anabolic_agents_ask_for_a_clinician_first(advise):
    answer = advise(changed(OPEN, {"supplements": ["SARMs"]}))
    assert all(reasons_of(answer, one) == ("clinician_first", {"W.ANABOLIC"}) for one in RISKY)
    assert {"strength_training", "regular_activity", "whole_food_diet"} <= set(listed(answer, "recommendations"))


@pytest.mark.parametrize(("sent", "part"), [
    ("biotin", "laboratory tests wrong"), ("St. John's wort", "Show a pharmacist"), ("berberine", "lowers blood sugar"), ("kelp", "TSH"),
])  # fmt: skip
def test_a_supplement_that_must_be_known_of_is_told(advise, sent, part):
    assert any(part in notice for notice in advise(changed(OPEN, {"supplements": [sent]}))["notices"])


# --- signs that are felt now ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("how", "value"), some(list(product(("word", "details", "with"), ruled("symptoms"))), 4))
def test_a_sign_felt_now_is_as_cautious_as_the_symptom(advise, value, how):
    detailed = {"code": value, "since": {"value": 30, "unit": "d"}, "course": "as_usual"}
    details = {} if f"since.{value}" in WORDS or f"course.{value}" in WORDS else detailed  # where rules ask, what is told counts
    said = {"word": value, "details": details or value, "with": {"code": "fatigue", "with": [value]}}
    beside = ["fatigue"] if how == "with" else []
    expected = advise(changed(OPEN, {"symptoms": [value, *beside]}))
    answer = advise(changed(OPEN, {"signs_now": [said[how]]}))
    for part in ("disposition", "red_flags", "withheld", "clinician_first", "deferred", "not_indicated"):
        assert stripped(answer[part]) == stripped(expected[part])


def stripped(found: Any) -> Any:
    """Without the ids of what was given, which say where it was sent."""
    if isinstance(found, list):
        return [stripped(one) for one in found]
    return {key: stripped(value) for key, value in found.items() if key != "because"} if isinstance(found, dict) else found


@pytest.mark.parametrize("profile", [{"signs_now": []}, {"symptoms": []}, {"signs_now": ["none"]}, {"signs_now": ["fatigue"], "symptoms": []}])
def test_either_list_answers_what_is_felt(profile):
    assert answered("symptoms", seen(**profile).values)


def test_no_word_of_a_sign_is_lost(advise):
    sent = [{"code": "itchy ears"}, {"code": "vomiting", "with": ["hiccups", {"system": "ICD-10", "code": "Q99.9", "display": "odd"}]}]
    answer = advise(changed(OPEN, {"signs_now": sent}), detail="full")
    assert [(row["input"], row["text"]) for row in answer["unrecognised"]] == [
        ("/signs_now/0", "itchy ears"), ("/signs_now/1/with/0", "hiccups"), ("/signs_now/1/with/1", "odd"),
    ]  # fmt: skip
    assert not set(RISKY) & set(listed(answer, "recommendations"))
    [node] = [node for node in answer["trace"]["nodes"] if node["id"] == "given:/signs_now"]
    assert node["sent"] == sent


@pytest.mark.parametrize(("sent", "places"), [
    (["none", "fever"], ["/signs_now/0"]), ([{"code": "none", "with": ["fever"]}], ["/signs_now/0"]),
    ([{"code": "fever", "with": ["none", "vomiting"]}], ["/signs_now/0/with/0"]),
])  # fmt: skip
def test_none_beside_a_sign_is_a_contradiction(sent, places):
    with pytest.raises(ProfileFault) as caught:
        seen(signs_now=sent)
    assert [(error["pointer"], error["code"]) for error in caught.value.errors] == [(place, "conflicting") for place in places]


def test_that_nothing_comes_with_a_sign_is_no_contradiction():
    assert seen(signs_now=[{"code": "fever", "with": ["none"]}]).values["symptoms"] == {"fever"}


# --- what is kept --------------------------------------------------------------------------------------------------------------


def test_what_is_recorded_is_read_back():
    whole = seen(supplements=["metformin"], conditions=["chest pain", "t2d"], signs_now=["fever"], symptoms=["fatigue"])
    again = observations_of(observations_kept(whole))
    assert (again.values, again.given) == (whole.values, whole.given)
    assert isinstance(again.values["medications"], Mentioned)
