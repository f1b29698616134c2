"""What if: the same as answering twice, and every difference told once, with the rules through which it comes."""

from __future__ import annotations

from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from schemas.explanations import KINDS, RequestSchemas
from schemas.faults import flatten
from schemas.profile import profile_schema, request_schema
from service.explaining.questions import Questions
from service.explaining.what_if import KINDS as TOLD
from tests.conftest import TODAY
from tests.explaining.asked import CASES, FEW, KNOWLEDGE, PEOPLE, at
from tests.profiles import OPEN, changed
from tests.thoroughness import some

WORDS = KNOWLEDGE.vocabulary
SCHEMA = profile_schema(WORDS)()
BODY = RequestSchemas(WORDS, tuple(KNOWLEDGE.interventions), request_schema(WORDS)).what_if()
VOLATILE = ("decision_id",)


@pytest.fixture(scope="module")
def what_if(advisor):
    questions = Questions(advisor)

    def ask(profile, *changes):
        loaded = BODY.load({"profile": deepcopy(profile), "changes": [{"input": input_, "value": value} for input_, value in changes]})
        return questions.what_if(loaded["profile"], loaded["changed"], now=TODAY)

    return ask


def stable(answer):
    return {key: value for key, value in answer.items() if key not in VOLATILE}


def check(found, before, after, advise):
    for name, profile in (("before", before), ("after", after)):
        assert stable(found[name]) == stable(advise(profile, detail="summary"))
    told = {(one["kind"], one["id"]): (one["before"], one["after"]) for one in found["differences"]}
    assert len(told) == len(found["differences"])
    whole = advise(before), advise(after)
    for kind, lines in TOLD.items():
        one, other = dict(lines(whole[0])), dict(lines(whole[1]))
        differing = {id_ for id_ in {*one, *other} if one.get(id_) != other.get(id_)}
        assert differing == {id_ for told_kind, id_ in told if told_kind == kind}
        for id_ in differing:
            assert [value or None for value in told[kind, id_]] == [lines.get(id_) or None for lines in (one, other)]
    check_rules(found, before, after)


def check_rules(found, before, after):
    for one in found["differences"]:
        assert one["rules"] or needs_none(one, before, after), one
        assert set(one["rules"]) - set(KNOWLEDGE.rules) <= {word.formula for word in WORDS.values()} | {"stale", "not_recent", "other_sample", "not_fasting", "confirmed"}
        for rule in set(one["rules"]) & set(KNOWLEDGE.rules):
            assert KNOWLEDGE.rules[rule].title in one["text"]


def needs_none(difference, before, after):
    """What no rule and no formula stands behind: a question, a request to confirm what was sent, and how much a person wants to begin at once."""
    wanted = [profile.get("preferences", {}).get("max_changes_at_once") for profile in (before, after)]
    return (
        difference["kind"] == "missing"
        or (difference["kind"] == "notice" and difference["id"].endswith("is unusual: please confirm it."))
        or (difference["kind"] == "phase" and wanted[0] != wanted[1])
    )


def test_every_kind_is_in_the_contract():
    assert set(TOLD) == set(KINDS)


@given(PEOPLE, PEOPLE, st.data())
@FEW
def test_it_is_answering_twice(what_if, advise, profile, other, data):
    names = sorted({*profile, *other} - {"age", "waist", "height"})
    chosen = data.draw(st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True)) if names else []
    changes = [(f"/{name}", other.get(name)) for name in chosen]
    after = {name: value for name, value in {**profile, **{name: other.get(name) for name in chosen}}.items() if value is not None}
    check(what_if(profile, *changes), profile, after, advise)


@pytest.mark.parametrize("case", some(list(CASES), 6))
def test_less_weight_in_every_case(what_if, advise, case):
    profile = CASES[case]
    if "weight" in profile:
        weight = round(profile["weight"]["value"] * 0.9, 1)
        check(what_if(profile, ("/weight", weight)), profile, changed(profile, {"weight": {**profile["weight"], "value": weight}}), advise)


