"""From strata to what durable-rules is given: chunks of single-fact patterns, small enough to be safe.

The engine's limits shape this file. It walks the tests of a fact with a stack of 64 and refuses the fact where that is not
enough. Every pattern of a chunk begins with its trigger, so on the stack can lie at most the chunk's triggers and what follows
one of them: a chunk has at most 60 of these together and can never come near. Alternatives (`any`) become several patterns,
because the engine's own `$or` fires wrongly; a negation becomes the absence of a property that an earlier stratum has made
final. Every value the engine sees is a number or the flag 1 under a name of ours: no text of a caller ever reaches it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any, NamedTuple

from service.engine.trace import Firing, Premise, firing
from service.knowledge.conditions import UPWARDS
from service.knowledge.program import Step, Stratum
from service.knowledge.records import NUMBERS, All, Any_, Compare, Condition, Holds, Known, Leaf, Not, Rule, Vocabulary, Word

ON_THE_STACK = 60  # the engine's holds 64
TESTS_IN_A_PATTERN = 60
PROPERTIES_IN_A_FACT = 240  # the engine holds 252 beside its own
RARITY = {"boolean": 2, "choice": 2, "level": 3, "flag": 3, "set": 4, "codes": 5}
COMMON = frozenset({"adult"})  # the guard of most files
OPERATORS = {"at_least": "$gte", "above": "$gt", "at_most": "$lte", "below": "$lt"}
HIGHEST = "~"  # ends the name of the upper end of a number that may be known within bounds only
INVERSE = {"at_least": "below", "above": "at_most", "at_most": "above", "below": "at_least"}

Encoded = dict[str, Any]  # a test or a rule in the engine's own language


class CompileFault(Exception):
    """A rule does not fit what the engine can do exactly."""


@dataclass(frozen=True)
class Literal:
    """One test of a pattern; not positive means that the fact is absent, `inverted` that the opposite of the comparison must not hold."""

    leaf: Leaf
    positive: bool
    inverted: bool = False

    def property(self, vocabulary: Vocabulary) -> str:
        """The engine's property that it reads: of a number known within bounds the end for which the test is hardest to hold."""
        name = property_of(self.leaf, vocabulary)
        downwards = isinstance(self.leaf, Compare) and (self.leaf.word not in UPWARDS) != self.inverted
        return f"{name}{HIGHEST}" if downwards and vocabulary[self.leaf.fact].bounded else name


class Effect(NamedTuple):
    """A fact that a firing concludes, and the engine's property for it, also as it is written into a fact."""

    fact: str
    value: Any
    in_set: bool
    property: str
    written: str


@dataclass(frozen=True)
class Pattern:
    """One way in which a rule can fire: the engine's name for it, its tests, and the firing and facts it leads to."""

    name: str
    serial: int
    literals: tuple[Literal, ...]
    firing: Firing
    effects: tuple[Effect, ...]


@dataclass(frozen=True)
class Chunk:
    """Patterns that are matched against one fact; `stage` is the property that keeps chunks apart."""

    stage: str
    patterns: tuple[Pattern, ...]
    properties: tuple[str, ...]
    triggers: frozenset[str] | None

    def definitions(self, vocabulary: Vocabulary) -> Iterator[tuple[str, Encoded]]:
        for pattern in self.patterns:
            tests = [{self.stage: 1}, *(encoded(literal, vocabulary) for literal in pattern.literals)]
            yield pattern.name, {"all": [{"m": {"$and": tests}}]}


@dataclass(frozen=True)
class CompiledStratum:
    chunks: tuple[Chunk, ...]
    counts: tuple[Word, ...]
    recursive: bool


def compile_strata(strata: tuple[Stratum, ...], vocabulary: Vocabulary) -> tuple[CompiledStratum, ...]:
    """The strata as chunks of patterns with names unique over the whole rule base."""
    compiled, stage, serial = [], 0, 0
    for stratum in strata:
        chunks = []
        for ways in grouped(stratum, vocabulary):
            patterns = []
            for step, alternative, literals in ways:
                fired = firing(step.rule, premises_of(literals), alternative)
                patterns.append(Pattern(f"r{serial}", serial, literals, fired, effects(step.rule, vocabulary)))
                serial += 1
            chunks.append(chunk(f"stage:{stage}", tuple(patterns), vocabulary))
            stage += 1
        compiled.append(CompiledStratum(tuple(chunks), stratum.counts, stratum.recursive))
    check_names(compiled)
    return tuple(compiled)


