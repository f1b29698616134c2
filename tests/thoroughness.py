"""How much of what takes long a run does: all of it in CI, with `--hypothesis-profile=whole`, a part in a run that a person waits for."""

from collections.abc import Sequence
from typing import TypeVar

from hypothesis import settings

Item = TypeVar("Item")


def whole() -> bool:
    return settings.default.max_examples >= 2_000


def some(items: Sequence[Item], stride: int) -> Sequence[Item]:
    """All of them, or each that comes after so many."""
    return items if whole() else items[::stride]
