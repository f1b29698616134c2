"""Asks about people without HTTP: an answer, or the fields for which they were refused."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime
from functools import cache
from typing import Any

from marshmallow import ValidationError

from schemas.faults import FieldError, flatten
from schemas.profile import profile_schema
from service.advising import Advisor
from service.measures import ProfileFault
from tests.loaded import KNOWLEDGE

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
EATING = ("whole_food_diet", "fibre", "cut_processed_foods", "cut_refined_carbs", "cut_added_sugar", "lower_saturated_fat", "omega3", "caloric_reduction")
MOVING = ("regular_activity", "strength_training", "hiit")
RESTRICT = ("intermittent_fasting", "caloric_reduction", "weight_loss_goal")
EXERCISE = MOVING
CUTS = ("cut_processed_foods", "cut_refined_carbs", "cut_added_sugar", "lower_saturated_fat")
SCHEMA = profile_schema(KNOWLEDGE.vocabulary)()


@cache
def advisor() -> Advisor:
    return Advisor(KNOWLEDGE)


def ask(profile: dict[str, Any]) -> dict[str, Any]:
    """The answer; for a profile that is refused, the disposition `refused` and the faults.

    Fields of the contract that are not served yet are named under `not_served`, and what is left is answered.
    """
    sent = deepcopy(profile)
    try:
        return advisor().advise(SCHEMA.load(sent), now=NOW)
    except ValidationError as refused:
        faults = flatten(refused.messages)
    except ProfileFault as refused:
        faults = refused.errors
    absent = not_served(faults)
    if not absent:
        return {"disposition": "refused", "faults": faults}
    return {**ask(without(profile, absent)), "not_served": absent}


def not_served(faults: list[FieldError]) -> list[str]:
    """The fields of the profile that have no schema, where nothing else is wrong with it."""
    return [fault["pointer"] for fault in faults] if all(fault["code"] == "unknown_field" for fault in faults) else []


def without(profile: dict[str, Any], pointers: list[str]) -> dict[str, Any]:
    """The profile without these fields, which stand in it or in a part of it."""
    left = deepcopy(profile)
    for pointer in pointers:
        *parts, last = pointer.strip("/").split("/")
        part = left
        for name in parts:
            part = part[name]
        del part[last]
    return left


def placed(answer: dict[str, Any]) -> dict[str, str]:
    """In which list each intervention stands; what is recommended says whether it is kept up."""
    found = {row["intervention"]: row["status"] for row in answer.get("recommendations", ())}
    for name in ("clinician_first", "withheld", "deferred", "not_indicated"):
        found |= {row["intervention"]: name for row in answer.get(name, ())}
    return found


def steps(answer: dict[str, Any]) -> set[str]:
    """What a person can begin with: the first steps, in an answer that has none yet everything recommended or kept up."""
    rows = answer["first_steps"] if "first_steps" in answer else answer.get("recommendations", ())
    return {row["intervention"] for row in rows if row.get("intervention")}


def has_both_steps(answer: dict[str, Any]) -> bool:
    return bool(steps(answer) & set(EATING)) and bool(steps(answer) & set(MOVING))
