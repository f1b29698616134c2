"""What is sent in place of a parameter is only ever a value: tried on every path, query and header parameter of the OpenAPI document."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import quote, urlencode
from zlib import crc32

import pytest
from sqlalchemy import func, select

from deploy.serving import AUTHORIZATION
from service.records.tables import access_key, checkpoint, decision, log, mark, metadata, review
from tests.access.conftest import elsewhere

SQL = [
    "'", "''", '"', "`", "\\", "' OR '1'='1", "' OR 1=1 --", '" OR ""="', "1; DROP TABLE decision", "'; DROP TABLE decision; --",
    "1' UNION SELECT secret FROM decision --", "') OR ('a'='a", "x' AND (SELECT count(*) FROM access_key) > 0 --", "%' --", "%", "_", "%25", "*", "?",
    ":id", "%(id)s", "$1", "{0}", "${jndi:ldap://a}", "{{7*7}}", "1 OR SLEEP(5)", "'; SELECT pg_sleep(5) --", "' || (SELECT load_extension('a')) || '",
    "'; ATTACH DATABASE '/tmp/a' AS a; --", "0x27", "1e400", "-1", "0", "NULL", "true", "[]", "{}", "ＳＥＬＥＣＴ", "ʼ OR 1=1", "\u2019 OR 1=1",
]  # fmt: skip
PATHS = [
    "..", ".", "../../etc/passwd", "..%2f..%2fetc%2fpasswd", "..\\..\\windows", "/", "//", "/v1/audit", "//evil.example", ";a=b", "a;b", "a#b", "a?b=c",
    "file:///etc/passwd", "http://evil.example", "~root", "con", "a" * 128, "a" * 129, "a" * 3_000, " ", "a ", "\u202e", "\u200b", "ﬀ", "İ", "\U0001f600", "é",
]  # fmt: skip
CONTROLS = ["\0", "a\0b", "\r\nSet-Cookie: a=b", "\n", "\r", "\t", "\x1b[31m", "\x7f", "\x85", "\u2028"]
ALREADY_ENCODED = ["%00", "a%00", "%2e%2e", "%2e%2e%2f%2e%2e%2fetc", "%c0%ae%c0%ae", "%ff", "%ed%a0%80", "%u0027", "%", "%2", "%zz", "%252e%252e", "%0d%0aa:b"]
HEADERS = [*SQL, "", " ", "a" * 256, "a" * 4_000, "\x0b", "\x7f", "\xff", "é", "\t", "a\tb", ",", "a,b", '"', "W/\"'\"", "*", "\0", "a\0b"]
SENT = [quote(text, safe="") for text in (*SQL, *PATHS, *CONTROLS)] + ALREADY_ENCODED
EVERY_HEADER = ("Authorization", "X-Request-ID", "If-None-Match", "Accept", "Content-Type", "X-Forwarded-For", "Cookie", "Host")
GROWING = (log, checkpoint)
BODY = {"profile": {"age": 52}}


@pytest.fixture(scope="module")
def document(app):
    return app.test_client().get("/openapi.json").get_json()


@pytest.fixture(scope="module")
def caller(app):
    caller = app.test_client()
    caller.environ_base["HTTP_AUTHORIZATION"] = AUTHORIZATION["Authorization"]
    return caller


@pytest.fixture(scope="module")
def kept(caller):
    """A decision that is there to be found, or lost."""
    return caller.post("/v1/recommendations", json={**BODY, "subject": "of-injection"}).get_json()["decision_id"]


def parameters(document) -> Iterator[tuple[str, str, str, str]]:
    """(method, path, where, name) of every parameter."""
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if method != "parameters":
                for one in (*operations.get("parameters", []), *operation.get("parameters", [])):
                    yield method, path, one["in"], one["name"]


@pytest.fixture
def unchanged(own_store, kept):
    """What is kept stays as it was: no row goes or comes in any table but the log, where it is told who read and tried to erase."""
    before = contents(own_store)
    yield
    assert contents(own_store) == before


def contents(store) -> dict[str, object]:
    with store.reading() as connection:
        counts = {table.name: connection.scalar(select(func.count()).select_from(table)) for table in metadata.sorted_tables if table not in GROWING}
        rows = {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]
            for table in (access_key, decision, mark, review)
        }
        kinds = connection.execute(select(log.c.kind, func.count()).where(log.c.kind.not_in(("access", "erasure"))).group_by(log.c.kind)).all()
    return {"counts": counts, "rows": rows, "kinds": sorted(map(tuple, kinds))}


def assert_only_a_value(answer, said: str) -> None:
    """A fault of the caller's, or an answer to a question that nothing matches; and nothing of it in the answer's headers."""
    assert answer.status_code < 500, said
    assert answer.status_code < 400 or answer.content_type == "application/problem+json", said
    assert "Set-Cookie" not in answer.headers, said
    told = answer.text.lower()
    assert "sqlalchemy" not in told and "traceback" not in told and "sqlite3" not in told, said


def some(corpus: list[str], name: str) -> list[str]:
    """A third of the corpus, by the name of what is tried: names that are read in the same way try all of it together."""
    return corpus[crc32(name.encode()) % 3 :: 3]


def place(path: str, kept: str, name: str = "", sent: str = "") -> str:
    """The address with one parameter sent, and the others as they should be."""
    for known, usual in (("id", kept), ("name", "gone"), ("subject", "of-nobody")):
        path = path.replace(f"{{{known}}}", sent if known == name else usual)
    return path


def test_every_path_parameter(document, caller, kept, unchanged):
    tried = [(method, path, name) for method, path, where, name in parameters(document) if where == "path"]
    assert {path for _, path, _ in tried} == {path for path in document["paths"] if "{" in path}
    for method, path, name in tried:
        for sent in SENT:
            answer = caller.open(place(path, kept, name, sent), method=method, json=verdict(path))
            assert_only_a_value(answer, f"{method} {path} {sent}")
            assert answer.status_code in ((200, 308, 404, 405, 422) if "{subject}" in path else (308, 404, 405)), f"{method} {path} {sent}"


def verdict(path: str) -> dict | None:
    return {"verdict": "agree"} if path.endswith("/reviews") else None


def test_every_query_parameter(document, caller, kept, unchanged):
    tried = [(method, path, name) for method, path, where, name in parameters(document) if where == "query"]
    assert tried
    for method, path, name in tried:
        if method == "get":
            for sent in (*some(SENT, name), "x" * 3_500):
                assert_only_a_value(caller.get(f"{place(path, kept)}?{name}={sent}"), f"{path} {name}={sent}")
        else:
            for sent in some(SENT, name):
                answer = caller.open(f"{place(path, kept)}?{name}={sent}", method=method, data=b"{", headers={"Content-Type": "application/json"})
                assert_only_a_value(answer, f"{path} {name}={sent}")


@pytest.mark.parametrize("name", ["client", "decision"])
def test_the_trail_takes_what_it_is_asked_as_a_value(caller, name, unchanged):
    """These go into SQL as they are sent, one of them into a pattern."""
    for sent in SENT:
        answer = caller.get(f"/v1/audit?{name}={sent}")
        assert answer.status_code == 422 or (answer.status_code == 200 and answer.get_json()["items"] == []), sent


def test_a_query_parameter_that_nobody_knows(document, caller, kept, unchanged):
    for path, operations in document["paths"].items():
        for method in {"get", "delete"} & set(operations):
            for sent in some(SENT, path)[::3]:
                answer = caller.open(f"{place(path, kept, 'subject', 'of-nobody')}?{sent}={sent}", method=method)
                assert_only_a_value(answer, f"{method} {path} {sent}")


def test_every_header(document, app, caller, kept, unchanged):
    named = {name for _, _, where, name in parameters(document) if where == "header"}
    assert "Idempotency-Key" in named and "X-Request-ID" in named
    for path in ("/v1/claims?limit=1", "/v1/decisions?limit=1", f"/v1/decisions/{kept}", "/v1/audit?limit=1", "/v1/reviews", "/healthz", "/v1/nowhere"):
        for name in sorted({*EVERY_HEADER, *named}):
            for sent in HEADERS if path == "/v1/claims?limit=1" else some(HEADERS, path + name)[::3]:
                answer = caller.get(path, environ_overrides=environment(name, sent), environ_base=elsewhere())
                assert_only_a_value(answer, f"{path} {name}: {sent}")
                assert answer.headers["X-Request-ID"].isascii() and "\n" not in answer.headers["X-Request-ID"]


def test_every_idempotency_key(app, caller, own_store, kept, unchanged):
    """Refused, or taken as it is: then the next one with it and another body is refused; nothing is answered for a body that is at fault."""
    for sent in HEADERS:
        answer = caller.post("/v1/recommendations", json={"profile": {}}, environ_overrides=environment("Idempotency-Key", sent))
        assert_only_a_value(answer, sent)
        assert answer.status_code == 422


@pytest.mark.parametrize("sent", ["' OR '1'='1", "%", "'; DROP TABLE idempotency; --".replace(" ", "+")])
def test_an_idempotency_key_is_a_value(caller, sent):
    first, again, other = (
        caller.post("/v1/recommendations", json={"profile": {"age": age}}, headers={"Idempotency-Key": key.replace(" ", "+")})
        for age, key in ((52, sent), (52, sent), (52, sent + "x"))
    )
    assert first.status_code == again.status_code == other.status_code == 201
    assert first.get_json()["decision_id"] == again.get_json()["decision_id"] != other.get_json()["decision_id"]


@pytest.mark.parametrize("sent", [*SQL, *PATHS, *CONTROLS])
def test_a_subject_is_a_value(caller, sent):
    """Whatever a subject is called: it is refused, or found and erased under exactly that name."""
    made = caller.post("/v1/recommendations", data=json.dumps({**BODY, "subject": sent}), headers={"Content-Type": "application/json"})
    assert made.status_code in (201, 400, 422)
    found = caller.get(f"/v1/decisions?{urlencode({'subject': sent})}")
    assert found.status_code == (200 if made.status_code == 201 else 422)
    if made.status_code == 201:
        assert [item["id"] for item in found.get_json()["items"]] == [made.get_json()["decision_id"]]


def environment(name: str, sent: str) -> dict[str, str]:
    """A header past the client's own checks, as a careless server might hand it on."""
    key = name.upper().replace("-", "_")
    return {key if key == "CONTENT_TYPE" else f"HTTP_{key}": sent}
