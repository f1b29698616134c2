"""A number in doubt as it was sent, and the unit in which it would be an ordinary one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from service.analysis.units import forth
from service.answering.sentences import Sentences, in_unit
from service.answering.unrecognised import Named, spoken
from service.engine.trace import Facts
from service.given import Given
from service.knowledge.records import MEANT, Word

WRITTEN = {"[in_i]": "inches", "[lb_av]": "pounds", "[ft_i]": "feet", "[stone_av]": "stone", "[oz_av]": "ounces", "u[IU]/mL": "µIU/mL"}


def meant(given: Iterable[Given], facts: Facts, sentences: Sentences) -> dict[str, str]:
    """What sentences may say of each measurement in doubt, by the name with which they ask for it."""
    doubted = facts.get("unconfirmed", ())
    return {f"{MEANT}{one.fact}": question(one, sentences) for one in given if one.fact in doubted}


def spoken_of(given: Iterable[Given], entries: Iterable[Named], facts: Facts, sentences: Sentences) -> Facts:
    """What sentences about one person may name: facts, words that no rule knows, and numbers in doubt."""
    return {**spoken(entries, facts), **meant(given, facts, sentences)}


def question(given: Given, sentences: Sentences) -> str:
    """12 mmol/mol is 3.3 %: did you mean 12 %?"""
    word = sentences.vocabulary[given.fact]
    sent = given.sent[-1] if isinstance(given.sent, list) else given.sent
    canonical = "" if sent["unit"] == word.unit else f" is {sentences.value(word.id, given.value)}"
    said = f"{sentences.label(word.id)}: {written(sent['value'], sent['unit'])}{canonical}"
    others = [written(sent["value"], unit) for unit in ordinary(word, sent)]
    return f"{said}: did you mean {' or '.join(others)}?" if others else f"{said}: is that the number, and the unit?"


def ordinary(word: Word, sent: Mapping[str, Any]) -> list[str]:
    """The other units in which the number would be nothing unusual."""
    low, high = word.soft or word.hard or (float("-inf"), float("inf"))
    units = [unit for unit in (word.unit or "", *word.units) if unit != sent["unit"]]
    return [unit for unit in units if low <= forth(word, sent["value"], unit) <= high]


def written(number: float, unit: str) -> str:
    return in_unit(f"{number:.10g}", WRITTEN.get(unit, unit))
