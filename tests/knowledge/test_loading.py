"""A rule base at fault does not start: each kind of fault is reported with its file, its line and its reason."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from service.knowledge.faults import RuleBaseFaults
from service.knowledge.loading import load
from tests.conftest import RULES

HOMA = "findings/homa.yaml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the rule base, the test's own to spoil."""
    copy = tmp_path / "rules"
    shutil.copytree(RULES, copy)
    return copy


def spoil(folder: Path, file: str, old: str, new: str) -> None:
    text = (folder / file).read_text()
    assert old in text, f"{file} no longer has {old!r}"
    (folder / file).write_text(text.replace(old, new, 1))


def faults_of(folder: Path) -> list[str]:
    with pytest.raises(RuleBaseFaults) as raised:
        load(folder)
    return [str(fault) for fault in raised.value.faults]


SPOILT = {
    "a repeated key": (HOMA, "topic: homa", "topic: homa\ntopic: homa", "repeated"),
    "an undeclared word": (HOMA, "fact: homa_ir", "fact: homa_irr", "not in the vocabulary"),
    "a missing citation": ("red_flags/potassium.yaml", "    outside: [", "    elsewhere: [", "cites nothing"),
    "a threshold outside its range": ("findings/fasting_glucose.yaml", "below: 70", "below: 7", "outside its range"),
    "a threshold that is text": (HOMA, "at_least: 2.5", "at_least: '2.5'", "must be a number"),
    "a word of another kind": (HOMA, "at_least: 2.5", "includes: 2.5", "cannot be asked"),
    "an interval": (HOMA, "at_least: 2.5", "between: 2.5", "cannot be asked"),
    "a value nobody declared": ("safety/tokens.yaml", "is: pregnant", "is: expecting", "not a value of"),
    "a source nobody declared": (HOMA, "outside: [", "outside: [nobody_1999, ", "no source 'nobody_1999'"),
    "a claim the article does not make": ("states/insulin_resistance.yaml", "article: [F-18", "article: [F-99", "no claim 'F-99'"),
    "a conclusion nobody declared": (HOMA, "then: {finding: homa_high}", "then: {finding: homa_hi}", "not in the vocabulary"),
    "an unknown form of conclusion": (HOMA, "then: {finding: homa_high}", "then: {sees: homa_high}", "must begin with"),
    "a case that names no rule": ("findings/homa.cases.yaml", "rule: finding.homa_high", "rule: finding.homa_hi", "does not exist"),
    "a case with an undeclared fact": ("findings/homa.cases.yaml", "homa_ir:", "homa_irr:", "not in the vocabulary"),
    "an unknown slot": (HOMA, "  status: draft", "  state: draft", "no slot 'state'"),
    "a status that is none": (HOMA, "status: draft", "status: done", "status must be"),
    "a layer that is none": (HOMA, "layer: findings", "layer: finding", "layer must be"),
    "a rule that reads a later layer": (HOMA, "applies: [adult]", "applies: [adult, ed_any]", "later layer"),
    "an edge to nowhere": ("mechanisms/graph.yaml", "to: proc.glucose_spikes", "to: proc.nowhere", "not in the vocabulary"),
    "a chain that jumps": ("mechanisms/chains.yaml", "proc.insulin_spikes, state.insulin_resistance", "mol.jak2, state.insulin_resistance", "no edge"),
    "a gate without its sentence": ("safety/gates_red_flags.yaml", "  says: There", "  note: There", "no sentence"),
    "a sentence with an unknown number": ("safety/gates_red_flags.yaml", "says: There is", "says: There {number_of} is", "'number_of'"),
    "a gate on nobody": ("safety/gates_red_flags.yaml", "interventions: ALL", "interventions: EVERYTHING", "no group 'EVERYTHING'"),
    "a variability of two kinds": ("vocabulary/labs.yaml", "{percent: 4.8,", "{percent: 4.8, absolute: 5,", "one of percent and absolute"),
    "a variability nobody measured": ("vocabulary/labs.yaml", "source: widjaja_1999", "source: nobody_1999", "no source 'nobody_1999'"),
    "a source withdrawn for no reason": ("sources/formulas.yaml", "mifflin_1990:\n", "mifflin_1990:\n  withdrawn: true\n", "saying why"),
    "a text that is no YAML": (HOMA, "topic: homa", "topic: [homa", "not readable as YAML"),
}  # fmt: skip


@pytest.mark.parametrize("name", SPOILT)
def test_fault_is_reported_with_file_line_and_reason(folder, name):
    file, old, new, reason = SPOILT[name]
    line = (folder / file).read_text().split(old)[0].count("\n") + 1
    spoil(folder, file, old, new)
    found = [fault for fault in faults_of(folder) if reason in fault]
    assert found, faults_of(folder)
    place = found[0].split(": ")[0]
    assert place.startswith(f"{file}:") or "chains" in place
    assert abs(int(place.rpartition(":")[2]) - line) <= 25, "the line is that of the rule or closer"


def test_a_rule_that_stands_twice(folder):
    text = (folder / HOMA).read_text()
    (folder / HOMA).write_text(text + text[text.index("- id:") :])
    assert any("stands twice, first at findings/homa.yaml:" in fault for fault in faults_of(folder))


def test_a_cycle_through_negation(folder):
    spoil(folder, HOMA, "  then: {finding: homa_high}", "    none: [homa_borderline]\n  then: {finding: homa_high}")
    spoil(folder, HOMA, "  then: {finding: homa_borderline}", "    none: [homa_high]\n  then: {finding: homa_borderline}")
    assert any("cycle through negation" in fault for fault in faults_of(folder))


def test_a_rule_that_can_never_fire(folder):
    spoil(folder, "safety/gates_red_flags.yaml", "{fact: RF.UNINTENTIONAL_WEIGHT_LOSS, is: soon}", "{fact: RF.UNINTENTIONAL_WEIGHT_LOSS, is: emergency}")
    assert any("can never fire" in fault for fault in faults_of(folder))


def test_a_gate_that_would_stop_nothing(folder):
    spoil(folder, "safety/gates_red_flags.yaml", "clearable: false", "clearable: true")
    assert any("would not stop cut_added_sugar" in fault for fault in faults_of(folder))


def test_all_faults_are_reported_at_once(folder):
    spoil(folder, HOMA, "at_least: 2.5", "at_least: high")
    spoil(folder, "findings/tyg.yaml", "fact: tyg", "fact: tygg")
    spoil(folder, "safety/gates_red_flags.yaml", "interventions: ALL", "interventions: EVERYTHING")
    files = {fault.split(":")[0] for fault in faults_of(folder)}
    assert {HOMA, "findings/tyg.yaml", "safety/gates_red_flags.yaml"} <= files


def test_words_that_yaml_would_read_as_something_else_stay_words():
    from service.knowledge.faults import Findings
    from service.knowledge.reading import read

    words = b"{answer: NO, octal: 012, exponent: 1e3, date: 2026-01-01, yes: true, half: 0.5, whole: 7}"
    assert read(words, "words.yaml", Findings()) == {
        "answer": "NO", "octal": "012", "exponent": "1e3", "date": "2026-01-01", "yes": True, "half": 0.5, "whole": 7,
    }  # fmt: skip


def test_the_digest_names_the_knowledge_and_not_the_cases(folder):
    digest = load(folder).digest
    spoil(folder, "findings/homa.cases.yaml", "fires: true", "fires:  true")
    assert load(folder).digest == digest
    spoil(folder, HOMA, "HOMA-IR", "HOMA IR")
    assert load(folder).digest != digest
