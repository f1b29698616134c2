"""The caller's own units: what was sent for a fact, numbers of the rules converted back to it, and how far a measurement usually varies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import inf
from operator import attrgetter
from typing import Any, NamedTuple

from service.given import READING_OF
from service.knowledge.conversion import exact
from service.knowledge.records import Variability, Vocabulary, Word
from service.measures import PLACES, Given

ANY = (-inf, inf)  # the range of a number that has none
PLACES_SHOWN = 9


class Sent(NamedTuple):
    """What a caller sent for one fact, in its own unit; `factor` is the laboratory's, where one was sent."""

    value: Any
    unit: str | None
    factor: float | None = None


class Units:
    """Reads one person's facts back in the units in which they came; without a value the canonical unit stands."""

    def __init__(self, given: Iterable[Given], vocabulary: Vocabulary):
        self.every = sorted(given, key=attrgetter("astray"))
        self.given = {one.fact: one for one in reversed(self.every)}  # of several inputs the first that asks for it
        self.at = {one.pointer: one for one in self.every}
        self.vocabulary = vocabulary

    def giving(self, fact: str, value: Any) -> Given | None:
        """What gave a fact: of several inputs the one that gives this value of it."""
        found = (one for one in self.every if one.fact == fact and isinstance(one.value, frozenset) and value in one.value)
        return next(found, self.given.get(fact))

    def sent(self, fact: str) -> Sent:
        word = self.asked(fact)
        given = self.given.get(fact) or self.at.get(word.input or "")  # what was not taken fasting counts under another name
        if given is None:
            return Sent(None, word.unit)
        quantities = [one for one in as_list(given.sent) if isinstance(one, Mapping) and "unit" in one]
        return read(word, given, quantities) if quantities else Sent(given.sent, word.unit)

    def back(self, fact: str, canonical: float) -> float:
        """A canonical number in the caller's unit."""
        sent = self.sent(fact)
        return converted(self.asked(fact), canonical, sent.unit, sent.factor)

    def asked(self, fact: str) -> Word:
        """The word that is asked for: of what was not taken fasting the one of the fasting value, whose units it has."""
        return self.vocabulary[READING_OF.get(fact, fact)]


def as_list(sent: Any) -> list[Any]:
    return sent if isinstance(sent, list) else [sent]


def read(word: Word, given: Given, quantities: list[Mapping[str, Any]]) -> Sent:
    """One quantity as it came; of several the mean that counts, in the unit of the first."""
    unit, factor = quantities[0]["unit"], quantities[0].get("factor")
    value = quantities[0]["value"] if len(quantities) == 1 else converted(word, given.value, unit, factor)
    return Sent(value, unit, factor)


def converted(word: Word, canonical: float, unit: str | None, factor: float | None = None) -> float:
    """The number in a unit of the word: converted forth again it is the same number."""
    if unit is None or unit == word.unit or unit not in word.units:
        return canonical
    return float(word.units[unit].back(exact(canonical), factor))


def forth(word: Word, value: float, unit: str | None, factor: float | None = None) -> float:
    """The canonical number of a caller's, as the schema reads it."""
    if unit is None or unit == word.unit or unit not in word.units:
        return round(float(value), PLACES)
    return round(float(word.units[unit].forth(exact(value), factor)), PLACES)


def decimals(number: float) -> int:
    """How many a number is written with."""
    exponent = exact(number).normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def apart(one: float, other: float) -> float:
    """How far two numbers of one unit are from each other, without the noise of floats."""
    return float(abs(exact(one) - exact(other)))


def usual_variability(word: Word, canonical: float, sent: Sent) -> dict[str, Any] | None:
    """One standard deviation within a person at this value, in the caller's unit; None where the vocabulary has no source for it."""
    found = word.variability
    if found is None:
        return None
    ends = [converted(word, number, sent.unit, sent.factor) for number in (canonical, canonical + deviation(found, canonical))]
    return {"amount": round(apart(*ends), PLACES_SHOWN), "percent": found.percent, "source": found.source}


def usual_range(word: Word, canonical: float, sent: Sent) -> tuple[float, float] | None:
    """The numbers one standard deviation below and above this value, in the caller's unit: the same values in whichever it came."""
    if word.variability is None:
        return None
    amount = deviation(word.variability, canonical)
    low, high = (round(converted(word, end, sent.unit, sent.factor), PLACES_SHOWN) for end in (canonical - amount, canonical + amount))
    return low, high


def deviation(found: Variability, canonical: float) -> float:
    """One standard deviation at this value, in the canonical unit."""
    return found.absolute if found.absolute is not None else float(exact(canonical) * exact(found.percent or 0) / 100)
