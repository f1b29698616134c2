"""Counterfactuals as sentences: what would have to be true, and why nothing would do."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from service.analysis.movable import Input
from service.answering.sentences import Sentences, printed
from service.engine.trace import Derivation

STANDS = {
    "recommend": "recommended", "maintain": "recommended, as something to keep up", "withheld": "withheld",
    "clinician_first": "left to a clinician first", "deferred": "deferred", "not_indicated": "not indicated",
}  # fmt: skip
ONE_WAY = {"up": " (upwards only)", "down": " (downwards only)"}


class Words:
    """Sentences about one intervention in one voice."""

    def __init__(self, intervention: str, sentences: Sentences):
        self.intervention, self.sentences = intervention, sentences
        self.name = sentences.label(intervention)[:1].upper() + sentences.label(intervention)[1:]

    def already(self, derivation: Derivation) -> str:
        return f"{self.name} is {self.stands(derivation)} already."

    def of(self, inputs: Sequence[Input], changes: Iterable[Mapping[str, Any]], before: Derivation, after: Derivation) -> str:
        """One set: the changes, what cannot be changed directly, and red flags that come with them."""
        parts = [self.change(one, change) for one, change in zip(inputs, changes, strict=True)]
        would = f"{self.name} would be {self.stands(after)} with {joined(parts)}."
        return " ".join([would, *self.indirectly(inputs), *self.warning(before, after)])

    def change(self, one: Input, change: Mapping[str, Any]) -> str:
        label, now, then = self.sentences.label(one.word.id), change["from"], change["to"]
        return f"{label}: {self.value(one, then)} instead of {self.value(one, now)}"

    def value(self, one: Input, value: Any) -> str:
        if one.word.kind == "number":
            return printed(value, one.sent.unit)
        return self.sentences.value(one.word.id, frozenset(value) if isinstance(value, list) else value)

    def indirectly(self, inputs: Iterable[Input]) -> Iterable[str]:
        found = [self.sentences.label(one.word.id) for one in inputs if one.indirect]
        if found:
            yield f"Nobody can change {joined(found)} directly: this follows from other changes."

    def warning(self, before: Derivation, after: Derivation) -> Iterable[str]:
        """Red flags that come with the changes, unless the whole becomes less urgent by them."""
        order = self.sentences.vocabulary["disposition"].values
        flags = [word for word in self.sentences.vocabulary.values() if word.listed == "red_flag"]
        found = [self.sentences.label(word.id) for word in flags if word.id in after.facts and word.id not in before.facts]
        if found and order.index(after.facts["disposition"]) <= order.index(before.facts["disposition"]):
            yield f"This would be a warning sign in itself: {joined(found)}."

    def hindered(self, unknown: Sequence[Sequence[str]], fixed: Sequence[Sequence[str]], known: Collection[str]) -> str:
        """Why no change is enough: what is not known, else what is not the person's to change."""
        if unknown:
            return f"Nothing that can be changed leads there. It may rest on what is not known: {self.either(unknown, set())}."
        if fixed:
            also = "" if all(fact in known for facts in fixed for fact in facts) else ", or not known"
            stands = f"What stands in the way is not open to change{also}"
            return f"Nothing that can be changed leads there. {stands}: {self.either(fixed, known)}."
        return "Nothing that can be changed leads there."

    def either(self, alternatives: Iterable[Iterable[str]], known: Collection[str]) -> str:
        return "; or ".join(joined([self.named(fact, fact in known) for fact in facts]) for facts in alternatives)

    def named(self, fact: str, known: bool) -> str:
        """An input, and the only way in which what was sent can be changed."""
        only = ONE_WAY.get(self.sentences.vocabulary[fact].changeable, "") if known else ""
        return f"{self.sentences.label(fact)}{only}"

    def stands(self, derivation: Derivation) -> str:
        return STANDS[derivation.facts[f"placement.{self.intervention}"]]


def joined(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def searched(sizes: int, most: int, inputs: int) -> str:
    """How far a search came that found nothing, or was cut short."""
    if sizes < most:
        done = f"Every set of up to {sizes}" if sizes > 1 else "Every single one" if sizes else "Not even every single one"
        return f"{done} of the {inputs} inputs that can be changed and matter here was examined when the bound of the search was reached."
    if inputs <= most:
        return f"No values of the {inputs} inputs that can be changed and matter here lead there."
    return f"No change of up to {most} of the {inputs} inputs that can be changed and matter here leads there."
