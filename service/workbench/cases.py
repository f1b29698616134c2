"""The cases beside the rules: whether each is as it says, and whether they leave anything of the rules unasked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from service.engine.trace import Derivation
from service.knowledge.conditions import leaves
from service.knowledge.records import Compare, Rule
from service.knowledge.rulebase import Case, Knowledge
from service.workbench.failures import Failure

ADULT = {"age": 40.0}


class Cases:
    """The cases of a rule base, each derived once."""

    def __init__(self, knowledge: Knowledge, derive: Callable[[Mapping[str, Any]], Derivation]):
        self.knowledge = knowledge
        self.derive = derive
        self.derived: dict[str, Derivation] = {}

    def failures(self) -> Iterator[Failure]:
        """Cases that are not as they say, and what no case shows."""
        yield from self.failing()
        yield from self.unshown()

    def failing(self) -> Iterator[Failure]:
        for case in self.knowledge.cases:
            fired = any(firing.rule.id == case.rule for firing in self.derivation(case).firings())
            if fired != case.fires:
                yield Failure(case.place, f"{case.rule} {'fires' if fired else 'is silent'} in the case {case.name!r}")

    def unshown(self) -> Iterator[Failure]:
        """Rules without a case that fires or one that is silent, and thresholds without a case exactly on them."""
        of_rule: dict[str, list[Case]] = defaultdict(list)
        for case in self.knowledge.cases:
            of_rule[case.rule].append(case)
        for rule in self.knowledge.rules.values():
            if "when" in rule.source:  # the arrows of the graph are rules without cases
                yield from self.unshown_of(rule, of_rule[rule.id])

    def unshown_of(self, rule: Rule, cases: list[Case]) -> Iterator[Failure]:
        for fires in (True, False):
            if not any(case.fires is fires for case in cases):
                yield Failure(rule.place, f"{rule.id} {'fires' if fires else 'is silent'} in no case")
        for fact, threshold in sorted({(leaf.fact, leaf.threshold) for leaf, _ in leaves(rule.when) if isinstance(leaf, Compare)}):
            if threshold not in (self.value(case, fact) for case in cases):
                yield Failure(rule.place, f"no case of {rule.id} has {fact} exactly {threshold:g}")

    def value(self, case: Case, fact: str) -> Any:
        """What the fact is in the case: given, or counted."""
        counted = self.knowledge.vocabulary[fact].kind == "count"
        return self.derivation(case).facts.get(fact) if counted else case.given.get(fact)

    def derivation(self, case: Case) -> Derivation:
        key = repr(sorted(case.given.items(), key=repr))
        if key not in self.derived:
            self.derived[key] = self.derive(facts_of(self.knowledge, case))
        return self.derived[key]


def facts_of(knowledge: Knowledge, case: Case) -> dict[str, Any]:
    """The facts of a case as the engine reads them; an adult unless it says otherwise."""
    facts: dict[str, Any] = dict(ADULT)
    for fact, value in case.given.items():
        kind = knowledge.vocabulary[fact].kind
        facts[fact] = frozenset(value) if kind == "codes" else float(value) if kind == "number" else value
    return facts