class Way(NamedTuple):
    """One way in which a step can fire: the number of the alternative, and its tests, the trigger first."""

    step: Step
    alternative: int
    literals: tuple[Literal, ...]


def grouped(stratum: Stratum, vocabulary: Vocabulary) -> Iterator[list[Way]]:
    """A stratum's ways to fire in lists that fit a chunk. What waits for the same rare fact stands together, so that most
    chunks can be passed over for most people."""
    ways = [Way(step, i, trigger_first(literals, vocabulary)) for step in stratum.steps for i, literals in enumerate(alternatives(step))]
    ways.sort(key=lambda way: trigger_order(way.literals[0], vocabulary))
    room = Room(vocabulary)
    chunk: list[Way] = []
    for way in ways:
        if not room.takes(way):
            yield chunk
            chunk, room = [], Room(vocabulary)
            room.takes(way)
        chunk.append(way)
    if chunk:
        yield chunk


class Room:
    """What is left of a chunk: the triggers and the largest number of ways behind one of them stay within the engine's stack."""

    def __init__(self, vocabulary: Vocabulary):
        self.vocabulary = vocabulary
        self.behind: Counter[Literal] = Counter()
        self.properties: set[str] = set()

    def takes(self, way: Way) -> bool:
        """Gives the way its place where there is one; an empty chunk has one for any."""
        trigger = way.literals[0]
        behind = Counter({**self.behind, trigger: self.behind[trigger] + 1})
        properties = self.properties | {literal.property(self.vocabulary) for literal in way.literals}
        if self.behind and not (len(behind) + max(behind.values()) <= ON_THE_STACK and len(properties) <= PROPERTIES_IN_A_FACT):
            return False
        self.behind, self.properties = behind, properties
        return True


def trigger_first(literals: tuple[Literal, ...], vocabulary: Vocabulary) -> tuple[Literal, ...]:
    """The same tests, the rarest that must hold in front; one that asks for absences only stays as it is."""
    positive = [literal for literal in literals if literal.positive]
    first = max(positive, key=lambda literal: rarity(literal.leaf, vocabulary), default=literals[0])
    return (first, *(literal for literal in literals if literal is not first))


def rarity(leaf: Leaf, vocabulary: Vocabulary) -> int:
    """How seldom a test holds, by its kind: a code of a list, then a conclusion, then a number, then that anything is known."""
    if not isinstance(leaf, Holds):
        return 1 if isinstance(leaf, Compare) else 0
    return RARITY[vocabulary[leaf.fact].kind] if leaf.fact not in COMMON else 0


def trigger_order(first: Literal, vocabulary: Vocabulary) -> tuple[int, str]:
    return (rarity(first.leaf, vocabulary) if first.positive else -1, first.property(vocabulary))


def alternatives(step: Step) -> list[tuple[Literal, ...]]:
    """The condition as alternatives of conjunctions (its disjunctive normal form), without those that contradict themselves."""
    found = dict.fromkeys(tuple(dict.fromkeys(way)) for way in normal_form(step.condition, True))
    kept = [way for way in found if not contradicts(way)]
    if any(len(way) > TESTS_IN_A_PATTERN for way in kept):
        raise CompileFault(f"{step.rule.id}: more than {TESTS_IN_A_PATTERN} tests in one alternative")
    return kept


def normal_form(condition: Condition, wanted: bool) -> list[tuple[Literal, ...]]:
    if isinstance(condition, Not):
        return normal_form(condition.test, not wanted)
    if isinstance(condition, All | Any_):
        parts = [normal_form(test, wanted) for test in condition.tests]
        if isinstance(condition, All) == wanted:
            return [tuple(literal for part in choice for literal in part) for choice in product(*parts)]
        return [way for part in parts for way in part]
    if wanted:
        return [(Literal(condition, True),)]
    if isinstance(condition, Compare):  # not at least 5: unknown, or known and below 5
        return [
            (Literal(Known(condition.fact), False),),
            (Literal(Compare(condition.fact, INVERSE[condition.word], condition.threshold), True, inverted=True),),
        ]
    return [(Literal(condition, False),)]


