"""A rule base as it is once loaded: its rules, and what they are about, rest on and are shown by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from service.knowledge.program import Program, program
from service.knowledge.records import Condition, Place, Rule, Vocabulary


@dataclass(frozen=True)
class Family:
    """Rules of one file of which exactly one fires for everybody to whom the file applies."""

    rules: tuple[str, ...]
    where: Condition
    place: Place


@dataclass(frozen=True)
class Case:
    """A worked example beside a rule: given these facts, the rule fires or is silent."""

    name: str
    rule: str
    given: Mapping[str, Any]
    fires: bool
    place: Place


@dataclass(frozen=True)
class Claim:
    id: str
    section: str
    paragraph: str
    kind: str
    asserted: bool
    paraphrase: str
    edges: tuple[str, ...]
    inferred: bool
    context_only: str | None
    place: Place


@dataclass(frozen=True)
class Source:
    id: str
    citation: str
    details: Mapping[str, Any]
    place: Place


@dataclass(frozen=True)
class Edge:
    """One arrow of the article's graph. `bridges` names our own additions, which are never claims of the article;
    `not_chained` says why an arrow that the article asserts is not followed from a person's disturbed node."""

    from_: str
    to: str
    sign: str
    claims: tuple[str, ...]
    bridges: tuple[str, ...]
    why: str | None
    causal: bool
    not_chained: str | None
    place: Place


@dataclass(frozen=True)
class Chain:
    """A path through the graph from an intervention, as the article argues it."""

    intervention: str
    side: str
    path: tuple[str, ...]
    canonical: bool
    place: Place


@dataclass(frozen=True)
class Intervention:
    id: str
    title: str
    label: str
    plain: str
    group: str
    node: str
    claims: tuple[str, ...]
    components: tuple[str, ...]
    place: Place


@dataclass(frozen=True)
class Food:
    """A food by the words for it; its `kinds` are what an allergy, a way of eating, an illness or a medicine may rule out."""

    id: str
    words: tuple[str, ...]
    kinds: tuple[str, ...]
    place: Place = field(compare=False)


@dataclass(frozen=True)
class Graded:
    """How strong the evidence is for one outcome, by the sources that studied it."""

    outcome: str
    grade: str
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Sourced:
    """A sentence with the sources that it rests on."""

    says: str
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Evidence:
    """What independent evidence says of one intervention, outside the article: outcome by outcome, the one that it is meant for first."""

    id: str
    outcomes: tuple[Graded, ...]
    leptin: Sourced
    harm: Sourced
    note: str | None
    place: Place

    @property
    def sources(self) -> tuple[str, ...]:
        told: tuple[Graded | Sourced, ...] = (*self.outcomes, self.leptin, self.harm)
        return tuple(dict.fromkeys(source for one in told for source in one.sources))


@dataclass(frozen=True)
class Classes:
    """Findings that class some measures and exclude each other, where a condition holds; `unclassed` values below or above have none."""

    measures: tuple[str, ...]
    classes: tuple[str, ...]
    where: Condition
    unclassed: str | None
    place: Place


@dataclass(frozen=True)
class Knowledge:
    """The whole rule base, loaded once at start and shared."""

    version: str
    digest: str
    vocabulary: Vocabulary
    groups: Mapping[str, tuple[str, ...]]
    rules: Mapping[str, Rule]
    cases: tuple[Case, ...]
    claims: Mapping[str, Claim]
    sources: Mapping[str, Source]
    edges: tuple[Edge, ...]
    chains: tuple[Chain, ...]
    interventions: Mapping[str, Intervention]
    components: Mapping[str, Intervention]
    evidence: Mapping[str, Evidence]
    classes: tuple[Classes, ...]
    families: tuple[Family, ...]
    foods: Mapping[str, Food]
    forbidding: Mapping[str, tuple[str, ...]]
    policy: Mapping[str, Any]
    about: Mapping[str, Any]

    @cached_property
    def program(self) -> Program:
        """The rules in the order in which they run, with who makes and who reads what: made once, while the rule base is checked.

        Raises NegationCycle.
        """
        return program(self.rules.values(), self.vocabulary)
