"""What the tests of explanations share: people, and how to ask about them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from hypothesis import settings

from tests.loaded import KNOWLEDGE
from tests.strategies import profiles

PEOPLE = profiles(KNOWLEDGE)
FEW = settings(max_examples=min(200, settings.default.max_examples))
CASES = {
    case["id"]: case["profile"]
    for case in yaml.safe_load((Path(__file__).parents[1] / "worked_cases.yaml").read_text())
    if "validation_error" not in case["expect"]
}


def at(profile: Any, pointer: str) -> Any:
    """What was sent at a pointer; None where nothing was."""
    for step in pointer[1:].split("/"):
        profile = profile.get(step) if isinstance(profile, dict) else None
    return profile
