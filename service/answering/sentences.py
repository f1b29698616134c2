"""Words for facts, tests and rules, in two voices: `person` speaks to the one concerned, `clinician` to a colleague.

Nothing here knows a particular rule: a sentence is made from the rule's own condition and the vocabulary's labels, so a
rule that changes changes its sentence.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from schemas.bounds import Bounded
from service.engine.matching import holds
from service.engine.trace import Facts, Premise
from service.knowledge.conditions import leaves
from service.knowledge.foods import RULED_OUT, Menu, told
from service.knowledge.records import NAMED_WORDS, All, Any_, Compare, Condition, Holds, Known, Leaf, Not, Rule, Word
from service.knowledge.rulebase import Intervention, Knowledge
from service.measures import PLACES

VOICES = ("person", "clinician")
# UCUM is for machines; these are the same units as people write them. A unit not named here is written as it is.
PRINTED = {
    "a": "years", "d": "days", "mm[Hg]": "mmHg", "u[IU]/mL": "µIU/mL", "mL/min/{1.73_m2}": "mL/min/1.73 m²", "kg/m2": "kg/m²", "h": "hours",
    "h/d": "hours a day", "min/wk": "minutes a week", "g/d": "g a day", "mg/d": "mg a day", "kcal/d": "kcal a day", "/min": "a minute",
}  # fmt: skip
COMPARED = {"at_least": "at least", "above": "above", "at_most": "at most", "below": "below"}
OPPOSITE = {"at_least": "below", "above": "at_most", "at_most": "above", "below": "at_least"}
PLACEHOLDER = re.compile(r"\{([a-z0-9_]+)\}")


class Sentences:
    """Renders in one voice; built once, as it keeps nothing of a person."""

    def __init__(self, knowledge: Knowledge, voice: str):
        self.vocabulary = knowledge.vocabulary
        self.voice = voice
        self.menu = Menu(knowledge.foods)
        self.limits = limits(knowledge)
        self.made: dict[tuple[str, tuple[Premise, ...]], str] = {}  # why a rule fired, by its premises: no number of a person stands in it
        self.named: dict[str, Intervention | Word] = {**knowledge.components, **knowledge.interventions, **knowledge.vocabulary}

    def label(self, name: str) -> str:
        """A fact, an intervention or a component in words."""
        found = self.named.get(name)
        if found is None:
            return name.replace("_", " ")
        return found.plain if self.voice == "person" else found.label

    def value(self, fact: str, value: Any) -> str:
        word = self.vocabulary.get(fact)
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, Bounded):
            return self.span(word, value)
        if isinstance(value, int | float):
            return quantity(word, value, self.limits.get(fact, ()))
        if isinstance(value, set | frozenset):
            return ", ".join(self.value(fact, one) for one in sorted(value)) or "none"
        labels = {} if word is None else (word.value_plain if self.voice == "person" else {}) or word.value_labels
        text = labels.get(value) or (word.value_labels.get(value) if word else None)
        return text or self.label(str(value))

    def told(self, fact: str, value: float) -> str:
        """A number beside a limit, exactly."""
        word = self.vocabulary.get(fact)
        return self.span(word, value) if isinstance(value, Bounded) else exact(word, value)

    def span(self, word: Word | None, value: Bounded) -> str:
        """A number of which only bounds are known, in words."""
        low, high = word.hard if word and word.hard else (None, None)
        if value.high == high or value.low == low:
            return f"{'more' if value.high == high else 'less'} than {exact(word, float(value))}"
        return f"between {exact(None, float(f'{value.low:.3g}'))} and {exact(word, float(f'{value.high:.3g}'))}"

    def test(self, condition: Condition, facts: Facts | None = None) -> str:
        """A condition in words; with facts, the value read stands in it."""
        if isinstance(condition, All):
            return " and ".join(self._grouped(test, facts) for test in condition.tests) or "always"
        if isinstance(condition, Any_):
            return " or ".join(self._grouped(test, facts) for test in condition.tests)
        if isinstance(condition, Not):
            return self._negated(condition.test, facts)
        return self._leaf(condition, facts)

    def premise(self, premise: Premise, rule: Rule, facts: Facts) -> str:
        """One premise of a firing, with every threshold that the rule compares it to."""
        limits = [self._limit(leaf, positive) for leaf, positive in compared(rule.when, premise.fact, facts)] if premise.present else []
        if limits:
            value = self.told(premise.fact, facts[premise.fact])
            return f"{self.label(premise.fact)} is {value} ({' and '.join(dict.fromkeys(limits))})"
        leaf = Known(premise.fact) if premise.value is None else Holds(premise.fact, premise.value)
        return self._leaf(leaf, facts) if premise.present else self._negated(leaf, facts)

    def _limit(self, leaf: Compare, positive: bool) -> str:
        """A threshold beside a value that is known: where the comparison must not hold, its opposite does."""
        word = leaf.word if positive else OPPOSITE[leaf.word]
        return f"{COMPARED[word]} {exact(self.vocabulary.get(leaf.fact), leaf.threshold)}"

    def said(self, rule: Rule, facts: Facts, otherwise: str = "") -> str:
        """The sentence of a rule, in which the person's own words may stand for what the rule asks for."""
        template = rule.says or otherwise
        if NAMED_WORDS not in self.names_in(template):
            return self.filled(template, facts)
        asked = (leaf for leaf, positive in leaves(rule.when) if positive and isinstance(leaf, Holds))
        return self.filled(template, {**facts, NAMED_WORDS: frozenset(text for leaf in asked for text in self.named_for(leaf, facts))})

    def named_for(self, leaf: Holds, facts: Facts) -> Iterator[str]:
        """What a person wrote for a value of a list, or its label where it was sent as a code of ours."""
        word, held = self.vocabulary.get(leaf.fact), facts.get(leaf.fact)
        if word is not None and word.kind == "codes" and held is not None and leaf.value in held:
            for text in facts.get(NAMED_WORDS, {}).get(leaf.value, (leaf.value,)):
                yield self.value(leaf.fact, text) if text in word.values else text

    def filled(self, template: str, facts: Facts) -> str:
        """A `says` with its placeholders replaced by the person's own values, and of its lists of foods what nothing rules out."""
        return PLACEHOLDER.sub(lambda found: self._placeholder(found[1], facts), told(template, self.menu, facts.get(RULED_OUT, ())))

    def names_in(self, template: str) -> list[str]:
        return PLACEHOLDER.findall(template)

    def _placeholder(self, fact: str, facts: Facts) -> str:
        return self.value(fact, facts[fact]) if fact in facts else f"(not known: {self.label(fact)})"

    def _grouped(self, test: Condition, facts: Facts | None) -> str:
        text = self.test(test, facts)
        return f"({text})" if isinstance(test, All | Any_) and len(test.tests) > 1 else text

    def _leaf(self, leaf: Leaf, facts: Facts | None) -> str:
        label = self.label(leaf.fact)
        if isinstance(leaf, Compare):
            limit = f"{COMPARED[leaf.word]} {exact(self.vocabulary.get(leaf.fact), leaf.threshold)}"
            value = facts.get(leaf.fact) if facts else None
            return f"{label} is {limit}" if value is None else f"{label} is {self.told(leaf.fact, value)} ({limit})"
        if isinstance(leaf, Known):
            return f"{label} is known"
        word = self.vocabulary.get(leaf.fact)
        if leaf.value is True:
            return f"{label}: yes" if word is not None and word.kind == "boolean" else label
        verb = "include" if word is not None and word.kind in ("codes", "set") else "is"
        return f"{label} {verb} {self.value(leaf.fact, leaf.value)}"

    def _negated(self, test: Condition, facts: Facts | None) -> str:
        if isinstance(test, All | Any_ | Not):
            return f"not ({self.test(test, facts)})"
        label = self.label(test.fact)
        if isinstance(test, Known):
            return f"{label} is not known"
        if isinstance(test, Compare):
            return f"{label} is not {COMPARED[test.word]} {exact(self.vocabulary.get(test.fact), test.threshold)}"
        if test.value is True:
            return f"not: {label}"
        word = self.vocabulary.get(test.fact)
        verb = "do not include" if word is not None and word.kind in ("codes", "set") else "is not"
        return f"{label} {verb} {self.value(test.fact, test.value)}"


