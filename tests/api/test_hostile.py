"""Whatever is sent, the answer is a problem that names the field: never a 5xx, never a dead worker."""

import gzip
import json
import random
import socket
from urllib.parse import urlsplit

import pytest
import requests

from deploy.serving import AUTHORIZATION, KEY
from service.api.examples import example_request

JSON = {"Content-Type": "application/json"}
KEYED = {**JSON, **AUTHORIZATION}
PROFILE = example_request()["profile"]


def with_value(path: str, value: str) -> bytes:
    """The example request with raw JSON text in one place."""
    marker = "\ue000"
    request = json.loads(json.dumps(example_request()))
    *above, last = path.split("/")
    place = request
    for step in above:
        place = place[step]
    place[last] = marker
    return json.dumps(request, ensure_ascii=False).replace(f'"{marker}"', value).encode("utf-8", "surrogatepass")


NUMBERS = ["NaN", "Infinity", "-Infinity", "1e999", "-1e999", "9" * 5_000, "1" + "0" * 30, "1e400", "0x10", "1_000", "٥٢", ".5", "5.", "+5"]
NOT_NUMBERS = ['"52"', "true", "false", "null", "[]", "{}", '"abc"', "-0.0", "1e-400", "1e308", "-1e308", "1e16"]
NAMES = ["__proto__", "$s", "sid", "id", "$m", "constructor", "", "~", "/", "a/b", "\u202e", "ag\u0435", "x" * 5_000]

CORPUS = {
    **{f"{number[:20]} as age": with_value("profile/age", number) for number in NUMBERS + NOT_NUMBERS},
    **{f"{number[:20]} as glucose": with_value("profile/labs/fasting_glucose/value", number) for number in NUMBERS + NOT_NUMBERS},
    **{f"{number[:20]} as quantity": with_value("profile/weight", number) for number in NUMBERS + NOT_NUMBERS},
    **{f"{number[:20]} as unit": with_value("profile/weight/unit", number) for number in NUMBERS + NOT_NUMBERS},
    **{
        f"{value[:20]} as a list of codes": with_value("profile/conditions", value)
        for value in ['"t2d"', "5", "{}", "[5]", "[[]]", "[null]"]
    },
    **{f"{value[:20]} as a boolean": with_value("profile/preferences/fasting_ok", value) for value in ["1", "0", '"yes"', "[]", "null"]},
    **{f"{value[:20]} as a choice": with_value("profile/sex", value) for value in ["1", "true", '"Female"', "[]", "{}", "null"]},
    **{f"field {name[:12]!r}": json.dumps({"profile": {**PROFILE, name: 1}}).encode() for name in NAMES},
    **{f"field {name[:12]!r} outside": json.dumps({**example_request(), name: 1}).encode() for name in NAMES},
    **{f"nested {levels} lists": b'{"profile": ' + b"[" * levels + b"]" * levels + b"}" for levels in (33, 100, 1_000, 30_000)},
    **{f"nested {levels} objects": b'{"a":' * levels + b"1" + b"}" * levels for levels in (33, 100, 1_000, 10_000)},
    "unclosed lists": b"[" * 60_000,
    "unclosed objects": b'{"a":' * 12_000,
    "a key twice": b'{"profile": {"age": 52, "age": 17}}',
    "a key twice below": b'{"profile": {"age": 52, "weight": {"value": 80, "unit": "kg", "value": 8}}}',
    "a key twice, once escaped": b'{"profile": {"age": 52, "\\u0061ge": 17}}',
    "the profile twice": b'{"profile": {"age": 52}, "profile": {"age": 17}}',
    "a byte order mark": b"\xef\xbb\xbf" + json.dumps(example_request()).encode(),
    "UTF-16": json.dumps(example_request()).encode("utf-16"),
    "UTF-32": json.dumps(example_request()).encode("utf-32"),
    "Latin-1": '{"profile": {"age": 52}, "subject": "\xe9"}'.encode("latin-1"),
    "broken UTF-8": b'{"profile": {"age": 52}, "subject": "\xc3\x28"}',
    "overlong UTF-8": b'{"profile": {"age": 52}, "subject": "\xc0\xaf"}',
    "NUL": b'{"profile": {"age": 52}, "subject": "a\\u0000b"}',
    "raw NUL": b'{"profile": {"age": 52}, "subject": "a\x00b"}',
    "a lone surrogate": b'{"profile": {"age": 52}, "subject": "\\ud800"}',
    "a lone surrogate as key": b'{"profile": {"age": 52}, "\\udc00": 1}',
    "direction turned": '{"profile": {"age": 52}, "subject": "a\u202eb"}'.encode(),
    "subject too long": json.dumps({"profile": {"age": 52}, "subject": "s" * 129}).encode(),
    "300 unknown fields": json.dumps({"profile": {**PROFILE, **{f"f{n}": n for n in range(300)}}}).encode(),
    "10,000 codes": json.dumps({"profile": {**PROFILE, "symptoms": ["fatigue"] * 5_000}}).encode(),
    "an unknown unit": with_value("profile/weight/unit", '"stone "'),
    "a unit of another quantity": with_value("profile/weight/unit", '"cm"'),
    "an unknown code": with_value("profile/symptoms", '["hiccups"]'),
    "a weight of a whale": with_value("profile/weight/value", "30000"),
    "a truncated body": json.dumps(example_request()).encode()[:-40],
    "two documents": json.dumps(example_request()).encode() * 2,
    "a comment": b'{"profile": {"age": 52}} // adult',
    "a trailing comma": b'{"profile": {"age": 52,}}',
    "single quotes": b"{'profile': {'age': 52}}",
    "a text": b'"profile"',
    "a number": b"52",
    "null": b"null",
    "spaces": b" " * 100,
    "XML": b"<profile><age>52</age></profile>",
    "YAML": b"profile: {age: 52}",
    "a profile that is a list": b'{"profile": []}',
    "a profile that is null": b'{"profile": null}',
    "no profile": b"{}",
    "an empty profile": b'{"profile": {}}',
}
ACCEPTED = {"-0.0 as age", "1e-400 as age"}  # they are zero, which is a number of years


