"""Whether a why-not agrees with the answer: every intervention that is not recommended has a row, and nothing fails by what was not sent."""

from __future__ import annotations

import re
from collections import Counter
from functools import reduce
from typing import Any

from service.analysis.units import apart
from tests.asking import codes, placements
from tests.explaining.asked import KNOWLEDGE, at

WORDS = KNOWLEDGE.vocabulary
DECLINING = {rule.then["code"] for rule in KNOWLEDGE.rules.values() if "decline" in rule.then}
INPUTS = {word.input: word for word in WORDS.values() if word.input}


def check(profile: dict[str, Any], rows: list[dict[str, Any]], answer: dict[str, Any]) -> Counter[str]:
    """How many rows and conditions were looked at; raises AssertionError at the first that is wrong."""
    stands = {iv: list_ for iv, list_ in placements(answer).items() if list_ != "recommendations"}
    assert {row["intervention"]: row["list"] for row in rows} == stands
    for row in rows:
        check_status(row, answer)
        for condition in row["conditions"]:
            check_condition(profile, condition)
    return Counter(interventions=len(rows), conditions=sum(len(row["conditions"]) for row in rows))


def check_status(row: dict[str, Any], answer: dict[str, Any]) -> None:
    reasons = next(one for one in answer[row["list"]] if one["intervention"] == row["intervention"]).get("reasons", [])
    if reasons:
        assert row["status"] == "blocked" and codes(row["blocked_by"]) == codes(reasons)
    elif row["status"] == "blocked":
        assert row["blocked_by"] and codes(row["blocked_by"]) <= DECLINING
    else:
        assert row["conditions"] and not row["blocked_by"] and not row["would_offer"]
        assert (row["status"] == "unknown") <= any(one["status"] == "unknown" for one in row["conditions"])


def check_condition(profile: dict[str, Any], condition: dict[str, Any]) -> None:
    field, *entry = re.split(r"/(?=\d)", condition["input"])  # of a list: its word belongs to another, or more is told of it
    sent = reduce(below, entry[0].split("/"), at(profile, field)) if entry else at(profile, field)
    assert field in INPUTS and condition["rule"] in KNOWLEDGE.rules and condition["fact"] in WORDS
    assert (condition["value"] is None) == (condition["status"] == "unknown" or sent is None)
    if condition["status"] == "failed":
        assert sent is not None, "nothing can fail by what was not sent"
    if condition["margin"] is not None:
        assert condition["value"] == (sent["value"] if isinstance(sent, dict) else sent)
        assert condition["margin"] == apart(condition["value"], condition["threshold"])
    assert condition["text"].endswith(".") and KNOWLEDGE.rules[condition["rule"]].title in condition["text"]


def below(sent: Any, step: str) -> Any:
    return sent[int(step)] if step.isdigit() else sent[step]
