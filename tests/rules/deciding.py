"""People for whom a single part of a rule decides whether it fires: `python -m tests.rules.deciding` writes them to deciding.json.

A case beside a rule shows that it fires and that it can be silent; only when for every part of its condition there is somebody whom this
part alone lets in or keeps out, no part can be lost, turned or exchanged unnoticed. Found by the exact search of the proof, for every part
that no case decides.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from deploy.serving import ROOT
from schemas.profile import profile_schema
from service.engine.matching import holds
from service.engine.session import Session
from service.engine.trace import Derivation
from service.knowledge.loading import load
from service.knowledge.program import with_precedence
from service.knowledge.records import All, Any_, Condition, Not, Rule
from service.knowledge.rulebase import Knowledge
from service.measures import observe
from service.workbench.cases import facts_of
from service.workbench.numbers import Unsettled
from service.workbench.profiles import DAY
from service.workbench.searching import Search
from service.workbench.uses import shown, variants

KEPT = Path(__file__).with_name("deciding.json")
Facts = Mapping[str, Any]


class Part(NamedTuple):
    """A part of a rule's condition: the whole condition with it and without it."""

    rule: Rule
    name: str
    whole: Condition
    without: Condition

    def decides(self, facts: Facts) -> bool:
        return met(self.whole, facts) != met(self.without, facts)


def met(condition: Condition, facts: Facts, wanted: bool = True) -> bool:
    """Whether it is true; what makes it so, which the plain evaluator collects, is not asked here."""
    if isinstance(condition, Not):
        return met(condition.test, facts, not wanted)
    if isinstance(condition, All | Any_):
        every = isinstance(condition, All) == wanted
        return (all if every else any)(met(test, facts, wanted) for test in condition.tests)
    return holds(condition, facts) == wanted


class Deriving:
    """The facts of a profile, and of a case."""

    def __init__(self, knowledge: Knowledge):
        self.knowledge = knowledge
        self.session = Session(knowledge.program.strata, knowledge.vocabulary)
        self.schema = profile_schema(knowledge.vocabulary)()

    def of_profile(self, profile: dict[str, Any]) -> Facts:
        return self.derivation(profile).facts

    def fired(self, profile: dict[str, Any]) -> set[str]:
        return {firing.rule.id for firing in self.derivation(profile).firings()}

    def derivation(self, profile: dict[str, Any]) -> Derivation:
        return self.session.derive(observe(self.schema.load(profile), self.knowledge.vocabulary, DAY).values)

    def of_cases(self, rules: Collection[str]) -> dict[str, list[Facts]]:
        found: dict[str, list[Facts]] = defaultdict(list)
        for case in self.knowledge.cases:
            if case.rule in rules:
                found[case.rule].append(self.session.derive(facts_of(self.knowledge, case)).facts)
        return found


def parts(knowledge: Knowledge) -> Iterator[Part]:
    """Every part of every written rule in force, what its file adds included; an arrow of the graph has one part only."""
    for rule in knowledge.rules.values():
        if rule.status != "retired" and "when" in rule.source:
            whole = with_precedence(rule, knowledge.vocabulary)
            for part, rest in variants(rule.when):
                yield Part(rule, shown(part), whole, with_precedence(replace(rule, when=rest), knowledge.vocabulary))


def undecided(knowledge: Knowledge, deriving: Deriving, rules: Collection[str]) -> list[Part]:
    """The parts of these rules that no case of their rule decides."""
    cases = deriving.of_cases(rules)
    asked = (part for part in parts(knowledge) if part.rule.id in rules)
    return [part for part in asked if not any(part.decides(facts) for facts in cases[part.rule.id])]


def made(knowledge: Knowledge) -> dict[str, Any]:
    """{"people": [{"fires": [rules], "silent": [rules], "profile": {...}}], "idle": [[rule, part], ...]}: idle parts decide for nobody."""
    search, deriving = Search(knowledge), Deriving(knowledge)
    people: list[tuple[dict[str, Any], Facts, dict[str, bool]]] = []
    idle = []
    for part in undecided(knowledge, deriving, knowledge.rules):
        person = next((one for one in people if part.decides(one[1])), None)
        if person is None:
            profile = found(search, part)
            if profile is None:
                idle.append([part.rule.id, part.name])
                continue
            person = profile, deriving.of_profile(profile), {}
            people.append(person)
        person[2][part.rule.id] = met(part.whole, person[1])
    return {"people": [entry(profile, decided) for profile, _, decided in people], "idle": idle}


def found(search: Search, part: Part) -> dict[str, Any] | None:
    """A profile for which this part alone decides; None: there is none, or the search cannot settle it."""
    whole, without = search.book.condition(part.whole), search.book.condition(part.without)
    for literals in ([without, whole ^ 1], [whole, without ^ 1]):
        with suppress(Unsettled):
            witness = search.find(literals)
            if witness is not None:
                return witness.profile
    return None


def entry(profile: dict[str, Any], decided: Mapping[str, bool]) -> dict[str, Any]:
    rules = {word: [id_ for id_, fires in decided.items() if fires == (word == "fires")] for word in ("fires", "silent")}
    return {**rules, "profile": profile}


def main() -> None:
    corpus = made(load(ROOT / "rules"))
    lines = {key: ",\n".join(json.dumps(one, ensure_ascii=False) for one in corpus[key]) for key in corpus}
    KEPT.write_text("{" + ",\n".join(f'"{key}": [\n{text}\n]' for key, text in lines.items()) + "}\n", encoding="utf-8")
    print(f"{len(corpus['people'])} people, {len(corpus['idle'])} parts that decide for nobody")


if __name__ == "__main__":
    main()
