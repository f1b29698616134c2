"""How often one may call: by client, whatever its keys and addresses; failures by address, whatever a header says of it."""

from dataclasses import replace

import pytest

from service import create_app
from service.api.guard import FAILURES
from tests.access.conftest import bearer, elsewhere

ALLOWED = int(FAILURES.partition("/")[0])


def asked(app, secret: str, **more):
    return app.test_client().get("/v1/rules?limit=1", headers=bearer(secret) | more.pop("headers", {}), **more)


def test_a_client_calls_as_often_as_its_key_says(app, key):
    secret = key("limited", "read", rate="3/hour")
    assert [asked(app, secret).status_code for _ in range(5)] == [200, 200, 200, 429, 429]


def test_the_refusal_says_when_to_come_again(app, key):
    secret = key("told", "read", rate="1/hour")
    asked(app, secret)
    refused = asked(app, secret)
    assert refused.content_type == "application/problem+json"
    assert refused.get_json()["type"] == "/problems/too-many-requests"
    assert 1 <= int(refused.headers["Retry-After"]) <= 3601


def test_the_keys_of_a_client_share_its_rate(app, key):
    first, second = (key("two-keys", "read", rate="2/hour") for _ in range(2))
    assert [asked(app, secret).status_code for secret in (first, second, first, second)] == [200, 200, 429, 429]


def test_clients_do_not_use_up_each_others_rate(app, key):
    one, other = key("one", "read", rate="1/hour"), key("other", "read", rate="1/hour")
    assert [asked(app, secret).status_code for secret in (one, one, other)] == [200, 429, 200]


def test_another_address_is_the_same_client(app, key):
    secret = key("travelling", "read", rate="1/hour")
    assert [asked(app, secret, environ_base=elsewhere()).status_code for _ in range(2)] == [200, 429]


def test_what_is_refused_counts_too(app, key):
    secret = key("curious", "read", rate="2/hour")
    ask = app.test_client()
    assert [ask.get("/v1/audit", headers=bearer(secret)).status_code for _ in range(3)] == [403, 403, 429]


def test_all_routes_share_a_clients_rate(app, key):
    secret = key("roaming", "read", rate="2/hour")
    ask = app.test_client()
    assert [ask.get(path, headers=bearer(secret)).status_code for path in ("/v1/rulebase", "/v1/sources", "/v1/claims")] == [200, 200, 429]


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/version"])
def test_health_is_told_to_everybody_always(app, path):
    here = elsewhere()
    for _ in range(ALLOWED + 1):
        app.test_client().get("/v1/rules", environ_base=here)
    assert {app.test_client().get(path, environ_base=here).status_code for _ in range(10)} == {200}


def test_failures_are_limited_by_address(app):
    here = elsewhere()
    answers = [asked(app, "guess", environ_base=here).status_code for _ in range(ALLOWED + 2)]
    assert answers == [401] * ALLOWED + [429] * 2
    assert asked(app, "guess", environ_base=elsewhere()).status_code == 401


def test_who_has_a_key_is_let_in_from_an_address_where_others_fail(app, key):
    here = elsewhere()
    for _ in range(ALLOWED + 1):
        asked(app, "guess", environ_base=here)
    assert asked(app, key("neighbour", "read"), environ_base=here).status_code == 200


def test_an_address_that_a_header_claims_counts_for_nothing(app):
    here = elsewhere()
    answers = [asked(app, "guess", environ_base=here, headers={"X-Forwarded-For": f"198.51.100.{n}"}).status_code for n in range(ALLOWED + 1)]
    assert answers[-1] == 429


def test_behind_a_proxy_its_word_counts_and_the_callers_does_not(settings):
    """One proxy appends the address it saw; what stands before it is the caller's invention."""
    app, proxy = create_app(replace(settings, proxies=1)), elsewhere()
    invented = [asked(app, "guess", environ_base=proxy, headers={"X-Forwarded-For": f"198.51.100.{n}, 203.0.113.1"}) for n in range(ALLOWED + 1)]
    assert invented[-1].status_code == 429
    assert asked(app, "guess", environ_base=proxy, headers={"X-Forwarded-For": "203.0.113.2"}).status_code == 401
