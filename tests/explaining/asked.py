"""What the tests of explanations share: people, and how to ask about them."""

from __future__ import annotations

from typing import Any

from hypothesis import settings

from tests.loaded import KNOWLEDGE
from tests.strategies import profiles
from tests.test_worked_cases import ANSWERED

PEOPLE = profiles(KNOWLEDGE)
FEW = settings(max_examples=min(200, settings.default.max_examples))
CASES = {case["id"]: case["profile"] for case in ANSWERED}


def at(profile: Any, pointer: str) -> Any:
    """What was sent at a pointer; None where nothing was."""
    for step in pointer[1:].split("/"):
        profile = profile.get(step) if isinstance(profile, dict) else None
    return profile
