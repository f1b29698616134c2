"""One thing at a time: a well adult, and README's person, with each sign, condition, medicine, value and situation, and where everything stands.

`python -m tests.people.sweep` writes sweep.yaml anew: a reviewer reads its diff.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from math import copysign
from pathlib import Path
from typing import Any

import yaml

from service.knowledge import bands
from service.knowledge.conditions import leaves
from service.knowledge.records import Compare, Word
from tests.people.asking import KNOWLEDGE, ask, placed
from tests.profiles import changed

SWEPT = Path(__file__).with_name("sweep.yaml")
HEAD = """\
# What the rules say of one thing at a time, made by `python -m tests.people.sweep`; nobody writes here.
# A line: disposition, then where the 14 stand, then the red flags. `as without it` is the line of the person alone.
#   eating: whole_food_diet fibre cut_processed_foods cut_refined_carbs cut_added_sugar lower_saturated_fat omega3
#   restricting: intermittent_fasting caloric_reduction weight_loss_goal   moving: regular_activity strength_training hiit   self_monitoring
#   + recommended  m recommended with a change  = kept up  c clinician first  x withheld  d deferred  . not indicated
"""
BLOCKS = (
    ("whole_food_diet", "fibre", "cut_processed_foods", "cut_refined_carbs", "cut_added_sugar", "lower_saturated_fat", "omega3"),
    ("intermittent_fasting", "caloric_reduction", "weight_loss_goal"),
    ("regular_activity", "strength_training", "hiit"),
    ("self_monitoring",),
)
MARKS = {"recommend": "+", "maintain": "=", "clinician_first": "c", "withheld": "x", "deferred": "d", "not_indicated": "."}
SAME = "as without it"
WIDTH = 54
MANY = 10  # answers of a number that is no measurement: then each is asked
ANSWERED = {"pregnancy": "none", "eating_disorder": "none", "conditions": [], "medications": [], "symptoms": [], "signs_now": [], "supplements": [], "allergies": []}
HEIGHT = 170
PEOPLE: dict[str, dict[str, Any]] = {
    "a well woman of 40": {
        **ANSWERED, "age": 40, "sex": "female", "height": {"value": HEIGHT, "unit": "cm"}, "weight": {"value": 66, "unit": "kg"},
        "blood_pressure": {"systolic": 116, "diastolic": 74, "unit": "mm[Hg]"},
        "diet": {"pattern": "omnivore", "produce_servings": 6, "fibre_g": 32, "upf": "rarely", "refined_carbs": "rarely", "added_sugar_pct": 5, "satfat_pct": 8, "fatty_fish_per_week": 2},
        "activity": {"moderate_min": 200, "strength_sessions": 2, "fitness": "moderate", "parq_positive": False},
    },
    "the person of README": {
        **ANSWERED, "age": 52, "sex": "female", "medications": ["warfarin"], "height": {"value": 166, "unit": "cm"}, "weight": {"value": 88, "unit": "kg"},
        "labs": {"fasting_glucose": {"value": 6.1, "unit": "mmol/L"}, "fasting_insulin": {"value": 17, "unit": "u[IU]/mL"}}, "diet": {"upf": "often"},
    },
}  # fmt: skip
# A sign of now and how it may be told besides; the details are those that 10.5 tells apart.
TOLD: dict[str, dict[str, Any]] = {
    "now": {},
    "now, for 3 h, new": {"since": {"value": 3, "unit": "h"}, "course": "new"},
    "now, for 5 d, new": {"since": {"value": 5, "unit": "d"}, "course": "new"},
    "now, for 300 d, as usual": {"since": {"value": 300, "unit": "d"}, "course": "as_usual"},
}
WORDS = KNOWLEDGE.vocabulary
Row = tuple[str, str, str, dict[str, Any]]  # whose, of which part, the name, the profile


def rows() -> Iterator[Row]:
    for whose, profile in PEOPLE.items():
        yield whose, "alone", "nothing else", profile
        for part, name, change in changes():
            yield whose, part, name, changed(profile, {key: joined(profile.get(key), value) for key, value in change.items()})


def joined(before: Any, more: Any) -> Any:
    """A list is added to, everything else replaced."""
    return [*before, *more] if isinstance(before, list) and isinstance(more, list) else more


def changes() -> Iterator[tuple[str, str, dict[str, Any]]]:
    yield from signs()
    for name in named("conditions"):
        yield "conditions", name, {"conditions": [name]}
    for name in WORDS["medications"].values:
        yield "medicine classes", name, {"medications": [name]}
    for name in WORDS["supplements"].values:
        yield "supplements", name, {"supplements": [name]}
    for name in WORDS["allergies"].values:
        yield "allergies", name, {"allergies": [name]}
    yield from situations()
    yield from values()


def named(kind: str) -> list[str]:
    """Every code of a list, and every word that people send for it."""
    word = WORDS[kind]
    return list(dict.fromkeys([*word.values, *(term.id for term in word.thesaurus.terms)]))


def signs() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for name in named("symptoms"):
        yield "signs", f"{name}, often", {"symptoms": [name]}
        for how, details in TOLD.items():
            yield "signs", f"{name}, {how}", {"signs_now": [{"code": name, **details} if details else name]}


def situations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Each answer to each question that has a few, and each question left out."""
    for word in asked():
        for value in few(word):
            yield "situations", f"{word.id} {str(value).lower()}", placed_at(word, value)
    for question in ANSWERED:
        yield "situations", f"{question} not answered", {question: None}
    for fact in ("conditions", "medications", "supplements", "symptoms", "allergies"):
        yield "situations", f"{fact} not understood", {fact: ["qwertz"]}


