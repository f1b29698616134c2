"""Every single change to a rule beside its condition: what it concludes, says and rests on, and that it is in force."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from service.knowledge.rulebase import Knowledge
from tests.mutation.conditions import Conditions, another, following
from tests.mutation.text import Mutant, Node, RuleText, items, members, value_of, words

LEVELS = {"red_flag": "urgency", "state": "level", "place": "in", "tendency": "is"}
SWAPPED = {"finding", "holds", "offer", "maintain", "defer", "decline", "disposition", "step", "until", "code"}
AMOUNT = re.compile(r"(?<![\w{.])\d+(?:\.\d+)?")
GROUPS_OF_TARGETS = ["ALL", "DIET", "EXERCISE", "RESTRICT"]


class Rules:
    """Changes to one file of rules."""

    def __init__(self, text: RuleText, knowledge: Knowledge):
        self.text = text
        self.vocabulary = knowledge.vocabulary
        self.conditions = Conditions(text, knowledge)
        self.rules = members(value_of(text.root, "rules"))

    def mutants(self) -> Iterator[Mutant | None]:
        applies = value_of(self.text.root, "applies")
        if applies is not None:
            yield self.text.without_key("condition dropped", words(self.text.root, "topic"), self.text.root, "applies")
            yield from self.conditions.tests(words(self.text.root, "topic"), applies)
        for rule in self.rules:
            owner = words(rule, "id")
            yield from self.conditions.group(owner, value_of(rule, "when"))
            yield from self.conclusion(owner, value_of(rule, "then"))
            yield from self.citation(owner, value_of(rule, "cites"))
            yield from self.sentence(owner, rule)
            yield from self.force(owner, rule)

    def conclusion(self, owner: str, then: Node) -> Iterator[Mutant | None]:
        form = then.value[0][0].value
        for key, value in items(then):
            if key == "gate":
                yield self.text.changed("level", owner, value, following(["withhold", "clinician_first", "modify"], value.value))
            elif key == LEVELS.get(form):
                yield self.other_level(owner, form, then, value)
            elif key == "at":
                yield from self.position(owner, form, value)
            elif key == "interventions":
                yield from self.targets(owner, value)
            elif key == "clearable":
                yield self.text.changed("gate's reach", owner, value, "false" if value.value == "true" else "true")
            elif key in SWAPPED:
                yield self.swapped("conclusion", owner, value, [value_of(value_of(rule, "then"), key) for rule in self.rules])

    def other_level(self, owner: str, form: str, then: Node, value: Node) -> Mutant | None:
        subject = words(then, form)
        word = self.vocabulary.get(f"placement.{subject}" if form == "place" else subject) or self.vocabulary["placement.hiit"]
        after = another(value.value, word)
        return after and self.text.changed("level", owner, value, after)

    def position(self, owner: str, form: str, value: Node) -> Iterator[Mutant | None]:
        if form == "monitor":
            yield self.swapped("conclusion", owner, value, [value_of(value_of(rule, "then"), "at") for rule in self.rules])
        else:
            yield self.text.changed("rank", owner, value, str(int(value.value) + 1))
            yield self.text.changed("rank", owner, value, str(max(1, int(value.value) - 1) if form == "phase" else int(value.value) + 30))

    def targets(self, owner: str, value: Node) -> Iterator[Mutant | None]:
        if members(value):
            for place in range(len(members(value))):
                yield self.text.without_item("gate's reach", owner, value, place)
        elif value.value in GROUPS_OF_TARGETS:
            yield self.text.changed("gate's reach", owner, value, following(GROUPS_OF_TARGETS, value.value))

    def citation(self, owner: str, cites: Node) -> Iterator[Mutant | None]:
        for key, value in items(cites):
            yield self.text.without_key("citation removed", owner, cites, key)
            for place in range(len(members(value))):
                yield self.text.without_item("citation removed", owner, value, place)

    def sentence(self, owner: str, rule: Node) -> Iterator[Mutant | None]:
        says = value_of(rule, "says")
        if says is None:
            return
        yield self.swapped("message", owner, says, [value_of(other, "says") for other in self.rules])
        start = says.start_mark.index
        for amount in AMOUNT.finditer(self.text.text, start, says.end_mark.index):
            number = Decimal(amount[0])
            step = Decimal(1).scaleb(int(number.as_tuple().exponent))
            yield self.text.cut("number told", owner, amount.start(), amount.end(), str(number + step))

    def swapped(self, kind: str, owner: str, node: Node, others: list[Node | None]) -> Mutant | None:
        """The text of the next rule of the file that says something else in this place."""
        behind = [other for other in others if other is not None and other.start_mark.index > node.start_mark.index]
        found = next((other for other in [*behind, *(one for one in others if one is not None)] if other.value != node.value), None)
        if found is None:
            return None
        text = self.text.text[found.start_mark.index : found.end_mark.index].rstrip()
        return self.text.changed(kind, owner, node, text)

    def force(self, owner: str, rule: Node) -> Iterator[Mutant | None]:
        status = value_of(rule, "status")
        if status is not None:
            yield self.text.changed("rule retired", owner, status, "retired")
        each = value_of(rule, "each")
        for place in range(len(members(each))):
            yield self.text.without_item("code dropped", owner, each, place)
