"""Tokens of trusted issuers: good ones speak for a client, every other is refused; and an issuer that is away is no fault of ours."""

import hashlib
import hmac
import json
import time
from datetime import UTC, datetime

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from flask import Flask, g

from deploy.serving import PATIENCE
from schemas.issuers import read_issuers
from service.access import credentials
from service.access.credentials import Credentials, IssuerUnavailable, Tokens
from service.api import answers, guard, problems
from tests.access.conftest import bearer, elsewhere
from tests.access.issuing import AUDIENCE, MADE, NAME, Issuer, by_hand, usual


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """An issuer on a busy machine is not one that is away."""
    monkeypatch.setattr(credentials, "PATIENCE", PATIENCE)


@pytest.fixture(scope="module")
def issuer():
    issuer = Issuer()
    yield issuer
    issuer.close()


def trusted(issuer: Issuer, **more: object) -> Tokens:
    """What trusts this issuer alone, with nothing remembered."""
    return Tokens(read_issuers({NAME: {"jwks": issuer.address, "audience": AUDIENCE, **more}}))


@pytest.fixture(scope="module")
def judge(issuer):
    return trusted(issuer)


@pytest.mark.parametrize("algorithm", MADE)
def test_a_good_token_speaks_for_its_client(issuer, judge, algorithm):
    caller = judge.caller(issuer.token(algorithm))
    assert (caller.client, caller.scopes, caller.rate, caller.shares) == (f"{NAME}|app-1", {"advise", "read"}, "6000/minute", False)


def test_a_token_is_named_and_not_kept(issuer, judge):
    one, other = issuer.token(), issuer.token(jti="2")
    names = {judge.caller(token).key for token in (one, one, other)}
    assert len(names) == 2
    assert not any(part in str(names) for part in one.split("."))


def test_the_issuers_entry_says_what_its_tokens_open(issuer):
    told = trusted(issuer, scopes=["read", "review"], client_claim="azp", rate="5/second", shares=True)
    caller = told.caller(issuer.token(azp="portal", scope="admin read review advise openid"))
    assert (caller.client, caller.scopes, caller.rate, caller.shares) == (f"{NAME}|portal", {"read", "review"}, "5/second", True)


@pytest.mark.parametrize("scope", [None, "", "openid", "Read", ["read"], {"read": 1}, 7])
def test_a_token_that_asks_for_nothing_of_ours_opens_nothing(issuer, judge, scope):
    assert judge.caller(issuer.token(scope=scope)).scopes == frozenset()


def future(seconds: int) -> int:
    return int(time.time()) + seconds


def hs256(secret: bytes, kid: str) -> str:
    """PyJWT will not sign with a public key; whoever forges does not ask it."""
    unsigned = by_hand({"alg": "HS256", "kid": kid}, usual())[:-1]
    return by_hand({"alg": "HS256", "kid": kid}, usual(), hmac.new(secret, unsigned.encode(), hashlib.sha256).digest())


def tampered(token: str, **claims: object) -> str:
    header, _, signature = token.split(".")
    forged = by_hand({}, {**jwt.decode(token, options={"verify_signature": False}), **claims}).split(".")[1]
    return f"{header}.{forged}.{signature}"


