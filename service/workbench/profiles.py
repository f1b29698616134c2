"""From facts back to a profile in the shape in which a caller sends it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from schemas.profile import QUANTITIES
from service.engine.trace import Facts
from service.given import READING_OF
from service.knowledge.conversion import exact
from service.knowledge.records import Vocabulary, Word
from service.measures import NOT_NOW

DAY = date(2026, 1, 1)  # the day on which a profile made here is asked about; any later one gives the same answer
ANOTHER_DAY = 10  # days between samples that are not one
CLEARED = {"role": "physician", "date": "2025-12-01", "expires": "2099-12-31"}
JUST_EATEN = 2
BLOOD_PRESSURE = "blood_pressure"


def profile_of(facts: Facts, vocabulary: Vocabulary) -> dict[str, Any]:
    """The profile that says these facts and no more; `stale` and `not_fasting` become dates and hours of the readings."""
    profile: dict[str, Any] = {}
    for fact in in_order(facts, vocabulary):
        word = vocabulary[READING_OF.get(fact, fact)]
        if word.input:
            put(profile, word.input, sent(word, fact, facts, vocabulary))
    return finished(with_signs_now(profile, vocabulary, facts), vocabulary, facts)


def in_order(facts: Facts, vocabulary: Vocabulary) -> Iterable[str]:
    return (fact for fact in vocabulary if fact in facts)


def put(profile: dict[str, Any], pointer: str, value: Any) -> None:
    *folders, name = pointer[1:].split("/")
    for folder in folders:
        found = profile.setdefault(folder, {})
        profile = found if isinstance(found, dict) else profile
    if isinstance(profile.get(name), dict) and isinstance(value, dict):
        value = {**value, **profile[name]}
    profile[name] = value


def sent(word: Word, fact: str, facts: Facts, vocabulary: Vocabulary) -> Any:
    """One value as a caller sends it."""
    value = facts[fact]
    if word.id == "cleared":
        return [{"intervention": one, **CLEARED} for one in sorted(value)]
    if word.kind == "codes":
        return sorted(value)
    if word.kind == "choice" and word.valid_for_days is not None:
        return {"result": value, "taken_on": (DAY - timedelta(days=aged(word, facts) or 0)).isoformat()}
    if word.kind != "number":
        return value
    number = int(value) if word.type == "integer" or value == int(value) else value
    if word.id in QUANTITIES or word.id == "weight_change" or (word.input or "").startswith("/labs/"):
        reading = {**in_its_unit(word, number, facts), **circumstances(word.id, facts, vocabulary)}
        return repeated(reading, word) if word.id in facts.get("lasting", ()) else reading
    return number


def repeated(reading: dict[str, Any], word: Word) -> list[dict[str, Any]]:
    """The same reading twice, as far apart as it takes to show that it lasts."""
    taken = date.fromisoformat(reading.get("taken_on", DAY.isoformat()))
    before = taken - timedelta(days=word.lasting.days if word.lasting else 0)
    return [{**reading, "taken_on": day.isoformat()} for day in (taken, before)]


def in_its_unit(word: Word, number: float, facts: Facts) -> dict[str, Any]:
    """A number in the canonical unit, or in the one for which a factor was assumed."""
    if word.id not in facts.get("factor_assumed", ()):
        return {"value": number, "unit": word.unit}
    unit = next(unit for unit, made in word.units.items() if made.factor)
    return {"value": float(word.units[unit].back(exact(number))), "unit": unit}


def circumstances(fact: str, facts: Facts, vocabulary: Vocabulary) -> dict[str, Any]:
    """When a reading was taken, how long after food, and whether it was confirmed, where the facts speak of it."""
    said: dict[str, Any] = {}
    days = days_ago(fact, facts, vocabulary)
    if days is not None:
        said["taken_on"] = (DAY - timedelta(days=days)).isoformat()
    if fact in facts.get("not_fasting", ()):
        said["fasting_hours"] = JUST_EATEN
    if fact in facts.get("confirmed", ()):
        said["confirmed"] = True
    return said


def days_ago(fact: str, facts: Facts, vocabulary: Vocabulary) -> int | None:
    """How many days before DAY a reading was taken for these facts to hold; None where they say nothing of it."""
    word, days = vocabulary[fact], aged(vocabulary[fact], facts)
    apart, partner = facts.get("other_sample", ()), word.same_sample_as
    if fact in apart and partner:
        days = ANOTHER_DAY if days is None else days
        return days if abs(days - (days_ago(partner, facts, vocabulary) or 0)) > ANOTHER_DAY / 2 else days + ANOTHER_DAY
    if days is None and any(vocabulary[other].same_sample_as == fact for other in apart):
        return (days_ago(partner, facts, vocabulary) if partner else None) or 0
    return days


def aged(word: Word, facts: Facts) -> int | None:
    """As old as its being too old says: a day more than it is valid, or as many days as it is."""
    if word.id in facts.get("stale", ()):
        return (word.valid_for_days or 0) + 1
    if word.id in facts.get("not_recent", ()) and word.urgent_on_insulin_for_days and word.id not in facts.get("not_recent_on_insulin", ()):
        return word.urgent_on_insulin_for_days
    if word.id in facts.get("not_recent", ()):
        return word.valid_for_days or (word.urgent_for_days or 0) + 1
    return None


def with_signs_now(profile: dict[str, Any], vocabulary: Vocabulary, facts: Facts) -> dict[str, Any]:
    """Signs of which details are told are of now, and so is every other that is not said to be past, once those of now are told."""
    told = {word.id: word for word in vocabulary.values() if word.detail_of is not None and word.id in facts}
    past = facts.get(NOT_NOW, ())
    for word in vocabulary.values():
        if word.counts_as and (told or past):
            now = sorted(set(facts[word.counts_as]) - set(past))
            put(profile, word.input or "", [sign(value, told.values(), facts) for value in now])
            put(profile, vocabulary[word.counts_as].input or "", sorted(past))
    return profile


def sign(value: str, told: Iterable[Word], facts: Facts) -> Any:
    """One sign of now as a caller sends it."""
    details = {word.id.partition(".")[0]: detail(word, facts[word.id]) for word in told if word.detail_of and word.detail_of.value == value}
    return {"code": value, **details} if details else value


def detail(word: Word, value: Any) -> Any:
    return {"value": value, "unit": word.unit} if word.kind == "number" else value


def finished(profile: dict[str, Any], vocabulary: Vocabulary, facts: Facts) -> dict[str, Any]:
    """Both pressures share a unit and a date."""
    if BLOOD_PRESSURE in profile:
        profile[BLOOD_PRESSURE] |= {"unit": vocabulary["systolic"].unit, **circumstances("systolic", facts, vocabulary)}
    return profile
