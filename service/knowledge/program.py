"""The rules as one program: in the order in which they run, so that each negates and counts only what is final, and who reads what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any, TypeVar

from service.knowledge.conditions import leaves
from service.knowledge.records import All, Condition, Holds, Leaf, Not, Rule, Vocabulary, Word

Atom = tuple[str, Any]  # a fact with its value
Key = TypeVar("Key")
Value = TypeVar("Value")
Needs = dict[int, set[tuple[int, bool]]]  # of each step the steps it reads, with whether their conclusions must be final


@dataclass(frozen=True)
class Step:
    """A rule with its whole condition: what the file says, and that no stronger level of the same fact holds."""

    rule: Rule
    condition: Condition

    @property
    def leaves(self) -> list[Leaf]:
        return [leaf for leaf, _ in leaves(self.condition)]


@dataclass(frozen=True)
class Stratum:
    """Steps that may run together. Counts are made before them; a recursive stratum runs until nothing new follows."""

    steps: tuple[Step, ...]
    counts: tuple[Word, ...] = ()
    recursive: bool = False


Makers = Mapping[Atom, tuple[Step, ...]]


@dataclass(frozen=True)
class Program:
    """Everything that runs, in its order; each index is made once, when it is first asked for, and then only looked up."""

    strata: tuple[Stratum, ...]
    vocabulary: Vocabulary

    @cached_property
    def steps(self) -> Mapping[str, Step]:
        """By rule, in the order in which they run."""
        return MappingProxyType({step.rule.id: step for stratum in self.strata for step in stratum.steps})

    @cached_property
    def level(self) -> Mapping[str, int]:
        """The place of the stratum of each rule."""
        return MappingProxyType({step.rule.id: level for level, stratum in enumerate(self.strata) for step in stratum.steps})

    @cached_property
    def makers(self) -> Makers:
        """The steps that conclude each fact."""
        return gathered((atom, step) for step in self.steps.values() for atom in step.rule.conclusions)

    @cached_property
    def readers(self) -> Mapping[Atom, tuple[Step, ...]]:
        """The steps that read each fact that rules conclude; of what is given, computed or counted by its name, with None."""
        concluded = {fact for fact, _ in self.makers}

        def read(leaf: Leaf) -> Atom:
            return leaf.fact, leaf.value if isinstance(leaf, Holds) and leaf.fact in concluded else None

        return gathered((atom, step) for step in self.steps.values() for atom in dict.fromkeys(read(leaf) for leaf in step.leaves))

    @cached_property
    def counting(self) -> Mapping[str, tuple[tuple[int, Word], ...]]:
        """The counts of which each fact is a member, with the stratum before which they are made."""
        levels = enumerate(self.strata)
        return gathered((member, (level, word)) for level, stratum in levels for word in stratum.counts for member in word.of)

    @cached_property
    def circular(self) -> frozenset[Atom]:
        """What rules of a recursive stratum make, perhaps out of itself."""
        return frozenset(atom for one in self.strata if one.recursive for step in one.steps for atom in step.rule.conclusions)

    def prepared(self) -> Program:
        """The same with every index made: what a worker makes while it starts is walked by no collector later."""
        for index in (self.steps, self.level, self.makers, self.readers, self.counting, self.circular):
            len(index)
        return self

    def only(self, wanted: Iterable[str]) -> Program:
        """The same strata with only those rules from which these facts follow, through whatever stands between."""
        waiting, kept = list(wanted), set()
        seen = set(waiting)
        while waiting:
            for step in self._concluding.get(waiting.pop(), ()):
                kept.add(step.rule.id)
                fresh = {part for leaf in step.leaves for part in (leaf.fact, *self.vocabulary[leaf.fact].of)} - seen
                seen |= fresh
                waiting += fresh
        strata = (replace(one, steps=tuple(step for step in one.steps if step.rule.id in kept)) for one in self.strata)
        return Program(tuple(strata), self.vocabulary)

    @cached_property
    def _concluding(self) -> Mapping[str, tuple[Step, ...]]:
        """The steps that conclude a fact, whatever its value."""
        return gathered((fact, step) for step in self.steps.values() for fact in dict.fromkeys(fact for fact, _ in step.rule.conclusions))


def gathered(pairs: Iterable[tuple[Key, Value]]) -> Mapping[Key, tuple[Value, ...]]:
    """What belongs to each key, in its order."""
    found: dict[Key, list[Value]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return MappingProxyType({key: tuple(values) for key, values in found.items()})


class NegationCycle(Exception):
    """Some rules negate, or count, what depends on themselves; `rules` names them."""

    def __init__(self, rules: list[Rule]):
        super().__init__(", ".join(rule.id for rule in rules))
        self.rules = rules


def program(rules: Iterable[Rule], vocabulary: Vocabulary) -> Program:
    """All rules in force as a program; raises NegationCycle."""
    return Program(arrange(rules, vocabulary), vocabulary)


def arrange(rules: Iterable[Rule], vocabulary: Mapping[str, Word]) -> tuple[Stratum, ...]:
    """All rules in force, in strata; raises NegationCycle."""
    steps = [Step(rule, with_precedence(rule, vocabulary)) for rule in rules if rule.status != "retired"]
    needs = dependencies(steps, vocabulary)
    components = strongly_connected({i: [j for j, _ in needs[i]] for i in range(len(steps))})
    component_of = {i: c for c, members in enumerate(components) for i in members}
    for i, found in needs.items():
        if any(final and component_of[j] == component_of[i] for j, final in found):
            raise NegationCycle([steps[k].rule for k in components[component_of[i]]])
    return layered(steps, needs, components, component_of, vocabulary)


def with_precedence(rule: Rule, vocabulary: Mapping[str, Word]) -> Condition:
    """A weaker level holds only where no stronger one does; the vocabulary lists levels strongest first."""
    stronger: list[Condition] = []
    for fact, value in rule.conclusions:
        word = vocabulary.get(fact)
        if word is not None and word.kind == "level":
            stronger += [Not(Holds(fact, other)) for other in word.values[: word.values.index(value)]]
    return All((rule.when, *stronger)) if stronger else rule.when


def dependencies(steps: list[Step], vocabulary: Mapping[str, Word]) -> Needs:
    """For each step the steps it reads, with whether it needs their conclusions to be final."""
    makers: dict[Atom, list[int]] = defaultdict(list)
    for i, step in enumerate(steps):
        for atom in step.rule.conclusions:
            makers[atom].append(i)
    needs: Needs = {}
    for i, step in enumerate(steps):
        read = [atom for leaf, positive in leaves(step.condition) for atom in atoms_read(leaf, positive, vocabulary)]
        needs[i] = {(j, final) for atom, final in read for j in makers.get(atom, ())}
    return needs


def atoms_read(leaf: Leaf, positive: bool, vocabulary: Mapping[str, Word]) -> list[tuple[Atom, bool]]:
    word = vocabulary.get(leaf.fact)
    if word is not None and word.kind == "count":
        return [((member, True), True) for member in word.of]
    return [((leaf.fact, leaf.value), not positive)] if isinstance(leaf, Holds) else []


def layered(
    steps: list[Step], needs: Needs, components: list[list[int]], component_of: Mapping[int, int], vocabulary: Mapping[str, Word]
) -> tuple[Stratum, ...]:
    """Components by the longest way to them; those of equal depth that are not recursive run together."""
    depth: dict[int, int] = {}
    for c, members in enumerate(components):  # what is needed comes first
        before = [component_of[j] for i in members for j, _ in needs[i] if component_of[j] != c]
        depth[c] = 1 + max((depth[b] for b in before), default=-1)
    plain, recursive = defaultdict(list), []
    for c, members in enumerate(components):
        looping = len(members) > 1 or any(j == members[0] for j, _ in needs[members[0]])
        recursive.append((depth[c], sorted(members))) if looping else plain[depth[c]].extend(members)
    groups = [(d, False, sorted(members)) for d, members in plain.items()] + [(d, True, m) for d, m in recursive]
    rank = {i: d for d, _, members in groups for i in members}
    counts = counts_by_depth(steps, rank, vocabulary)
    last = max((d for d, _, _ in groups), default=0)
    strata = []
    for d, looping, members in sorted(groups):
        strata.append(Stratum(tuple(steps[i] for i in members), tuple(counts.pop(d, ())), looping))
    late = tuple(word for d in sorted(counts) if d > last for word in counts[d])
    return (*strata, Stratum((), late)) if late else tuple(strata)


def counts_by_depth(steps: list[Step], rank: Mapping[int, int], vocabulary: Mapping[str, Word]) -> dict[int, list[Word]]:
    made: dict[str, int] = {}
    for i, step in enumerate(steps):
        for fact, _ in step.rule.conclusions:
            made[fact] = max(made.get(fact, -1), rank[i])
    counts: dict[int, list[Word]] = defaultdict(list)
    ranks = sorted(set(rank.values()))
    for word in vocabulary.values():
        if word.kind == "count":
            after = max((made.get(member, -1) for member in word.of), default=-1)
            counts[next((r for r in ranks if r > after), after + 1)].append(word)
    return counts


def strongly_connected(graph: Mapping[int, list[int]]) -> list[list[int]]:
    """Kosaraju's algorithm: the components of mutual need, in an order in which what is needed comes first."""
    seen: set[int] = set()
    finished = [node for root in graph for node in walked(root, graph, seen)]
    back: dict[int, list[int]] = {node: [] for node in graph}
    for node, needed in graph.items():
        for other in needed:
            back[other].append(node)
    seen.clear()
    found = [walked(root, back, seen) for root in reversed(finished)]
    return [component for component in reversed(found) if component]


def walked(root: int, graph: Mapping[int, list[int]], seen: set[int]) -> list[int]:
    """What can be reached from the root and was not seen before, in the order in which a walk in depth leaves it."""
    if root in seen:
        return []
    seen.add(root)
    left, stack = [], [(root, iter(graph[root]))]
    while stack:
        fresh = next((other for other in stack[-1][1] if other not in seen), None)
        if fresh is None:
            left.append(stack.pop()[0])
        else:
            seen.add(fresh)
            stack.append((fresh, iter(graph[fresh])))
    return left
