"""The worked cases of the specification, over real HTTP: every key compared as the head of worked_cases.yaml says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from deploy.serving import AUTHORIZATION, PATIENCE
from service.knowledge.files.strict_yaml import Loader
from tests.asking import codes, placements

CASES = yaml.load(Path(__file__).with_name("worked_cases.yaml").read_text(), Loader)
REFUSED = [case for case in CASES if "validation_error" in case["expect"]]
ANSWERED = [case for case in CASES if "validation_error" not in case["expect"]]
LIST_OF = {"clinician_first": "clinician_first", "withhold": "withheld", "defer": "deferred"}


def ask(server: str, profile: dict[str, Any]) -> requests.Response:
    return requests.post(f"{server}/v1/recommendations", json={"profile": profile}, headers=AUTHORIZATION, timeout=PATIENCE)


def by_id(case: dict[str, Any]) -> str:
    return case["id"]


@pytest.mark.parametrize("case", ANSWERED, ids=by_id)
def test_answer(server, knowledge, case):
    response = ask(server, case["profile"])
    assert response.status_code == 201, response.text
    answer, expected = response.json(), case["expect"]
    check_numbers(answer, expected)
    check_findings(answer, expected)
    check_urgency(answer, expected)
    check_recommended(answer, expected)
    check_stopped(answer, expected, list(knowledge.interventions), list(knowledge.components))
    assert set(placements(answer)) == set(knowledge.interventions)


@pytest.mark.parametrize("case", REFUSED, ids=by_id)
def test_refused(server, case):
    field, _, word = case["expect"]["validation_error"].partition(": ")
    response = ask(server, case["profile"])
    assert response.status_code == 422
    faults = [fault for fault in response.json()["errors"] if fault["pointer"].startswith(f"/profile/labs/{field}")]
    assert faults
    assert word in faults[0]["message"]


def check_numbers(answer, expected):
    found = {row["id"]: row["value"] for row in answer["computed"]}
    for name, value in expected.get("computed", {}).items():
        digits = len(str(value).partition(".")[2])
        assert found[name] == pytest.approx(value, abs=0.5 * 10**-digits + 1e-9), name


def check_findings(answer, expected):
    found = {row["id"] for row in answer["findings"]}
    assert set(expected.get("findings", [])) <= found
    assert not set(expected.get("not_findings", [])) & found
    levels = {row["id"]: row["level"] for row in answer["states"]}
    assert {name: levels.get(name) for name in expected.get("states", {})} == expected.get("states", {})


def check_urgency(answer, expected):
    assert answer["disposition"] == expected["disposition"]
    assert {row["code"]: row["urgency"] for row in answer["red_flags"]} == expected.get("red_flags", {})


def check_recommended(answer, expected):
    rows = {row["intervention"]: row for row in answer["recommendations"]}
    for status, key in (("recommend", "recommend"), ("maintain", "maintain")):
        assert {iv for iv, row in rows.items() if row["status"] == status} == set(expected.get(key, []))
    assert {iv: codes(row["changes"]) for iv, row in rows.items() if row["changes"]} == {
        iv: set(changes) for iv, changes in expected.get("modified", {}).items()
    }
    for first, second in expected.get("order", []):
        assert rows[first]["rank"] < rows[second]["rank"]


def check_stopped(answer, expected, interventions, components):
    rows = {row["component"]: row for row in answer["components"]}
    for key, name in LIST_OF.items():
        wanted = {target: set(reasons) for target, reasons in expected.get(key, {}).items()}
        if "ALL" in wanted:
            wanted = dict.fromkeys([*interventions, *components], wanted["ALL"])
        for component in wanted.keys() & rows.keys():
            assert rows[component]["status"] == name
            assert codes(rows[component]["reasons"]) == wanted.pop(component)
        assert {row["intervention"]: codes(row["reasons"]) for row in answer[name]} == wanted
