"""On which open inputs an undecided result rests."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from service.analysis.solving import Solver
from service.analysis.unknown import CONCLUDED, Outlook
from service.analysis.unmet import Atom, Makers
from service.knowledge.records import All, Any_, Condition, Holds, Not, Word


class Grounds:
    """Follows what is undecided in an outlook down to the inputs that are open; facts listed as `passed_over` are not followed."""

    def __init__(self, outlook: Outlook, makers: Makers, passed_over: tuple[str, ...] = ()):
        self.outlook, self.makers, self.passed_over = outlook, makers, passed_over
        self.vocabulary, self.uncertain = outlook.vocabulary, outlook.open | outlook.loose
        self.solver = Solver(outlook.values, self.vocabulary)
        self.found: dict[Atom, dict[str, None]] = {}
        self.readers: dict[str, dict[str, None]] = defaultdict(dict)

    def behind(self, atom: Atom) -> dict[str, None]:
        """The open inputs on which a fact rests."""
        if atom not in self.found:
            self.found[atom] = {}
            steps = [] if self.vocabulary[atom[0]].listed in self.passed_over else self.makers.of.get(atom, [])
            self.found[atom] = {read: None for step in steps for read in self.read(step.rule.id, step.condition)}
        return self.found[atom]

    def read(self, rule: str, condition: Condition) -> list[str]:
        """The open inputs behind one condition; what is decided rests on none."""
        if self.outlook.truth(condition) is not None:
            return []
        if isinstance(condition, Not):
            return self.read(rule, condition.test)
        if isinstance(condition, All | Any_):
            return [read for test in condition.tests for read in self.read(rule, test)]
        word = self.vocabulary[condition.fact]
        if word.kind in CONCLUDED and isinstance(condition, Holds):
            return list(self.behind((word.id, condition.value)))
        if word.kind == "count":
            return [read for member in word.of for read in self.behind((member, True))]
        return self.asked(rule, word, getattr(condition, "value", None))

    def asked(self, rule: str, word: Word, named: Any) -> list[str]:
        if word.formula is not None:
            facts = [*self.solver.inputs(word.id), *self.solver.conditions(word.id)]
        else:
            facts = [word.id if word.input else named]
        open_ = [fact for fact in facts if fact in self.uncertain and self.vocabulary[fact].input]
        for fact in open_:
            self.readers[fact][rule] = None
        return open_
