"""A checker that has only an answer's trace and the rule files: it derives the answer again."""

from __future__ import annotations

from typing import Any

from schemas.bounds import Bounded
from service.engine.matching import derive, support
from service.given import Given, facts_given
from service.knowledge.rulebase import Knowledge

MADE_BEFORE_RULES = ("given", "assumed", "computed")


def check_trace(knowledge: Knowledge, strata: Any, answer: dict[str, Any]) -> None:
    """Premises come first, `because` resolves, every node follows from its premises, and all follows again from the start."""
    nodes = answer["trace"]["nodes"]
    seen: dict[str, dict[str, Any]] = {}
    for node in nodes:
        assert node["id"] not in seen
        for premise in node["premises"]:
            assert premise in seen if isinstance(premise, str) else premise["absent"]
        seen[node["id"]] = node
    check_because(answer, set(seen))
    before = [node for node in nodes if node["kind"] in MADE_BEFORE_RULES and node["rule"] != "count"]
    known = [node for node in before if node["fact"] in knowledge.vocabulary]  # `today` is no fact of rules
    facts = facts_given(Given(node["fact"], read(knowledge, node), node["id"].partition(":")[2]) for node in known)
    again = derive(facts, strata, knowledge.vocabulary)
    check_nodes(knowledge, nodes, seen, again.facts)
    concluded = {(fact, value) for firing in again.firings() for fact, value in firing.rule.conclusions}
    assert concluded == {(node["fact"], node["value"]) for node in nodes if node["kind"] not in MADE_BEFORE_RULES}


def check_because(found: Any, ids: set[str]) -> None:
    if isinstance(found, dict):
        assert set(found.get("because", ())) <= ids
        for value in found.values():
            check_because(value, ids)
    elif isinstance(found, list):
        for value in found:
            check_because(value, ids)


def check_nodes(knowledge: Knowledge, nodes: list[dict], seen: dict[str, dict], facts: dict[str, Any]) -> None:
    for node in nodes:
        if node["kind"] in MADE_BEFORE_RULES:
            continue
        rule = knowledge.rules[node["rule"]]
        assert (node["fact"], node["value"]) in rule.conclusions
        stated = {(seen[p]["fact"], True) if isinstance(p, str) else (p["fact"], False) for p in node["premises"]}
        possible = [{(premise.fact, premise.present) for premise in way} for way in support(rule.when, facts)]
        assert any(way <= stated for way in possible), node["id"]


def read(knowledge: Knowledge, node: dict[str, Any]) -> Any:
    if "low" in node:
        return Bounded(node["low"], node["high"], node["value"])
    return frozenset(node["value"]) if knowledge.vocabulary[node["fact"]].kind in ("codes", "set") else node["value"]


