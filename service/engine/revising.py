"""What else follows where something given is another: only the rules that read what changed are judged again.

A third way to the same facts, beside the engine and the plain evaluator: the words mean what matching.py says, strata follow each other as
there, and whatever reads nothing that changed stays as it was derived. Exact, and many times cheaper than deriving everything again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from service.engine.matching import holds, true
from service.engine.trace import Derivation, Facts, count
from service.knowledge.program import Atom, Program, Step
from service.knowledge.records import Holds, Rule, Word


class Revisable:
    """One person's derivation, from which others are made that differ in what is given; `program` may be only what follows is wanted of."""

    def __init__(self, program: Program, given: Facts, derivation: Derivation):
        self.program, self.given, self.facts = program, given, derivation.facts
        self.fired = {rule.id: rule for rule in derivation.rules()}

    def revised(self, given: Facts) -> Revision:
        """What follows where all this is given instead, measures among it."""
        changed = [fact for fact in self.given.keys() | given.keys() if self.given.get(fact) != given.get(fact)]
        return Revision(self, {fact: given.get(fact) for fact in changed})


class Revision:
    """What follows with some values changed (None: taken away): the wanted facts, and the rules for them; the rest is as it was derived.

    `turned` are the rules that do otherwise than before, and perhaps others.
    """

    def __init__(self, base: Revisable, changed: Facts):
        self.program, self.facts, self.fired = base.program, dict(base.facts), dict(base.fired)
        self.turned: dict[str, Rule] = {}
        self.waiting: dict[int, dict[str, Step]] = defaultdict(dict)
        self.counting: dict[int, dict[str, Word]] = defaultdict(dict)
        for fact, value in changed.items():
            self._give(fact, value)
        while self.waiting or self.counting:
            self._run(min((*self.waiting, *self.counting)))

    def rules(self) -> Iterable[Rule]:
        return self.fired.values()

    def holds(self, fact: str, value: Any = True) -> bool:
        return holds(Holds(fact, value), self.facts)

    def _give(self, fact: str, value: Any) -> None:
        self.facts[fact] = value
        if value is None:
            del self.facts[fact]
        self._tell((fact, None))

    def _tell(self, atom: Atom) -> None:
        """Whoever reads what changed has to be judged again."""
        level = self.program.level
        for step in self.program.readers.get(atom, ()):
            self.waiting[level[step.rule.id]][step.rule.id] = step
        for place, word in self.program.counting.get(atom[0], ()):
            self.counting[place][word.id] = word

    def _run(self, level: int) -> None:
        for word in self.counting.pop(level, {}).values():
            counted = count(word, self.facts).value
            if counted != self.facts[word.id]:
                self._give(word.id, counted)
        waiting, stratum = self.waiting.pop(level, {}).values(), self.program.strata[level]
        if waiting and stratum.recursive:
            self._again(level, stratum.steps)
            self.waiting.pop(level, None)
        else:
            self._judge(level, waiting)

    def _judge(self, level: int, steps: Iterable[Step]) -> bool:
        """Let each of these fire or not; whether any does otherwise than before."""
        turned = [step for step in steps if true(step.condition, self.facts) != (step.rule.id in self.fired)]
        for step in turned:
            self.turned[step.rule.id] = step.rule
            if self.fired.pop(step.rule.id, None) is None:
                self.fired[step.rule.id] = step.rule
        self._conclude(level, steps)
        return bool(turned)

    def _again(self, level: int, steps: tuple[Step, ...]) -> None:
        """A recursive stratum from its beginning: what only holds each other up must not stay."""
        for step in steps:
            self.turned[step.rule.id] = step.rule
            self.fired.pop(step.rule.id, None)
        self._conclude(level, steps)
        while self._judge(level, steps):
            pass

    def _conclude(self, level: int, steps: Iterable[Step]) -> None:
        for atom in dict.fromkeys(atom for step in steps for atom in step.rule.conclusions):
            made = any(step.rule.id in self.fired and not self._open(level, step.rule.id) for step in self.program.makers[atom])
            if made != self.holds(*atom):
                self._put(*atom, made)
                self._tell(atom)
            elif atom in self.program.circular:
                self._tell(atom)

    def _open(self, level: int, rule: str) -> bool:
        """Whether a rule of a later stratum still has to be judged; nobody reads what it makes before."""
        made_at = self.program.level[rule]
        return made_at > level and rule in self.waiting.get(made_at, ())

    def _put(self, fact: str, value: Any, made: bool) -> None:
        word = self.program.vocabulary.get(fact)
        if word is None or word.kind == "set":
            self.facts[fact] = (self.facts.get(fact, frozenset()) | {value}) if made else (self.facts[fact] - {value})
        elif made:
            if fact in self.facts:  # a stronger level took the place of a weaker one, whose own rules are judged later
                self._tell((fact, self.facts[fact]))
            self.facts[fact] = value
        else:
            del self.facts[fact]