def contradicts(literals: tuple[Literal, ...]) -> bool:
    return any(Literal(literal.leaf, not literal.positive) in literals for literal in literals)


def effects(rule: Rule, vocabulary: Vocabulary) -> tuple[Effect, ...]:
    return tuple(effect(fact, value, vocabulary) for fact, value in rule.conclusions)


def effect(fact: str, value: Any, vocabulary: Vocabulary) -> Effect:
    name = engine_name(value_property(fact, value))
    return Effect(fact, value, fact not in vocabulary or vocabulary[fact].kind == "set", name, member(name, "1"))


def member(name: str, value: str) -> str:
    """A property as it is written into a fact after others."""
    return f',"{name}":{value}'


def premises_of(literals: tuple[Literal, ...]) -> tuple[Premise, ...]:
    found = {Premise(one.leaf.fact, one.leaf.value if isinstance(one.leaf, Holds) else None, one.positive) for one in literals}
    return tuple(sorted(found, key=repr))


def chunk(stage: str, patterns: tuple[Pattern, ...], vocabulary: Vocabulary) -> Chunk:
    literals = [literal for pattern in patterns for literal in pattern.literals]
    properties = tuple(dict.fromkeys(literal.property(vocabulary) for literal in literals))
    if len(properties) > PROPERTIES_IN_A_FACT:
        raise CompileFault(f"{stage}: its patterns read more than {PROPERTIES_IN_A_FACT} properties")
    return Chunk(stage, patterns, properties, triggers(patterns, vocabulary))


def triggers(patterns: tuple[Pattern, ...], vocabulary: Vocabulary) -> frozenset[str] | None:
    """Properties without any of which nothing of the chunk can fire; None where a pattern asks for absences only."""
    first = [pattern.literals[0] for pattern in patterns]
    return frozenset(one.property(vocabulary) for one in first) if all(one.positive for one in first) else None


def property_of(leaf: Leaf, vocabulary: Vocabulary) -> str:
    """The engine's property for a test: the fact for numbers and flags, `fact=value` for values, `fact?` for known."""
    number = leaf.fact in vocabulary and vocabulary[leaf.fact].kind in NUMBERS
    if isinstance(leaf, Compare) or number:
        name = leaf.fact
    elif isinstance(leaf, Known):
        name = f"{leaf.fact}?"
    else:
        name = value_property(leaf.fact, leaf.value)
    return engine_name(name)


def engine_name(name: str) -> str:
    """A dot would be read as a path into a nested object."""
    return name.replace(".", ":")


def value_property(fact: str, value: Any) -> str:
    return fact if value is True else f"{fact}={value}"


def encoded(literal: Literal, vocabulary: Vocabulary) -> Encoded:
    name = literal.property(vocabulary)
    if not literal.positive:
        return {"$nex": {name: 1}}
    if isinstance(literal.leaf, Compare):
        return {OPERATORS[literal.leaf.word]: {name: literal.leaf.threshold}}
    return {"$ex": {name: 1}} if isinstance(literal.leaf, Known) else {name: 1}


def check_names(compiled: list[CompiledStratum]) -> None:
    """The engine compares names by a hash of 32 bits: two that collide would be one to it."""
    chunks = [chunk for stratum in compiled for chunk in stratum.chunks]
    names = {p for chunk in chunks for p in chunk.properties} | {c.stage for c in chunks} | {p.name for c in chunks for p in c.patterns}
    hashes: dict[int, str] = {}
    for name in sorted(names | {"sid", "id", "m"}):
        hashed = fnv(name)
        if hashed in hashes:
            raise CompileFault(f"the names {name!r} and {hashes[hashed]!r} are the same to the engine")
        hashes[hashed] = name


def fnv(name: str) -> int:
    """FNV-1a over the bytes, as the engine's hash."""
    hashed = 2166136261
    for byte in name.encode():
        hashed = ((hashed ^ byte) * 16777619) & 0xFFFFFFFF
    return hashed
