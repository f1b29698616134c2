"""The explanations over HTTP: they keep to the document, name the field at fault, and record nothing."""

from __future__ import annotations

from copy import deepcopy

import jsonschema
import pytest

from tests.explaining.asked import CASES

CHANGES = [{"input": "/age", "value": 70}, {"input": "/conditions", "value": None}]
ROUTES = {"why-not": {}, "what-if": {"changes": CHANGES}, "missing": {}, "stability": {}}


@pytest.fixture(scope="module")
def document(app):
    return app.test_client().get("/openapi.json").get_json()


@pytest.mark.parametrize("name", ROUTES)
@pytest.mark.parametrize("case", ["C01", "C03", "C13", "C30"])
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
        ("what-if", {}, "/changes"),
        ("what-if", {"changes": [{"input": "/labs/foo", "value": 1}]}, "/changes/0/input"),
        ("what-if", {"changes": [{"input": "/weight", "value": 3}]}, "/changes/0/value"),
        ("what-if", {"changes": [{"input": "/age"}]}, "/changes/0/value"),
        ("missing", {"profile": {}}, "/profile/age"),
        ("stability", {"profile": {"age": 40, "weight": {"value": 80, "unit": "st"}}}, "/profile/weight/unit"),
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
