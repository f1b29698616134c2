"""Who may do what: every route and method of the application, with every single scope and none, on what is one's own, another's and shared,
and with no key, an unknown, an expired and a revoked one. A route that the table does not name fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from service.access import keys
from service.access.callers import SCOPES
from service.access.keys import Wanted
from service.api import guard
from tests.access.conftest import bearer, elsewhere

PROFILE = {"age": 52, "sex": "female", "height": {"value": 166, "unit": "cm"}, "weight": {"value": 88, "unit": "kg"}}
WHOSE = ("own", "another's", "shared")


@dataclass(frozen=True)
class Route:
    """What each scope is answered; 403 for the others. `another`, `shared`: on another client's decision, where it is about a decision."""

    own: dict[str, int]
    another: dict[str, int] = field(default_factory=dict)
    shared: dict[str, int] = field(default_factory=dict)
    body: dict | None = None

    def expected(self, scope: str, whose: str) -> int:
        return {"own": self.own, "another's": self.another, "shared": self.shared}[whose].get(scope, 403)


def opens(*scopes: str, status: int = 200, body: dict | None = None) -> Route:
    """A route that is not about one decision."""
    return Route(dict.fromkeys(scopes, status), body=body)


OPEN = Route({})
OF_A_DECISION = Route(
    own={"advise": 200, "read": 200, "review": 404},
    another={"advise": 404, "read": 404, "review": 404},
    shared={"advise": 404, "read": 404, "review": 200},
)
TABLE = {
    "POST /v1/recommendations": opens("advise", status=201, body={"profile": PROFILE}),
    "POST /v1/explanations/why": opens("advise", body={"profile": PROFILE, "result": "fibre"}),
    "POST /v1/explanations/why-not": opens("advise", body={"profile": PROFILE, "intervention": "hiit"}),
    "POST /v1/explanations/what-if": opens("advise", body={"profile": PROFILE, "changes": [{"input": "/age", "value": 53}]}),
    "POST /v1/explanations/counterfactuals": opens("advise", body={"profile": PROFILE, "intervention": "hiit", "goal": "recommend", "at_most": 1}),
    "POST /v1/explanations/missing": opens("advise", body={"profile": PROFILE}),
    "POST /v1/explanations/stability": opens("advise", body={"profile": PROFILE}),
    "GET /v1/rulebase": opens(*SCOPES),
    "GET /v1/rulebase/basis": opens(*SCOPES),
    "GET /v1/rules": opens(*SCOPES),
    "GET /v1/rules/{id}": opens(*SCOPES),
    "GET /v1/claims": opens(*SCOPES),
    "GET /v1/claims/{id}": opens(*SCOPES),
    "GET /v1/sources": opens(*SCOPES),
    "GET /v1/vocabulary": opens(*SCOPES),
    "GET /v1/vocabulary/lookup": opens(*SCOPES),
    "GET /v1/interventions": opens(*SCOPES),
    "GET /v1/decisions": opens("read", "review"),
    "GET /v1/decisions/{id}": OF_A_DECISION,
    "GET /v1/decisions/{id}/trace": OF_A_DECISION,
    "GET /v1/decisions/{id}/replay": OF_A_DECISION,
    "GET /v1/decisions/{id}/export": OF_A_DECISION,
    "GET /v1/decisions/{id}/reviews": Route(OF_A_DECISION.own | {"review": 200}, OF_A_DECISION.another, OF_A_DECISION.shared),
    "POST /v1/decisions/{id}/reviews": Route({"review": 201}, {"review": 404}, {"review": 201}, {"verdict": "agree", "reviewer": "Dr. A. Example"}),
    "GET /v1/reviews": opens("review"),
    "DELETE /v1/subjects/{subject}": opens("advise", "admin"),
    "GET /v1/audit": opens("admin"),
    "GET /healthz": OPEN,
    "GET /readyz": OPEN,
    "GET /version": OPEN,
    "GET /problems": OPEN,
    "GET /problems/{name}": OPEN,
    "GET /openapi.json": OPEN,
    "GET /docs": OPEN,
    "GET /docs/{name}": OPEN,
}  # fmt: skip
QUERIES = {"/v1/vocabulary/lookup": "?kind=medicine&q=metf"}
VALUES = {"/v1/rules/{id}": "offer.omega3", "/v1/claims/{id}": "I-01", "/problems/{name}": "gone", "/docs/{name}": "start.js", "subject": "of-nobody"}


