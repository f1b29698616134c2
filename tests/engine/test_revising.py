"""From one person's derivation to another's: what is revised is what the engine derives."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.analysis.outcome import Outcomes
from service.engine.matching import derive
from service.engine.revising import Revisable
from service.knowledge.program import program as arranged
from service.knowledge.records import Holds, Not
from tests.engine.test_session import rule
from tests.explaining.asked import CASES, KNOWLEDGE, PEOPLE

SOME = settings(max_examples=min(100, settings.default.max_examples))
OUTCOMES = Outcomes(KNOWLEDGE)


@pytest.fixture(scope="module")
def everything(advisor):
    """Every rule is kept."""
    return advisor.knowledge.program


def known(facts):
    return {fact: value for fact, value in facts.items() if value != frozenset()}


def check(program, derive, before, after):
    revision = Revisable(program, before, derive(before)).revised(after)
    whole = derive(after)
    assert known(revision.facts) == known(whole.facts)
    assert {one.id for one in revision.rules()} == {one.id for one in whole.rules()}
    others = {one.id for one in derive(before).rules()} ^ {one.id for one in whole.rules()}
    assert others <= revision.turned.keys()


@given(PEOPLE, PEOPLE)
@SOME
def test_any_person_revised_to_any_other(advisor, observe, everything, one, other):
    check(everything, advisor.session.derive, observe(one).values, observe(other).values)


@given(PEOPLE, st.data())
@SOME
def test_one_answer_more_or_less(advisor, observe, everything, profile, data):
    gone = data.draw(st.sampled_from(sorted(set(profile) - {"age"}) or ["age"]))
    less = {name: value for name, value in profile.items() if name != gone or name == "age"}
    check(everything, advisor.session.derive, observe(profile).values, observe(less).values)
    check(everything, advisor.session.derive, observe(less).values, observe(profile).values)


@pytest.mark.parametrize("case", CASES)
def test_of_what_is_wanted_only_the_rules_for_it_are_judged(advisor, observe, case):
    outcome = KNOWLEDGE.program.only(OUTCOMES.facts)
    before = observe(CASES["C01"]).values
    revision = Revisable(outcome, before, advisor.derive(before)).revised(observe(CASES[case]).values)
    assert OUTCOMES.of(revision) == OUTCOMES.of(advisor.derive(observe(CASES[case]).values))
    assert revision.turned.keys() <= outcome.steps.keys() < KNOWLEDGE.rules.keys()
    assert OUTCOMES.touched(revision) or OUTCOMES.of(revision) == OUTCOMES.of(advisor.derive(before))


def test_what_only_holds_each_other_up_falls():
    vocabulary = {**{f"f{i}": KNOWLEDGE.vocabulary["pregnant"] for i in range(4)}, "sex": KNOWLEDGE.vocabulary["sex"]}
    rules = (
        rule("start", Holds("sex", "male"), ("f0", True)),
        rule("there", Holds("f0"), ("f1", True)),
        rule("back", Holds("f1"), ("f0", True)),
        rule("after", Not(Holds("f1")), ("f3", True)),
    )
    whole = arranged(rules, vocabulary)
    assert any(stratum.recursive for stratum in whole.strata)
    check(whole, lambda given: derive(given, whole.strata, vocabulary), {"sex": "male"}, {})
    check(whole, lambda given: derive(given, whole.strata, vocabulary), {}, {"sex": "male"})
