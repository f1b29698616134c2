"""The trail: every reading of what is about a person is there before it is shown; only administrators read it, and that is there too."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from sqlalchemy import select

from service.records import audit
from service.records.store import StoreUnavailable
from service.records.tables import log
from tests.access.conftest import bearer

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DECISIONS = [f"dec_{n:032x}" for n in range(4)]


@dataclass(frozen=True)
class Reader:
    client: str
    key: str = "key_1"
    request: str | None = "r-1"


def read(store, **asked):
    with store.reading() as connection:
        return audit.trail(connection, asked.pop("limit", 100), **asked)


@pytest.fixture
def trail(store):
    """What Anna's clinic and others read, a minute apart."""
    for minute, (client, seen) in enumerate([("clinic", [0]), ("Clinic", [1]), ("clinic", [0, 1, 2]), ("50%_\"o'\\", []), ("clinic", [3])]):
        audit.accessed(store, Reader(client), "decision", [DECISIONS[n] for n in seen], NOW + timedelta(minutes=minute))
    return store


def test_an_entry_says_who_read_what_when(trail):
    newest = read(trail)[0]
    at = "2026-11-22T12:04:00.000000Z"
    assert newest == {"at": at, "kind": "access", "client": "clinic", "key": "key_1", "action": "decision", "decisions": [DECISIONS[3]],
                      "request": "r-1", "id": newest["id"], "seq": newest["seq"]}  # fmt: skip


def test_the_entry_is_in_the_chained_log(trail):
    with trail.reading() as connection:
        entries = [orjson.loads(entry) for entry in connection.scalars(select(log.c.entry).order_by(log.c.seq))]
    assert [entry["seq"] for entry in entries] == list(range(1, len(entries) + 1))
    assert [entry["kind"] for entry in entries[1:]] == ["access"] * 5


@pytest.mark.parametrize(
    ("asked", "minutes"),
    [
        ({}, [4, 3, 2, 1, 0]),
        ({"client": "clinic"}, [4, 2, 0]),
        ({"client": "Clinic"}, [1]),
        ({"client": "50%_\"o'\\"}, [3]),
        ({"client": "%"}, []),
        ({"client": "clinic' OR 'a'='a"}, []),
        ({"decision": DECISIONS[0]}, [2, 0]),
        ({"decision": DECISIONS[1]}, [2, 1]),
        ({"decision": DECISIONS[3]}, [4]),
        ({"decision": "dec_%"}, []),
        ({"decision": DECISIONS[3][:-1]}, []),
        ({"since": NOW + timedelta(minutes=3)}, [4, 3]),
        ({"until": NOW + timedelta(minutes=1)}, [1, 0]),
        ({"client": "clinic", "since": NOW + timedelta(minutes=1), "until": NOW + timedelta(minutes=3)}, [2]),
        ({"client": "clinic", "decision": DECISIONS[1]}, [2]),
    ],
)
def test_the_trail_is_asked_for_what_matters(trail, asked, minutes):
    assert [int(entry["at"][14:16]) for entry in read(trail, **asked)] == minutes


def test_it_is_read_page_by_page(trail):
    pages, before = [], None
    while page := read(trail, limit=2, before=before):
        pages.append([int(entry["at"][14:16]) for entry in page])
        before = page[-1]["seq"]
    assert pages == [[4, 3], [2, 1], [0]]


# --- over HTTP --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def admin(app, key):
    caller = app.test_client()
    caller.environ_base["HTTP_AUTHORIZATION"] = bearer(key("administration", "admin"))["Authorization"]
    return caller


def decision(app, secret: str, body) -> str:
    """A decision about somebody who can be found by the word in `subject`."""
    made = app.test_client().post("/v1/recommendations", json={**body, "subject": "findable-person"}, headers=bearer(secret))
    return made.get_json()["decision_id"]


def test_reading_a_decision_is_in_the_trail_with_the_request_and_without_the_person(app, admin, key, body):
    secret = key("clinic-7", "advise", "read")
    made = decision(app, secret, body)
    for part, action in (("", "decision"), ("/trace", "trace"), ("/replay", "replay")):
        answer = app.test_client().get(f"/v1/decisions/{made}{part}", headers={**bearer(secret), "X-Request-ID": f"asked-{action}"})
        assert answer.status_code == 200
        (entry,) = admin.get(f"/v1/audit?decision={made}&limit=1").get_json()["items"]
        assert (entry["client"], entry["action"], entry["decisions"], entry["request"]) == ("clinic-7", action, [made], f"asked-{action}")
    whole = admin.get(f"/v1/audit?decision={made}")
    assert {entry["kind"] for entry in whole.get_json()["items"]} == {"access", "decision"}
    assert "findable-person" not in whole.text and "commitments" not in whole.text


def test_making_and_revoking_a_key_is_in_the_trail_without_its_digest(app, admin, key):
    key("clinic-8", "read")
    answer = admin.get("/v1/audit?client=clinic-8")
    (entry,) = answer.get_json()["items"]
    assert entry["kind"] == "key" and entry["key"].startswith("key_")
    assert "digest" not in answer.text and "prefix" not in answer.text


def test_reading_the_trail_is_in_the_trail(admin):
    first = admin.get("/v1/audit?client=administration&limit=1").get_json()["items"][0]
    second = admin.get("/v1/audit?client=administration&limit=1").get_json()["items"][0]
    assert (first["action"], second["action"]) == ("audit", "audit") and second["seq"] > first["seq"]


def test_the_pages_hang_together(app, admin, key):
    for _ in range(4):
        key("clinic-9", "read")
    first = admin.get("/v1/audit?client=clinic-9&limit=3").get_json()
    second = admin.get(first["next"]).get_json()
    assert [len(first["items"]), len(second["items"])] == [3, 1] and second["next"] is None
    seqs = [entry["seq"] for entry in first["items"] + second["items"]]
    assert seqs == sorted(seqs, reverse=True) and len(set(seqs)) == 4


@pytest.mark.parametrize("part", ["", "/trace", "/replay", "/reviews"])
def test_what_cannot_be_put_on_record_is_not_shown(app, key, body, monkeypatch, part):
    secret = key("clinic-10", "advise", "read")
    made = decision(app, secret, body)

    def full(*_args, **_more):
        raise StoreUnavailable

    monkeypatch.setattr("service.records.chain.append", full)
    answer = app.test_client().get(f"/v1/decisions/{made}{part}", headers=bearer(secret))
    assert answer.status_code == 503
    assert set(answer.get_json()) == {"type", "title", "status", "detail", "instance", "request_id"}


@pytest.mark.parametrize("query", ["limit=0", "limit=501", "limit=x", "before=0", "before=-1", "before=" + "9" * 400, "from=yesterday", "to=2026-13-01",
                                   "client=", "client=%00", "decision=" + "d" * 65, "order=asc", "limit=1&limit=2"])  # fmt: skip
def test_a_question_that_makes_no_sense_is_refused(admin, query):
    assert admin.get(f"/v1/audit?{query}").status_code == 422