@pytest.mark.parametrize("name", CORPUS)
def test_a_hostile_body_is_a_problem(client, name):
    answer = client.post("/v1/recommendations", data=CORPUS[name], headers=JSON)
    if name in ACCEPTED:
        assert answer.status_code == 201
        return
    assert answer.status_code in (400, 413, 422), answer.text[:300]
    problem = answer.get_json(force=True)
    assert problem["errors"] or answer.status_code == 413
    assert all(isinstance(error["pointer"], str) for error in problem["errors"])


@pytest.mark.parametrize("seed", range(20))
def test_random_bytes_are_a_problem(client, seed):
    noise = random.Random(seed).randbytes(4_000)
    assert client.post("/v1/recommendations", data=noise, headers=JSON).status_code == 400


@pytest.mark.parametrize("seed", range(60))
def test_a_request_with_one_value_replaced_is_answered_or_a_problem(client, body, seed):
    chance = random.Random(seed)
    place = body
    while True:
        key = chance.choice(list(place) if isinstance(place, dict) else range(len(place)))
        if not (isinstance(place[key], dict | list) and place[key]) or chance.random() < 0.2:
            break
        place = place[key]
    place[key] = chance.choice(["", "x", -1, 0, 1e9, 2**60, True, None, [], {}, [1], {"value": "1"}, "\ud83d\ude00"])
    assert client.post("/v1/recommendations", json=body).status_code in (201, 400, 422)


# --- over a real socket ----------------------------------------------------------------------------------------------------


def test_ten_megabytes_are_too_large(server):
    answer = requests.post(f"{server}/v1/recommendations", data=b" " * 10_000_000, headers=KEYED, timeout=30)
    assert answer.status_code == 413
    assert answer.json()["type"] == "/problems/too-large"


def test_ten_megabytes_in_chunks_are_too_large(server):
    answer = requests.post(f"{server}/v1/recommendations", data=iter([b" " * 100_000] * 100), headers=KEYED, timeout=30)
    assert answer.status_code == 413


def test_a_bomb_is_not_unpacked(server):
    packed = gzip.compress(b" " * 50_000_000)
    answer = requests.post(f"{server}/v1/recommendations", data=packed, headers={**KEYED, "Content-Encoding": "gzip"}, timeout=30)
    assert answer.status_code == 415


def test_a_chunked_request_is_answered(server):
    whole = json.dumps(example_request()).encode()
    answer = requests.post(f"{server}/v1/recommendations", data=iter([whole[:50], whole[50:]]), headers=KEYED, timeout=30)
    assert answer.status_code == 201


@pytest.mark.parametrize("length", ["65537", "10000000", "99999999999999999999"])
def test_a_length_that_promises_too_much_is_refused_before_it_is_read(server, length):
    answer = raw(
        server,
        f"POST /v1/recommendations HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {KEY}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{{",
    )
    assert answer.startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize(
    "head",
    [
        "POST /v1/recommendations HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n",
        "POST /v1/recommendations HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n",
        "POST /v1/recommendations HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "GET /v1/rules HTTP/1.1\r\nHost: a\r\n folded: header\r\n",
        "GET /v1/rules HTTP/1.1\r\nHost: a\r\nLong: " + "x" * 9_000 + "\r\n",
        "GET /" + "x" * 9_000 + " HTTP/1.1\r\nHost: a\r\n",
        "GET /v1/rules HTTP/1.1\r\n" + "".join(f"X-{n}: 1\r\n" for n in range(100)),
        "\x00\x01\x02\r\n",
    ],
)
def test_malformed_http_is_refused_and_the_worker_lives(server, head):
    answer = raw(server, head + "\r\n{}")
    assert answer == b"" or answer.split(b" ", 2)[1][:1] == b"4"
    assert requests.get(f"{server}/readyz", timeout=10).status_code == 200


def raw(server: str, text: str) -> bytes:
    """What the server answers to these bytes."""
    with socket.create_connection((urlsplit(server).hostname, urlsplit(server).port), timeout=10) as connection:
        connection.sendall(text.encode("latin-1"))
        received = b""
        while b"\r\n\r\n" not in received:
            try:
                part = connection.recv(65_536)
            except ConnectionResetError:
                break
            if not part:
                break
            received += part
        return received
