"""What the days of readings imply: which are past their validity, too old to be urgent, or of another sample."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from service.readings import Dated, Measured, Named

ONE_SAMPLE_DAYS = 1  # apart at most: a night may lie between drawing and dating


def stale(measured: Iterable[Measured | Dated], today: date) -> Named:
    """What is past its validity, and counts under its own name."""
    return {one.word.id: (one.given,) for one in measured if one.under_its_own_name and older(one, one.word.valid_for_days, today)}


def not_recent(measured: Sequence[Measured], today: date) -> Named:
    return {one.word.id: (one.given,) for one in measured if older(one, one.word.urgent_for_days, today)}


def not_recent_on_insulin(measured: Sequence[Measured], today: date) -> Named:
    return {one.word.id: (one.given,) for one in measured if older(one, one.word.urgent_on_insulin_for_days, today)}


def other_sample(measured: Sequence[Measured]) -> Named:
    """What was taken on another day than the value with which it makes an index."""
    by_word: Mapping[str, Measured] = {one.word.id: one for one in measured}
    pairs = [(one, by_word[one.word.same_sample_as]) for one in measured if one.word.same_sample_as and one.word.same_sample_as in by_word]
    return {one.word.id: (one.given, partner.given) for one, partner in pairs if days_apart(one, partner) > ONE_SAMPLE_DAYS}


def older(one: Measured | Dated, days: int | None, today: date) -> bool:
    taken_on = one.given.taken_on
    return days is not None and taken_on is not None and (today - taken_on).days > days


def days_apart(one: Measured, other: Measured) -> int:
    """0 where a day was not sent."""
    if one.reading.taken_on is None or other.reading.taken_on is None:
        return 0
    return abs((one.reading.taken_on - other.reading.taken_on).days)
