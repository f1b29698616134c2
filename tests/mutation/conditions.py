"""Every single change to a condition: its thresholds, comparators, values, flags, parts and groups."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import yaml

from service.knowledge.conditions import COMPARISONS, GROUPS
from service.knowledge.records import Word
from service.knowledge.rulebase import Knowledge
from tests.mutation.text import Mutant, Node, RuleText, items, members, value_of, words

BESIDE = {"at_least": "above", "above": "at_least", "at_most": "below", "below": "at_most"}
TURNED = {"at_least": "at_most", "above": "below", "at_most": "at_least", "below": "above"}
FAR = Decimal("1.5")


class Conditions:
    """Changes to the conditions of one file."""

    def __init__(self, text: RuleText, knowledge: Knowledge):
        self.text = text
        self.vocabulary = knowledge.vocabulary
        self.flags = [word.id for word in knowledge.vocabulary.values() if word.kind == "flag"]

    def group(self, owner: str, group: Node) -> Iterator[Mutant | None]:
        if not isinstance(group, yaml.MappingNode):
            return
        present = {name for name, _ in items(group)}
        for key, tests in group.value:
            if key.value in GROUPS:
                yield from self.tests(owner, tests)
                yield from self.regrouped(owner, key, tests, present)
                if len(present) > 1:
                    yield self.text.without_key("condition dropped", owner, group, key.value)

    def regrouped(self, owner: str, key: Node, tests: Node, present: set[str]) -> Iterator[Mutant]:
        """all <-> any where that is another condition, none <-> all everywhere."""
        if key.value in ("all", "any") and len(members(tests)) > 1 and not {"all", "any"} <= present:
            yield self.text.changed("all or any", owner, key, "any" if key.value == "all" else "all")
        if key.value == "none" and "all" not in present:
            yield self.text.changed("all or any", owner, key, "all")

    def tests(self, owner: str, tests: Node) -> Iterator[Mutant | None]:
        for place, test in enumerate(members(tests)):
            yield self.text.without_item("condition dropped", owner, tests, place)
            if isinstance(test, yaml.ScalarNode):
                yield self.text.changed("code", owner, test, self.next_flag(test.value))
            elif value_of(test, "fact") is not None:
                yield from self.test(owner, test)
            else:
                yield from self.group(owner, test)

    def test(self, owner: str, test: Node) -> Iterator[Mutant | None]:
        word = self.vocabulary.get(words(test, "fact"))
        for key, value in test.value:
            if key.value in COMPARISONS:
                yield from self.comparison(owner, key, value)
                if len(test.value) > 2:
                    yield self.text.without_key("condition dropped", owner, test, key.value)
            elif word is not None and key.value in ("is", "includes"):
                yield self.other(owner, word, value)
            elif word is not None and key.value == "is_one_of":
                for place, one in enumerate(members(value)):
                    yield self.other(owner, word, one)
                    yield self.text.without_item("code dropped", owner, value, place)

    def comparison(self, owner: str, key: Node, value: Node) -> Iterator[Mutant]:
        threshold = Decimal(value.value.split(" ")[0])
        step = Decimal(1).scaleb(int(threshold.as_tuple().exponent))
        for after in (threshold + step, threshold - step):
            yield self.text.changed("threshold by one step", owner, value, self.quantity(value, f"{after}"))
        for after in ((threshold * FAR).quantize(step), (threshold / FAR).quantize(step)):
            yield self.text.changed("threshold by far", owner, value, self.quantity(value, f"{after}"))
        yield self.text.changed("comparator", owner, key, BESIDE[key.value])
        if not self.twin(key, TURNED[key.value]):
            yield self.text.changed("comparator", owner, key, TURNED[key.value])

    def quantity(self, value: Node, number: str) -> str:
        """The threshold as it is written, quotes and unit with it, with another number."""
        before, _, unit = value.value.partition(" ")
        return self.text.text[value.start_mark.index : value.end_mark.index].replace(before, number, 1) if unit else number

    def twin(self, key: Node, word: str) -> bool:
        """Whether the same test has this word already."""
        line = self.text.text.split("\n")[key.start_mark.line]
        return f"{word}:" in line

    def other(self, owner: str, word: Word, value: Node) -> Mutant | None:
        after = another(value.value, word)
        kind = "level" if word.kind == "level" else "code"
        return None if after is None else self.text.changed(kind, owner, value, after)

    def next_flag(self, flag: str) -> str:
        return following(self.flags, flag)


def another(value: str, word: Word) -> str | None:
    """The value that stands after this one in the vocabulary; None for a placeholder."""
    if word.kind == "boolean":
        return {"true": "false", "false": "true"}.get(value)
    values = [str(one) for one in word.values]
    return following(values, value) if value in values and len(values) > 1 else None


def following(values: list[Any], value: Any) -> Any:
    return values[(values.index(value) + 1) % len(values)]
