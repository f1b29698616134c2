"""For every part of every condition there is somebody for whom it decides: in a case beside the rule, or in deciding.json."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.rules.deciding import KEPT, Deriving, undecided
from tests.thoroughness import some

CORPUS = json.loads(KEPT.read_text())


@pytest.fixture(scope="module")
def deriving(knowledge) -> Deriving:
    return Deriving(knowledge)


def test_the_rules_fire_or_are_silent_as_one_part_of_them_decides(deriving):
    assert [person for person in CORPUS["people"] if not as_decided(person, deriving.fired(person["profile"]))] == []


def as_decided(person: dict[str, Any], fired: set[str]) -> bool:
    return set(person["fires"]) <= fired and not set(person["silent"]) & fired


def test_every_part_decides_for_somebody_or_is_known_to_decide_for_nobody(knowledge, deriving):
    idle, asked = {tuple(one) for one in CORPUS["idle"]}, set(some(list(knowledge.rules), 4))
    shown = [(person, {*person["fires"], *person["silent"]}) for person in CORPUS["people"]]
    people = [(deriving.of_profile(person["profile"]), rules) for person, rules in shown if not asked.isdisjoint(rules)]
    gaps = [
        f"{part.rule.id}: {part.name}"
        for part in undecided(knowledge, deriving, asked)
        if (part.rule.id, part.name) not in idle and not any(part.rule.id in rules and part.decides(facts) for facts, rules in people)
    ]
    assert not gaps, "write a case for it, or run: python -m tests.rules.deciding"
