"""Measures, in one interleaved run, the two shapes in which durable-rules can be given our rule base: chunks of single-fact
patterns, as the service runs them, and one fact per datum with joins.

The joined shape is kept here to be measured, not served. Both derive the same facts for every person, or the run stops.
usage: python -m tests.bench.shapes [ROUNDS]
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from statistics import median
from typing import Any

import durable_rules_engine as durable
import yaml

from deploy.serving import ROOT
from schemas.profile import profile_schema
from service.advising import Advisor
from service.engine.compiling import OPERATORS, Literal, Pattern, property_of
from service.engine.session import encoded_facts, number
from service.engine.trace import Derivation, count
from service.knowledge.loading import load
from service.knowledge.records import Compare, Vocabulary
from service.knowledge.rulebase import Knowledge
from service.measures import observe

LAYERS = ("findings", "red_flags", "states")
JOINS = 16  # the engine takes no more antecedents a rule; a longer pattern cannot be expressed in this shape
TODAY = datetime(2026, 1, 15, tzinfo=UTC).date()


class JoinedSession:
    """One fact per datum; what a stratum negates is asserted as an absence before it; the session is deleted after."""

    def __init__(self, advisor: Advisor):
        self.vocabulary = advisor.knowledge.vocabulary
        self.strata = advisor.session.strata
        self.patterns = {p.name: p for s in self.strata for c in s.chunks for p in c.patterns if len(p.literals) <= JOINS}
        self.skipped = sum(len(c.patterns) for s in self.strata for c in s.chunks) - len(self.patterns)
        rules = {name: rule_of(pattern, self.vocabulary) for name, pattern in self.patterns.items()}
        prime = {"all": [{"m": {"prime": 1}}]}
        self.handle = durable.create_ruleset("joined", json.dumps({"prime": prime, **rules}))
        self._fire('{"sid":"0","id":"prime","prime":1}', Derivation({}), {})
        durable.delete_state(self.handle, "0")

    def derive(self, given: Mapping[str, Any]) -> Derivation:
        derivation, known = Derivation(dict(given)), encoded_facts(given, self.vocabulary)
        self.serial = 0
        try:
            for index, stratum in enumerate(self.strata):
                for word in stratum.counts:
                    counted = count(word, derivation.facts)
                    derivation.facts[word.id], known[word.id] = counted.value, number(counted.value)
                self._run_stratum(index, stratum, derivation, known)
        finally:
            durable.delete_state(self.handle, "0")
        return derivation

    def _run_stratum(self, index: int, stratum: Any, derivation: Derivation, known: dict[str, str]) -> None:
        """Facts are asserted under the stratum's own number, so that a rule is matched only when its absences are final."""
        literals = [one for chunk in stratum.chunks for pattern in chunk.patterns for one in pattern.literals]
        asserted = set()
        for literal in dict.fromkeys(literals):
            name = property_of(literal.leaf, self.vocabulary)
            if not literal.positive and name not in known:
                self._assert({f"a{index}": name}, derivation, known)
        waiting = [name for name in dict.fromkeys(property_of(one.leaf, self.vocabulary) for one in literals) if name in known]
        while waiting:
            for name in waiting:
                asserted.add(name)
                self._assert({f"f{index}": name, "v": float(known[name])}, derivation, known)
            wanted = {property_of(one.leaf, self.vocabulary) for one in literals}
            waiting = [name for name in wanted if name in known and name not in asserted] if stratum.recursive else []

    def _assert(self, fact: dict[str, Any], derivation: Derivation, known: dict[str, str]) -> None:
        self.serial += 1
        value = f',"v":{number(fact["v"])}' if "v" in fact else ""
        key, name = next(iter(fact.items()))
        self._fire(f'{{"sid":"0","id":"i{self.serial}","{key}":"{name}"{value}}}', derivation, known)

    def _fire(self, fact: str, derivation: Derivation, known: dict[str, str]) -> None:
        code, state = durable.assert_fact(self.handle, fact)
        started = durable.start_action_for_state(self.handle, state) if code != 1 else None
        message = started and started[1]
        while message:
            name = message[2 : message.index('"', 2)]
            if name in self.patterns:
                self._conclude(self.patterns[name], derivation, known)
            message = durable.complete_and_start_action(self.handle, state)

    def _conclude(self, pattern: Pattern, derivation: Derivation, known: dict[str, str]) -> None:
        derivation.steps.append(pattern.firing)
        for fact, value, in_set, name, _ in pattern.effects:
            derivation.conclude(fact, value, in_set)
            known[name] = "1"


STAGE_OF: dict[str, int] = {}


def rule_of(pattern: Pattern, vocabulary: Vocabulary) -> dict[str, Any]:
    stage = STAGE_OF[pattern.name]
    tests = [{f"a{i}": test_of(literal, stage, vocabulary)} for i, literal in enumerate(pattern.literals)]
    return {"all": tests, "dist": 0}  # else one fact could not meet both limits of a range


def test_of(literal: Literal, stage: int, vocabulary: Vocabulary) -> dict[str, Any]:
    name = property_of(literal.leaf, vocabulary)
    if not literal.positive:
        return {f"a{stage}": name}
    if isinstance(literal.leaf, Compare):
        return {"$and": [{f"f{stage}": name}, {OPERATORS[literal.leaf.word]: {"v": literal.leaf.threshold}}]}
    return {f"f{stage}": name}  # the stratum stands in the property: 512 siblings of one property would hang the engine


def up_to(knowledge: Knowledge, layers: tuple[str, ...]) -> Knowledge:
    """The rule base without the layers that the joined shape cannot carry: with all of them its ruleset is never made."""
    return replace(knowledge, rules={rule.id: rule for rule in knowledge.rules.values() if rule.layer in layers})


def persons(advisor: Advisor) -> list[dict[str, Any]]:
    schema = profile_schema(advisor.knowledge.vocabulary)()
    cases = yaml.safe_load((ROOT / "tests" / "worked_cases.yaml").read_text())
    profiles = [case["profile"] for case in cases if "validation_error" not in case["expect"]]
    return [observe(schema.load(profile), advisor.knowledge.vocabulary, TODAY).values for profile in profiles]


def microseconds(ask: Callable[[Any], Any], people: list[Any]) -> float:
    began = time.process_time_ns()
    for person in people:
        ask(person)
    return (time.process_time_ns() - began) / len(people) / 1000


def main(rounds: int) -> None:
    advisor = Advisor(up_to(load(ROOT / "rules"), LAYERS))
    for index, stratum in enumerate(advisor.session.strata):
        STAGE_OF.update({pattern.name: index for chunk in stratum.chunks for pattern in chunk.patterns})
    joined, people = JoinedSession(advisor), persons(advisor)
    same = [joined.derive(one).facts == advisor.session.derive(one).facts for one in people]
    print(f"{len(advisor.knowledge.rules)} rules, {len(people)} worked cases, {rounds} rounds, CPU time, medians")
    print(f"joins: {joined.skipped} patterns with more than {JOINS} tests cannot be expressed; {sum(same)} of {len(same)} people agree")
    times: dict[str, list[float]] = {"chunks of single-fact patterns": [], "one fact per datum, joins": []}
    for turn in range(rounds):
        subjects = list(zip(times, (advisor.session.derive, joined.derive), strict=True))
        for name, ask in subjects if turn % 2 else reversed(subjects):
            times[name].append(microseconds(ask, people))
    base = median(times["chunks of single-fact patterns"])
    for name, values in times.items():
        print(f"  {name:32} {median(values):8.0f} us  {median(values) / base:5.2f} x")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
