"""Whether counterfactuals are true, by the engine alone: every set is enough and no part of it is; nothing smaller than brute force finds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import deepcopy
from itertools import combinations
from typing import Any

from marshmallow import ValidationError

from schemas.profile import profile_schema
from service.advising import Advisor
from service.explaining.questions import Questions
from service.measures import observe
from tests.conftest import TODAY
from tests.explaining.asked import KNOWLEDGE, at

WORDS = KNOWLEDGE.vocabulary
SCHEMA = profile_schema(WORDS)()
INPUTS = {word.input: word for word in WORDS.values() if word.input}
GOALS = ("recommend", "not_recommend")
QUESTIONS = [(intervention, goal) for intervention in KNOWLEDGE.interventions for goal in GOALS]
NEVER = {
    "/age", "/sex", "/ancestry", "/height", "/pregnancy", "/eating_disorder", "/scoff", "/clinical_frailty_scale", "/symptoms",
    "/signs_now", "/conditions", "/medications", "/supplements", "/allergies", "/weight_change", "/weight_change/intentional",
    "/clearance_within_12m", "/clearances",
    "/activity/parq_positive", "/labs/potassium", "/labs/creatinine", "/labs/egfr", "/labs/urine_acr",
}  # fmt: skip

Placements = dict[str, bool]
Ask = Callable[..., dict[str, Any]]


class Asked:
    """An advisor, asked in JSON as a caller sends it."""

    def __init__(self, advisor: Advisor):
        self.advisor, self.questions = advisor, Questions(advisor)

    def counterfactuals(self, profile: dict[str, Any], intervention: str, goal: str, at_most: int = 3, **how: Any) -> dict[str, Any]:
        return self.questions.counterfactuals(SCHEMA.load(deepcopy(profile)), intervention, goal, at_most, now=TODAY, **how)

    def recommended(self, profile: dict[str, Any]) -> Placements:
        """intervention -> whether it stands in the recommended list; raises ValidationError for a profile that is refused."""
        values = observe(SCHEMA.load(deepcopy(profile)), WORDS, TODAY.date()).values
        facts = self.advisor.session.derive(values).facts
        return {one: facts[f"placement.{one}"] in ("recommend", "maintain") for one in KNOWLEDGE.interventions}


def check(asked: Asked, profile: dict[str, Any], at_most: int = 3) -> Counter[str]:
    """How much was tried; raises AssertionError at the first that is not as told."""
    counted, now = Counter(), asked.recommended(profile)
    for intervention, goal in QUESTIONS:
        answer = asked.counterfactuals(profile, intervention, goal, at_most)
        counted += check_answer(asked, profile, intervention, goal, answer, already=now[intervention] == (goal == "recommend"), most=at_most)
    return counted


def check_answer(
    asked: Asked, profile: dict[str, Any], intervention: str, goal: str, answer: dict[str, Any], already: bool, most: int
) -> Counter[str]:
    sets = answer["sets"]
    sizes = [len(one["changes"]) for one in sets]
    assert sizes == sorted(sizes) == [one["size"] for one in sets] and max(sizes, default=0) <= most
    assert (sizes == [0]) == already and answer["reachable"] == bool(sets)
    assert answer["reason"] if not sets or not answer["exhausted"] else answer["reason"] is None
    named = [frozenset(change["input"] for change in one["changes"]) for one in sets]
    assert not any(one < other for one in named for other in named) and len(set(named)) == len(named)
    for one in sets:
        check_set(asked, profile, intervention, goal == "recommend", one["changes"])
    counted = Counter(questions=1, sets=len(sets) * (not already), not_exhausted=not answer["exhausted"])
    return counted + Counter({f"of {size}": number for size, number in Counter(sizes).items() if size}) + Counter(unreachable=not sets, already=already)


def check_set(asked: Asked, profile: dict[str, Any], intervention: str, wanted: bool, changes: list[dict[str, Any]]) -> None:
    for change in changes:
        check_change(profile, change)
    assert asked.recommended(put(profile, changes))[intervention] == wanted, changes
    for part in parts(changes):
        try:
            assert asked.recommended(put(profile, part))[intervention] != wanted, part
        except ValidationError:  # half of a blood pressure that no body has
            assert {change["input"] for change in changes} >= {"/blood_pressure/systolic", "/blood_pressure/diastolic"}


def check_change(profile: dict[str, Any], change: dict[str, Any]) -> None:
    word = INPUTS[change["input"]]
    assert word.input not in NEVER and word.changeable != "no" and at(profile, word.input) is not None
    assert change["to"] != change["from"]
    if word.changeable in ("up", "down"):
        order = list(word.values) or [False, True]
        before, after = (value if word.kind == "number" else order.index(value) for value in (change["from"], change["to"]))
        assert (after > before) == (word.changeable == "up"), change


def parts(changes: list[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], ...]]:
    return (part for size in range(len(changes)) for part in combinations(changes, size))


def put(profile: dict[str, Any], changes: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The profile with other values in these places; a number takes the place of the value of a quantity."""
    profile = deepcopy(profile)
    for change in changes:
        *above, last = change["input"][1:].split("/")
        holder = profile
        for step in above:
            holder = holder[step]
        sent = holder[last][0] if isinstance(holder[last], list) and isinstance(holder[last][0], dict) else holder[last]
        holder[last] = {**sent, "value": change["to"]} if isinstance(sent, dict) else change["to"]
    return profile


