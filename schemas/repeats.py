"""Which of several readings of one quantity count: those that differ no more than one person's do, else the newest."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from math import fsum
from typing import Any, Protocol, TypeVar

from marshmallow import ValidationError

from schemas.faults import fault

PLACES = 9  # decimals of a canonical value
DIFFERENCE = 2.77  # 1.96 x sqrt 2: two readings of an unchanged person are further apart, in standard deviations, one time in twenty
UNMEASURED = 0.05  # the same as a share of the mean, where nobody measured how far a person's readings vary
TOGETHER_DAYS = 31  # readings further before the newest are history: two eGFR three months apart are two


class Dated(Protocol):
    """A reading: its canonical value, and the day on which it was taken where that was sent."""

    @property
    def value(self) -> float: ...

    @property
    def taken_on(self) -> date | None: ...


Some = TypeVar("Some", bound=Dated)


def counting(name: str, readings: Sequence[Some], variability: Any) -> list[Some]:
    """The readings of which the mean counts. Raises `conflicting` at two that are too far apart where no newest can be told."""
    newest = max((one.taken_on for one in readings if one.taken_on), default=None)
    recent = [one for one in readings if newest is None or one.taken_on is None or (newest - one.taken_on).days <= TOGETHER_DAYS]
    if not apart(recent, variability):
        return recent
    last = [one for one in recent if one.taken_on == newest]
    undated = any(one.taken_on is None for one in recent)
    if undated or apart(last, variability):
        raise contradiction(name, readings, recent if undated else last)
    return last


def apart(readings: Sequence[Dated], variability: Any) -> bool:
    values = [one.value for one in readings]
    return round(max(values) - min(values), PLACES) > round(usual_difference(fsum(values) / len(values), variability), PLACES)


def usual_difference(mean: float, variability: Any) -> float:
    """How far apart two readings of one unchanged person usually lie at most, in canonical units."""
    if variability is None:
        return UNMEASURED * abs(mean)
    if variability.absolute is not None:
        return DIFFERENCE * float(variability.absolute)
    return DIFFERENCE * float(variability.percent) / 100 * abs(mean)


def contradiction(name: str, readings: Sequence[Dated], alike: Sequence[Dated]) -> ValidationError:
    """The fault, at the lowest and at the highest of those that no day tells apart."""
    lowest, highest = min(alike, key=value_of), max(alike, key=value_of)
    message = f"{name}: conflicting: too far from another of the same day or of no day; send the one that holds, or taken_on with each"
    return ValidationError({i: [fault("conflicting", message)] for i, one in enumerate(readings) if one is lowest or one is highest})


def value_of(reading: Dated) -> float:
    return reading.value