def routes(app: Flask) -> Iterator[tuple[str, str, Route]]:
    """Method, path and row of the table, for everything that the application answers; HEAD is asked as GET is."""
    for said in sorted(guard.all_needed(app)):
        method, path = said.split(" ")
        if method != "OPTIONS":
            yield method, path, TABLE[f"{'GET' if method == 'HEAD' else method} {path}"]


def test_the_table_names_every_route_and_no_other(app):
    answered = {said for said in guard.all_needed(app) if said.split(" ")[0] not in ("HEAD", "OPTIONS")}
    assert answered == set(TABLE)


def test_a_new_route_fails_the_table():
    app = Flask(__name__, static_folder=None)
    app.add_url_rule("/v1/new", view_func=lambda: "", endpoint="new")
    with pytest.raises(KeyError, match="/v1/new"):
        list(routes(app))


def test_what_is_open_is_what_the_table_says(app):
    assert {said for said, scopes in guard.all_needed(app).items() if not scopes and said.startswith("GET")} == {
        said for said, row in TABLE.items() if row is OPEN
    }


@pytest.fixture(scope="module")
def single(key, own_store) -> dict[str, str]:
    """A key of the client `matrix` with each scope alone, and one with none, as a token may have."""
    made = {scope: key("matrix", scope) for scope in SCOPES}
    made["none"] = key("matrix-none", "read")
    with own_store.writing(datetime.now(UTC)) as writing:
        writing.connection.execute(text("UPDATE access_key SET scopes = '' WHERE client = 'matrix-none'"))
    return made


@pytest.fixture(scope="module")
def refused(own_store) -> dict[str, dict[str, str]]:
    """Headers that open nothing."""
    now = datetime.now(UTC)
    everything = Wanted("matrix", frozenset(SCOPES), rate="999999999/minute")
    _, expired = keys.make(own_store, Wanted(**{**vars(everything), "expires": now - timedelta(hours=1)}), now - timedelta(hours=2))
    id_, revoked = keys.make(own_store, everything, now)
    keys.revoke(own_store, id_, now)
    return {"missing": {}, "unknown": bearer(f"att_{'x' * 43}"), "expired": bearer(expired), "revoked": bearer(revoked)}


@pytest.fixture(scope="module")
def decisions(app, key, single) -> dict[str, str]:
    """A decision of one's own, another's, and another's that is shared with review."""
    by = {"own": single["advise"], "another's": key("matrix-other", "advise"), "shared": key("matrix-other", "advise", shares=True)}
    return {whose: made(app, secret, f"of {whose}") for whose, secret in by.items()}


def made(app: Flask, secret: str, subject: str) -> str:
    answer = app.test_client().post("/v1/recommendations", json={"profile": PROFILE, "subject": subject}, headers=bearer(secret))
    return answer.get_json()["decision_id"]


def address(path: str, decision: str) -> str:
    for name in ("id", "name", "subject"):
        path = path.replace(f"{{{name}}}", VALUES.get(path) or VALUES.get(name) or decision)
    return path + QUERIES.get(path, "")


@pytest.fixture(scope="module")
def ask(app, decisions) -> Callable[..., int]:
    """Call it for the status of an answer."""

    def asked(method: str, path: str, row: Route, sent: dict[str, str], whose: str = "own") -> int:
        to = address(path, decisions[whose])
        return app.test_client().open(to, method=method, headers=sent, json=row.body, environ_base=elsewhere()).status_code

    return asked