def asked() -> list[Word]:
    """What a caller can send and is no list, no measurement and no part of one."""
    parts_of_one = {word.input.split("/")[1] for word in WORDS.values() if word.input and word.kind == "number" and word in bands.measurements(WORDS)}
    return [
        word for word in WORDS.values()
        if word.input and word.kind in ("choice", "boolean", "number") and word.input.split("/")[1] not in parts_of_one - {"labs"}
        and not word.input.startswith("/labs/")
    ]  # fmt: skip


def few(word: Word) -> Sequence[Any]:
    low, high = word.hard or (0, MANY)
    if word.kind == "boolean":
        return (True, False)
    return range(int(low), int(high) + 1) if word.type == "integer" and high - low < MANY else word.values


def placed_at(word: Word, value: Any) -> dict[str, Any]:
    top, _, below = (word.input or "")[1:].partition("/")
    return {top: {below: value}} if below else {top: value}


def values() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Just within each band of each number, in the unit of the rules."""
    yield from of_the_body()
    for word in bands.measurements(WORDS):
        if word.input and word.id not in ("height", "weight", "waist", "weight_change"):
            for value in just_within(word, bands.handed_on(word, WORDS)):
                yield "values", numbered(word, value), measured(word, value)
    for word in asked():
        if word.kind == "number" and word.type != "integer":
            for value in just_within(word, [word.id]):
                yield "values", numbered(word, value), placed_at(word, round(value) if word.id == "age" else value)


def of_the_body() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """BMI and waist of somebody of 170 cm, and what was lost or gained of 66 kg."""
    for fact in ("bmi", "whtr"):
        for value in just_within(WORDS[fact], [fact]):
            yield "values", numbered(WORDS[fact], value), body(fact, value)
    for percent in (-20, -15.5, -10, -5, 5, 10):
        for intended in (True, False):
            yield "values", f"weight change {percent:g} % {'' if intended else 'un'}intended", lost(percent, intended)


def numbered(word: Word, value: float) -> str:
    return f"{word.id} {value:g} {word.unit or ''}".strip()


def just_within(word: Word, names: Sequence[str]) -> list[float]:
    """Each limit that a rule has, or what comes next where a rule begins above it; and the lower end of what is plausible."""
    low, high = word.hard or (0.1, 1000.0)
    found = {low} if word.hard else set()
    for rule in KNOWLEDGE.rules.values():
        for leaf, _ in leaves(rule.when):
            if isinstance(leaf, Compare) and leaf.fact in names and isinstance(leaf.threshold, int | float):
                found.add(leaf.threshold + (step(word) if leaf.word in ("above", "at_most") else 0))
    return [value for value in sorted(round(one, 4) for one in found) if low <= value <= high]


def step(word: Word) -> float:
    return 10.0 ** -(word.digits if word.digits is not None else 2)


def measured(word: Word, value: float) -> dict[str, Any]:
    top, _, below = (word.input or "")[1:].partition("/")
    if top == "blood_pressure":
        systolic, diastolic = (value, min(74, value - 20)) if below == "systolic" else (max(116, value + 10), value)
        return {top: {"systolic": systolic, "diastolic": diastolic, "unit": word.unit}}
    quantity = {"value": value, "unit": word.unit}
    return {top: {below: quantity}} if below else {top: quantity}


def body(fact: str, value: float) -> dict[str, Any]:
    height = {"height": {"value": HEIGHT, "unit": "cm"}}
    if fact == "bmi":
        return {**height, "weight": {"value": round(value * (HEIGHT / 100) ** 2 + 0.005, 2), "unit": "kg"}}
    return {**height, "waist": {"value": value * HEIGHT, "unit": "cm"}}


def lost(percent: float, intended: bool) -> dict[str, Any]:
    weight = 66
    kilos = weight * percent / (100 + percent)
    return {
        "height": {"value": HEIGHT, "unit": "cm"}, "weight": {"value": weight, "unit": "kg"},
        "weight_change": {"value": round(kilos + copysign(0.005, kilos), 2), "unit": "kg", "intentional": intended},
    }  # fmt: skip


def line(profile: dict[str, Any]) -> str:
    """What is answered, in a line."""
    answer = ask(profile)
    if answer["disposition"] == "refused":
        return f"refused at {answer['faults'][0]['pointer']}"
    places = placed(answer)
    altered = {row["intervention"] for row in answer["recommendations"] if row["changes"]}
    blocks = ("".join("m" if name in altered else MARKS[places[name]] for name in block) for block in BLOCKS)
    flags = ", ".join(f"{row['code']} {row['urgency']}" for row in answer["red_flags"])
    return f"{answer['disposition']:<17}{' '.join(blocks)}  {flags}".rstrip()


def swept(chosen: Sequence[Row]) -> dict[tuple[str, str, str], str]:
    alone = {whose: line(profile) for whose, profile in PEOPLE.items()}
    found = {}
    for whose, part, name, profile in chosen:
        told = line(profile)
        found[whose, part, name] = SAME if told == alone[whose] and part != "alone" else told
    return found


def text(found: dict[tuple[str, str, str], str]) -> str:
    """The whole file; the names stand as wide as the widest of their part."""
    lines, last = [HEAD.rstrip()], ("", "")
    for (whose, part, name), told in found.items():
        if whose != last[0]:
            lines += ["", f"{whose}:"]
        if (whose, part) != last:
            lines.append(f"  {part}:")
        last = whose, part
        lines.append(f'    {name + ": ":<{WIDTH}}"{told}"')
    return "\n".join(lines) + "\n"


def read() -> dict[tuple[str, str, str], str]:
    """What stands in the file."""
    found = yaml.safe_load(SWEPT.read_text())
    return {(whose, part, name): told for whose, parts in found.items() for part, lines in parts.items() for name, told in lines.items()}


def write() -> None:
    SWEPT.write_text(text(swept(list(rows()))))


if __name__ == "__main__":
    sys.exit(write())
