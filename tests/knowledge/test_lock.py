"""The lock: whatever vanishes from the rule base, or changes in it, stops the start and stands in the lock's diff."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from service.__main__ import main
from service.knowledge import lock
from service.knowledge.faults import Findings, RuleBaseFaults
from service.knowledge.loading import load_files, load_locked, read_files
from service.knowledge.records import Rule
from tests.conftest import RULES
from tests.knowledge.spoiling import FILES, Files, replaced
from tests.thoroughness import some

KIDNEY = "safety/gates_kidney"
LOCK = FILES["lock.yaml"].decode()


def faults_of(files: Files) -> list[str]:
    with pytest.raises(RuleBaseFaults) as raised:
        load_locked(files)
    return [str(fault) for fault in raised.value.faults]


def without(*names: str) -> Files:
    return {name: content for name, content in FILES.items() if name not in names}


def test_the_lock_of_the_rules_is_the_one_that_is_made(knowledge):
    assert lock.text(knowledge) == LOCK


def test_gates_that_vanish_with_their_cases_are_named_one_by_one(knowledge):
    lost = [rule.id for rule in knowledge.rules.values() if rule.place.file == f"{KIDNEY}.yaml"]
    faults = faults_of(without(f"{KIDNEY}.yaml", f"{KIDNEY}.cases.yaml"))
    assert len(lost) == 12
    for rule in lost:
        [fault] = [fault for fault in faults if f"'{rule}' of rules is gone" in fault]
        assert fault.startswith("lock.yaml:") and "make lock-rules" in fault
        assert f'"{rule}"' in LOCK.splitlines()[int(fault.split(":")[1]) - 1]


CHANGED = {
    "a threshold": ("findings/activity.yaml", "below: 150 min/wk", "below: 140 min/wk", "mvpa_min below 150"),
    "a citation": ("findings/homa.yaml", "[gayoso_diz_2013, tang_2015]", "[gayoso_diz_2013]", "cites: "),
    "a word of a sentence": (f"{KIDNEY}.yaml", "loss of volume", "loss of fluid", "loss of fluid"),
    "a dose in a sentence": (f"{KIDNEY}.yaml", "Eat about 0.8 g", "Eat about 0.9 g", "says: Eat about 0.8 g"),
    "a range": ("vocabulary/labs.yaml", "hard: [30, 600]", "hard: [30, 700]", "hard: [30.0, 600.0] -> [30.0, 700.0]"),
    "a label": ("vocabulary/labs.yaml", "label: fasting plasma glucose", "label: plasma glucose", "label: fasting plasma glucose -> plasma glucose"),
    "a code": ("vocabulary/labs.yaml", "loinc: [1518-0]", "loinc: [1518-1]", "'ogtt_2h' is not as in the lock (its text)"),
    "a grade": ("evidence.yaml", "grade: strong", "grade: moderate", "grades: ['strong', 'strong', 'moderate'] -> ['moderate', 'strong', 'moderate']"),
    "a hedge": ("claims.yaml", "asserted: true", "asserted: false", "hedged: None -> True"),
    "a sign": ("mechanisms/graph.yaml", 'sign: "+"', 'sign: "-"', "sign: + -> -"),
    "a class of a medicine": ("words/medicines.csv", ",A10BA02,6809,metformin,rules", ",A10BA02,6809,,reviewed", "values: ['metformin'] -> None"),
    "a phase's label": ("ranking.yaml", "Food swaps and walking", "Food swaps", "'policy' is not as in the lock"),
    "a limitation": ("rulebase.yaml", "- Nothing has been clinically validated;", "- Little has been clinically validated;", "'rulebase' is not as"),
}  # fmt: skip


def test_changes_stop_the_start_until_the_lock_is_made_anew():
    changed = FILES
    for file, old, new, _ in CHANGED.values():
        changed = replaced(file, old, new, changed)
    faults = faults_of(changed)
    untold = [name for name, (*_, reason) in CHANGED.items() if not any(reason in fault and "make lock-rules" in fault for fault in faults)]
    assert untold == [], faults
    assert load_locked({**changed, "lock.yaml": lock.text(load_files(changed)).encode()}).version


def test_whatever_a_rule_says_beside_its_condition_is_told_in_words(knowledge):
    unseen = [
        f"{rule.id}: {name}"
        for rule in knowledge.rules.values()
        for name, altered in alterations(rule).items()
        if lock.differing(lock.plain(lock.rule_line(rule)), lock.plain(lock.rule_line(altered))) == lock.ONLY_ITS_TEXT
    ]
    assert unseen == []


def alterations(rule: Rule) -> dict[str, Rule]:
    """The rule with one thing of it altered, by the name of the thing."""
    slots = {slot: replace(rule, then={**rule.then, slot: ["other"]}) for slot in rule.then}
    cites = {f"cites {kind}": replace(rule, cites=replace(rule.cites, **{kind: ("other",)})) for kind in ("article", "outside")}
    fields = ("title", "says", "layer", "status", "confidence")
    return slots | cites | {name: replace(rule, **{name: "other"}) for name in fields}


@pytest.mark.parametrize("altered", ["", '{"x": 1, '])
def test_every_line_of_the_lock_is_compared(knowledge, altered):
    """Whichever line is taken out or altered, the lock no longer fits, and the item is named."""
    lines = LOCK.splitlines(keepends=True)
    items = [number for number, line in enumerate(lines) if line.startswith('  "')][::7]
    changed = [line.replace("{", altered, 1) if altered else "" for number, line in enumerate(lines) if number in items]
    faults = Findings()
    content = dict(enumerate(lines)) | dict(zip(items, changed, strict=True))
    lock.check(knowledge, "".join(content.values()).encode(), faults)
    told = " ".join(fault.reason for fault in faults.faults)
    names = [next(iter(json.loads(f"{{{lines[number]}}}"))) for number in items if number > LOCK[: LOCK.index("\nrules:")].count("\n")]
    assert [name for name in names if repr(name) not in told] == []


@pytest.mark.parametrize("table", some(sorted(name for name in FILES if name.startswith("words/")), 3))
def test_a_table_of_words_that_vanishes_is_missed(table):
    told = ("is gone", "there is no row for", "avoids: there is no", "name the phrase in", "'weight' is not as in the lock")
    assert any(part in fault for fault in faults_of(without(table)) for part in told)


def test_a_rule_that_is_new_is_named_where_it_stands():
    renamed = replaced("findings/homa.yaml", "id: finding.homa_high", "id: finding.homa_very_high", without("findings/homa.cases.yaml"))
    faults = faults_of(renamed)
    assert any(fault.startswith("findings/homa.yaml:") and "'finding.homa_very_high' of rules is not in the lock" in fault for fault in faults)
    assert any("'finding.homa_high' of rules is gone. Did you mean 'finding.homa_very_high'?" in fault for fault in faults)


@pytest.mark.parametrize("content", [None, b""])
def test_a_lock_that_is_missing_or_no_lock_stops_the_start(content):
    assert all("lock" in fault for fault in faults_of(without("lock.yaml") | ({} if content is None else {"lock.yaml": content})))


@pytest.mark.parametrize("content", [b"- a list\n", b"rules: [\n", b"counts: {}\n"])
def test_what_is_no_lock_has_nothing_of_what_there_is(knowledge, content):
    faults = Findings()
    lock.check(knowledge, content, faults)
    assert len(faults.faults) > len(knowledge.rules) and all("lock" in str(fault) for fault in faults.faults)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(RULES, tmp_path / "rules"))


def test_check_tells_failing_cases_and_the_lock_together_and_lock_makes_it_anew(folder, monkeypatch, capsys):
    monkeypatch.setenv("ATTUNE_RULES", str(folder))
    (folder / "findings/homa.yaml").write_bytes(replaced("findings/homa.yaml", "at_least: 2.5", "at_least: 2.7")["findings/homa.yaml"])
    assert main(["check"]) == 1
    told = capsys.readouterr().err
    assert "findings/homa.cases.yaml:12: finding.homa_high is silent in the case 'exactly 2.5'" in told
    assert "no case of finding.homa_high has homa_ir exactly 2.7" in told
    assert "'finding.homa_high' is not as in the lock" in told
    assert main(["lock"]) == 0
    assert (folder / "lock.yaml").read_text() == lock.text(load_files(read_files(folder)))


def test_commands_take_the_rules_that_the_environment_names(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("ATTUNE_RULES", str(tmp_path / "nowhere"))
    for command in (["check"], ["lock"], ["witnesses", str(tmp_path / "file")], ["explain", "deploy/demo/profile.json"], ["why", "deploy/demo/profile.json", "fibre"]):
        assert main(command) == 1
        assert "ATTUNE_RULES" in capsys.readouterr().err
