"""Two rule bases over the same people: what differs is said, rule by rule, and nothing else."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from service.__main__ import main
from service.knowledge.loading import load_files, read_files
from service.knowledge.rulebase import Knowledge
from service.workbench.comparing import as_lines, compare
from tests.conftest import RULES
from tests.profiles import OPEN, changed

LEAN = changed(OPEN, {"weight": {"value": 76, "unit": "kg"}, "waist": {"value": 80, "unit": "cm"}})
EDGE = changed(OPEN, {"weight": {"value": 83.5, "unit": "kg"}})  # BMI 26.4
PEOPLE = [OPEN, LEAN, EDGE, {"age": 40, "unknown": 1}]


@pytest.fixture
def folder(tmp_path) -> Path:
    return Path(shutil.copytree(RULES, tmp_path / "rules"))


def rewritten(folder: Path, file: str, before: str, after: str) -> Path:
    path = folder / file
    assert before in path.read_text()
    path.write_text(path.read_text().replace(before, after, 1))
    return folder


def drafted(folder: Path) -> Knowledge:
    """The rule base of a folder whose lock is not made yet."""
    return load_files(read_files(folder))


def test_the_same_rules_make_no_difference(knowledge):
    found = compare(knowledge, knowledge, PEOPLE)
    assert found["rules"] == found["differences"] == []
    assert found["profiles"] == len(PEOPLE)


def test_another_threshold_moves_those_beside_it(knowledge, folder):
    rewritten(folder, "findings/bmi.yaml", "{fact: bmi, at_least: 25 kg/m2, below: 30 kg/m2}", "{fact: bmi, at_least: 27 kg/m2, below: 30 kg/m2}")
    new = drafted(rewritten(folder, "findings/bmi.yaml", "{fact: bmi, at_least: 18.5 kg/m2, below: 25 kg/m2}", "{fact: bmi, at_least: 18.5 kg/m2, below: 27 kg/m2}"))
    found = compare(knowledge, new, PEOPLE)
    assert {(one["rule"], one["kind"]) for one in found["rules"]} == {("finding.bmi_overweight", "changed"), ("finding.bmi_normal", "changed")}
    [moved] = found["differences"]
    assert (moved["number"], moved["kind"]) == (3, "another answer")
    assert "finding.bmi_overweight" in moved["rules"]["only_old"]
    assert "finding.bmi_normal" in moved["rules"]["only_new"]
    assert [[row["id"] for row in rows] for rows in moved["answers"]["findings"]] == [["bmi_overweight"], ["bmi_normal"]]


def test_another_source_is_the_same_answer_for_another_reason(knowledge, folder):
    new = drafted(rewritten(folder, "findings/metabolic_syndrome.yaml", "    any:\n    - tg_raised\n", "    any:\n    - tg_raised\n    - hdl_low\n"))
    found = compare(knowledge, new, [changed(OPEN, {"labs": {"triglycerides": {"value": 180, "unit": "mg/dL"}, "hdl": {"value": 35, "unit": "mg/dL"}}})])
    [one] = found["differences"]
    assert one["kind"] == "another reason"
    assert one["rules"]["changed"] == ["finding.mets_tg"]
    assert not one["answers"]


def test_it_is_written_for_reading_and_as_json(folder, tmp_path, capsys):
    rewritten(folder, "findings/bmi.yaml", "{fact: bmi, at_least: 30 kg/m2, below: 35 kg/m2}", "{fact: bmi, at_least: 31.9 kg/m2, below: 35 kg/m2}")
    corpus = tmp_path / "people.jsonl"
    corpus.write_text("\n".join(json.dumps(profile) for profile in PEOPLE))
    assert main(["diff", str(RULES), str(folder), "--profiles", str(corpus)]) == 0
    text = capsys.readouterr().out
    assert "changed  finding.bmi_obese_1 (findings/bmi.yaml:" in text
    assert "profile 1: another answer" in text
    assert main(["diff", str(RULES), str(folder), "--profiles", str(corpus), "--json"]) == 0
    assert list(as_lines(json.loads(capsys.readouterr().out))) == text.splitlines()
