"""Recorded decisions over HTTP: the list and its filters, one decision, its trace and export; who sees them, and that it is on record."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from urllib.parse import parse_qs, urlsplit

import jsonschema
import orjson
import pytest
from sqlalchemy import select

from service.access import keys
from service.records import audit, opening
from service.records.erasing import erase_subject
from service.records.store import StoreUnavailable
from service.records.tables import decision, mark
from service.records.tables import log as entries
from tests.profiles import OPEN

_names = count()
SHOWN = ("", "?detail=summary", "?detail=full", "/trace", "/replay", "/export")


@pytest.fixture(scope="module")
def store(settings):
    with opening.store(settings.database_url, settings.data, settings.checkpoint_every) as store:
        yield store


@pytest.fixture(scope="module")
def caller(app, store):
    """Call it for a caller with these scopes, of a client of its own unless one is named."""

    def made(*scopes, client=None, shares=False):
        client = client or f"partner-{next(_names)}"
        _, secret = keys.make(store, keys.Wanted(client, frozenset(scopes), rate="999999999/minute", shares=shares), datetime.now(UTC))
        asking = app.test_client()
        asking.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
        asking.name = client
        return asking

    return made


@pytest.fixture(scope="module")
def partner(caller):
    """A client that has asked about four people, the newest first in `made`."""
    asking = caller("advise", "read")
    people = [
        ("p-1", {"age": 40}),
        ("p-2", {"age": 52, "weight": {"value": 60, "unit": "kg", "taken_on": (datetime.now(UTC).date() - timedelta(days=20)).isoformat()}}),
        (None, {"age": 30, "labs": {"triglycerides": {"value": 1200, "unit": "mg/dL"}}}),
        ("p-1", OPEN),
    ]
    asking.made = []
    for subject, profile in people:
        answer = asking.post("/v1/recommendations", json={"profile": profile, **({"subject": subject} if subject else {})})
        assert answer.status_code == 201, answer.text
        asking.made.insert(0, {"subject": subject, "location": answer.headers["Location"], **answer.get_json()})
    return asking


@pytest.fixture(scope="module")
def document(app):
    return app.test_client().get("/openapi.json").get_json()


def well(answer, document=None, path=None):
    """The body of a good answer; it keeps to the document where one is given."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    if document:
        schema = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        jsonschema.validate(answer.get_json(), {**schema, "components": document["components"]}, format_checker=jsonschema.FormatChecker())
    return answer.get_json()


def refused(answer, status: int) -> list[str]:
    """Where the fault is said to be."""
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json"), answer.text
    return [error["pointer"] for error in answer.get_json(force=True).get("errors", [])]


def ids_of(page: dict) -> list[str]:
    return [item["id"] for item in page["items"]]


# --- the list ----------------------------------------------------------------------------------------------------------------


def test_the_list_shows_what_was_decided_newest_first(partner, document):
    items = well(partner.get("/v1/decisions"), document, "/v1/decisions")["items"]
    assert len(items) == len(partner.made)
    for item, made in zip(items, partner.made, strict=True):
        assert (item["id"], item["subject"], item["disposition"]) == (made["decision_id"], made["subject"], made["disposition"])
        assert (item["rulebase"], item["valid_until"]) == (made["rulebase"], made["valid_until"])
        assert (item["shared"], item["reviews"], item["erased_at"]) == (False, 0, None)
        assert item["created_at"][:19] == made["created_at"][:19]


def places(made: dict) -> set[str]:
    lists = ("recommendations", "clinician_first", "withheld", "deferred", "not_indicated")
    return {f"{name}:{row['intervention']}" for name in lists for row in made[name]}


