"""The door: closed to what says nothing, to what is not quite a key, and to keys without the scope; open at once or shut at once."""

import pytest
from flask import Flask

from service import observing
from service.access.credentials import Credentials, Tokens
from service.api import answers, guard, problems
from service.records.store import StoreUnavailable
from tests.access.conftest import bearer, elsewhere

CHALLENGE = 'Bearer realm="attune"'


@pytest.fixture
def door(own_store):
    """A bare application behind the door, with a route that says nothing of who may use it."""
    app = Flask(__name__)
    answers.install(app, "0")
    problems.install(app)
    guard.install(app, Credentials(own_store, Tokens({})), "memory://", lambda: None)
    app.add_url_rule("/forgotten", view_func=lambda: "secret", endpoint="forgotten")
    app.add_url_rule("/named/<name>", view_func=guard.needs("read")(lambda name: name), endpoint="named")
    return app.test_client()


def test_a_route_that_says_nothing_is_open_to_nobody(app, door, key):
    assert door.get("/forgotten").status_code == 401
    refused = door.get("/forgotten", headers=bearer(key("a", "admin", "advise", "read", "review")))
    assert refused.status_code == 403
    assert "secret" not in refused.text


def odd(secret: str) -> dict[str, str]:
    """Headers that are almost, or not at all, a key that opens."""
    return {
        "empty": "", "blank": "   ", "a scheme alone": "Bearer", "a scheme and a blank": "Bearer ", "a key alone": secret,
        "another scheme": f"Basic {secret}", "no blank": f"Bearer{secret}", "a tab": f"Bearer\t{secret}", "two": f"Bearer {secret}, Bearer {secret}",
        "two parts": f"Bearer {secret} {secret}", "a comma after": f"Bearer {secret},", "quoted": f'Bearer "{secret}"', "a NUL": f"Bearer {secret}\0",
        "a NUL before": f"Bearer \0{secret}", "Latin-1": f"Bearer {secret}é", "not ASCII": "Bearer \xff\xfe", "10 kB": "Bearer " + "a" * 10_000,
        "10 kB of equals signs": "Bearer a" + "=" * 10_000, "10 kB of dots": "Bearer " + "." * 10_000, "like a token": "Bearer eyJhbGciOiJub25lIn0.e30.",
        "a prefix": f"Bearer {secret[:12]}", "one character less": f"Bearer {secret[:-1]}", "one more": f"Bearer {secret}A", "a quote": "Bearer ' OR '1'='1",
        "a wildcard": "Bearer att_%", "a line end": f"Bearer {secret}\x0b",
    }  # fmt: skip


ODD = list(odd(""))


@pytest.mark.parametrize("name", ODD)
def test_what_is_not_quite_a_key_is_no_key(app, key, name):
    answer = app.test_client().get(
        "/v1/rules?limit=1", environ_base=elsewhere(), environ_overrides={"HTTP_AUTHORIZATION": odd(key("a", "read"))[name]}
    )
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == CHALLENGE
    assert answer.get_json()["type"] == "/problems/unauthorized"


def test_no_header_is_no_key(app):
    answer = app.test_client().get("/v1/rules", environ_base=elsewhere())
    assert answer.status_code == 401 and answer.headers["WWW-Authenticate"] == CHALLENGE


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "Bearer  "])
def test_a_key_opens(app, key, scheme):
    assert app.test_client().get("/v1/rules?limit=1", headers={"Authorization": f"{scheme} {key('a', 'read')}"}).status_code == 200


def test_a_refusal_names_the_scope_and_not_the_key(app, key):
    secret = key("a", "read")
    answer = app.test_client().post("/v1/recommendations", json={}, headers=bearer(secret))
    assert answer.status_code == 403
    assert answer.get_json()["detail"] == "This needs a key with the scope advise."
    assert secret not in answer.text


def test_who_may_not_come_in_is_not_told_what_is_wrong_with_the_body(app, key):
    answer = app.test_client().post("/v1/recommendations", data=b"{", headers=bearer(key("a", "read")))
    assert answer.status_code == 403


@pytest.fixture
def every_line(settings):
    """Whatever the level of the application's log, everything is written for once."""
    observing.configure("debug")
    yield
    observing.configure(settings.log_level)


def test_no_secret_reaches_the_log(app, key, every_line, log):
    secret = key("a", "read")
    for shown in (secret, secret + "x", f"{secret} {secret}"):
        app.test_client().get("/v1/rules?limit=1", headers=bearer(shown), environ_base=elsewhere())
    written = log()
    assert len(written) == 3
    assert secret[12:] not in str(written)


def test_a_store_that_cannot_be_asked_lets_nobody_in(app, key, monkeypatch):
    secret = key("a", "read")

    def gone(*_):
        raise StoreUnavailable

    monkeypatch.setattr("service.access.keys.keys.by_prefix", gone)
    answer = app.test_client().get("/v1/rules", headers=bearer(secret))
    assert answer.status_code == 503 and int(answer.headers["Retry-After"]) > 0
    assert app.test_client().get("/healthz").status_code == 200


@pytest.mark.parametrize("path", ["/nowhere", "/v1/nowhere", "/v1//rules"])
def test_what_is_not_there_is_not_there_for_anybody(app, key, path):
    assert app.test_client().get(path).status_code == 404
    assert app.test_client().get(path, headers=bearer(key("a", "read"))).status_code == 404


@pytest.mark.parametrize("id_", ["%00", "a%00b", "%0d%0aSet-Cookie:a", "%1b[0m", "%7f", "%e2%80%ae"])
def test_an_address_with_invisible_characters_is_of_nothing(app, door, key, id_):
    answer = door.get(f"/named/{id_}", headers=bearer(key("a", "read")))
    assert answer.status_code == 404
    assert answer.get_json()["type"] == "/problems/not-found"
