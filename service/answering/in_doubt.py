"""What was sent and is in doubt: words that the rules do not know, kept as written, and numbers that another unit would explain."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from schemas.terms import words_in
from service.analysis.units import forth
from service.answering.sentences import Sentences, in_unit
from service.engine.trace import Facts
from service.given import Given
from service.knowledge.records import MEANT, NAMED_WORDS, UNREVIEWED_WORDS, Coded, Found, Lookup, Vocabulary, Word

WRITTEN = {"[in_i]": "inches", "[lb_av]": "pounds", "[ft_i]": "feet", "[stone_av]": "stone", "[oz_av]": "ounces", "u[IU]/mL": "µIU/mL"}


class Named(NamedTuple):
    """An entry of a list of words, as sent and as understood."""

    pointer: str
    sent: str | Coded
    found: Found
    thesaurus: Lookup

    @property
    def text(self) -> str:
        return self.sent if isinstance(self.sent, str) else self.sent.get("display") or f"{self.sent['system']} {self.sent['code']}"


def named(given: Iterable[Given], vocabulary: Vocabulary) -> Iterator[Named]:
    """Every entry of every list of words."""
    for one in given:
        thesaurus = vocabulary[one.fact].thesaurus if one.fact in vocabulary and not one.astray else None
        if thesaurus is not None:
            for place, sent in words_in(one.pointer, one.sent):
                yield Named(place, sent, thesaurus.find(sent), thesaurus)


def spoken(entries: Iterable[Named], facts: Facts) -> Facts:
    """What sentences may name: the facts, what no rule knows, and for each value of a list what was named for it, all as it was written."""
    entries = tuple(entries)
    unreviewed = frozenset(one.text for one in entries if one.thesaurus.unreviewed in one.found.values)
    told = {UNREVIEWED_WORDS: unreviewed} if unreviewed else {}
    return {**facts, **told, NAMED_WORDS: written(entries)}


def written(entries: Iterable[Named]) -> Mapping[str, frozenset[str]]:
    """The texts that were sent, by each value that they are to the rules."""
    found: dict[str, set[str]] = {}
    for one in entries:
        for value in one.found.values:
            found.setdefault(value, set()).add(one.text)
    return {value: frozenset(texts) for value, texts in found.items()}


def unrecognised(entries: Iterable[Named]) -> list[dict[str, Any]]:
    """The entries that were not understood, or not in whole: [{input, text, system?, code?, treated_as, suggestions: [{code, label}]}]."""
    return [row(one) for one in entries if not one.found.sure]


def row(one: Named) -> dict[str, Any]:
    coded: Mapping[str, Any] = {} if isinstance(one.sent, str) else {name: one.sent[name] for name in ("system", "code")}
    near = one.found.terms or one.thesaurus.near(one.text)
    suggestions = [{"code": term.id, "label": term.label} for term in near]
    return {"input": one.pointer, "text": one.text, **coded, "treated_as": one.thesaurus.unreviewed, "suggestions": suggestions}


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
    said = f"{sentences.label(word.id)}: {quantity(sent['value'], sent['unit'])}{canonical}"
    others = [quantity(sent["value"], unit) for unit in ordinary(word, sent)]
    return f"{said}: did you mean {' or '.join(others)}?" if others else f"{said}: is that the number, and the unit?"


def ordinary(word: Word, sent: Mapping[str, Any]) -> list[str]:
    """The other units in which the number would be nothing unusual."""
    low, high = word.soft or word.hard or (float("-inf"), float("inf"))
    units = [unit for unit in (word.unit or "", *word.units) if unit != sent["unit"]]
    return [unit for unit in units if low <= forth(word, sent["value"], unit) <= high]


def quantity(number: float, unit: str) -> str:
    return in_unit(f"{number:.10g}", WRITTEN.get(unit, unit))
