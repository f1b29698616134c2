"""How far a measurement usually lies from the mean of an unchanged person: what a margin of an answer is set against."""

from __future__ import annotations

from typing import Any

from service.analysis.units import Sent, apart, converted
from service.knowledge.conversion import exact
from service.knowledge.records import Variability, Word

PLACES_SHOWN = 9


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
