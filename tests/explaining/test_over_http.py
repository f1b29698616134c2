"""The explanations over HTTP: they keep to the document, name the field at fault, and record nothing."""

from __future__ import annotations

from copy import deepcopy

import jsonschema
import pytest

from tests.explaining.asked import CASES
from tests.thoroughness import some

CHANGES = [{"input": "/age", "value": 70}, {"input": "/conditions", "value": None}]
ROUTES = {
    "why": {"result": "omega3"},
    "why-not": {},
    "what-if": {"changes": CHANGES},
    "counterfactuals": {"intervention": "hiit", "goal": "recommend"},
    "missing": {},
    "stability": {},
}


@pytest.fixture(scope="module")
def document(app):
    return app.test_client().get("/openapi.json").get_json()


@pytest.mark.parametrize("name", ROUTES)
@pytest.mark.parametrize("case", some(["C01", "C03", "C13", "C30"], 2))
def test_answers_keep_to_the_document(client, document, name, case):
    operation = document["paths"][f"/v1/explanations/{name}"]["post"]
    answer = client.post(f"/v1/explanations/{name}", json={"profile": CASES[case], **deepcopy(ROUTES[name])})
    assert answer.status_code == 200, answer.text
    schema = {**operation["responses"]["200"]["content"]["application/json"]["schema"], "components": document["components"]}
    jsonschema.validate(answer.get_json(), schema)
    assert "Location" not in answer.headers and answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("name", "more", "pointer"),
    [
        ("why-not", {"intervention": "homeopathy"}, "/intervention"),
        ("why-not", {"interventions": []}, "/interventions"),
        ("why-not", {"profile": {"age": "x"}}, "/profile/age"),
        ("why", {}, "/result"),
        ("why", {"result": "homa_ir"}, "/result"),
        ("what-if", {}, "/changes"),
        ("what-if", {"changes": [{"input": "/labs/foo", "value": 1}]}, "/changes/0/input"),
        ("what-if", {"changes": [{"input": "/weight", "value": 3}]}, "/changes/0/value"),
        ("what-if", {"changes": [{"input": "/age"}]}, "/changes/0/value"),
        ("counterfactuals", {"goal": "recommend"}, "/intervention"),
        ("counterfactuals", {"intervention": "fibre", "goal": "maintain"}, "/goal"),
        ("counterfactuals", {"intervention": "fibre", "goal": "recommend", "at_most": 5}, "/at_most"),
        ("missing", {"profile": {}}, "/profile/age"),
        ("stability", {"profile": {"age": 40, "weight": {"value": 80, "unit": "furlong"}}}, "/profile/weight/unit"),
        ("stability", {"changes": []}, "/changes"),
    ],
)
def test_the_field_at_fault_is_named(client, name, more, pointer):
    answer = client.post(f"/v1/explanations/{name}", json={"profile": {"age": 40, "weight": {"value": 80, "unit": "kg"}}, **more})
    assert answer.status_code == 422 and answer.mimetype == "application/problem+json"
    assert pointer in {error["pointer"] for error in answer.get_json(force=True)["errors"]}


def test_both_voices(client):
    texts = {
        voice: client.post(f"/v1/explanations/why-not?voice={voice}", json={"profile": CASES["C03"]}).text for voice in ("person", "clinician")
    }
    assert "blood sugar" in texts["person"] and "plasma glucose" in texts["clinician"]


@pytest.mark.parametrize(("result", "holds"), [("insulin_resistance", True), ("RF.CHEST_PAIN", False)])
def test_why_tells_what_holds_and_nothing_of_what_does_not(client, result, holds):
    found = client.post("/v1/explanations/why", json={"profile": CASES["C01"], "result": result}).get_json()["why"]
    assert (found is not None) is holds
    assert not holds or (found["fact"] == result and found["sufficient"] and found["complete"])