FILTERS = [
    ({"subject": "p-1"}, lambda made: made["subject"] == "p-1"),
    ({"subject": "P-1"}, lambda made: False),
    ({"disposition": "soon"}, lambda made: made["disposition"] == "soon"),
    ({"intervention": "fibre", "list": "recommendations"}, lambda made: "recommendations:fibre" in places(made)),
    ({"intervention": "fibre"}, lambda made: True),
    ({"red_flag": "RF.TG_GE_1000"}, lambda made: any(flag["code"] == "RF.TG_GE_1000" for flag in made["red_flags"])),
    ({"review": "none"}, lambda made: True),
    ({"review": "any"}, lambda made: False),
    ({"from": "2026-01-01"}, lambda made: True),
    ({"to": "2026-01-01T00:00:00+02:00"}, lambda made: False),
    ({"expired": "true"}, lambda made: False),
    ({"withdrawn": "true"}, lambda made: False),
    (
        {"subject": "p-1", "intervention": "fibre", "list": "not_indicated"},
        lambda made: made["subject"] == "p-1" and "not_indicated:fibre" in places(made),
    ),
]


@pytest.mark.parametrize(("query", "means"), FILTERS, ids=[repr(query) for query, _ in FILTERS])
def test_filters(partner, query, means):
    found = ids_of(well(partner.get("/v1/decisions", query_string=query)))
    assert found == [made["decision_id"] for made in partner.made if means(made)]


def test_the_filters_tell_these_people_apart(partner):
    """Otherwise the test above would show little."""
    parted = [sum(means(made) for made in partner.made) for _, means in FILTERS]
    assert sum(0 < number < len(partner.made) for number in parted) >= 4


def test_pages_keep_the_filters_and_are_not_moved_by_new_decisions(partner, caller):
    other = caller("advise", "read")
    for age in (40, 41, 42):
        other.post("/v1/recommendations", json={"profile": {"age": age}, "subject": "one"})
    asked, seen = "/v1/decisions?limit=1&subject=one&from=2026-01-01", []
    while asked:
        page = well(other.get(asked))
        seen += ids_of(page)
        asked = page["next"]
        if asked:
            assert {name: value[0] for name, value in parse_qs(urlsplit(asked).query).items() if name != "cursor"} == {
                "limit": "1", "subject": "one", "from": "2026-01-01",
            }  # fmt: skip
        new = other.post("/v1/recommendations", json={"profile": {"age": 50}, "subject": "one"}).get_json()["decision_id"]
        assert new not in seen
    assert len(seen) == len(set(seen)) == 3


def test_a_cursor_is_good_for_its_own_question_only(partner, caller):
    mine = parse_qs(urlsplit(well(partner.get("/v1/decisions?limit=1"))["next"]).query)["cursor"][0]
    assert len(well(partner.get("/v1/decisions", query_string={"cursor": mine}))["items"]) == len(partner.made) - 1
    for query in ({"subject": "p-1"}, {"disposition": "soon"}, {"expired": "true"}):
        assert refused(partner.get("/v1/decisions", query_string={"cursor": mine, **query}), 422) == ["/query/cursor"]
    assert refused(caller("read").get("/v1/decisions", query_string={"cursor": mine}), 422) == ["/query/cursor"]
    for garbage in ("x", "MQ", mine + "=", mine[:-1], mine.swapcase(), "é", "a" * 200, "9" * 60, "..", "%00"):
        assert refused(partner.get("/v1/decisions", query_string={"cursor": garbage}), 422) == ["/query/cursor"]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("from=yesterday", "from"), ("from=2026-13-01", "from"), ("to=2026-01-01T00:00:00", "to"), ("subject=", "subject"),
        ("subject=" + "x" * 129, "subject"), ("subject=a%00b", "subject"), ("disposition=fine", "disposition"),
        ("intervention=yoga", "intervention"),
        ("list=withheld", "list"), ("intervention=fibre&list=all", "list"), ("red_flag=VISION", "red_flag"), ("red_flag=RF.%27--", "red_flag"),
        ("red_flag=RF.VISION%0A", "red_flag"), ("review=bad", "review"), ("expired=false", "expired"), ("withdrawn=1", "withdrawn"),
        ("affected_by=1.0", "affected_by"), ("affected_by=1..", "affected_by"), ("affected_by=a..b..c", "affected_by"),
        ("affected_by=%25..%25", "affected_by"), ("limit=0", "limit"), ("limit=101", "limit"), ("order=asc", "order"),
        ("subject=a&subject=b", "subject"),
    ],
)  # fmt: skip
def test_a_wrong_question_is_told_by_its_name(partner, query, pointer):
    assert refused(partner.get(f"/v1/decisions?{query}"), 422) == [f"/query/{pointer}"]