@pytest.mark.parametrize("scope", [*SCOPES, "none"])
def test_each_scope_opens_what_the_table_says_and_nothing_else(app, ask, single, scope):
    wrong = {}
    for method, path, row in routes(app):
        for whose in WHOSE if row.another else ["own"]:
            expected = 200 if row is OPEN else row.expected(scope, whose)
            if (status := ask(method, path, row, bearer(single[scope]), whose)) != expected:
                wrong[f"{method} {path} {whose}"] = f"{status}, not {expected}"
    assert wrong == {}


@pytest.mark.parametrize("which", ["missing", "unknown", "expired", "revoked"])
def test_without_a_valid_key_only_what_is_open_is_answered(app, ask, refused, which):
    wrong = {}
    for method, path, row in routes(app):
        expected = 200 if row is OPEN else 401
        if (status := ask(method, path, row, refused[which])) != expected:
            wrong[f"{method} {path}"] = f"{status}, not {expected}"
    assert wrong == {}


def test_what_a_browser_asks_first_is_answered_and_gives_no_leave(app, decisions):
    """The methods stand in the public document too; without Access-Control-Allow-Origin a browser sends nothing after it."""
    asks = {"Origin": "https://app.example", "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    for path in {said.split(" ")[1] for said, row in TABLE.items() if row is not OPEN}:
        answer = app.test_client().options(address(path, decisions["own"]), headers=asks, environ_base=elsewhere())
        assert (answer.status_code, answer.data) == (200, b"")
        assert not any(name.lower().startswith("access-control-allow") for name, _ in answer.headers)


@pytest.mark.parametrize(("scope", "seen"), [("read", {"own"}), ("review", {"shared"})])
def test_lists_hold_what_may_be_seen_one_by_one(app, single, decisions, scope, seen):
    listed, address = set(), "/v1/decisions"
    while address:
        page = app.test_client().get(address, headers=bearer(single[scope])).get_json()
        listed |= {item["id"] for item in page["items"]}
        address = page["next"]
    assert {whose for whose, id_ in decisions.items() if id_ in listed} == seen


def test_reviewers_export_what_they_may_see(app, key, single, decisions):
    ours, theirs = key("matrix", "review"), key("matrix-other", "review")
    for whose, secret in (("own", ours), ("another's", theirs), ("shared", theirs)):
        given = app.test_client().post(
            f"/v1/decisions/{decisions[whose]}/reviews", json={"verdict": "agree", "reviewer": "Dr. B. Example"}, headers=bearer(secret)
        )
        assert given.status_code == 201
    exported = app.test_client().get("/v1/reviews", headers=bearer(single["review"])).text
    assert [decisions[whose] in exported for whose in WHOSE] == [True, False, True]


def test_a_subject_is_its_clients_own(app, key, single):
    """Erasure by one client leaves another's person of the same name; only who administers erases for another."""
    other = key("matrix-third", "advise", "read")
    kept = made(app, other, "namesake")
    ask = app.test_client()
    assert ask.delete("/v1/subjects/namesake", headers=bearer(single["advise"])).status_code == 200
    assert ask.delete("/v1/subjects/namesake?client=matrix-third", headers=bearer(single["advise"])).status_code == 403
    assert ask.get(f"/v1/decisions/{kept}", headers=bearer(other)).status_code == 200
    assert ask.delete("/v1/subjects/namesake?client=matrix-third", headers=bearer(single["admin"])).status_code == 200
    assert ask.get(f"/v1/decisions/{kept}", headers=bearer(other)).status_code == 410
    assert ask.get(f"/v1/decisions/{kept}", headers=bearer(single["read"])).status_code == 404


def test_an_idempotency_key_is_its_clients_own(app, key, single):
    sent = {"json": {"profile": PROFILE}}
    ids = {
        app.test_client().post("/v1/recommendations", headers={**bearer(secret), "Idempotency-Key": "the-same"}, **sent).get_json()["decision_id"]
        for secret in (single["advise"], key("matrix-fourth", "advise"))
    }
    assert len(ids) == 2
