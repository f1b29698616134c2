"""People whom no safety answer stops, so that what they can change decides: made from others, or with a few inputs only."""

from __future__ import annotations

from random import Random
from typing import Any

from tests.explaining.asked import KNOWLEDGE
from tests.strategies import QUANTITIES, TYPICAL

WELL = {
    "age": 45, "sex": "male", "height": {"value": 178, "unit": "cm"}, "pregnancy": "none", "eating_disorder": "none", "symptoms": [],
    "conditions": [], "medications": [], "allergies": [],
}  # fmt: skip
APART = ("scoff", "clinical_frailty_scale", "clearances", "weight_change")
LAB = {"fasting_glucose": (70, 200), "fasting_insulin": (2, 40), "triglycerides": (60, 600), "hdl": (25, 80), "random_glucose": (70, 320)}
FEW_INPUTS = [
    ("/weight", "/waist"),
    ("/labs/fasting_glucose", "/labs/fasting_insulin"),
    ("/labs/triglycerides", "/labs/hdl"),
    ("/labs/triglycerides", "/labs/fasting_glucose"),
    ("/labs/fasting_glucose", "/labs/random_glucose"),
    ("/diet/fibre_g", "/diet/energy_kcal", "/diet/upf"),
    ("/activity/moderate_min", "/activity/vigorous_min", "/diet/upf"),
    ("/weight", "/diet/energy_kcal", "/goals"),
    ("/weight", "/preferences/fasting_ok", "/diet/eating_window_h"),
    ("/diet/added_sugar_pct", "/diet/sugary_drinks_per_day"),
]


def eased(profile: dict[str, Any]) -> dict[str, Any]:
    """The same person, grown up and with every safety question answered well."""
    kept = {name: value for name, value in profile.items() if name not in APART}
    return {**kept, **WELL, "height": profile.get("height", WELL["height"])}


def somebody(chance: Random, inputs: tuple[str, ...]) -> dict[str, Any]:
    """A person who stands well but for a few inputs, each anywhere in its usual range."""
    profile = {**WELL, "sex": chance.choice(["female", "male"])}
    for pointer in inputs:
        *above, last = pointer[1:].split("/")
        holder = profile
        for step in above:
            holder = holder.setdefault(step, {})
        holder[last] = anything(chance, next(word for word in KNOWLEDGE.vocabulary.values() if word.input == pointer))
    return profile


def anything(chance: Random, word: Any) -> Any:
    if word.kind == "codes":
        return chance.sample(word.values, 2)
    if word.kind != "number":
        return chance.choice(list(word.values) or [False, True])
    low, high = LAB.get(word.id) or TYPICAL.get(word.id) or word.soft or word.hard
    value = round(chance.uniform(low, high))
    return {"value": value, "unit": word.unit} if word.id in QUANTITIES or word.input.startswith("/labs/") else value
