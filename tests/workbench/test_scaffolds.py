"""What `new` begins: `check` names each place to fill, and once they are filled the rules load and the document knows them."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from service import create_app
from service.__main__ import main
from service.knowledge.loading import load
from service.workbench import scaffolds
from tests.conftest import AUTHORIZATION, RULES
from tests.profiles import OPEN

OVERWEIGHT, LEAN = "{age: 40, bmi: 27}", "{age: 40}"
WORDS = {  # what an author writes in place of the marks, by how the marks begin
    '"FILL IN: a finding': "bmi_overweight", '"FILL IN: diet, restrict': "diet", '"FILL IN: strong, moderate': "weak", '"FILL IN: the next E- number': "E-99",
    "[]  # FILL IN: at least one source": "[who_2020]",
}  # fmt: skip


def filled(text: str) -> str:
    """The text with every place filled; a case that was left to be filled tells of somebody overweight."""
    for mark, said in WORDS.items():
        text = re.sub(re.escape(mark) + r'[^"\n]*"?', said, text)
    text = re.sub(r"given: \{age: 40\}, fires: (true|false)\}  # FILL IN.*", rf"given: {OVERWEIGHT}, fires: \1}}", text)
    text = re.sub(r"given: \{age: 17\}, fires: (true|false)\}  # FILL IN.*", r"given: {age: 17, bmi: 27}, fires: \1}", text)
    text = re.sub(r"  # FILL IN.*", "", text)
    return re.sub(r"FILL IN: [^\",\n]*", "Words", text)


@pytest.fixture
def folder(tmp_path):
    return Path(shutil.copytree(RULES, tmp_path / "rules"))


def begin(folder: Path, kind: str, name: str, capsys) -> list[str]:
    assert main(["new", kind, name, "--rules", str(folder)]) == 0
    *files, _ = capsys.readouterr().out.splitlines()
    return files


def fill(folder: Path, files: list[str]) -> None:
    for file in files:
        (folder / file).write_text(filled((folder / file).read_text()))


@pytest.mark.parametrize(("kind", "begun"), [("rule", scaffolds.RULE), ("intervention", scaffolds.INTERVENTION | scaffolds.ADDED)])
def test_each_place_that_is_left_is_named(folder, capsys, kind, begun):
    files = begin(folder, kind, "cold_water", capsys)
    assert sorted(files) == sorted(file.format(name="cold_water") for file in begun)
    assert main(["check", "--rules", str(folder)]) == 1
    named = [line for line in capsys.readouterr().err.splitlines() if "to be filled in: " in line]
    assert len(named) == sum(text.count("FILL IN") for text in begun.values()) > 5
    assert {line.partition(":")[0] for line in named} <= set(files)


def test_what_is_there_is_never_written_over(folder, capsys):
    assert main(["new", "rule", "homa", "--rules", str(folder)]) == 1
    assert "findings/homa.yaml:1: there is such a file already" in capsys.readouterr().err
    assert main(["new", "rule", "../x", "--rules", str(folder)]) == 1
    assert not (folder / "vocabulary" / "homa.yaml").exists()


@pytest.mark.long
def test_a_rule_is_added_by_filling_its_places(folder, capsys):
    files = begin(folder, "rule", "cold_water", capsys)
    fill(folder, files)
    cases = folder / "findings" / "cold_water.cases.yaml"
    cases.write_text(cases.read_text().replace(f"given: {OVERWEIGHT}, fires: false", f"given: {LEAN}, fires: false"))
    assert main(["lock", "--rules", str(folder)]) == main(["check", "--rules", str(folder)]) == 0


@pytest.mark.long
def test_an_intervention_is_added_by_files_below_the_rules_only(folder, capsys, settings):
    fill(folder, begin(folder, "intervention", "cold_water", capsys))
    with (folder / "safety" / "cold_water_placement.cases.yaml").open("a") as cases:  # as `check` asks of one of the group diet
        cases.write("- {name: offered, rule: token.diet_going.cold_water, given: {age: 40, bmi: 27}, fires: true}\n")
        cases.write("- {name: not offered, rule: token.diet_going.cold_water, given: {age: 40}, fires: false}\n")
    assert main(["lock", "--rules", str(folder)]) == main(["check", "--rules", str(folder)]) == 0, capsys.readouterr().err
    assert "cold_water" in load(folder).interventions
    client = create_app(replace(settings, rules=folder)).test_client()
    document = client.get("/openapi.json").get_json()["components"]["schemas"]
    assert "cold_water" in document["Recommendation"]["properties"]["intervention"]["enum"]
    assert "cold_water" in document["WhyNotRequest"]["properties"]["intervention"]["enum"]
    answer = client.post("/v1/recommendations", json={"profile": OPEN}, headers=AUTHORIZATION).get_json()
    listed = [row["intervention"] for name in ("recommendations", "clinician_first", "withheld", "deferred", "not_indicated") for row in answer[name]]
    assert listed.count("cold_water") == 1
    asked = client.get("/v1/decisions?intervention=cold_water", headers=AUTHORIZATION)
    assert asked.status_code == 200
