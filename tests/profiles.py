"""People made up for the tests, and how to change one thing about them."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

# Everything is indicated for this person and nothing stops it: what a gate does shows at once.
OPEN = {
    "age": 40,
    "sex": "male",
    "height": {"value": 178, "unit": "cm"},
    "weight": {"value": 100, "unit": "kg"},
    "waist": {"value": 110, "unit": "cm"},
    "blood_pressure": {"systolic": 124, "diastolic": 78, "unit": "mm[Hg]"},
    "labs": {
        "fasting_glucose": {"value": 108, "unit": "mg/dL"},
        "fasting_insulin": {"value": 18, "unit": "u[IU]/mL"},
        "triglycerides": {"value": 140, "unit": "mg/dL"},
        "hdl": {"value": 45, "unit": "mg/dL"},
    },
    "symptoms": [],
    "conditions": [],
    "medications": [],
    "allergies": [],
    "eating_disorder": "none",
    "diet": {
        "pattern": "omnivore", "produce_servings": 2, "fibre_g": 14, "energy_kcal": 2600, "upf": "most", "refined_carbs": "often",
        "added_sugar_pct": 16, "satfat_pct": 14, "fatty_fish_per_week": 0, "eating_window_h": 13,
    },
    "activity": {
        "moderate_min": 100, "vigorous_min": 0, "strength_sessions": 0, "hiit_sessions": 0, "fitness": "moderate",
        "parq_positive": False,
    },
}  # fmt: skip


def changed(profile: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """A copy with `change` merged in: mappings into mappings, None takes a field away, anything else replaces."""
    merged = deepcopy(dict(profile))
    for key, value in change.items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, Mapping) and isinstance(merged.get(key), Mapping) and "unit" not in value:
            merged[key] = changed(merged[key], value)
        else:
            merged[key] = deepcopy(value)
    return merged
