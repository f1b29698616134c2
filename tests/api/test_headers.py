"""What every answer carries, on every route and on every error."""

import re
import uuid

import pytest

ROUTES = ["/healthz", "/readyz", "/version", "/openapi.json", "/docs", "/docs/start.js", "/v1/rulebase", "/v1/rules", "/nothing"]


@pytest.mark.parametrize("path", ROUTES)
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT"])
def test_every_answer_says_which_request_and_which_rule_base(client, knowledge, method, path):
    answer = client.open(path, method=method)
    assert re.fullmatch(r"[A-Za-z0-9._-]{1,64}", answer.headers["X-Request-ID"])
    assert answer.headers["Rulebase-Version"] == f"{knowledge.version}+{knowledge.digest[:12]}"


@pytest.mark.parametrize("path", ROUTES)
def test_every_answer_is_closed_to_browsers(client, path):
    headers = client.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in re.search(r"(?:script|default)-src[^;]*", headers["Content-Security-Policy"])[0]


@pytest.mark.parametrize("sent", ["abc", "A.b_c-1", "x" * 64])
def test_the_callers_request_id_is_kept(client, sent):
    assert client.get("/healthz", headers={"X-Request-ID": sent}).headers["X-Request-ID"] == sent


@pytest.mark.parametrize("sent", ["", "x" * 65, "a b", "a;b", "<script>", "ä", "a/b"])
def test_another_request_id_is_replaced(client, sent):
    given = client.get("/healthz", headers={"X-Request-ID": sent}).headers["X-Request-ID"]
    assert uuid.UUID(given).hex == given


def test_two_requests_have_two_ids(client):
    assert client.get("/healthz").headers["X-Request-ID"] != client.get("/healthz").headers["X-Request-ID"]


def test_an_answer_about_a_person_is_stored_nowhere(client, body):
    for sent in (body, {"profile": {"age": "x"}}):
        assert client.post("/v1/recommendations", json=sent).headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/v1/rules", "/v1/rulebase", "/healthz", "/openapi.json"])
def test_head_is_get_without_the_body(client, path):
    got, head = client.get(path), client.head(path)
    assert head.status_code == got.status_code == 200
    assert head.data == b""
    assert head.headers["Content-Length"] == got.headers["Content-Length"]
    assert head.headers["Content-Type"] == got.headers["Content-Type"]


def test_options_lists_the_methods(client):
    assert set(client.options("/v1/recommendations").headers["Allow"].split(", ")) == {"OPTIONS", "POST"}
    assert client.application.test_client().options("/v1/recommendations", headers={"Origin": "https://app.example"}).status_code == 200
    assert set(client.options("/v1/rules").headers["Allow"].split(", ")) == {"OPTIONS", "GET", "HEAD"}


@pytest.mark.parametrize(
    "media_type", ["application/json", "application/json; charset=utf-8", "application/json;charset=UTF-8", "Application/JSON"]
)
def test_json_in_utf_8_is_taken(client, media_type):
    assert client.post("/v1/recommendations", data='{"profile": {"age": 40}}', content_type=media_type).status_code == 201


@pytest.mark.parametrize("accept", ["*/*", "application/json", "application/*", "text/html, */*;q=0.1", "application/problem+json"])
def test_whoever_takes_json_gets_it(client, accept):
    assert client.get("/v1/rulebase", headers={"Accept": accept}).status_code == 200
