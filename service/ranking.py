"""The order and the phase of what is recommended: the policy is data (rules/ranking.yaml), this only sorts by it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from service.engine.trace import Derivation, Facts
from service.knowledge.rulebase import Knowledge

RECOMMENDED = ("recommend", "maintain")
LAST_PHASE = 4


@dataclass(frozen=True)
class Ranked:
    intervention: str
    status: str
    rank: int
    phase: int


def rank(knowledge: Knowledge, derivation: Derivation) -> list[Ranked]:
    """Recommended interventions by position, what is kept up after what is new; ranks count from 1."""
    positions = concluded_numbers(derivation, "position", min)
    phases = concluded_numbers(derivation, "phase", max)
    rows: list[tuple[str, Any]] = [(iv, derivation.facts.get(f"placement.{iv}")) for iv in knowledge.interventions]
    rows = [(iv, status) for iv, status in rows if status in RECOMMENDED]
    rows.sort(key=lambda row: (RECOMMENDED.index(row[1]), positions.get(row[0], 0), row[0]))
    start = at_once(knowledge.policy, derivation.facts)
    spread = spread_over_phases([iv for iv, status in rows if status == "recommend" and counts_as_change(knowledge, iv)], phases, start)
    return [
        Ranked(iv, status, number, spread.get(iv, phases.get(iv, 1) if status == "recommend" else 1))
        for number, (iv, status) in enumerate(rows, 1)
    ]


def concluded_numbers(derivation: Derivation, form: str, stronger: Any) -> dict[str, int]:
    """`position` and `phase` are concluded as `intervention.number`; of several the stronger stands."""
    found: dict[str, int] = {}
    for value in derivation.facts.get(form, ()):
        intervention, _, number = value.rpartition(".")
        found[intervention] = stronger(found.get(intervention, int(number)), int(number))
    return found


def at_once(policy: Mapping[str, Any], facts: Facts) -> int:
    return int(facts.get("max_changes_at_once", policy.get("max_changes_default", 3)))


def counts_as_change(knowledge: Knowledge, intervention: str) -> bool:
    return knowledge.interventions[intervention].group != "monitoring"


def spread_over_phases(ordered: list[str], phases: Mapping[str, int], at_once: int) -> dict[str, int]:
    """At most `at_once` changes begin in the first phase; the rest begin later, never earlier than their own phase."""
    spread: dict[str, int] = {}
    begun = 0
    for intervention in ordered:
        phase = phases.get(intervention, 1)
        if phase == 1 and begun >= at_once:
            phase = 2
        begun += phase == 1
        spread[intervention] = min(phase, LAST_PHASE)
    return spread