def test_an_answer_past_its_end_is_listed_as_expired(caller, store):
    old = caller("advise", "read")
    taken = (datetime.now(UTC).date() - timedelta(days=31)).isoformat()
    made = [
        old.post("/v1/recommendations", json={"profile": {"age": 40, "weight": {"value": 80, "unit": "kg", "taken_on": day}}}).get_json()
        for day in (taken, datetime.now(UTC).date().isoformat())
    ]
    assert ids_of(well(old.get("/v1/decisions?expired=true"))) == []
    with store.writing(datetime.now(UTC)) as writing:  # as if a day had gone by
        past = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        writing.connection.execute(decision.update().where(decision.c.id == made[0]["decision_id"]).values(valid_until=past))
    assert ids_of(well(old.get("/v1/decisions?expired=true"))) == [made[0]["decision_id"]]


# --- one decision ------------------------------------------------------------------------------------------------------------


def test_a_decision_is_shown_as_it_was_answered(partner, document):
    for made in partner.made:
        shown = well(partner.get(made["location"]), document, "/v1/decisions/{id}")
        record = shown.pop("record")
        assert shown == {key: value for key, value in made.items() if key not in ("subject", "location")}
        assert (record["client"], record["shared"], record["reviews"], record["voice"]) == (partner.name, False, 0, "person")
        assert record["request"].get("subject") == made["subject"]
        assert {"/age"} <= {one["input"] for one in record["profile"]}
    weight = next(one for one in well(partner.get(partner.made[2]["location"]))["record"]["profile"] if one["fact"] == "weight")
    assert (weight["value"], weight["sent"]["unit"], weight["input"]) == (60, "kg", "/weight")


def test_every_detail_keeps_to_the_document(partner, document):
    for detail in ("summary", "full"):
        shown = well(partner.get(f"{partner.made[0]['location']}?detail={detail}"), document, "/v1/decisions/{id}")
        assert ("trace" in shown) == ("request" in shown["record"]) == (detail == "full")
    assert well(partner.get(f"{partner.made[0]['location']}/trace"), document, "/v1/decisions/{id}/trace") == shown["trace"]
    assert refused(partner.get(f"{partner.made[0]['location']}?detail=all"), 422) == ["/query/detail"]


def test_every_because_is_in_the_trace(partner):
    nodes = {node["id"] for node in well(partner.get(f"{partner.made[0]['location']}/trace"))["nodes"]}
    for row in partner.made[0]["recommendations"]:
        assert set(row["because"]) <= nodes


def test_replay_and_export_keep_to_the_document(partner, document):
    replay = well(partner.get(f"{partner.made[0]['location']}/replay"), document, "/v1/decisions/{id}/replay")
    assert replay["equal"] and replay["today"]["equal"]
    record = well(partner.get(f"{partner.made[0]['location']}/export"), document, "/v1/decisions/{id}/export")
    assert record["entry"]["id"] == partner.made[0]["decision_id"]


def test_an_etag_lasts_until_something_new_is_shown(caller):
    owner = caller("advise", "read", "review")
    one = owner.post("/v1/recommendations", json={"profile": {"age": 40}, "subject": "s"}).headers["Location"]
    first = owner.get(one)
    tag = first.headers["ETag"]
    assert not tag.startswith("W/")
    for sent in (tag, f'"other", {tag}', "*"):
        again = owner.get(one, headers={"If-None-Match": sent})
        assert (again.status_code, again.data, again.headers["ETag"], again.headers["Cache-Control"]) == (304, b"", tag, "no-store")
    assert owner.get(one, headers={"If-None-Match": '"other"'}).status_code == 200
    assert owner.get(f"{one}?detail=full", headers={"If-None-Match": tag}).status_code == 200
    assert owner.post(f"{one}/reviews", json={"verdict": "agree"}).status_code == 201
    after = owner.get(one, headers={"If-None-Match": tag})
    assert (after.status_code, after.get_json()["record"]["reviews"]) == (200, 1)
    assert one.rpartition("/")[2] in ids_of(well(owner.get("/v1/decisions?review=agree")))


