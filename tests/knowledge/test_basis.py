"""The basis for review says what the rules do: it is computed from them, and what it says of an input is true of the answers."""

from __future__ import annotations

from copy import deepcopy

import pytest
from marshmallow import ValidationError

from schemas.catalogue import BasisSchema
from service.knowledge.basis import WATCHED, basis
from service.knowledge.conditions import leaves
from service.knowledge.reach import Reach
from tests.profiles import OPEN, changed

NEVER = {"given", "assumed"}
OTHER = {
    "snacks_per_day": {"diet": {"snacks_per_day": 9}},
    "late_eating": {"diet": {"late_eating": True}},
    "home_or_gym": {"preferences": {"home_or_gym": "gym"}},
}


@pytest.fixture(scope="module")
def document(knowledge):
    return basis(knowledge)


def by_id(document):
    return {one["id"]: one for one in document["inputs"]}


def test_it_has_its_shape_and_is_whole(document, knowledge):
    assert not BasisSchema().validate(document)
    assert set(by_id(document)) == {word.id for word in knowledge.vocabulary.values() if word.input}
    assert all(document[key] for key in ("intended_use", "intended_users", "population", "limitations"))
    assert all(layer["says"] for layer in document["logic"])


def test_the_route_gives_it(client, document):
    assert client.get("/v1/rulebase/basis").get_json() == document


def test_the_thirteen_source_attributes_stand_in_their_order(document):
    attributes = document["source_attributes"]
    assert [one["number"] for one in attributes] == list(range(1, 14))
    used = {one["name"].removesuffix(" as expressed in the standards in 170.213"): one["value"] for one in attributes if one["number"] >= 5}
    assert used["use of sex"] == used["use of race"] == used["use of date of birth"] == "used"
    assert used["use of language"] == used["use of gender identity"] == used["use of sexual orientation"] == "not used"
    assert len(attributes[0]["citations"]) > 100


def test_every_rule_that_reads_a_watched_trait_is_named(document, knowledge):
    for watched in document["watched"]:
        named = {one["rule"] for one in watched["rules"]}
        reading = {rule.id for rule in knowledge.rules.values() if any(leaf.fact == watched["input"] for leaf, _ in leaves(rule.when))}
        assert named == reading
        assert all(one["cites"]["article"] or one["cites"]["outside"] or one["cites"]["design"] for one in watched["rules"])
    assert [watched["input"] for watched in document["watched"]] == list(WATCHED)


def test_ancestry_reaches_by_weight_and_waist_only(document):
    rules = {one["rule"] for watched in document["watched"] if watched["input"] == "ancestry" for one in watched["rules"]}
    assert {rule.split(".")[1].split("_")[0] for rule in rules} == {"waist", "bmi", "asian", "ir"}


def test_what_is_said_not_to_be_used_changes_nothing(advise, document):
    assert set(document["not_used"]) == set(OTHER)
    plain = conclusions(advise(OPEN, detail="full"))
    for change in OTHER.values():
        assert conclusions(advise(changed(OPEN, change), detail="full")) == plain


def conclusions(answer):
    """Everything concluded; what was given is not."""
    kept = {key: answer[key] for key in ("disposition", "computed", "recommendations", "withheld", "clinician_first", "deferred")}
    return kept, [node["id"] for node in answer["trace"]["nodes"] if node["kind"] not in NEVER]


@pytest.mark.parametrize("change", [
    {"sex": "female"}, {"sex": None}, {"age": 80}, {"pregnancy": "pregnant"}, {"conditions": ["t1d"]}, {"medications": ["warfarin"]},
    {"labs": {"potassium": {"value": 6.6, "unit": "mmol/L"}}}, {"labs": {"fasting_glucose": None}}, {"preferences": {"budget": "low"}},
    {"labs": {"triglycerides": {"value": 140, "unit": "mg/dL", "fasting_hours": 2}}}, {"height": {"value": 199, "unit": "cm"}},
    {"labs": {"fasting_glucose": {"value": 90, "unit": "mg/dL", "taken_on": "2019-01-01"}}}, {"preferences": {"max_changes_at_once": 1}},
], ids=str)  # fmt: skip
def test_what_an_input_changes_is_within_its_reach(advisor, knowledge, observe, change):
    reach = Reach(knowledge)
    before, after = (observe(profile).values for profile in (deepcopy(OPEN), changed(OPEN, change)))
    moved = {fact for fact in {*before, *after} if before.get(fact) != after.get(fact)}
    inputs = [word.id for word in knowledge.vocabulary.values() if word.input and word.id in moved] or ["fasting_glucose", "triglycerides"]
    within = {rule.id for fact in inputs for rule in reach.rules_from(fact)}
    fired = [{firing.rule.id for firing in advisor.derive(values).firings()} for values in (before, after)]
    assert fired[0] ^ fired[1] <= within


def test_the_ranking_reads_what_it_is_said_to_read(advise, document):
    assert by_id(document)["max_changes_at_once"]["ranking"]
    one, many = (advise(changed(OPEN, {"preferences": {"max_changes_at_once": count}})) for count in (1, 9))
    assert [row["phase"] for row in one["recommendations"]] != [row["phase"] for row in many["recommendations"]]


def test_the_inputs_named_here_are_accepted(advise):
    for change in OTHER.values():
        try:
            advise(changed(OPEN, change))
        except ValidationError as error:
            pytest.fail(str(error.messages))
