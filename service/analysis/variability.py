"""How far a measurement usually lies from the mean of an unchanged person: what a margin of an answer is set against."""

from __future__ import annotations

from typing import Any

from service.analysis.units import Sent, apart, converted, exact
from service.knowledge.records import Word

PLACES_SHOWN = 9


def usual_variability(word: Word, canonical: float, sent: Sent) -> dict[str, Any] | None:
    """One standard deviation within a person at this value, in the caller's unit; None where the vocabulary has no source for it."""
    found = word.variability
    if found is None:
        return None
    amount = found.absolute
    if amount is None:
        amount = float(exact(canonical) * exact(found.percent or 0) / 100)
    ends = [converted(word, number, sent.unit, sent.factor) for number in (canonical, canonical + amount)]
    return {"amount": round(apart(*ends), PLACES_SHOWN), "percent": found.percent, "source": found.source}
