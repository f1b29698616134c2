"""The gate matrix: each gate as it was specified, tripped by the smallest change to a person whom nothing stops.

`gates.yaml` here is the specification the rules were written from, kept apart from them on purpose.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from service.knowledge.files.strict_yaml import Loader
from tests.asking import reasons_of
from tests.profiles import OPEN, changed

HERE = Path(__file__).parent
GATES = yaml.load((HERE / "gates.yaml").read_text(), Loader)
TOKENS = yaml.load((HERE / "tokens.yaml").read_text(), Loader)
GROUPS = {
    "ALL": [
        "whole_food_diet", "fruit", "vegetables", "lean_protein", "healthy_fats", "fibre", "cut_processed_foods", "cut_refined_carbs",
        "cut_added_sugar", "lower_saturated_fat", "omega3", "intermittent_fasting", "caloric_reduction", "weight_loss_goal",
        "strength_training", "regular_activity", "hiit", "self_monitoring",
    ],
    "EXERCISE": ["strength_training", "hiit", "regular_activity"],
    "RESTRICT": ["intermittent_fasting", "caloric_reduction", "weight_loss_goal"],
}  # fmt: skip
STRICTNESS = {"modify": 0, "clinician_first": 1, "withhold": 2}


def tripped(gate: dict[str, Any], side: str = "inside", token: str | None = None) -> dict[str, Any]:
    """OPEN with every token of the gate inside, the named one on `side`."""
    profile = OPEN
    for name in gate["when"]:
        profile = changed(profile, TOKENS[name][side if name == token else "inside"])
    return profile


def test_there_are_113_gates_and_each_token_is_used():
    assert len(GATES) == 113
    assert {token for gate in GATES for token in gate["when"]} == set(TOKENS)


@pytest.fixture(scope="module")
def fired(advisor, observe):
    """The rules that fire for a profile."""
    return lambda profile: {rule.id for rule in advisor.session.derive(observe(profile).values).rules()}


def test_each_gate_gives_its_level_or_a_stricter_one(advise, fired):
    assert [gate["id"] for gate in GATES if gate["id"] not in fired(tripped(gate))] == []
    answers = {gate["id"]: advise(tripped(gate)) for gate in GATES}
    too_weak = [(gate["id"], target) for gate in GATES for target in targets(gate) if not as_strict(gate, *reasons_of(answers[gate["id"]], target))]
    assert too_weak == []


def targets(gate: dict[str, Any]) -> list[str]:
    return GROUPS[gate["iv"]] if isinstance(gate["iv"], str) else gate["iv"]


def as_strict(gate: dict[str, Any], level: str, codes: set[str]) -> bool:
    if level == "not_indicated":  # what is not offered cannot be changed or agreed to; that it is not offered is stricter
        return gate["level"] != "withhold"
    return gate["code"] in codes if level == gate["level"] else STRICTNESS[level] > STRICTNESS[gate["level"]]


def test_just_outside_each_token_its_gate_is_silent(fired):
    edges = [(gate, token) for gate in GATES for token in gate["when"]]
    assert [(gate["id"], token) for gate, token in edges if gate["id"] in fired(tripped(gate, "outside", token))] == []


def test_nothing_stops_or_changes_anything_for_the_open_person(advise):
    answer = advise(OPEN)

    assert len(answer["recommendations"]) == 14
    assert all(not row["changes"] for row in answer["recommendations"])
    assert all(row["status"] == "fine" for row in answer["components"])
