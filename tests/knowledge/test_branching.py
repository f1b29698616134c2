"""What a rule concludes for every sex it concludes where the sex is not known: over all rules that branch, for random people."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.engine.matching import support
from service.knowledge.branching import WHATEVER, branches, whatever
from service.knowledge.branching import given as cofactor
from service.knowledge.conditions import leaves
from service.knowledge.records import Compare, Holds, Known
from tests.loaded import KNOWLEDGE

WORDS = KNOWLEDGE.vocabulary
BRANCHING = [rule for rule in KNOWLEDGE.rules.values() if WHATEVER in rule.source and ".any_" not in rule.id]


@st.composite
def facts(draw, rule):
    """Values of all that the rule reads, each perhaps absent, numbers on its limits and beside them."""
    found = {}
    for leaf, _ in leaves(rule.own):
        word = WORDS[leaf.fact]
        if isinstance(leaf, Compare) and draw(st.booleans()):
            found[leaf.fact] = leaf.threshold + draw(st.sampled_from([-1.0, -0.1, 0.0, 0.1, 1.0]))
        elif isinstance(leaf, Known) and draw(st.booleans()):
            found[leaf.fact] = 100.0
        elif isinstance(leaf, Holds) and word.kind == "choice" and draw(st.booleans()):
            found[leaf.fact] = draw(st.sampled_from(word.values))
    return found


def test_there_are_rules_that_branch():
    assert {rule.source[WHATEVER] for rule in BRANCHING} == {"sex"} and len(BRANCHING) >= 8


@pytest.mark.parametrize("rule", BRANCHING, ids=lambda rule: rule.id)
@given(data=st.data())
def test_it_is_what_every_branch_shares(rule, data):
    fact = rule.source[WHATEVER]
    person = data.draw(facts(rule))
    shared = all(support(rule.own, {**person, fact: value}) for value in branches(rule.own, fact))
    unknown = person.get(fact) not in branches(rule.own, fact)
    made = KNOWLEDGE.rules[f"{rule.id}.any_{fact}"]
    assert bool(support(made.own, person)) == (unknown and shared)
    assert made.own == whatever(rule.own, fact) and made.conclusions == rule.conclusions


@pytest.mark.parametrize("rule", BRANCHING, ids=lambda rule: rule.id)
@given(data=st.data())
def test_a_branch_is_the_rule_for_that_answer(rule, data):
    fact = rule.source[WHATEVER]
    person = data.draw(facts(rule))
    for value in branches(rule.own, fact):
        assert bool(support(cofactor(rule.own, fact, value), person)) == bool(support(rule.own, {**person, fact: value}))


ANCESTRIES = [value for value in WORDS["ancestry"].values if value not in ("mixed", "prefer_not")]
OF_THE_WAIST = [rule for rule in KNOWLEDGE.rules.values() if {"waist_high", "waist_increased"} & {fact for fact, _ in rule.conclusions}]


def said_of_the_waist(person):
    return {fact for rule in OF_THE_WAIST if support(rule.own, person) for fact, _ in rule.conclusions}


@pytest.mark.parametrize("sex", ["female", "male", "unknown"])
def test_what_the_waist_is_by_every_ancestry_it_is_at_least_in_part_where_none_is_told(sex):
    """By the lower limits increased, from the general ones high: never silent where all ancestries speak, and not said where one is told."""
    for waist in range(60, 140):
        person = {"age": 40, "sex": sex, "waist": float(waist)}
        told = [said_of_the_waist({**person, "ancestry": one}) for one in ANCESTRIES]
        untold = said_of_the_waist(person)
        assert all("waist_increased" not in one for one in told)
        assert untold or not all(told)
        assert "waist_increased" in untold or "waist_high" not in untold
        assert untold == said_of_the_waist({**person, "ancestry": "mixed"}) == said_of_the_waist({**person, "ancestry": "prefer_not"})
