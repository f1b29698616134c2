"""Every case beside the rules, and whether the cases leave anything of the rules unasked."""

from __future__ import annotations

from collections import defaultdict

import pytest

from service.knowledge.conditions import leaves
from service.knowledge.loading import load
from service.knowledge.records import Compare
from tests.conftest import RULES

KNOWLEDGE = load(RULES)
WRITTEN = [rule for rule in KNOWLEDGE.rules.values() if rule.topic != "graph"]


def given(case):
    """The facts of a case as the engine reads them; an adult unless it says otherwise."""
    facts = {"age": 40.0}
    for fact, value in case.given.items():
        kind = KNOWLEDGE.vocabulary[fact].kind
        facts[fact] = frozenset(value) if kind == "codes" else float(value) if kind == "number" else value
    return facts


@pytest.fixture(scope="module")
def fired(advisor):
    """rules fired by a case, derived in durable-rules and agreed by the plain evaluator."""
    known: dict[str, set[str]] = {}

    def ask(case):
        key = repr(sorted(case.given.items(), key=repr))
        if key not in known:
            known[key] = {firing.rule.id for firing in advisor.derive(given(case)).firings()}
        return known[key]

    return ask


@pytest.mark.parametrize("case", KNOWLEDGE.cases, ids=[f"{case.place.file}:{case.place.line}" for case in KNOWLEDGE.cases])
def test_case(fired, case):
    assert (case.rule in fired(case)) == case.fires, case.name


@pytest.mark.parametrize("rule", WRITTEN, ids=lambda rule: rule.id)
def test_each_rule_fires_in_one_case_and_is_silent_in_another(rule):
    shown = {case.fires for case in KNOWLEDGE.cases if case.rule == rule.id}
    assert shown == {True, False}, f"{rule.id} ({rule.place}): cases that fire {shown or 'none'}"


def thresholds():
    """(rule, fact, threshold) of every comparison in the rule files, once."""
    found = {}
    for rule in WRITTEN:
        for leaf, _ in leaves(rule.when):
            if isinstance(leaf, Compare):
                found[rule.id, leaf.fact, leaf.threshold] = rule
    return sorted(found)


VALUES = defaultdict(set)
for one in KNOWLEDGE.cases:
    for name, value in one.given.items():
        VALUES[one.rule, name].add(str(value))


@pytest.mark.parametrize(("rule", "fact", "threshold"), thresholds(), ids=lambda part: str(part))
def test_each_threshold_has_a_case_exactly_on_it(advisor, rule, fact, threshold):
    if KNOWLEDGE.vocabulary[fact].kind == "count":
        counted = {advisor.derive(given(case)).facts[fact] for case in KNOWLEDGE.cases if case.rule == rule}
        assert threshold in counted
    else:
        assert threshold in {float(value) for value in VALUES[rule, fact]}, f"no case of {rule} has {fact} exactly {threshold}"
