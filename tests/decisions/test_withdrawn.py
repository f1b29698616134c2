"""What a rule base no longer stands by, and which recorded decisions rest on it."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import pytest

from service.decisions.finding import Lost, lost, rests_on

NOTHING = Lost(frozenset(), frozenset(), frozenset())


def without(mapping, id_):
    return MappingProxyType({key: value for key, value in mapping.items() if key != id_})


def marked(knowledge, id_):
    """The same knowledge, with this source withdrawn."""
    source = knowledge.sources[id_]
    return replace(knowledge, sources={**knowledge.sources, id_: replace(source, details={**source.details, "withdrawn": "retracted"})})


def cites(knowledge, id_) -> Lost:
    """Everything that rests on a source, looked for one by one."""
    return Lost(
        frozenset(rule.id for rule in knowledge.rules.values() if id_ in rule.cites.outside),
        frozenset(word.id for word in knowledge.vocabulary.values() if word.cites and id_ in word.cites.outside),
        frozenset(one for one, evidence in knowledge.evidence.items() if id_ in evidence.sources),
    )


def test_today_stands_by_itself(knowledge):
    assert lost(knowledge, knowledge) == NOTHING and not NOTHING


@pytest.mark.parametrize("source", ["gayoso_diz_2013", "mifflin_1990", "knowler_2002", "who_trs_894"])
def test_a_source_that_is_withdrawn_or_gone_takes_along_what_cites_it(knowledge, source):
    assert cites(knowledge, source)
    assert lost(knowledge, marked(knowledge, source)) == cites(knowledge, source)
    assert lost(knowledge, replace(knowledge, sources=without(knowledge.sources, source))) == cites(knowledge, source)
    today = marked(knowledge, source)
    assert lost(today, today) == cites(knowledge, source), "also for what is answered today"


def test_a_rule_that_is_retired_or_gone(knowledge):
    rule = knowledge.rules["finding.homa_high"]
    retired = replace(knowledge, rules={**knowledge.rules, rule.id: replace(rule, status="retired")})
    for today in (retired, replace(knowledge, rules=without(knowledge.rules, rule.id))):
        assert lost(knowledge, today) == Lost(frozenset({rule.id}), frozenset(), frozenset())
    assert lost(knowledge, replace(knowledge, rules={**knowledge.rules, rule.id: replace(rule, title="other words", hash="0")})) == NOTHING


PARTS = {
    "trace": [["count", "mets_count", 2, []], ["rule", "finding.homa_high", 0, []]],
    "observations": {"computed": [{"fact": "bmi"}]},
    "answer": {"recommendations": [{"intervention": "fibre"}]},
}


@pytest.mark.parametrize(
    ("rules", "words", "interventions", "rests"),
    [
        ("finding.homa_high", "", "", True), ("finding.homa_low", "", "", False), ("mets_count", "", "", False), ("", "mets_count", "", True),
        ("", "bmi", "", True), ("", "finding.homa_high", "", False), ("", "", "fibre", True), ("", "", "hiit", False),
    ],
)  # fmt: skip
def test_a_decision_rests_on_what_took_part_in_it(rules, words, interventions, rests):
    gone = Lost(*(frozenset({one} - {""}) for one in (rules, words, interventions)))
    assert rests_on(PARTS, gone) == rests
