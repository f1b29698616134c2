"""What can reach what: from each input through measures and rules to every result, as the rules are written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from service.knowledge.conditions import leaves
from service.knowledge.records import Holds, Leaf, Rule, Word
from service.knowledge.rulebase import Knowledge

# What a fact that a rule reads is made of, where no formula says so.
SIDES: Mapping[str, tuple[str, ...]] = {"glucose_not_fasting": ("fasting_glucose",), "insulin_not_fasting": ("fasting_insulin",)}
# Lists that say something of another fact: of when, or how long after food, it was measured.
OF_A_READING = ("stale", "not_recent", "not_recent_on_insulin", "other_sample", "not_fasting", "confirmed", "factor_assumed", "lasting")
RANKED_BY = ("max_changes_at_once",)  # read by service/ranking.py, not by a rule
LISTED = {"finding": "findings", "red_flag": "red_flags", "state": "states", "computed": "computed"}
ANSWERED = {
    "plan": "plans", "interaction": "interactions", "told": "article_says", "monitor": "monitors", "notice": "notices",
    "conflict": "conflicts",
}  # fmt: skip
RANKING = ("position", "phase")


@dataclass(frozen=True)
class Reach:
    """The rules of a knowledge as a graph of reading and concluding."""

    knowledge: Knowledge

    @cached_property
    def readers(self) -> Mapping[str, list[Rule]]:
        """For each fact the rules that read it, the date or the fast of its measurement, or that a stronger level must not hold."""
        found: dict[str, list[Rule]] = defaultdict(list)
        for rule in self.in_force:
            for fact in dict.fromkeys(fact for leaf in self.knowledge.program.steps[rule.id].leaves for fact in facts_of(leaf)):
                found[fact].append(rule)
        return found

    @property
    def in_force(self) -> Iterable[Rule]:
        return (rule for rule in self.knowledge.rules.values() if rule.status != "retired")

    @cached_property
    def made_from(self) -> Mapping[str, list[str]]:
        """For each fact the measures and counts that are made from it."""
        found: dict[str, list[str]] = defaultdict(list)
        for word in self.knowledge.vocabulary.values():
            for fact in dict.fromkeys((*word.from_, *word.from_any, *word.of, *SIDES.get(word.id, ()), *forbidding(word))):
                found[fact].append(word.id)
            if word.counts_as:
                found[word.id] += [word.counts_as, *word.details]
            if word.speaks_of:
                found[word.speaks_of].append(word.id)
        return found

    def facts_from(self, fact: str) -> set[str]:
        """Every fact that may become another one when this one does."""
        seen, waiting = {fact}, [fact]
        while waiting:
            one = waiting.pop()
            concluded = {made for rule in self.readers.get(one, ()) for made, _ in rule.conclusions}
            fresh = (concluded | set(self.made_from.get(one, ()))) - seen
            seen |= fresh
            waiting += fresh
        return seen

    def rules_from(self, fact: str) -> list[Rule]:
        """Every rule that may fire or not because of this fact."""
        facts = self.facts_from(fact)
        found = {rule.id: rule for one in facts for rule in self.readers.get(one, ())}
        return [found[id_] for id_ in self.knowledge.rules if id_ in found]

    def results_from(self, fact: str) -> dict[str, list[str]]:
        """What of an answer this fact can change, by its sort."""
        facts, rules = self.facts_from(fact), self.rules_from(fact)
        listed = {name: self._listed(sort, facts - {fact}) for sort, name in LISTED.items()}
        listed["interventions"] = [one for one in self.knowledge.interventions if f"placement.{one}" in facts]
        return listed | {name: [rule.id for rule in rules if form in rule.then] for form, name in ANSWERED.items()}

    def ranks_by(self, fact: str) -> bool:
        """Whether order or phase of what is recommended can change with this fact, its list staying the same."""
        return fact in RANKED_BY or any(form in rule.then for rule in self.rules_from(fact) for form in RANKING)

    def _listed(self, sort: str, facts: set[str]) -> list[str]:
        return [word.id for word in self.knowledge.vocabulary.values() if word.id in facts and word.listed == sort]


def facts_of(leaf: Leaf) -> tuple[str, ...]:
    """The fact that a test reads, and the one it speaks of."""
    return (leaf.fact, leaf.value) if leaf.fact in OF_A_READING and isinstance(leaf, Holds) else (leaf.fact,)


def forbidding(word: Word) -> list[str]:
    """The facts for which a measure is not made; of an input they only say that it is not asked for."""
    return [leaf.fact for leaf, _ in leaves(word.unless)] if word.unless is not None and word.input is None else []
