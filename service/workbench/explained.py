"""What explains a sign or a value: what a rule about that sign or value excludes, so that it falls silent where the person names it.

Soreness after hard training, breathlessness as usual with a known lung disease, a glucose of known diabetes. Read off the rules: one that
asks for a sign or a measured value, and excludes what the person names, directly or through a finding that holds because of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from service.knowledge.bands import measurements
from service.knowledge.conditions import leaves
from service.knowledge.program import Atom
from service.knowledge.records import Compare, Holds, Leaf, Rule
from service.knowledge.rulebase import Knowledge

SIGNS = "symptoms"  # the list of complaints: details are told of its values, and that they are past


class Explained:
    """The rules in force, by what makes them fall silent."""

    def __init__(self, knowledge: Knowledge):
        self.vocabulary = knowledge.vocabulary
        self.red_flags = frozenset(knowledge.groups["red_flags"])
        self.rules = [rule for rule in knowledge.rules.values() if rule.status != "retired"]

    def by(self, named: Iterable[Atom]) -> list[Rule]:
        """The rules about another sign, or a value, which exclude one of these, or what holds because of one of these."""
        named = frozenset(named)
        held = self.helped(named)
        excluded = {rule.id: rule for atom in held for rule in self.excluding.get(atom, ())}
        return [rule for rule in excluded.values() if any(self.speaks_of(leaf, named) for leaf in asked(rule))]

    def helped(self, named: frozenset[Atom]) -> frozenset[Atom]:
        """These, and every flag that holds because of one of them."""
        found, waiting = set(named), list(named)
        while waiting:
            for rule in self.asking.get(waiting.pop(), ()):
                fresh = {(fact, value) for fact, value in rule.conclusions if self.is_flag(fact)} - found
                found |= fresh
                waiting += fresh
        return frozenset(found)

    def speaks_of(self, leaf: Leaf, but: frozenset[Atom]) -> bool:
        """Whether a test is about a sign, or about a value; `but` is what does not count."""
        if isinstance(leaf, Compare):
            return leaf.fact in self.measured
        if not isinstance(leaf, Holds) or (leaf.fact, leaf.value) in but:
            return False
        return leaf.fact == SIGNS or (leaf.fact, leaf.value) in self.seen

    @cached_property
    def measured(self) -> frozenset[str]:
        """What is measured, and what is computed from it."""
        found = {word.id for word in measurements(self.vocabulary)}
        while fresh := {word.id for word in self.vocabulary.values() if found & {*word.from_, *word.from_any}} - found:
            found |= fresh
        return frozenset(found)

    @cached_property
    def seen(self) -> frozenset[Atom]:
        """The flags, red ones among them, that hold for no other reason than a sign or a value."""
        makers: dict[Atom, list[Rule]] = {}
        for rule in self.rules:
            for atom in rule.conclusions:
                if self.is_flag(atom[0]) or atom[0] in self.red_flags:
                    makers.setdefault(atom, []).append(rule)
        found: set[Atom] = set()
        while fresh := {atom for atom, rules in makers.items() if all(self.rests_on(rule, found) for rule in rules)} - found:
            found |= fresh
        return frozenset(found)

    def rests_on(self, rule: Rule, seen: set[Atom]) -> bool:
        """Whether a rule asks for a sign, a value, or one of these flags."""
        return any(self.is_seen(leaf) or (isinstance(leaf, Holds) and (leaf.fact, leaf.value) in seen) for leaf in asked(rule))

    def is_seen(self, leaf: Leaf) -> bool:
        return leaf.fact in self.measured if isinstance(leaf, Compare) else isinstance(leaf, Holds) and leaf.fact == SIGNS

    def is_flag(self, fact: str) -> bool:
        return fact in self.vocabulary and self.vocabulary[fact].kind == "flag"

    @cached_property
    def asking(self) -> dict[Atom, list[Rule]]:
        return self.with_tests(positive=True)

    @cached_property
    def excluding(self) -> dict[Atom, list[Rule]]:
        return self.with_tests(positive=False)

    def with_tests(self, positive: bool) -> dict[Atom, list[Rule]]:
        found: dict[Atom, list[Rule]] = {}
        for rule in self.rules:
            for leaf, is_asked in leaves(rule.when):
                if isinstance(leaf, Holds) and is_asked == positive:
                    found.setdefault((leaf.fact, leaf.value), []).append(rule)
        return found


def asked(rule: Rule) -> Iterator[Leaf]:
    return (leaf for leaf, positive in leaves(rule.when) if positive)