# --- who sees it, and what remains -------------------------------------------------------------------------------------------


def test_to_another_client_there_is_nothing(partner, caller):
    other = caller("advise", "read", "review", "admin")
    for path in SHOWN:
        assert refused(other.get(partner.made[0]["location"] + path), 404) == refused(other.get(f"/v1/decisions/dec_0{path}"), 404) == []
    assert well(other.get("/v1/decisions?subject=p-1")) == {"items": [], "next": None}


def test_reviewers_see_what_is_shared_and_no_more(caller):
    owner, reviewer = caller("advise", shares=True), caller("review")
    shared = owner.post("/v1/recommendations", json={"profile": {"age": 40}, "subject": "s-1"}).headers["Location"]
    for path in SHOWN:
        assert reviewer.get(shared + path).status_code == 200
    mine = {item["id"]: item for item in well(reviewer.get("/v1/decisions"))["items"]}
    assert mine[shared.rpartition("/")[2]]["shared"] and all(item["shared"] for item in mine.values())
    assert ids_of(well(reviewer.get("/v1/decisions?subject=s-1"))) == []  # another client's subject of that name is another person
    refused(owner.get("/v1/decisions"), 403)
    assert owner.get(shared).status_code == 200


def test_what_was_erased_says_when(caller, store):
    owner = caller("advise", "read")
    one = owner.post("/v1/recommendations", json={"profile": {"age": 40}, "subject": "gone"}).headers["Location"]
    tag = owner.get(one).headers["ETag"]
    erase_subject(store, owner.name, "gone", "key_test", datetime.now(UTC))
    [item] = well(owner.get("/v1/decisions"))["items"]
    assert item["erased_at"] and (item["subject"], item["disposition"], item["valid_until"]) == (None, None, None)
    assert well(owner.get("/v1/decisions?subject=gone"))["items"] == []
    for path in SHOWN:
        answer = owner.get(one + path, headers={"If-None-Match": tag})
        refused(answer, 410)
        assert item["erased_at"] in answer.get_json(force=True)["detail"]


def trail(store, client: str) -> list[tuple[str, list[str]]]:
    with store.reading() as connection:
        found = connection.scalars(select(entries.c.entry).where(entries.c.kind == "access").order_by(entries.c.seq)).all()
    return [(one["action"], one["decisions"]) for one in map(orjson.loads, found) if one["client"] == client]


def test_every_look_is_on_record(caller, store):
    owner = caller("advise", "read")
    assert well(owner.get("/v1/decisions"))["items"] == trail(store, owner.name) == []
    one = owner.post("/v1/recommendations", json={"profile": {"age": 40}}).headers["Location"]
    id_ = one.rpartition("/")[2]
    looks = [(one, "decision"), (f"{one}/trace", "trace"), (f"{one}/replay", "replay"), (f"{one}/export", "export"), ("/v1/decisions", "list")]
    for number, (address, action) in enumerate(looks, 1):
        assert owner.get(address).status_code == 200
        assert trail(store, owner.name)[number - 1 :] == [(action, [id_])]


def test_without_a_record_of_the_look_nothing_is_shown(partner, monkeypatch):
    def broken(*_):
        raise StoreUnavailable

    monkeypatch.setattr(audit, "accessed", broken)
    for address in ("/v1/decisions", *(partner.made[0]["location"] + path for path in SHOWN)):
        answer = partner.get(address)
        refused(answer, 503)
        assert answer.headers["Retry-After"] and partner.made[0]["decision_id"] not in answer.get_json(force=True)["detail"]


def test_marks_are_what_the_list_is_asked_by(partner, store):
    with store.reading() as connection:
        kept = set(connection.scalars(select(mark.c.mark).where(mark.c.decision == partner.made[0]["decision_id"])))
    assert kept == places(partner.made[0]) | {f"red_flag:{flag['code']}" for flag in partner.made[0]["red_flags"]}
