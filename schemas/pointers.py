"""JSON Pointers into a profile: which places there are, and a profile with some of them changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Steps = tuple[str, ...]


class PointerFault(ValueError):
    """The pointer names nothing that a profile has."""


def steps_of(pointer: str) -> Steps:
    """The steps of a pointer (RFC 6901); raises PointerFault where it is none."""
    if not pointer.startswith("/"):
        raise PointerFault(pointer)
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in pointer[1:].split("/"))


class Places:
    """The places of a profile, from the vocabulary: every input, what holds several of them, and what lies below one."""

    def __init__(self, vocabulary: Mapping[str, Any]):
        self.inputs = {steps_of(word.input) for word in vocabulary.values() if word.input is not None}
        self.holders = {steps[:length] for steps in self.inputs for length in range(1, len(steps))}

    def read(self, pointer: str) -> Steps:
        """The steps of a pointer to one of the places; raises PointerFault for any other."""
        steps = steps_of(pointer)
        if steps in self.holders or any(steps[:length] in self.inputs for length in range(1, len(steps) + 1)):
            return steps
        raise PointerFault(pointer)


def change(profile: dict[str, Any], steps: Steps, value: Any) -> None:
    """Put a value in its place, or take away what is there where it is None; raises PointerFault where there is no such place.

    A bare number for a quantity that was sent takes the place of its value; unit and date stay.
    """
    holder, last = holder_of(profile, steps, make=value is not None)
    if holder is None:
        return
    key = index(holder, last) if isinstance(holder, list) else last
    if value is None:
        take_away(holder, key)
    else:
        holder[key] = requantified(holder.get(key) if isinstance(holder, dict) else holder[key], value)


def holder_of(profile: dict[str, Any], steps: Steps, make: bool) -> tuple[Any, str]:
    """What holds the last step; objects on the way are made where `make` says so, else there may be no holder."""
    place: Any = profile
    for step in steps[:-1]:
        if isinstance(place, list):
            place = place[index(place, step)]
        elif isinstance(place, dict) and (make or step in place):
            place = place.setdefault(step, {})
        elif isinstance(place, dict):
            return None, steps[-1]
        else:
            raise PointerFault(step)
    if not isinstance(place, dict | list):
        raise PointerFault(steps[-1])
    return place, steps[-1]


def index(entries: list[Any], step: str) -> int:
    if not (step.isascii() and step.isdigit() and int(step) < len(entries)):
        raise PointerFault(step)
    return int(step)


def take_away(holder: Any, key: Any) -> None:
    if isinstance(holder, list) or key in holder:
        del holder[key]


def requantified(present: Any, value: Any) -> Any:
    first = present[0] if isinstance(present, list) and present else present
    if type(value) in (int, float) and isinstance(first, dict) and "value" in first:
        return {**first, "value": value}
    return value
