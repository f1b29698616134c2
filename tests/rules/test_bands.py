"""No value is silent: at each limit, beside it and at both ends of what is plausible a well adult is told something, or the row says why not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from schemas.quantities import Converter
from service.analysis.units import converted
from service.knowledge import bands
from service.knowledge.conditions import leaves
from service.knowledge.faults import Findings
from service.knowledge.files.rule_schemas import WITHIN
from service.knowledge.loading import load_files
from service.knowledge.records import Compare, Rule, Word
from tests.failing import failing
from tests.knowledge.spoiling import replaced
from tests.loaded import KNOWLEDGE
from tests.profiles import changed

WORDS = KNOWLEDGE.vocabulary
MEASURED = [word for word in bands.measurements(WORDS) if word.input]
IN_UNITS = [(word, unit) for word in MEASURED for unit in (word.unit, *word.units)]
PRINTED = [(word, unit, pair) for word, unit in IN_UNITS if unit in word.units for pair in word.units[unit].printed]
STEP = 1e-4  # how far beside a limit
WELL = {
    "age": 40, "sex": "female", "pregnancy": "none", "eating_disorder": "none", "symptoms": [], "conditions": [], "medications": [],
    "allergies": [],
}  # fmt: skip
SIZE = {"height": {"value": 170, "unit": "cm"}, "weight": {"value": 65, "unit": "kg"}}
NEEDS_SIZE = ("height", "weight", "weight_change")
Told = Callable[[dict[str, Any]], set[Any]]


@pytest.fixture(scope="module")
def told(advisor, observe) -> Told:
    """What is concluded of a profile as a finding, a class or a red flag, and what is asked to be confirmed."""

    def of(profile: dict[str, Any]) -> set[Any]:
        observations = observe(profile)
        firings = advisor.session.derive(observations.values).firings()
        found = {atom for one in firings if next(iter(one.rule.then)) in bands.TELLING for atom in one.rule.conclusions}
        return {*found, *observations.notes}

    return of


def sent(word: Word, value: float, unit: str | None) -> dict[str, Any]:
    """A well adult with this value."""
    top, _, below = (word.input or "")[1:].partition("/")
    if top == "blood_pressure":
        other = "diastolic" if below == "systolic" else "systolic"
        return changed(WELL, {top: {below: value, other: converted(WORDS[other], beyond(word, value, unit), unit), "unit": unit}})
    size = SIZE if top in NEEDS_SIZE else {}
    return changed(changed(WELL, size), {top: {below: {"value": value, "unit": unit}} if below else {"value": value, "unit": unit}})


def beyond(word: Word, value: float, unit: str | None) -> float:
    """The other number of a blood pressure, an ordinary one where that fits."""
    canonical = Converter(word).canonical(value, unit)
    return min(70.0, canonical - 1) if word.id == "systolic" else max(110.0, canonical + 1)


def values(word: Word) -> list[float]:
    """Both ends of its range, and each limit that a rule or its row has, with what lies beside it."""
    low, high = word.hard or (0.0, 0.0)
    names = bands.handed_on(word, WORDS)
    read = {leaf.threshold for rule in KNOWLEDGE.rules.values() for leaf, _ in leaves(rule.when) if isinstance(leaf, Compare) and leaf.fact in names}
    limits = {low, high, *read, *(limit.threshold for one in word.unremarkable for limit in one.limits)}
    return [value for limit in sorted(limits) for value in (limit - STEP, limit, limit + STEP) if low <= value <= high]


def unremarkable(word: Word, value: float) -> bool:
    return any(all(bands.met(limit, value) for limit in one.limits) for one in word.unremarkable)


def test_no_value_is_silent(told):
    plain, with_size = told(WELL), told(changed(WELL, SIZE))

    def speaks(word: Word, unit: str | None) -> None:
        reader, before = Converter(word), with_size if word.id == "weight_change" else plain
        for value in values(word):
            there = converted(word, value, unit)
            if not unremarkable(word, reader.canonical(there, unit)):
                assert told(sent(word, there, unit)) - before, f"{there} is silent"

    assert failing(speaks, IN_UNITS) == []


def test_a_limit_printed_in_two_units_is_told_alike_in_both(told):
    def alike(word: Word, unit: str, pair: tuple[float, float]) -> None:
        here, there = pair
        assert told(sent(word, here, unit)) == told(sent(word, there, word.unit))

    assert failing(alike, PRINTED) == []


def test_a_low_value_is_never_called_normal(told):
    assert {("bp_low", True), ("bp_normal", True)} & told(sent(WORDS["systolic"], 82, "mm[Hg]")) == {("bp_low", True)}
    assert {("a1c_low", True), ("a1c_normal", True)} & told(sent(WORDS["hba1c"], 3.2, "%")) == {("a1c_low", True)}


# --- the check of the loader -----------------------------------------------------------------------------------------------


def faults(file: str, old: str, new: str) -> list[str]:
    found = Findings()
    bands.check(load_files(replaced(file, old, new)), found)
    return [str(fault) for fault in found.faults]


def test_the_rules_leave_no_value_without_a_word():
    found = Findings()
    bands.check(KNOWLEDGE, found)
    assert found.faults == []


LABS = "vocabulary/labs.yaml"
SPOILED = {
    "a piece that no rule reads and no row explains": (LABS, "{below: 9, because", "{below: 8, because", "of urate from 8 to 9 no rule says"),
    "a limit that belongs to neither side": (LABS, "{below: 80, because", "{below: 79, because", "of ast of 79 no rule says anything"),
    "a range in which a red flag is raised": (LABS, "{below: 9, because", "{below: 9.5, because", "of 9 is called unremarkable, and raises RF.URATE"),
    "a red flag of a number that is handed on": (LABS, "{at_least: 60, below: 200", "{at_least: 59, below: 200", "raises RF.GLUCOSE_LOW (routine)"),
    "a measure made from measurements": ("vocabulary/computed.yaml", "{below: 8.67, because", "{below: 8.5, because", "of tyg from 8.5 to 8.67"),
}


@pytest.mark.parametrize("name", SPOILED)
def test_the_loader_names_what_is_silent_and_what_is_no_trifle(name):
    file, old, new, said = SPOILED[name]
    found = faults(file, old, new)
    assert any(said in fault for fault in found), found
    assert all(fault.startswith(f"{file}:") for fault in found)


def test_every_band_says_why():
    assert all(one.because for word in WORDS.values() for one in word.unremarkable)


# --- by when ---------------------------------------------------------------------------------------------------------------

FLAGS = [rule for rule in KNOWLEDGE.rules.values() if "red_flag" in rule.then]
UNITS = {"d": "days", "wk": "weeks"}


def test_the_urgencies_of_the_answer_are_those_of_the_vocabulary():
    assert KNOWLEDGE.groups["urgencies"] == ("emergency", "same_day", "soon", "routine")
    assert all(word.values == KNOWLEDGE.groups["urgencies"] for word in WORDS.values() if word.listed == "red_flag")


def test_what_can_wait_says_how_long_and_in_its_sentence_too():
    assert failing(says_how_long, ((rule,) for rule in FLAGS)) == []


def says_how_long(rule: Rule) -> None:
    waits = rule.then["urgency"] in ("soon", "routine")
    assert ("within" in rule.then) == waits
    if waits:
        number, unit = rule.then["within"].split()
        assert rule.then["within"] in WITHIN
        assert f"within {number} {UNITS[unit]}" in " ".join(rule.says.split())


def test_what_is_routine_is_told_and_changes_nothing(advise):
    with_it = {"labs": {"ldl": {"value": 200, "unit": "mg/dL"}}}
    before, after = (advise(changed(changed(WELL, SIZE), change)) for change in ({"labs": {"ldl": {"value": 185, "unit": "mg/dL"}}}, with_it))
    [flag] = after["red_flags"]
    assert (flag["code"], flag["urgency"], flag["within"]) == ("RF.LDL_HIGH", "routine", "4 wk")
    same = ("disposition", "clinician_first", "withheld", "deferred")
    assert [after[name] for name in same] == [before[name] for name in same]
    assert [row["intervention"] for row in after["recommendations"]] == [row["intervention"] for row in before["recommendations"]]


def test_the_shortest_time_of_several_reasons_counts_and_the_most_urgent_comes_first(advise):
    labs = {"ldl": {"value": 200, "unit": "mg/dL"}, "alt": {"value": 130, "unit": "U/L"}, "potassium": {"value": 6.1, "unit": "mmol/L"}}
    answer = advise(changed(WELL, {"labs": labs}))
    assert [row["urgency"] for row in answer["red_flags"]] == ["same_day", "soon", "routine", "routine"]
    assert "within" not in answer["red_flags"][0]


def test_a_gain_is_not_called_a_loss(advise):
    gain = advise(changed(changed(WELL, SIZE), {"weight_change": {"value": 20, "unit": "kg"}}))
    assert [notice for notice in gain["notices"] if "unusual" in notice] == ["change of weight over six months is unusual: please confirm it."]
