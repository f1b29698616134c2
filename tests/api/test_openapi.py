"""The document tells the truth: it is valid, whole, and its examples are answers."""

import json
import re

import jsonschema
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from service import create_app

UNDOCUMENTED = {"/docs", "/docs/<name>"}


@pytest.fixture(scope="module")
def document(app):
    return app.test_client().get("/openapi.json").get_json()


def test_the_document_is_valid(document):
    OpenAPIV31SpecValidator(document).validate()


def test_every_route_is_documented(app, document):
    served = {
        (re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.rule not in UNDOCUMENTED
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    documented = {(path, method) for path, operations in document["paths"].items() for method in operations if method != "parameters"}
    assert documented == served


def operations(document):
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method != "parameters":
                yield f"{method.upper()} {path}", operation


def well(operation):
    """The response of a request that was answered."""
    return next(operation["responses"][status] for status in ("200", "201") if status in operation["responses"])


def test_every_operation_says_which_key_it_needs(document):
    unlocked = {name for name, operation in operations(document) if not operation["security"]}
    assert unlocked == {f"GET {path}" for path in ("/healthz", "/readyz", "/version", "/openapi.json", "/problems", "/problems/{name}")}
    for name, operation in operations(document):
        assert ({"401", "403", "429", "503"} <= set(operation["responses"])) == (name not in unlocked) or name == "GET /readyz"


def test_every_operation_says_what_it_does_and_how_it_fails(document):
    for name, operation in operations(document):
        assert operation["summary"], name
        assert {"406", "500"} <= set(operation["responses"]), name
        assert "X-Request-ID" in well(operation)["headers"], name


def test_every_field_of_the_answer_is_described(document):
    asked = {"Clearance", "RecommendationRequest"}
    for name, schema in document["components"]["schemas"].items():
        for field, shape in schema.get("properties", {}).items():
            described = "description" in shape or "$ref" in json.dumps(shape)
            assert described or name in asked or name.startswith("Profile"), f"{name}.{field}"


def test_every_example_is_valid(document):
    seen = 0
    for name, operation in operations(document):
        for about, media in (
            ("request", operation.get("requestBody", {})),
            ("answer", well(operation)),
        ):
            for content in media.get("content", {}).values():
                if "example" in content:
                    check(content["example"], content["schema"], document, f"{name} {about}")
                    seen += 1
    assert seen >= 10


@pytest.mark.parametrize("detail", ["summary", "standard", "full"])
@pytest.mark.parametrize("voice", ["person", "clinician"])
def test_an_answer_keeps_to_the_document(client, document, body, detail, voice):
    answer = client.post(f"/v1/recommendations?detail={detail}&voice={voice}", json=body)
    assert answer.status_code == 201, answer.text
    check(answer.get_json(), {"$ref": "#/components/schemas/Answer"}, document, detail)


@pytest.mark.parametrize(
    "profile", [{"age": 40}, {"age": 12}, {"age": 90, "symptoms": ["chest_pain"]}, {"age": 30, "pregnancy": "pregnant"}]
)
def test_short_profiles_keep_to_the_document(client, document, profile):
    answer = client.post("/v1/recommendations?detail=full", json={"profile": profile})
    check(answer.get_json(), {"$ref": "#/components/schemas/Answer"}, document, str(profile))


def test_a_problem_keeps_to_the_document(client, document):
    for answer in (client.get("/nothing"), client.post("/v1/recommendations", json={})):
        check(answer.get_json(force=True), {"$ref": "#/components/schemas/Problem"}, document, "problem")


@pytest.mark.parametrize("name", ["rules", "claims", "sources", "vocabulary", "interventions"])
def test_the_knowledge_keeps_to_the_document(client, document, name):
    schema = document["paths"][f"/v1/{name}"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    check(client.get(f"/v1/{name}").get_json(), schema, document, name)


def test_every_worker_makes_the_same_document(document, settings):
    other = create_app(settings)
    assert other.test_client().get("/openapi.json").get_json() == document


def test_the_document_names_what_the_knowledge_has(document, knowledge):
    shapes = document["components"]["schemas"]
    assert shapes["Recommendation"]["properties"]["intervention"]["enum"] == list(knowledge.interventions)
    assert shapes["Component"]["properties"]["component"]["enum"] == list(knowledge.components)
    assert shapes["RedFlag"]["properties"]["urgency"]["enum"] == list(knowledge.groups["urgencies"])
    assert shapes["Answer"]["properties"]["disposition"]["enum"] == list(knowledge.vocabulary["disposition"].values)
    assert shapes["DecisionItem"]["properties"]["disposition"]["enum"] == [*knowledge.vocabulary["disposition"].values, None]
    assert "x-named-by" not in json.dumps(document)


def check(value, schema, document, about):
    whole = {**schema, "components": document["components"]}
    faults = list(jsonschema.Draft202012Validator(whole).iter_errors(value))
    assert not faults, f"{about}: {[f'{fault.json_path}: {fault.message[:200]}' for fault in faults[:5]]}"
