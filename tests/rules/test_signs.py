"""The table of signs: what a well adult is told who names one and nothing of it; and that no flag's sentence forbids what is recommended."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from schemas.profile import profile_schema
from service.knowledge.conditions import leaves
from service.knowledge.records import Holds, Rule
from service.workbench.cases import facts_of
from tests.loaded import KNOWLEDGE
from tests.profiles import OPEN, changed

TABLE = yaml.safe_load(Path(__file__).with_name("signs.yaml").read_text())
NOW = datetime(2026, 11, 28, tzinfo=UTC)
FIRST = "W.RED_FLAG_FIRST"  # what the urgency itself stops
URGENCIES = ("emergency", "same_day", "soon", "routine")
SCHEMA = profile_schema(KNOWLEDGE.vocabulary)()
RESTRICTING = ("caloric_reduction", "weight_loss_goal")
FORBIDDING = {  # words of a sentence, and what they forbid; "do not" is followed by a list up to the end of the sentence
    re.compile(r"\bfast(ing)?\b"): ("intermittent_fasting",),
    re.compile(r"\bdiet(ing)?\b"): RESTRICTING,
    re.compile(r"\btrain(ing)? hard\b|\bhard (training|exercise)\b|\blift\b|\bweights\b"): ("hiit",),
    re.compile(r"(?<!hard )\btrain(ing)?\b(?! hard)"): ("hiit", "strength_training"),
    re.compile(r"(?<!hard )\bexercise\b|\bexert yourself\b"): ("hiit", "strength_training", "regular_activity"),
    re.compile(r"\blose no more\b"): RESTRICTING,
}
PROHIBITION = re.compile(r"(?i:\b(?:do not?|never|lose no more)\b)[^.;:]*|[^.;:]*\bwaits? until\b|[^.;:]*\bare not for you\b|\brest from\b[^.;:]*")


def fired(advisor: Any, **sent: Any) -> dict[str, Rule]:
    profile = changed(OPEN, sent)
    return {rule.id: rule for rule in advisor.reason(SCHEMA.load(profile), NOW).derivation.rules()}


def stopped(rules: dict[str, Rule]) -> dict[str, set[str]]:
    """What the gates that fired stop, without those that only follow the urgency."""
    found: dict[str, set[str]] = defaultdict(set)
    for rule in rules.values():
        if "gate" in rule.then and rule.then["code"] != FIRST:
            found[rule.then["gate"]] |= {target for level, target in rule.conclusions if level == rule.then["gate"]}
    return found


def told(rules: dict[str, Rule], levels: dict[str, str]) -> tuple[str, str | None]:
    """The highest urgency, and within which time."""
    flags = [rule.then for rule in rules.values() if levels.get(rule.then.get("red_flag", "")) == rule.then.get("urgency", 0)]
    first = min(flags, key=lambda then: URGENCIES.index(then["urgency"]), default={"urgency": "none"})
    return first["urgency"], first.get("within")


def rows(names: list[str]) -> set[str]:
    return {one for name in names for one in TABLE["groups"].get(name, [name])}


def unlike(advisor: Any, sign: str, row: dict[str, Any], before: dict[str, set[str]]) -> Iterator[str]:
    rules = fired(advisor, signs_now=[sign])
    levels = {rule.then["red_flag"]: rule.then["urgency"] for rule in rules.values() if "red_flag" in rule.then}
    found, within = told(rules, levels)
    if (found, within) != (row["class"], row.get("within")):
        yield f"{sign}: {found} {within or ''}, not {row['class']} {row.get('within', '')}"
    after = stopped(rules)
    for gate in ("withhold", "clinician_first", "modify"):
        new, wanted = after[gate] - before[gate], rows(row.get(gate, []))
        if new != wanted:
            yield f"{sign}: {gate} {sorted(new)}, not {sorted(wanted)}"


def test_a_sign_of_which_nothing_is_told_has_the_class_and_the_stops_of_its_row(advisor):
    before = stopped(fired(advisor))
    assert not [fault for sign, row in TABLE["signs"].items() for fault in unlike(advisor, sign, row, before)]


def test_every_sign_of_the_vocabulary_is_read_by_a_rule():
    read = {leaf.value for rule in KNOWLEDGE.rules.values() for leaf, _ in leaves(rule.when) if isinstance(leaf, Holds) and leaf.fact == "symptoms"}
    details = {leaf.fact for rule in KNOWLEDGE.rules.values() for leaf, _ in leaves(rule.when)}
    words = KNOWLEDGE.vocabulary
    asked_in_words = {"sugar_cravings", "post_meal_sleepiness"}
    assert set(words["symptoms"].values) - read <= asked_in_words
    assert set(words["signs_now"].details) <= details


def forbidden(says: str) -> set[str]:
    """What a sentence of a flag forbids, in the interventions that it would be."""
    parts = list(PROHIBITION.findall(says))
    return {one for part in parts for word, forbids in FORBIDDING.items() if word.search(part) for one in forbids}


def test_what_a_flag_forbids_is_not_recommended(advisor):
    """For every case of every flag; what is said of values too old to command is said with an if."""
    faults = set()
    for case in KNOWLEDGE.cases:
        rule = KNOWLEDGE.rules[case.rule]
        if not case.fires or "red_flag" not in rule.then or rule.id.endswith(".later") or case.given.get("age", 40) < 18:
            continue
        derived = advisor.session.derive(facts_of(KNOWLEDGE, case))
        held = {target for level in ("withhold", "clinician_first") for target in derived.facts.get(level, ())}
        faults |= {f"{rule.id} ({case.name}): {one}" for one in forbidden(rule.says or "") - held}
    assert not faults, sorted(faults)


def test_what_stands_below_emergency_begins_with_the_emergency_words_of_its_sign():
    begun = {rule.id for rule in KNOWLEDGE.rules.values() if rule.topic.startswith("signs_") and rule.then.get("urgency") in URGENCIES[1:]}
    assert begun and all((KNOWLEDGE.rules[id_].says or "").startswith("If ") and "call the emergency number" in KNOWLEDGE.rules[id_].says for id_ in begun)


def test_the_questions_about_a_sign_are_asked_of_who_named_it(advise):
    asked = {row["question"] for row in advise(changed(OPEN, {"signs_now": ["headache_severe"]}))["missing"] if row["input"] == "/signs_now"}
    assert asked == {"You named severe headache: is it new, worse than usual, or as usual?"}
    told_all = [{"code": "headache_severe", "course": "worse"}]
    assert "/signs_now" not in {row["input"] for row in advise(changed(OPEN, {"signs_now": told_all}))["missing"]}
    assert "/signs_now" not in {row["input"] for row in advise(OPEN)["missing"]}
