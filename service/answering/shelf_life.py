"""Until when the inputs of an answer hold, and what to measure again by then."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from service.answering.sentences import Sentences
from service.engine.trace import Derivation
from service.given import READING_OF, Given, expiry
from service.knowledge.conditions import leaves
from service.knowledge.freshness import NOT_RECENT_ON_INSULIN
from service.knowledge.reach import Reach
from service.knowledge.records import Holds, Rule, Vocabulary, Word
from service.knowledge.rulebase import Knowledge
from service.measures import Observations

Row = dict[str, Any]


class ShelfLife:
    """Knows which inputs age: measured ones that some rule reads. Prepared once from the knowledge.

    A rule that did not fire counts too: that nothing was found holds no longer than the reading in which nothing was found.
    """

    def __init__(self, knowledge: Knowledge):
        reach = Reach(knowledge)
        words = knowledge.vocabulary
        measured = (word for word in words.values() if word.input and (word.valid_for_days, word.urgent_for_days) != (None, None))
        self.ageing = {word.id: word for word in measured if any(fact in reach.readers for fact in reach.facts_from(word.id))}
        urgent = [word.id for word in words.values() if word.urgent_for_days is not None or word.recent_as]
        self.readings = {fact: frozenset(readings(fact, words)) for fact in urgent}

    def rows(self, observations: Observations, derivation: Derivation, now: datetime, sentences: Sentences) -> list[Row]:
        """Each input that does not hold for ever, soonest first; a measurement past its time stands there until it is measured again."""
        over = [row for row in clearances(observations, derivation, sentences) if row["until"] > written(now)]
        urgent = frozenset(fact for rule in derivation.rules() for named in rule.fresh for fact in self.readings[named])
        over_it = observations.values.get(NOT_RECENT_ON_INSULIN, ())
        on_insulin = frozenset(fact for rule in derivation.rules() for fact in urgent_on_insulin(rule) if fact not in over_it)
        found = [*self.measurements(observations, now.date(), urgent, on_insulin, sentences), *over]
        return sorted(found, key=lambda row: (row["until"], row["input"]))

    def measurements(
        self, observations: Observations, today: date, urgent: Collection[str], on_insulin: Collection[str], sentences: Sentences
    ) -> Iterator[Row]:
        """What raised an urgent flag holds for as long as it may be urgent."""
        for given in observations.given:
            word = self.ageing.get(READING_OF.get(given.fact, given.fact))
            if word is None:
                continue
            if word.id in urgent and word.urgent_for_days is not None:
                yield measurement(given, word, word.urgent_for_days, today, sentences)
            elif word.id in on_insulin and word.urgent_on_insulin_for_days is not None:
                yield measurement(given, word, word.urgent_on_insulin_for_days, today, sentences)
            elif word.valid_for_days is not None and given.fact == word.id:
                yield measurement(given, word, word.valid_for_days, today, sentences)


def earliest(rows: list[Row]) -> str | None:
    """The moment from which the answer no longer holds; None where nothing in it ages."""
    return rows[0]["until"] if rows else None


def urgent_on_insulin(rule: Rule) -> Iterator[str]:
    """The readings of which a rule asks whether they command for longer on insulin."""
    return (leaf.value for leaf, _ in leaves(rule.own) if isinstance(leaf, Holds) and leaf.fact == NOT_RECENT_ON_INSULIN)


def readings(fact: str, vocabulary: Vocabulary) -> Iterator[str]:
    """The readings of which a number is made, itself where it is one."""
    word = vocabulary[READING_OF.get(fact, fact)]
    if word.formula is None:
        yield word.id
    for other in (*word.from_, *word.from_any):
        yield from readings(other, vocabulary)


def measurement(given: Given, word: Word, days: int, today: date, sentences: Sentences) -> Row:
    """Undated ones count from today: they were sent as what holds now."""
    taken_on, label = given.taken_on, sentences.label(word.id)
    since = "the day it was taken" if taken_on else "the day of this answer, because no date was sent"
    last_day = (taken_on or today) + timedelta(days=days)
    return row(given.pointer, word.unit, taken_on, last_day, f"{label}: counts for {days} days from {since}.")


def clearances(observations: Observations, derivation: Derivation, sentences: Sentences) -> Iterator[Row]:
    """Those that lifted something; of several for one intervention the one that lasts longest."""
    sent = next((given.sent for given in observations.given if given.fact == "cleared"), ())
    last: dict[str, Mapping[str, Any]] = {}
    for one in sorted(map(dated, sent), key=expiry):
        last[one["intervention"]] = one
    for intervention, lasting in last.items():
        if derivation.holds("clinician_first", intervention) and expiry(lasting) < date.max:
            yield row("/clearances", None, lasting["date"], expiry(lasting), f"The clearance for {sentences.label(intervention)} ends.")


def dated(clearance: Mapping[str, Any]) -> dict[str, Any]:
    days = {key: date.fromisoformat(clearance[key]) for key in ("date", "expires") if key in clearance}
    return {**clearance, **days}


def row(input_: str, unit: str | None, taken_on: date | None, last_day: date, why: str) -> Row:
    until = datetime.combine(last_day + timedelta(days=1), time(), UTC)
    return {"input": input_, "unit": unit, "taken_on": taken_on and taken_on.isoformat(), "until": written(until), "why": why}


def written(at: datetime) -> str:
    """RFC 3339 in UTC to the second; such texts sort by time."""
    return at.replace(tzinfo=None).isoformat(timespec="seconds") + "Z"  # strftime writes years before 1000 in three digits
