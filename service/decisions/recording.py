"""What a record keeps of a derivation, in plain JSON, and the derivation back from it: rules by id, premises by fact and value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from schemas.bounds import Bounded, bounds
from service.engine.trace import Counted, Derivation, Firing, Premise, firing, plain
from service.given import TODAY, Given, facts_given
from service.knowledge.rulebase import Knowledge
from service.measures import Computed, Observations


def observations_kept(observations: Observations) -> dict[str, Any]:
    """The canonical profile: facts as given, in canonical units beside what was sent, and the numbers made from them."""
    return {
        "given": [given_kept(one) for one in observations.given],
        "computed": [
            {**_valued(one), "formula": one.formula, "premises": [_premise(p) for p in one.premises]} for one in observations.computed
        ],
        "notes": list(observations.notes),
    }


def given_kept(one: Given) -> dict[str, Any]:
    day = {"taken_on": one.taken_on.isoformat()} if one.taken_on else {}
    return {**_valued(one), "pointer": one.pointer, "sent": one.sent, **day}


def _valued(one: Given | Computed) -> dict[str, Any]:
    return {"fact": one.fact, "value": plain(one.value), **bounds(one.value)}


def observations_of(kept: Mapping[str, Any]) -> Observations:
    """The observations that were kept."""
    given = [Given(one["fact"], _value(one), one["pointer"], one["sent"], _day(one.get("taken_on"))) for one in kept["given"]]
    computed = [
        Computed(one["fact"], _value(one), one["formula"], tuple(_premise_of(p) for p in one["premises"])) for one in kept["computed"]
    ]
    values = facts_given(one for one in given if one.fact != TODAY) | {one.fact: one.value for one in computed}
    return Observations(values, given, computed, list(kept["notes"]))


def trace_kept(derivation: Derivation) -> list[list[Any]]:
    """Each firing as ["rule", id, way, premises], each count as ["count", fact, value, members]; premises first."""
    return [_step(step) for step in derivation.steps]


def derivation_of(kept: Sequence[Sequence[Any]], observations: Observations, knowledge: Knowledge) -> Derivation:
    """The derivation that was kept. Raises KeyError for a rule or fact that this rule base has not got."""
    derivation = Derivation(dict(observations.values))
    for kind, name, number, parts in kept:
        if kind == "count":
            counted = Counted(knowledge.vocabulary[name], float(number), tuple(parts))
            derivation.facts[name] = counted.value
            derivation.steps.append(counted)
        else:
            fired = firing(knowledge.rules[name], tuple(map(_premise_of, parts)), number)
            derivation.steps.append(fired)
            for one in fired.conclusions:
                derivation.conclude(one.fact, one.value, _in_set(one.fact, knowledge))
    return derivation


def _step(step: Firing | Counted) -> list[Any]:
    if isinstance(step, Counted):
        return ["count", step.word.id, step.value, list(step.members)]
    return ["rule", step.rule.id, step.way, [_premise(premise) for premise in step.premises]]


def _premise(premise: Any) -> list[Any]:
    """[fact, value, present], where the value is of a set the whole set."""
    fact, value, *present = premise
    return [fact, plain(value), *present]


def _premise_of(kept: Sequence[Any]) -> Premise:
    fact, value, *present = kept
    return Premise(fact, frozenset(value) if isinstance(value, list) else value, *present)


def _in_set(fact: str, knowledge: Knowledge) -> bool:
    return fact not in knowledge.vocabulary or knowledge.vocabulary[fact].kind == "set"


def _value(kept: Mapping[str, Any]) -> Any:
    value = kept["value"]
    if "low" in kept:
        return Bounded(kept["low"], kept["high"], value)
    return frozenset(value) if isinstance(value, list) else float(value) if type(value) is int else value


def _day(kept: str | None) -> date | None:
    return date.fromisoformat(kept) if kept else None
