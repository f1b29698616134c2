"""Whatever is sent, the answer is a problem that names the field: never a 5xx, never a dead worker."""

import gzip
import json
import random
import socket
from copy import deepcopy
from urllib.parse import urlsplit

import pytest
import requests

from deploy.serving import AUTHORIZATION, KEY, PATIENCE
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


NUMBER, LAB, WEIGHT, UNIT = "profile/age", "profile/labs/fasting_glucose/value", "profile/weight", "profile/weight/unit"

# One body of each kind, to see that the door hands every kind of fault on. What else is no JSON, and which values a field takes, is tried
# where it is decided: in tests/schemas/test_json_edge.py, test_fields.py and test_quantities.py.
CORPUS = {
    "no number": with_value(NUMBER, "NaN"),
    "a number without end": with_value(LAB, "1e999"),
    "a number of 5,000 digits": with_value(WEIGHT, "9" * 5_000),
    "a number in another notation": with_value(UNIT, "0x10"),
    **{f"{value} as a number": with_value(NUMBER, value) for value in ('"52"', "true", "null", "[]", "{}", "1e308", "-1e16")},
    **{f"{value} as a laboratory value": with_value(LAB, value) for value in ('"52"', "false", "null", "[]")},
    **{f"{value} as a quantity": with_value(WEIGHT, value) for value in ('"52 kg"', "52", "true", "null", "[]", "{}")},
    **{f"{value} as a unit": with_value(UNIT, value) for value in ('"stone "', '"cm"', "5", "null", "[]", "{}")},
    **{f"{value} as a list of codes": with_value("profile/conditions", value) for value in ('"t2d"', "5", "{}", "[5]", "[[]]", "[null]")},
    **{f"{value} as a boolean": with_value("profile/preferences/fasting_ok", value) for value in ("1", '"yes"', "[]", "null")},
    **{f"{value} as a choice": with_value("profile/sex", value) for value in ("1", '"Female"', "[]", "null")},
    **{
        f"field {name[:12]!r}": json.dumps({"profile": {**PROFILE, name: 1}}).encode()
        for name in ("__proto__", "$s", "sid", "$m", "", "~", "a/b", "\u202e", "ag\u0435", "x" * 5_000)
    },
    "a field outside": json.dumps({**example_request(), "$s": 1}).encode(),
    "33 lists": b'{"profile": ' + b"[" * 33 + b"]" * 33 + b"}",
    "10,000 objects": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "unclosed lists": b"[" * 60_000,
    "a key twice": b'{"profile": {"age": 52, "age": 17}}',
    "the profile twice": b'{"profile": {"age": 52}, "profile": {"age": 17}}',
    "a byte order mark": b"\xef\xbb\xbf" + json.dumps(example_request()).encode(),
    "UTF-32": json.dumps(example_request()).encode("utf-32"),
    "Latin-1": '{"profile": {"age": 52}, "subject": "\xe9"}'.encode("latin-1"),
    "NUL": b'{"profile": {"age": 52}, "subject": "a\\u0000b"}',
    "a lone surrogate": b'{"profile": {"age": 52}, "subject": "\\ud800"}',
    "direction turned": '{"profile": {"age": 52}, "subject": "a\u202eb"}'.encode(),
    "subject too long": json.dumps({"profile": {"age": 52}, "subject": "s" * 129}).encode(),
    "300 unknown fields": json.dumps({"profile": {**PROFILE, **{f"f{n}": n for n in range(300)}}}).encode(),
    "5,000 codes": json.dumps({"profile": {**PROFILE, "symptoms": ["fatigue"] * 5_000}}).encode(),
    "an unknown code": with_value("profile/goals", '["hiccups"]'),
    "a weight of a whale": with_value("profile/weight/value", "30000"),
    "a truncated body": json.dumps(example_request()).encode()[:-40],
    "a text": b'"profile"',
    "null": b"null",
    "spaces": b" " * 100,
    "XML": b"<profile><age>52</age></profile>",
    "a profile that is a list": b'{"profile": []}',
    "no profile": b"{}",
    "an empty profile": b'{"profile": {}}',
}


@pytest.mark.parametrize("name", CORPUS)
def test_a_hostile_body_is_a_problem(client, name):
    answer = client.post("/v1/recommendations", data=CORPUS[name], headers=JSON)
    assert answer.status_code in (400, 413, 422), answer.text[:300]
    problem = answer.get_json(force=True)
    assert problem["errors"] or answer.status_code == 413
    assert all(isinstance(error["pointer"], str) for error in problem["errors"])


def test_random_bytes_are_a_problem(client):
    for seed in range(20):
        noise = random.Random(seed).randbytes(4_000)
        assert client.post("/v1/recommendations", data=noise, headers=JSON).status_code == 400, f"seed {seed}"


def test_a_request_with_one_value_replaced_is_answered_or_a_problem(client, body):
    for seed in range(60):
        sent = replaced(deepcopy(body), random.Random(seed))
        assert client.post("/v1/recommendations", json=sent).status_code in (201, 400, 422), f"seed {seed}"


def replaced(sent, chance):
    place = sent
    while True:
        key = chance.choice(list(place) if isinstance(place, dict) else range(len(place)))
        if not (isinstance(place[key], dict | list) and place[key]) or chance.random() < 0.2:
            break
        place = place[key]
    place[key] = chance.choice(["", "x", -1, 0, 1e9, 2**60, True, None, [], {}, [1], {"value": "1"}, "\ud83d\ude00"])
    return sent


# --- over a real socket ----------------------------------------------------------------------------------------------------


def test_ten_megabytes_are_too_large(server):
    answer = requests.post(f"{server}/v1/recommendations", data=b" " * 10_000_000, headers=KEYED, timeout=PATIENCE)
    assert answer.status_code == 413
    assert answer.json()["type"] == "/problems/too-large"


def test_ten_megabytes_in_chunks_are_too_large(server):
    answer = requests.post(f"{server}/v1/recommendations", data=iter([b" " * 100_000] * 100), headers=KEYED, timeout=PATIENCE)
    assert answer.status_code == 413


def test_a_bomb_is_not_unpacked(server):
    packed = gzip.compress(b" " * 50_000_000)
    answer = requests.post(f"{server}/v1/recommendations", data=packed, headers={**KEYED, "Content-Encoding": "gzip"}, timeout=PATIENCE)
    assert answer.status_code == 415


def test_a_chunked_request_is_answered(server):
    whole = json.dumps(example_request()).encode()
    answer = requests.post(f"{server}/v1/recommendations", data=iter([whole[:50], whole[50:]]), headers=KEYED, timeout=PATIENCE)
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
    assert requests.get(f"{server}/readyz", timeout=PATIENCE).status_code == 200


def raw(server: str, text: str) -> bytes:
    """What the server answers to these bytes."""
    with socket.create_connection((urlsplit(server).hostname, urlsplit(server).port), timeout=PATIENCE) as connection:
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