def test_no_change_is_no_difference(what_if):
    assert what_if(OPEN)["differences"] == []
    assert what_if(OPEN, ("/labs/hba1c", None))["differences"] == []


def test_a_medicine_moves_an_intervention_through_its_gate(what_if):
    found = what_if(OPEN, ("/medications", ["insulin"]))
    moved = next(one for one in found["differences"] if (one["kind"], one["id"]) == ("list", "intermittent_fasting"))
    assert moved["before"] == "recommendations" and moved["after"] in ("withheld", "clinician_first")
    assert any(KNOWLEDGE.rules[rule].layer == "gates" for rule in moved["rules"])
    assert f"from {moved['before']} to {moved['after']}" in moved["text"]


SPORTY = {
    "age": 40, "sex": "female", "pregnancy": "none", "symptoms": [], "conditions": [], "medications": [], "eating_disorder": "none",
    "height": {"value": 170, "unit": "cm"}, "weight": {"value": 60, "unit": "kg"}, "activity": {"moderate_min": 320}, "goals": ["weight_loss"],
}  # fmt: skip
# Lines that differ although every rule that concludes them fires as before: (profile, change, line, a rule that must be named, and one not to be).
THROUGH_OTHERS = {
    "an interaction names who is on the table": (
        SPORTY, ("/conditions", ["recent_surgery"]), ("interaction", "X-03"), "place.strength_training.withheld", "X-03",
    ),
    "a phase is filled up by what moved forward": (
        OPEN, ("/medications", ["glp1_ra"]), ("phase", "cut_added_sugar"), "rank.phase.strength_training.first", "rank.phase.cut_added_sugar",
    ),
    "a rank is taken by what moved forward": (
        OPEN, ("/medications", ["glp1_ra"]), ("rank", "whole_food_diet"), "rank.strength_training.first", "rank.whole_food_diet",
    ),
    "a plan says a number that a formula makes": (OPEN, ("/age", 41), ("plan", "hiit.pulse"), "hr_max", "plan.hiit.pulse"),
    "a plan says a number that was sent": (
        OPEN, ("/diet/eating_window_h", 13.5), ("plan", "intermittent_fasting.to_14_10"), "plan.intermittent_fasting.to_14_10", "X-02",
    ),
    "a number of a plan was sent": (
        OPEN, ("/diet/eating_window_h", 13.5), ("number", "intermittent_fasting.eating_window_h"), "plan.intermittent_fasting.to_14_10", "X-02",
    ),
    "a number comes with the step that says it": (
        changed(OPEN, {"diet": {"satfat_pct": 5}}), ("/diet/satfat_pct", 14), ("number", "lower_saturated_fat.satfat_limit_g"),
        "plan.lower_saturated_fat.limit", "satfat_limit_g",
    ),
    "a count of none can be made": (
        SPORTY, ("/waist", {"value": 70, "unit": "cm"}), ("computed", "mets_count"),
        "finding.mets_waist_known", "finding.mets_waist",
    ),
    "a notice has its own rules only": (
        OPEN, ("/medications", ["something"]), ("notice", "Not known to our rules"), "notice.unreviewed", "notice.safety_questions_open",
    ),
    "so has what is to be watched": (
        changed(OPEN, {"symptoms": ["weight_resistance", "post_meal_hunger"]}), ("/labs/hs_crp", {"value": 12, "unit": "mg/L"}),
        ("monitoring", "hs-CRP"), "monitor.hs_crp_acute", "monitor.hunger",
    ),
}  # fmt: skip


def line(found, kind, id_):
    return next(one for one in found["differences"] if one["kind"] == kind and one["id"].startswith(id_))


@pytest.mark.parametrize("name", THROUGH_OTHERS)
def test_a_line_has_its_rules_also_where_the_one_that_concludes_it_fires_as_before(what_if, name):
    profile, change, wanted, named, not_named = THROUGH_OTHERS[name]
    rules = line(what_if(profile, change), *wanted)["rules"]
    assert named in rules
    assert not_named not in rules