def limits(knowledge: Knowledge) -> dict[str, tuple[float, ...]]:
    """The numbers with which rules compare each fact."""
    found: dict[str, set[float]] = defaultdict(set)
    for rule in knowledge.rules.values():
        for leaf, _ in leaves(rule.when):
            if isinstance(leaf, Compare):
                found[leaf.fact].add(leaf.threshold)
    return {fact: tuple(numbers) for fact, numbers in found.items()}


def places(word: Word, value: float, limits: Iterable[float]) -> int:
    """How many decimals are shown: those of the word, or as many more as it takes not to be rounded onto or over a limit."""
    digits = word.digits or 0
    enough = (more for more in range(digits, PLACES) if all(side(round(value, more), limit) == side(value, limit) for limit in limits))
    return next(enough, PLACES)


def side(value: float, limit: float) -> int:
    return (value > limit) - (value < limit)


def quantity(word: Word | None, value: float, limits: Iterable[float]) -> str:
    """A number with its unit, rounded as it is shown."""
    if word is None or word.digits is None:
        return exact(word, value)
    return with_unit(word, f"{value:.{places(word, value, limits)}f}")


def exact(word: Word | None, value: float) -> str:
    """A value beside its threshold: as many digits as it takes not to be rounded onto the other side of it."""
    return with_unit(word, f"{value:.10g}")


def with_unit(word: Word | None, text: str) -> str:
    return in_unit(text, word.unit if word is not None else None)


def printed(number: float, unit: str | None) -> str:
    """A number and its unit for people; enough digits to tell it from its threshold."""
    return in_unit(f"{number:.10g}", unit)


def in_unit(text: str, unit: str | None) -> str:
    return f"{text} {PRINTED.get(unit, unit)}" if unit and unit != "1" else text


def compared(condition: Condition, fact: str, facts: Facts) -> list[tuple[Compare, bool]]:
    """The comparisons of this fact that are as the condition wants them."""
    found = leaves_on(condition, fact)
    return [(leaf, positive) for leaf, positive in found if isinstance(leaf, Compare) and holds(leaf, facts) == positive]


def leaves_on(condition: Condition, fact: str, positive: bool = True) -> list[tuple[Leaf, bool]]:
    if isinstance(condition, All | Any_):
        return [found for test in condition.tests for found in leaves_on(test, fact, positive)]
    if isinstance(condition, Not):
        return leaves_on(condition.test, fact, not positive)
    return [(condition, positive)] if condition.fact == fact else []
