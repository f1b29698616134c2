"""The plain evaluator: what each word of a condition means, written to be read. The oracle for durable-rules.

It shares nothing with the session but the rules: no encoding, no normal form, no engine.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

from schemas.bounds import high_of, low_of
from service.engine.trace import Derivation, Facts, Premise, answered, count, firing
from service.knowledge.conditions import COMPARE, UPWARDS
from service.knowledge.program import Stratum
from service.knowledge.records import All, Any_, Compare, Condition, Holds, Known, Leaf, Not, Word

Support = list[frozenset[Premise]]  # every set of premises that makes a condition true; empty: it is not true


def holds(leaf: Leaf, facts: Facts) -> bool:
    """Whether one single test is true of these facts."""
    if leaf.fact not in facts:
        return False
    value = facts[leaf.fact]
    if isinstance(leaf, Compare):
        end = low_of(value) if leaf.word in UPWARDS else high_of(value)  # of bounds, the end for which it is hardest to hold
        return COMPARE[leaf.word](end, leaf.threshold)
    if isinstance(leaf, Known):
        return answered(leaf.fact, facts)
    return leaf.value in value if isinstance(value, set | frozenset) else value == leaf.value


def true(condition: Condition, facts: Facts) -> bool:
    """Whether a whole condition is true of these facts."""
    if isinstance(condition, Not):
        return not true(condition.test, facts)
    if isinstance(condition, All | Any_):
        return (all if isinstance(condition, All) else any)(true(test, facts) for test in condition.tests)
    return holds(condition, facts)


def support(condition: Condition, facts: Facts, wanted: bool = True) -> Support:
    """Every set of premises for which the condition is (or, if not wanted, is not) true."""
    if isinstance(condition, Not):
        return support(condition.test, facts, not wanted)
    if isinstance(condition, All | Any_):
        parts = [support(test, facts, wanted) for test in condition.tests]
        together = isinstance(condition, All) == wanted
        return joined(parts) if together else [one for part in parts for one in part]
    return [frozenset([premise(condition, facts, wanted)])] if holds(condition, facts) == wanted else []


def joined(parts: list[Support]) -> Support:
    return [frozenset().union(*choice) for choice in product(*parts)]


def premise(leaf: Leaf, facts: Facts, wanted: bool) -> Premise:
    if isinstance(leaf, Holds):
        return Premise(leaf.fact, leaf.value, wanted)
    if leaf.fact in facts and not (isinstance(leaf, Known) and not wanted):
        return Premise(leaf.fact, None, True)
    return Premise(leaf.fact, None, False)


def derive(given: Facts, strata: tuple[Stratum, ...], vocabulary: Mapping[str, Word]) -> Derivation:
    """Everything that follows from the given facts, stratum by stratum, naively until nothing new follows."""
    derivation = Derivation(dict(given))
    ways: dict[str, int] = {}
    for stratum in strata:
        for word in stratum.counts:
            if word.id not in derivation.facts:
                counted = count(word, derivation.facts)
                derivation.facts[word.id] = counted.value
                derivation.steps.append(counted)
        seen: set[tuple[str, frozenset[Premise]]] = set()
        while True:
            fired = [
                (step.rule, premises)
                for step in stratum.steps
                for premises in dict.fromkeys(support(step.condition, derivation.facts))
                if (step.rule.id, premises) not in seen
            ]
            for rule, premises in fired:
                seen.add((rule.id, premises))
                ways[rule.id] = ways.get(rule.id, -1) + 1
                derivation.steps.append(firing(rule, tuple(sorted(premises, key=repr)), ways[rule.id]))
                for fact, value in rule.conclusions:
                    derivation.conclude(fact, value, fact not in vocabulary or vocabulary[fact].kind == "set")
            if not fired or not stratum.recursive:
                break
    return derivation
