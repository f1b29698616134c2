"""One error shape on every route, whatever goes wrong."""

import re
from typing import get_args

import pytest
from werkzeug.exceptions import BadGateway, default_exceptions

from schemas.faults import Code
from service.advising import EngineFault
from service.api.problems import KINDS

JSON = {"Content-Type": "application/json"}
MEMBERS = {"type", "title", "status", "detail", "instance", "request_id"}
WRONG = {
    "no such address": ("GET", "/nothing", {}, 404),
    "no such version": ("POST", "/v2/recommendations", {"data": "{}", "headers": JSON}, 404),
    "a slash too many": ("GET", "/v1/rules/", {}, 404),
    "two slashes": ("GET", "//v1/rules", {}, 404),
    "no such rule": ("GET", "/v1/rules/finding.nothing", {}, 404),
    "no such claim": ("GET", "/v1/claims/%00", {}, 404),
    "no such problem": ("GET", "/problems/nothing", {}, 404),
    "no such asset": ("GET", "/docs/..%2f..%2fsettings.py", {}, 404),
    "wrong method": ("DELETE", "/v1/recommendations", {}, 405),
    "wrong method on a list": ("POST", "/v1/rules", {"data": "{}", "headers": JSON}, 405),
    "only other formats": ("GET", "/v1/rules", {"headers": {"Accept": "text/html"}}, 406),
    "body without media type": ("POST", "/v1/recommendations", {"data": b"{}"}, 415),
    "form": ("POST", "/v1/recommendations", {"data": {"age": 4}}, 415),
    "another charset": ("POST", "/v1/recommendations", {"data": "{}", "content_type": "application/json; charset=utf-16"}, 415),
    "content coding": ("POST", "/v1/recommendations", {"data": b"\x1f\x8b", "headers": {**JSON, "Content-Encoding": "gzip"}}, 415),
    "too large": ("POST", "/v1/recommendations", {"data": b" " * 65_537, "headers": JSON}, 413),
    "not JSON": ("POST", "/v1/recommendations", {"data": "{", "headers": JSON}, 400),
    "empty body": ("POST", "/v1/recommendations", {"data": "", "headers": JSON}, 400),
    "not a request": ("POST", "/v1/recommendations", {"data": "[]", "headers": JSON}, 422),
    "unknown query": ("GET", "/v1/rules?colour=red", {}, 422),
    "unknown query on an item": ("GET", "/v1/rulebase?colour=red", {}, 422),
    "limit of nothing": ("GET", "/v1/rules?limit=0", {}, 422),
    "limit in other digits": ("GET", "/v1/rules?limit=٥", {}, 422),
    "limit twice": ("GET", "/v1/rules?limit=5&limit=5", {}, 422),
    "a cursor of nobody": ("GET", "/v1/rules?cursor=abc", {}, 422),
    "detail of nothing": ("POST", "/v1/recommendations?detail=all", {"json": {"profile": {"age": 40}}}, 422),
}


@pytest.mark.parametrize(("method", "path", "call", "status"), WRONG.values(), ids=WRONG)
def test_every_error_is_a_problem(client, method, path, call, status):
    answer = client.open(path, method=method, **call)
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    problem = answer.get_json(force=True)
    assert set(problem) - {"errors"} == MEMBERS
    assert problem["status"] == status
    assert problem["type"].removeprefix("/problems/") in KINDS
    assert problem["request_id"] == answer.headers["X-Request-ID"]
    for error in problem.get("errors", []):
        assert set(error) == {"pointer", "code", "message"}
        assert error["pointer"] == "" or error["pointer"].startswith("/")


@pytest.mark.parametrize(
    ("path", "pointer"),
    [
        ("/v1/rules?limit=x", "/query/limit"),
        ("/v1/rules?cursor=x", "/query/cursor"),
        ("/v1/rules?colour=red", "/query/colour"),
        ("/v1/rulebase?colour=red", "/query/colour"),
    ],
)
def test_a_query_at_fault_is_named(client, path, pointer):
    assert [error["pointer"] for error in client.get(path).get_json(force=True)["errors"]] == [pointer]


