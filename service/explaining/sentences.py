"""Words for facts, tests and rules, in two voices: `person` speaks to the one concerned, `clinician` to a colleague.

Nothing here knows a particular rule: a sentence is made from the rule's own condition and the vocabulary's labels, so a
rule that changes changes its sentence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from service.engine.trace import Premise
from service.knowledge.records import All, Any_, Compare, Condition, Holds, Known, Not, Rule, Vocabulary, Word

VOICES = ("person", "clinician")
COMPARED = {"at_least": "at least", "above": "above", "at_most": "at most", "below": "below"}
PLACEHOLDER = re.compile(r"\{([a-z0-9_]+)\}")


class Sentences:
    """Renders in one voice; built once, as it keeps nothing but the vocabulary."""

    def __init__(self, vocabulary: Vocabulary, voice: str):
        self.vocabulary = vocabulary
        self.voice = voice

    def label(self, fact: str) -> str:
        word = self.vocabulary.get(fact)
        if word is None:
            return fact.replace("_", " ")
        return word.plain if self.voice == "person" else word.label

    def value(self, fact: str, value: Any) -> str:
        word = self.vocabulary.get(fact)
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, int | float):
            return quantity(word, value)
        if isinstance(value, set | frozenset):
            return ", ".join(self.value(fact, one) for one in sorted(value)) or "none"
        labels = {} if word is None else (word.value_plain if self.voice == "person" else {}) or word.value_labels
        text = labels.get(value) or (word.value_labels.get(value) if word else None)
        return text or str(value).replace("_", " ")

    def test(self, condition: Condition, facts: Mapping[str, Any] | None = None) -> str:
        """A condition in words; with facts, the value read stands in it."""
        if isinstance(condition, All):
            return " and ".join(self._grouped(test, facts) for test in condition.tests) or "always"
        if isinstance(condition, Any_):
            return " or ".join(self._grouped(test, facts) for test in condition.tests)
        if isinstance(condition, Not):
            return self._negated(condition.test, facts)
        return self._leaf(condition, facts)

    def premise(self, premise: Premise, rule: Rule, facts: Mapping[str, Any]) -> str:
        """One premise of a firing, with the threshold the rule compares it to."""
        for leaf, positive in leaves_on(rule.when, premise.fact):
            if isinstance(leaf, Compare) and premise.present:
                return self._leaf(leaf, facts) if positive else f"{self.label(premise.fact)} is {self._read(premise.fact, facts)}"
        leaf = Known(premise.fact) if premise.value is None else Holds(premise.fact, premise.value)
        return self._leaf(leaf, facts) if premise.present else self._negated(leaf, facts)

    def filled(self, template: str, facts: Mapping[str, Any]) -> str:
        """A `says` with its placeholders replaced by the person's own values."""
        return PLACEHOLDER.sub(lambda found: self._placeholder(found[1], facts), template)

    def names_in(self, template: str) -> list[str]:
        return PLACEHOLDER.findall(template)

    def _placeholder(self, fact: str, facts: Mapping[str, Any]) -> str:
        return self.value(fact, facts[fact]) if fact in facts else f"(not known: {self.label(fact)})"

    def _grouped(self, test: Condition, facts: Mapping[str, Any] | None) -> str:
        text = self.test(test, facts)
        return f"({text})" if isinstance(test, All | Any_) and len(test.tests) > 1 else text

    def _read(self, fact: str, facts: Mapping[str, Any]) -> str:
        return self.value(fact, facts[fact])

    def _leaf(self, leaf: Condition, facts: Mapping[str, Any] | None) -> str:
        label = self.label(leaf.fact)
        if isinstance(leaf, Compare):
            limit = f"{COMPARED[leaf.word]} {self.value(leaf.fact, leaf.threshold)}"
            value = facts.get(leaf.fact) if facts else None
            return f"{label} is {limit}" if value is None else f"{label} is {exact(self.vocabulary.get(leaf.fact), value)} ({limit})"
        if isinstance(leaf, Known):
            return f"{label} is known"
        word = self.vocabulary.get(leaf.fact)
        if leaf.value is True:
            return f"{label}: yes" if word is not None and word.kind == "boolean" else label
        verb = "include" if word is not None and word.kind in ("codes", "set") else "is"
        return f"{label} {verb} {self.value(leaf.fact, leaf.value)}"

    def _negated(self, test: Condition, facts: Mapping[str, Any] | None) -> str:
        if isinstance(test, All | Any_ | Not):
            return f"not ({self.test(test, facts)})"
        label = self.label(test.fact)
        if isinstance(test, Known):
            return f"{label} is not known"
        if isinstance(test, Compare):
            return f"{label} is not {COMPARED[test.word]} {self.value(test.fact, test.threshold)}"
        if test.value is True:
            return f"not: {label}"
        word = self.vocabulary.get(test.fact)
        verb = "do not include" if word is not None and word.kind in ("codes", "set") else "is not"
        return f"{label} {verb} {self.value(test.fact, test.value)}"


def quantity(word: Word | None, value: float) -> str:
    """A number with its unit; a number that is not whole keeps what it needs to be read exactly, rounded to the word's digits."""
    digits = word.digits if word is not None and word.digits is not None else None
    text = f"{value:g}" if digits is None else f"{value:.{digits}f}"
    return f"{text} {word.unit}" if word is not None and word.unit not in (None, "1") else text


def exact(word: Word | None, value: float) -> str:
    """A value beside its threshold: never rounded onto the other side of it."""
    text = f"{value:.6g}"
    return f"{text} {word.unit}" if word is not None and word.unit not in (None, "1") else text


def leaves_on(condition: Condition, fact: str, positive: bool = True) -> list[tuple[Condition, bool]]:
    if isinstance(condition, All | Any_):
        return [found for test in condition.tests for found in leaves_on(test, fact, positive)]
    if isinstance(condition, Not):
        return leaves_on(condition.test, fact, not positive)
    return [(condition, positive)] if condition.fact == fact else []
