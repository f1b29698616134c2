"""Reads people: a profile in the short writing of these files becomes the profile that a caller sends."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
FILES = (*sorted((HERE / "hundred").glob("*.yaml")), HERE / "twenty.yaml")
# What everybody has answered who is not said to have answered something else; null takes an answer away.
ANSWERED: dict[str, Any] = {
    **{name: [] for name in ("conditions", "medications", "supplements", "symptoms", "signs_now", "allergies")},
    "eating_disorder": "none",
}
QUANTITIES = ("height", "weight", "waist", "resting_heart_rate")
NUMBER = r"[+-]?\d+(?:\.\d+)?"
READING = re.compile(rf"(?P<value>{NUMBER}) (?P<unit>\S+)(?: on (?P<taken_on>\d{{4}}-\d\d-\d\d))?")
CHANGE = re.compile(rf"(?P<value>{NUMBER}) (?P<unit>\S+) (?P<intent>intended|unintended)")
PRESSURE = re.compile(r"(?P<systolic>\d+)/(?P<diastolic>\d+)")


@dataclass(frozen=True)
class Person:
    """Somebody to ask about, where the description comes from, and what a physician expects of the answer."""

    id: str
    file: str
    who: str
    source: str
    profile: dict[str, Any]
    expect: dict[str, Any]


@cache
def people() -> tuple[Person, ...]:
    return tuple(
        Person(row["id"], path.stem, row["who"], row["source"], sent(row["profile"]), row["expect"])
        for path in FILES
        for row in yaml.safe_load(path.read_text())
    )


def sent(short: dict[str, Any]) -> dict[str, Any]:
    """The profile as a caller sends it."""
    pregnancy = {"pregnancy": "none"} if short.get("sex") == "female" else {}
    whole = {**ANSWERED, **pregnancy, **short}
    for name in QUANTITIES:
        if name in whole:
            whole[name] = reading(whole[name])
    if "labs" in whole:
        whole["labs"] = {name: reading(text) for name, text in whole["labs"].items()}
    if "blood_pressure" in whole:
        numbers = {part: int(number) for part, number in fully(PRESSURE, whole["blood_pressure"]).items()}
        whole["blood_pressure"] = {**numbers, "unit": "mm[Hg]"}
    if "weight_change" in whole:
        parts = fully(CHANGE, whole["weight_change"])
        whole["weight_change"] = {"value": float(parts["value"]), "unit": parts["unit"], "intentional": parts["intent"] == "intended"}
    whole["signs_now"] = [sign(one) for one in whole["signs_now"] or []] if whole["signs_now"] is not None else None
    return {name: dated(value) for name, value in whole.items() if value is not None}


def reading(text: str) -> dict[str, Any]:
    parts = fully(READING, text)
    return {**parts, "value": float(parts["value"])}


def sign(short: str | dict[str, Any]) -> str | dict[str, Any]:
    if isinstance(short, dict) and "since" in short:
        return {**short, "since": reading(short["since"])}
    return short


def fully(pattern: re.Pattern[str], text: str) -> dict[str, str]:
    match = pattern.fullmatch(text)
    if match is None:
        raise ValueError(f"not understood: {text!r}")
    return {name: value for name, value in match.groupdict().items() if value is not None}


def dated(value: Any) -> Any:
    """YAML reads a day as a date; a caller sends it as text."""
    if isinstance(value, dict):
        return {key: dated(one) for key, one in value.items()}
    return value.isoformat() if hasattr(value, "isoformat") else value
