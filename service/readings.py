"""What stands beside a reading: the fact that it became, whether it was fasted or confirmed, its age, and a factor not told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from schemas.bounds import high_of
from schemas.quantities import Reading
from service.knowledge.records import Word

FASTING_HOURS = 8
ONE_SAMPLE_DAYS = 1  # apart at most: a night may lie between drawing and dating


class Given(NamedTuple):
    """A fact as the person gave it: `sent` is what came, ready for JSON, with its own unit; `taken_on` the day of the value that counts.

    `pointer` leads to the input, or to the entry of a list whose word belongs to another: that one is `astray`.
    """

    fact: str
    value: Any
    pointer: str
    sent: Any = None
    taken_on: date | None = None

    @property
    def astray(self) -> bool:
        return self.pointer.rpartition("/")[2].isdigit()

    @property
    def input(self) -> str:
        """The list, where an entry of it or a detail of one gives the fact."""
        top, _, below = self.pointer.removeprefix("/").partition("/")
        return f"/{top}" if below.partition("/")[0].isdigit() else self.pointer


class Measured(NamedTuple):
    """A reading, its word, and the fact that it became."""

    word: Word
    reading: Reading
    given: Given


class Dated(NamedTuple):
    """The outcome of a test: its word, and the fact that it became."""

    word: Word
    given: Given


Named = dict[str, tuple[Given, ...]]  # the words that a list names, each with the facts for which it does


def under_its_own_name(one: Measured | Dated) -> bool:
    return one.given.fact == one.word.id


def fasted(word: Word, reading: Reading) -> bool:
    """Unstated hours count as fasted: the field's own name is the declaration."""
    return not word.fasting or reading.fasting_hours is None or reading.fasting_hours >= FASTING_HOURS


def not_fasting(measured: Sequence[Measured]) -> Named:
    return {one.word.id: (one.given,) for one in measured if not fasted(one.word, one.reading)}


def confirmed(measured: Sequence[Measured]) -> Named:
    """What somebody has looked at again and stands by, and counts under its own name."""
    return {one.word.id: (one.given,) for one in measured if under_its_own_name(one) and one.reading.confirmed}


def factor_assumed(measured: Sequence[Measured]) -> Named:
    """What came in a unit for which laboratories have factors of their own, without that factor, and counts under its own name."""
    return {one.word.id: (one.given,) for one in measured if under_its_own_name(one) and lacks_factor(one)}


def lacks_factor(measured: Measured) -> bool:
    units = measured.word.units
    return any(sent["unit"] in units and units[sent["unit"]].factor and "factor" not in sent for sent in measured.reading.sent)


def stale(measured: Iterable[Measured | Dated], today: date) -> Named:
    """What is past its validity, and counts under its own name."""
    return {one.word.id: (one.given,) for one in measured if under_its_own_name(one) and older(one, one.word.valid_for_days, today)}


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


def lasting(measured: Sequence[Measured]) -> Named:
    """What is below its limit, and was so in the last reading that is old enough to show that it lasts."""
    return {one.word.id: (one.given,) for one in measured if under_its_own_name(one) and lasts(one)}


def lasts(one: Measured) -> bool:
    limit, days = one.word.lasting, [reading.taken_on for reading in one.reading.series if reading.taken_on]
    if limit is None or not days:
        return False
    before = [reading for reading in one.reading.series if reading.taken_on and (max(days) - reading.taken_on).days >= limit.days]
    last = max((reading.taken_on for reading in before if reading.taken_on), default=None)
    found = [one.reading.value, *(reading.value for reading in before if reading.taken_on == last)]
    return last is not None and all(high_of(value) < limit.below for value in found)
