"""Random people for property tests: any field may be missing, and values fall on the thresholds of the rules as often as beside them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from service.knowledge.conditions import leaves
from service.knowledge.records import Compare, Word
from service.knowledge.rulebase import Knowledge

QUANTITIES = ("height", "weight", "waist", "resting_heart_rate")
BLOOD_PRESSURE = ("systolic", "diastolic")
APART = ("weight_change", "weight_change_intentional", "cleared", *BLOOD_PRESSURE)  # composite fields, made below
TYPICAL = {"age": (18, 90), "height": (150, 195), "weight": (45, 140), "waist": (60, 130), "fasting_glucose": (60, 200), "hdl": (25, 90)}
BESIDE = 1e-6
CIRCUMSTANCES = st.sampled_from([{}, {}, {}, {"taken_on": "2026-11-01"}, {"taken_on": "2025-06-01"}, {"fasting_hours": 4}, {"fasting_hours": 10}])


def thresholds(knowledge: Knowledge) -> Mapping[str, list[float]]:
    found: dict[str, set[float]] = defaultdict(set)
    for rule in knowledge.rules.values():
        for leaf, _ in leaves(rule.when):
            if isinstance(leaf, Compare):
                found[leaf.fact].add(leaf.threshold)
    return {fact: sorted(values) for fact, values in found.items()}


def numbers(word: Word, limits: Mapping[str, list[float]]) -> st.SearchStrategy[float]:
    low, high = word.hard
    usual = TYPICAL.get(word.id, word.soft or word.hard)
    whole = word.id in ("scoff", "clinical_frailty_scale", "max_changes_at_once")
    if whole:
        return st.integers(int(low), int(high))
    near = [v for limit in limits.get(word.id, ()) for v in (limit - BESIDE, limit, limit + BESIDE) if low <= v <= high]
    usually = st.floats(max(low, usual[0]), min(high, usual[1])).map(lambda value: round(value, 2))
    return st.one_of(usually, st.sampled_from(near)) if near else usually


def value_of(word: Word, limits: Mapping[str, list[float]], astray: list[str]) -> st.SearchStrategy[Any]:
    if word.kind == "number":
        return numbers(word, limits)
    if word.kind == "boolean":
        return st.booleans()
    values = [value for value in word.values if not str(value).startswith("unreviewed_")]
    if word.kind == "choice":
        return st.sampled_from(values)
    own = signs(values) if word.counts_as else st.sampled_from(values)
    return st.lists(st.one_of(own, own, own, st.sampled_from(astray)) if astray else own, max_size=4)


def astray_in(knowledge: Knowledge, word: Word) -> list[str]:
    """The words of the list that this one understands too."""
    if word.understands is None or word.thesaurus is None:
        return []
    values = map(str, knowledge.vocabulary[word.understands].values)
    return [value for value in values if not value.startswith("unreviewed_") and not word.thesaurus.whole(value).terms]


def signs(values: list[str]) -> st.SearchStrategy[Any]:
    """A sign by its word alone, or with what may be said of it."""
    one = st.sampled_from(values)
    since = st.builds(lambda value, unit: {"value": value, "unit": unit}, st.integers(0, 90), st.sampled_from("hd"))
    course = st.sampled_from(["new", "worse", "as_usual"])
    told = st.fixed_dictionaries({"code": one}, optional={"since": since, "course": course, "with": st.lists(one, max_size=2)})
    return st.one_of(one, told)


def field(word: Word, limits: Mapping[str, list[float]], astray: list[str]) -> st.SearchStrategy[Any]:
    value = value_of(word, limits, astray)
    if word.kind == "choice" and word.valid_for_days is not None:
        days = st.sampled_from(["2026-11-20", "2026-06-01"])
        return st.fixed_dictionaries({"result": value, "taken_on": days})
    if word.id in QUANTITIES:
        return value.map(lambda one: {"value": one, "unit": word.unit})
    if (word.input or "").startswith("/labs/"):
        return st.tuples(value, CIRCUMSTANCES).map(lambda both: {"value": both[0], "unit": word.unit, **both[1]})
    return value


def profiles(knowledge: Knowledge, always: tuple[str, ...] = ("age",)) -> st.SearchStrategy[dict[str, Any]]:
    """Profiles as a caller sends them; `always` names the facts that are never missing."""
    limits = thresholds(knowledge)
    words = [word for word in knowledge.vocabulary.values() if word.input and word.id not in APART]
    parts: dict[str, dict[str, st.SearchStrategy[Any]]] = defaultdict(dict)
    for word in words:
        *folder, name = word.input[1:].split("/")
        parts["/".join(folder)][name] = (field(word, limits, astray_in(knowledge, word)), word.id in always)
    groups = {folder: fixed(entries) for folder, entries in parts.items() if folder}
    top = dict(parts[""])
    top |= {"weight_change": (weight_changes(), False), "blood_pressure": (pressures(knowledge, limits), "blood_pressure" in always)}
    top |= {folder: (group, False) for folder, group in groups.items()}
    return fixed(top).map(fitting)


def fixed(entries: Mapping[str, tuple[st.SearchStrategy[Any], bool]]) -> st.SearchStrategy[dict[str, Any]]:
    required = {name: entry for name, (entry, always) in entries.items() if always}
    optional = {name: entry for name, (entry, always) in entries.items() if not always}
    return st.fixed_dictionaries(required, optional=optional)


def weight_changes() -> st.SearchStrategy[dict[str, Any]]:
    change = st.floats(-15, 15).map(lambda value: {"value": round(value, 1), "unit": "kg"})
    return st.tuples(change, st.sampled_from([{}, {"intentional": True}, {"intentional": False}])).map(lambda both: {**both[0], **both[1]})


def pressures(knowledge: Knowledge, limits: Mapping[str, list[float]]) -> st.SearchStrategy[dict[str, Any]]:
    upper, lower = (numbers(knowledge.vocabulary[name], limits) for name in BLOOD_PRESSURE)
    pairs = st.tuples(upper, lower).filter(lambda pair: pair[1] < pair[0])
    return pairs.map(lambda pair: {"systolic": pair[0], "diastolic": pair[1], "unit": "mm[Hg]"})


def fitting(profile: dict[str, Any]) -> dict[str, Any]:
    """A waist that no body of this height has is taken away: the schema would refuse it."""
    waist, height = profile.get("waist"), profile.get("height")
    if waist and height and not 0.25 <= waist["value"] / height["value"] <= 1.3:
        profile.pop("waist")
    return profile
