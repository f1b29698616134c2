"""Of some sets those that hold no other: what is the least that suffices, or that has to change."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

Set = TypeVar("Set", int, frozenset[str])  # of inputs: as bits, or by name


def minimal(sets: Iterable[Set], order: Callable[[Set], Any]) -> list[Set]:
    """Each of them once, in an order that begins with their size."""
    kept: list[Set] = []
    for one in sorted(set(sets), key=order):
        if not any(other & one == other for other in kept):
            kept.append(one)
    return kept


def by_name(one: frozenset[str]) -> tuple[int, list[str]]:
    return len(one), sorted(one)


def by_bits(one: int) -> tuple[int, int]:
    return one.bit_count(), one
