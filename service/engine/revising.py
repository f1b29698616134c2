"""What else follows where something given is another: only the rules that read what changed are judged again.

A third way to the same facts, beside the engine and the plain evaluator: the words mean what matching.py says, strata follow each other as
there, and whatever reads nothing that changed stays as it was derived. Exact, and many times cheaper than deriving everything again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from service.engine.matching import holds
from service.engine.trace import Derivation, Facts, count
from service.knowledge.conditions import leaves
from service.knowledge.program import Step, Stratum
from service.knowledge.records import All, Any_, Condition, Holds, Leaf, Not, Rule, Vocabulary, Word

Atom = tuple[str, Any]  # a concluded fact with its value; of what is given, computed or counted only the name, with None


class Dependencies:
    """Which rule reads and makes what, of the rules from which the wanted facts follow; prepared once."""

    def __init__(self, strata: Iterable[Stratum], vocabulary: Vocabulary, wanted: Iterable[str]):
        self.vocabulary, self.strata = vocabulary, sliced(tuple(strata), vocabulary, wanted)
        self.concluded = {fact for stratum in self.strata for step in stratum.steps for fact, _ in step.rule.conclusions}
        self.readers: dict[Atom, list[tuple[int, Step]]] = defaultdict(list)
        self.makers: dict[Atom, list[tuple[int, str]]] = defaultdict(list)
        self.circular: set[Atom] = set()  # what rules of a recursive stratum make, perhaps out of itself
        self.counts: dict[str, list[tuple[int, Word]]] = defaultdict(list)
        for level, stratum in enumerate(self.strata):
            self._note(level, stratum)

    def _note(self, level: int, stratum: Stratum) -> None:
        for word in stratum.counts:
            for member in word.of:
                self.counts[member].append((level, word))
        for step in stratum.steps:
            for atom in step.rule.conclusions:
                self.makers[atom].append((level, step.rule.id))
                if stratum.recursive:
                    self.circular.add(atom)
            for atom in dict.fromkeys(self._read(leaf) for leaf, _ in leaves(step.condition)):
                self.readers[atom].append((level, step))

    def _read(self, leaf: Leaf) -> Atom:
        return leaf.fact, leaf.value if isinstance(leaf, Holds) and leaf.fact in self.concluded else None


def sliced(strata: tuple[Stratum, ...], vocabulary: Vocabulary, wanted: Iterable[str]) -> tuple[Stratum, ...]:
    """The strata with only those rules from which these facts follow, through whatever stands between."""
    makers: dict[str, list[Step]] = defaultdict(list)
    for step in (step for stratum in strata for step in stratum.steps):
        for fact in {fact for fact, _ in step.rule.conclusions}:
            makers[fact].append(step)
    waiting, kept = list(wanted), set()
    seen = set(waiting)
    while waiting:
        for step in makers.get(waiting.pop(), ()):
            kept.add(step.rule.id)
            fresh = {part for leaf, _ in leaves(step.condition) for part in (leaf.fact, *vocabulary[leaf.fact].of)} - seen
            seen |= fresh
            waiting += fresh
    return tuple(replace(stratum, steps=tuple(step for step in stratum.steps if step.rule.id in kept)) for stratum in strata)


class Revisable:
    """One person's derivation, from which others are made that differ in what is given."""

    def __init__(self, dependencies: Dependencies, given: Facts, derivation: Derivation):
        self.dependencies, self.given, self.facts = dependencies, given, derivation.facts
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
        self.read, self.facts, self.fired = base.dependencies, dict(base.facts), dict(base.fired)
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
        for level, step in self.read.readers.get(atom, ()):
            self.waiting[level][step.rule.id] = step
        for level, word in self.read.counts.get(atom[0], ()):
            self.counting[level][word.id] = word

    def _run(self, level: int) -> None:
        for word in self.counting.pop(level, {}).values():
            counted = count(word, self.facts).value
            if counted != self.facts[word.id]:
                self._give(word.id, counted)
        waiting, stratum = self.waiting.pop(level, {}).values(), self.read.strata[level]
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
            made = any(rule in self.fired and not self._open(level, made_at, rule) for made_at, rule in self.read.makers[atom])
            if made != self.holds(*atom):
                self._put(*atom, made)
                self._tell(atom)
            elif atom in self.read.circular:
                self._tell(atom)

    def _open(self, level: int, made_at: int, rule: str) -> bool:
        """Whether a rule of a later stratum still has to be judged; nobody reads what it makes before."""
        return made_at > level and rule in self.waiting.get(made_at, ())

    def _put(self, fact: str, value: Any, made: bool) -> None:
        word = self.read.vocabulary.get(fact)
        if word is None or word.kind == "set":
            self.facts[fact] = (self.facts.get(fact, frozenset()) | {value}) if made else (self.facts[fact] - {value})
        elif made:
            if fact in self.facts:  # a stronger level took the place of a weaker one, whose own rules are judged later
                self._tell((fact, self.facts[fact]))
            self.facts[fact] = value
        else:
            del self.facts[fact]


def true(condition: Condition, facts: Facts) -> bool:
    """Whether a whole condition is true of these facts."""
    if isinstance(condition, Not):
        return not true(condition.test, facts)
    if isinstance(condition, All | Any_):
        return (all if isinstance(condition, All) else any)(true(test, facts) for test in condition.tests)
    return holds(condition, facts)
