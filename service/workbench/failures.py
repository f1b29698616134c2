"""What a proof has to report."""

from __future__ import annotations

from typing import Any, NamedTuple

from service.knowledge.records import Place


class Failure(NamedTuple):
    """What is wrong with the rules, where, and a profile that shows it, where one can."""

    place: Place
    reason: str
    profile: dict[str, Any] | None = None

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}"