BAD = {
    "none": lambda i: by_hand({"alg": "none", "kid": "ES256"}, usual()),
    "None": lambda i: by_hand({"alg": "None", "kid": "ES256"}, usual()),
    "no algorithm": lambda i: by_hand({"kid": "ES256"}, usual()),
    "a list as algorithm": lambda i: by_hand({"alg": ["ES256"], "kid": "ES256"}, usual()),
    "HS256 with the public key": lambda i: hs256(i.pem("RS256"), "RS256"),
    "HS256 with the public key, of another kind": lambda i: hs256(i.pem("ES256"), "ES256"),
    "HS256 with nothing": lambda i: hs256(b"", "RS256"),
    "the algorithm of another key": lambda i: i.token("RS256", kid="PS256"),
    "the key of another": lambda i: i.token("ES256", key=ec.generate_private_key(ec.SECP256R1())),
    "a key the issuer has not got": lambda i: i.token(kid="unknown"),
    "no kid": lambda i: jwt.encode(usual(), i.keys["ES256"], "ES256"),
    "a number as kid": lambda i: by_hand({"alg": "ES256", "kid": 1}, usual(), b"x" * 64),
    "a kid that leads elsewhere": lambda i: i.token(kid="../../etc/passwd"),
    "its own key in its header": lambda i: i.token(key=(k := ec.generate_private_key(ec.SECP256R1())), header={"jwk": json.loads(MADE["ES256"][1].to_jwk(k.public_key()))}),
    "an address of its keys": lambda i: i.token(key=ec.generate_private_key(ec.SECP256R1()), header={"jku": i.address, "x5u": i.address}),
    "a critical word": lambda i: i.token(header={"crit": ["exp"]}),
    "payload apart": lambda i: i.token(header={"b64": False, "crit": ["b64"]}),
    "another audience": lambda i: i.token(aud="elsewhere"),
    "no audience": lambda i: i.token(aud=None),
    "an empty audience": lambda i: i.token(aud=[]),
    "a longer audience": lambda i: i.token(aud=AUDIENCE + "/"),
    "another issuer": lambda i: i.token(iss="https://evil.example"),
    "a list of issuers": lambda i: by_hand({"alg": "ES256", "kid": "ES256"}, {**usual(), "iss": [NAME]}, b"x" * 64),
    "no issuer": lambda i: i.token(iss=None),
    "expired": lambda i: i.token(exp=future(-3600)),
    "no expiry": lambda i: i.token(exp=None),
    "an endless expiry": lambda i: tampered(i.token(), exp=float("inf")),
    "from the future": lambda i: i.token(iat=future(3600)),
    "no time": lambda i: i.token(iat=None),
    "not yet": lambda i: i.token(nbf=future(3600)),
    "no client": lambda i: i.token(sub=None),
    "an empty client": lambda i: i.token(sub=""),
    "a client of 300 characters": lambda i: i.token(sub="a" * 300),
    "a client with a NUL": lambda i: i.token(sub="a\0b"),
    "a client with a line end": lambda i: i.token(sub="a\r\nb"),
    "half a character as client": lambda i: i.token(sub="\ud800"),
    "another payload": lambda i: tampered(i.token(), sub="admin"),
    "more scopes": lambda i: tampered(i.token(), scope="admin"),
    "no signature": lambda i: i.token().rsplit(".", 1)[0] + ".",
    "another signature": lambda i: i.token().rsplit(".", 1)[0] + "." + i.token(sub="other").rsplit(".", 1)[1],
    "10 kB": lambda i: i.token(key=ec.generate_private_key(ec.SECP256R1()), more="x" * 10_000),
    "nested": lambda i: by_hand({"alg": "ES256", "kid": "ES256"}, b'{"iss":' + b"[" * 5_000 + b"]" * 5_000 + b"}", b"x" * 64),
    "no object": lambda i: by_hand({"alg": "ES256", "kid": "ES256"}, b"[]", b"x" * 64),
    "no JSON": lambda i: by_hand({"alg": "ES256", "kid": "ES256"}, b"\xff\xfe", b"x" * 64),
    "a number of 5,000 digits": lambda i: by_hand({"alg": "ES256", "kid": "ES256"}, b'{"iss":' + b"9" * 5_000 + b"}", b"x" * 64),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_every_other_token_is_refused(issuer, judge, name):
    assert judge.caller(BAD[name](issuer)) is None
    assert judge.caller(issuer.token()) is not None, "and the next good one is taken"


@pytest.mark.parametrize("claim", ["exp", "nbf", "iat"])
def test_clocks_may_differ_a_little(issuer, judge, claim):
    seconds = {"exp": -1, "nbf": 5, "iat": 5}[claim]
    assert judge.caller(issuer.token(**{claim: future(seconds)})) is not None


def test_a_weak_key_is_none_even_where_the_issuer_has_it(issuer):
    weak = Issuer()
    try:
        weak.keys["RS256"] = rsa.generate_private_key(65537, 1024)
        weak.answer = json.dumps({"keys": [weak.public("RS256")]}).encode()
        with pytest.warns(jwt.InsecureKeyLengthWarning):  # the library warns who signs, and refuses who verifies
            token = weak.token("RS256")
        assert trusted(weak).caller(token) is None
    finally:
        weak.close()


def test_a_shared_secret_is_none_even_where_the_issuer_has_it():
    careless = Issuer()
    try:
        secret = b"s" * 32
        careless.answer = json.dumps({"keys": [{"kty": "oct", "k": "c3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3M", "kid": "HS256"}]}).encode()
        assert trusted(careless).caller(jwt.encode(usual(), secret, "HS256", headers={"kid": "HS256"})) is None
    finally:
        careless.close()


# --- an issuer that is away -------------------------------------------------------------------------------------------------


@pytest.fixture
def failing(issuer):
    """An issuer whose server fails as told; well again afterwards."""
    well = issuer.answer
    issuer.asked = 0
    yield issuer
    issuer.status, issuer.answer, issuer.delay = 200, well, 0.0


FAILURES = {
    "an error": {"status": 500}, "a redirection": {"status": 302}, "no JSON": {"answer": b"<html>"}, "no keys": {"answer": b'{"keys": []}'},
    "a list": {"answer": b"[]"}, "nested": {"answer": b"[" * 50_000}, "no text": {"answer": b"\xff\xfe\x00"}, "too late": {"delay": 3.0},
}  # fmt: skip


@pytest.mark.parametrize("name", FAILURES)
def test_an_issuer_that_is_away_cannot_be_asked(failing, monkeypatch, name):
    if name == "too late":
        monkeypatch.setattr(credentials, "PATIENCE", 1)
    vars(failing).update(FAILURES[name])
    judge = trusted(failing)
    for _ in range(3):
        with pytest.raises(IssuerUnavailable):
            judge.caller(failing.token())
    assert failing.asked == 1, "and is let be for a while"


def test_an_issuer_that_listens_nowhere_cannot_be_asked(issuer):
    judge = Tokens(read_issuers({NAME: {"jwks": "http://127.0.0.1:9/keys", "audience": AUDIENCE}}))
    with pytest.raises(IssuerUnavailable):
        judge.caller(issuer.token())


def test_an_issuer_that_is_back_is_asked_again(failing, monkeypatch):
    monkeypatch.setattr(credentials, "REST", 0.0)
    judge, failing.status = trusted(failing), 500
    with pytest.raises(IssuerUnavailable):
        judge.caller(failing.token())
    failing.status = 200
    assert judge.caller(failing.token()) is not None


def test_keys_that_are_known_are_used_without_asking(failing):
    judge = trusted(failing)
    for _ in range(5):
        assert judge.caller(failing.token()) is not None
    failing.status = 500
    assert judge.caller(failing.token()) is not None
    assert failing.asked == 1


def test_made_up_kids_do_not_have_the_issuer_asked_each_time(failing):
    judge = trusted(failing)
    for number in range(5):
        assert judge.caller(failing.token(kid=f"made up {number}")) is None
    assert failing.asked == 1


# --- at the door ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def door(own_store, issuer):
    app = Flask(__name__)
    answers.install(app, "0")
    problems.install(app)
    guard.install(app, Credentials(own_store, trusted(issuer)), "memory://", lambda: None)
    app.add_url_rule("/read", view_func=guard.needs("read")(lambda: g.caller.client), endpoint="read")
    return app.test_client()


def test_the_door_takes_tokens_and_keys(app, door, key, issuer):
    assert door.get("/read", headers=bearer(issuer.token())).text == f"{NAME}|app-1"
    assert door.get("/read", headers=bearer(key("clinic", "read"))).text == "clinic"
    assert door.get("/read", headers=bearer(issuer.token(scope="advise"))).status_code == 403
    assert door.get("/read", headers=bearer(issuer.token(aud="other")), environ_base=elsewhere()).status_code == 401


def test_the_door_says_to_come_again_where_the_issuer_is_away(door, failing):
    failing.status = 500
    answer = door.get("/read", headers=bearer(failing.token()))
    assert answer.status_code == 503
    assert answer.get_json()["type"] == "/problems/unavailable" and int(answer.headers["Retry-After"]) > 0


def test_without_trusted_issuers_no_token_opens(own_store, issuer):
    assert Credentials(own_store, Tokens({})).caller(f"Bearer {issuer.token()}", datetime.now(UTC)) is None


@pytest.mark.parametrize("name", list(BAD))
def test_no_bad_token_is_a_fault_of_ours(app, door, issuer, name):
    answer = door.get("/read", headers=bearer(BAD[name](issuer)), environ_base=elsewhere())
    assert answer.status_code == 401