def test_what_no_rule_moves_names_none(what_if):
    assert line(what_if(OPEN, ("/weight", 300)), "notice", "weight is unusual")["rules"] == []
    assert line(what_if(OPEN, ("/preferences", {"max_changes_at_once": 1})), "phase", "cut_added_sugar")["rules"] == []
    assert line(what_if(OPEN, ("/waist", None)), "missing", "/waist")["rules"] == []


def test_a_bare_number_takes_the_unit_that_was_sent():
    loaded = BODY.load({"profile": changed(OPEN, {"weight": {"value": 220, "unit": "[lb_av]"}}), "changes": [{"input": "/weight", "value": 200}]})
    assert loaded["changed"]["weight"].sent == ({"value": 200, "unit": "[lb_av]"},)
    assert loaded["profile"]["weight"].sent == ({"value": 220, "unit": "[lb_av]"},)


REFUSED = {
    "no such lab": ([("/labs/foo", None)], "/changes/0/input", "unknown_field"),
    "no pointer": ([("labs", 1)], "/changes/0/input", "unknown_field"),
    "not into the profile": ([("/profile/age", 1)], "/changes/0/input", "unknown_field"),
    "past the end of a list": ([("/conditions/9", "t2d")], "/changes/0/input", "unknown_field"),
    "below a text": ([("/sex/foo", "t2d")], "/changes/0/input", "unknown_field"),
    "age taken away": ([("/age", None)], "/changes/0/value", "required"),
    "a weight of a whale": ([("/height", None), ("/weight", 3000)], "/changes/1/value", "implausible"),
    "an unknown unit": ([("/weight/unit", "furlong")], "/changes/0/value", "unknown_unit"),
    "half a blood pressure": ([("/blood_pressure/systolic", None)], "/changes/0/value", "required"),
    "a field that is not there": ([("/diet", {"foo": 1})], "/changes/0/value/foo", "unknown_field"),
    "no body": ([("/waist", {"value": 50, "unit": "cm"}), ("/height", {"value": 220, "unit": "cm"})], "/changes/0/value", "implausible"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_changed_is_refused_by_its_place(name):
    changes, pointer, code = REFUSED[name]
    with pytest.raises(ValidationError) as caught:
        BODY.load({"profile": deepcopy(OPEN), "changes": [{"input": input_, "value": value} for input_, value in changes]})
    assert (pointer, code) in {(error["pointer"], error["code"]) for error in flatten(caught.value.messages)}


def test_a_value_is_put_where_nothing_was():
    loaded = BODY.load({"profile": {"age": 40}, "changes": [{"input": "/labs/hba1c", "value": {"value": 6, "unit": "%"}}]})
    assert loaded["changed"]["labs"]["hba1c"].value == 6
    assert "labs" not in loaded["profile"]
    assert at(OPEN, "/labs/hba1c") is None


@pytest.mark.parametrize(("pointer", "value", "opened"), [
    ("/signs_now/0/course", "as_usual", True), ("/signs_now/0/with", ["fever"], False), ("/signs_now/0", None, True), ("/supplements/0", None, False),
])  # fmt: skip
def test_a_change_of_a_sign_is_read_where_it_stands(what_if, pointer, value, opened):
    """A headache that is the migraine as usual stops nothing, as little as none; with a fever HIIT stays closed."""
    signs = [{"code": "headache_severe", "course": "new", "with": []}]
    profile = {**OPEN, "conditions": ["migraine"], "supplements": ["vitamin D"], "signs_now": signs}
    found = what_if(profile, (pointer, value))
    assert "hiit" not in {row["intervention"] for row in found["before"]["recommendations"]}
    assert ("hiit" in {row["intervention"] for row in found["after"]["recommendations"]}) is opened