def test_every_field_at_fault_is_named_at_once(client, body):
    body["profile"]["age"] = "52"
    body["profile"]["labs"]["fasting_glucose"]["unit"] = "furlong"
    body["profile"]["conditions"].append({"system": "ICD-10"})
    body["colour"] = "red"
    problem = client.post("/v1/recommendations", json=body).get_json(force=True)
    assert {error["pointer"] for error in problem["errors"]} == {
        "/colour",
        "/profile/age",
        "/profile/conditions/2/code",
        "/profile/labs/fasting_glucose/unit",
    }


def test_a_wrong_method_lists_the_right_ones(client):
    answer = client.delete("/v1/recommendations")
    assert set(re.split(", ?", answer.headers["Allow"])) == {"POST", "OPTIONS"}


@pytest.mark.parametrize("name", KINDS)
def test_the_type_of_every_problem_is_explained_at_its_address(client, name):
    page = client.get(f"/problems/{name}").get_json()
    assert page["type"] == KINDS[name].type
    assert page["status"] == KINDS[name].status


@pytest.mark.parametrize("fault", [EngineFault("glucose of a person"), RuntimeError("glucose of a person"), KeyError("glucose of a person")])
def test_a_fault_of_ours_says_nothing(client, body, monkeypatch, log, fault):
    def fail(*_args, **_more):
        raise fault

    monkeypatch.setattr("service.advising.Advisor.reason", fail)
    answer = client.post("/v1/recommendations", json=body)
    assert answer.status_code == 500
    assert answer.get_json(force=True)["type"] == "/problems/internal"
    assert "glucose" not in answer.text
    assert type(fault).__name__ not in answer.text
    assert "glucose" not in str(log())
    assert log()[0]["faults"][0]["type"] == type(fault).__name__
    assert log()[0]["event"] == ("engine_fault" if isinstance(fault, EngineFault) else "unhandled")


@pytest.mark.parametrize(("status", "name"), [(400, "bad-request"), (418, "bad-request"), (429, "too-many-requests"), (502, "internal")])
def test_an_error_of_the_framework_keeps_its_headers(app, status, name):
    error = default_exceptions.get(status, BadGateway)()
    error.response = None
    error.get_headers = lambda *_: [("Retry-After", "7"), ("Content-Type", "text/html"), ("Set-Cookie", "a=b")]
    with app.test_request_context("/x"):
        answer = app.handle_user_exception(error)
    assert answer.get_json(force=True)["type"] == f"/problems/{name}"
    assert answer.headers["Retry-After"] == "7"
    assert answer.content_type == "application/problem+json"
    assert "Set-Cookie" not in answer.headers


def test_a_date_to_come_is_named(client):
    weight = {"value": 80, "unit": "kg", "taken_on": "2999-01-01"}
    answer = client.post("/v1/recommendations", json={"profile": {"age": 40, "weight": weight}})
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.get_json(force=True)["errors"]] == ["/profile/weight/taken_on"]


def test_not_ready_while_the_engine_does_not_answer(client, monkeypatch, log):
    monkeypatch.setattr("service.advising.Advisor.advise", lambda *_args, **_more: 1 / 0)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert log()[0]["event"] == "not_ready"
    assert client.get("/healthz").status_code == 200


def test_every_kind_of_problem_and_every_code_is_listed(client):
    listed = client.get("/problems").get_json()
    assert [one["type"] for one in listed["items"]] == [kind.type for kind in KINDS.values()]
    assert [one["code"] for one in listed["codes"]] == list(get_args(Code))


def test_no_message_repeats_what_was_sent(client, body):
    """Whatever field is at fault, by whatever value: the pointer leads to it, and the sentence says limits, units and words of ours."""
    canaries = (98765.4321, -98765, "canary98765", ["canary98765"], {"canary98765": 98765}, True, [[]], {"value": 98765.4321, "unit": "canary98765"})
    told = []
    for name in body["profile"]:
        for canary in canaries:
            sent = {**body, "profile": {**body["profile"], name: canary}}
            told += [error["message"] for error in client.post("/v1/recommendations", json=sent).get_json().get("errors", ())]
    assert len(told) > 100
    assert [message for message in told if "98765" in message or "canary" in message] == []
