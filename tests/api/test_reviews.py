"""Reviews over HTTP: who may, what is refused, the history, the rates at a rule, and the export."""

import csv
import json
from datetime import UTC, datetime
from io import StringIO
from itertools import count

import pytest

from schemas.reviews import LONGEST_COMMENT, LONGEST_NAME
from schemas.verdicts import REASONS
from service.access import keys
from service.records import opening

NODE = "offer.self_monitoring"
_names = count()


@pytest.fixture(scope="module")
def store(settings):
    with opening.store(settings.database_url, settings.data, settings.checkpoint_every) as store:
        yield store


@pytest.fixture
def caller(app, store):
    """Call it for a caller with these scopes, of a client of its own unless one is named."""

    def made(*scopes, client=None, shares=True):
        wanted = keys.Wanted(client or f"client-{next(_names)}", frozenset(scopes), rate="60000/minute", shares=shares)
        _, secret = keys.make(store, wanted, datetime.now(UTC))
        client = app.test_client()
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
        return client

    return made


@pytest.fixture
def reviewer(caller):
    return caller("review")


@pytest.fixture
def decided(caller, body):
    return decide(caller("advise"), body)


def decide(owner, body):
    answer = owner.post("/v1/recommendations", json=body)
    assert answer.status_code == 201
    return f"/v1/decisions/{answer.get_json()['decision_id']}/reviews"


def test_a_verdict_is_kept_as_it_was_given(reviewer, decided):
    sent = {
        "verdict": "overridden", "reason": "patient-contraindication", "node": NODE, "intervention": "self_monitoring",
        "comment": "Two lines,\n\tone of them indented: “no”.", "location": "Ward 3", "reviewer": "Dr. Ada Example",
    }  # fmt: skip
    given = reviewer.post(decided, json=sent)
    assert (given.status_code, given.headers["Location"]) == (201, decided)
    kept = given.get_json()
    assert {name: kept[name] for name in sent} == sent
    assert (kept["rule"], kept["current"]) == (NODE, True)
    assert reviewer.get(decided).get_json() == {"items": [kept], "next": None}


def test_what_was_left_out_is_null(reviewer, decided):
    kept = reviewer.post(decided, json={"verdict": "agree"}).get_json()
    assert {name for name, value in kept.items() if value is None} == {
        "reason", "node", "rule", "rule_hash", "intervention", "comment", "location", "reviewer",
    }  # fmt: skip


def test_nothing_is_overwritten(reviewer, decided):
    for verdict in ("disagree", "agree", "needs_evidence"):
        assert reviewer.post(decided, json={"verdict": verdict, "node": NODE, "reviewer": "A"}).status_code == 201
    items = reviewer.get(decided).get_json()["items"]
    assert [(one["verdict"], one["current"]) for one in items] == [("disagree", False), ("agree", False), ("needs_evidence", True)]
    page = reviewer.get(f"{decided}?limit=2").get_json()
    assert page["items"] + reviewer.get(page["next"]).get_json()["items"] == items


@pytest.mark.parametrize(
    ("sent", "pointer", "code"),
    [
        ({}, "/verdict", "required"),
        ({"verdict": "maybe"}, "/verdict", "unknown_code"),
        ({"verdict": None}, "/verdict", "not_null"),
        ({"verdict": "overridden"}, "/reason", "required"),
        ({"verdict": "overridden", "reason": "because"}, "/reason", "unknown_code"),
        ({"verdict": "agree", "reason": "patient-refuses"}, "/reason", "conflicting"),
        ({"verdict": "overridden", "reason": "other"}, "/comment", "required"),
        ({"verdict": "agree", "node": "offer.nothing"}, "/node", "unknown_code"),
        ({"verdict": "agree", "node": ""}, "/node", "wrong_type"),
        ({"verdict": "agree", "node": ["finding.adult"]}, "/node", "wrong_type"),
        ({"verdict": "agree", "intervention": "cold_showers"}, "/intervention", "unknown_code"),
        ({"verdict": "agree", "comment": "x" * (LONGEST_COMMENT + 1)}, "/comment", "too_long"),
        ({"verdict": "agree", "comment": "a\u0007b"}, "/comment", "wrong_type"),
        ({"verdict": "agree", "comment": "a\u202eb"}, "/comment", "wrong_type"),
        ({"verdict": "agree", "comment": ""}, "/comment", "wrong_type"),
        ({"verdict": "agree", "comment": 1}, "/comment", "wrong_type"),
        ({"verdict": "agree", "location": "x" * (LONGEST_NAME + 1)}, "/location", "too_long"),
        ({"verdict": "agree", "location": "a\nb"}, "/location", "wrong_type"),
        ({"verdict": "agree", "reviewer": "x" * (LONGEST_NAME + 1)}, "/reviewer", "too_long"),
        ({"verdict": "agree", "rule": "finding.adult"}, "/rule", "unknown_field"),
        ({"verdict": "agree", "client": "another"}, "/client", "unknown_field"),
        (["agree"], "", "wrong_type"),
    ],
)
def test_what_is_at_fault_is_named(reviewer, decided, sent, pointer, code):
    answer = reviewer.post(decided, json=sent)
    assert answer.status_code == 422
    assert [(error["pointer"], error["code"]) for error in answer.get_json()["errors"]] == [(pointer, code)]
    assert reviewer.get(decided).get_json()["items"] == []


def test_every_reason_is_taken(reviewer, decided):
    sent = {"verdict": "overridden", "comment": "x" * LONGEST_COMMENT}
    taken = [reviewer.post(decided, json=sent | {"reason": reason}).get_json()["reason"] for reason in REASONS]
    assert taken == list(REASONS)


def test_every_reason_is_shown_with_its_words_and_system(client):
    properties = client.get("/openapi.json").get_json()["components"]["schemas"]["ReviewRequest"]["properties"]
    assert properties["reason"]["enum"] == list(REASONS)
    for reason in REASONS.values():
        assert f"`{reason.code}` ({reason.display})" in properties["reason"]["description"]
        assert reason.system in properties["reason"]["description"]


def test_who_may_review(caller, body):
    owner = caller("advise", client="house", shares=False)
    private, shared = decide(owner, body), decide(caller("advise", client="house"), body)
    colleague, stranger, asking = caller("review", client="house"), caller("review"), caller("advise", "read", "admin")
    sent = {"verdict": "agree"}
    assert [colleague.post(path, json=sent).status_code for path in (private, shared)] == [201, 201]
    assert [stranger.post(path, json=sent).status_code for path in (private, shared)] == [404, 201]
    assert [stranger.get(path).status_code for path in (private, shared)] == [404, 200]
    assert [asking.post(path, json=sent).status_code for path in (private, shared)] == [403, 403]
    assert [asking.get(path).status_code for path in (private, shared)] == [404, 404]
    assert owner.post(shared, json=sent).status_code == 403
    assert [len(owner.get(path).get_json()["items"]) for path in (private, shared)] == [1, 2]
    assert stranger.post("/v1/decisions/dec_none/reviews", json=sent).status_code == 404


def test_the_rates_at_a_rule_and_its_etag_follow_the_verdicts(client, reviewer, decided):
    path = f"/v1/rules/{NODE}"
    before = client.get(path)
    assert client.get(path, headers={"If-None-Match": before.headers["ETag"]}).status_code == 304
    whole = client.get("/v1/rules").headers["ETag"]
    assert reviewer.post(decided, json={"verdict": "disagree", "node": NODE}).status_code == 201
    after = client.get(path, headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200 and after.headers["ETag"] != before.headers["ETag"]
    old, new = before.get_json()["reviews"], after.get_json()["reviews"]
    for counts, were in ((new, old), (new["this_version"], old["this_version"])):
        assert (counts["disagree"], counts["decisions"]) == (were["disagree"] + 1, were["decisions"] + 1)
        judged = sum(counts[name] for name in ("agree", "disagree", "needs_evidence", "overridden"))
        assert counts["dispute_rate"] == (counts["disagree"] + counts["overridden"]) / judged
    assert client.get("/v1/rules").headers["ETag"] == whole


def test_the_export_has_what_was_said(caller, body):
    owner = caller("advise", "review", shares=False)
    decided = decide(owner, body)
    nasty = '=cmd|"/c calc"!A1,\n"zwei", ἕν'
    kept = owner.post(decided, json={"verdict": "disagree", "comment": nasty, "reviewer": "@A", "node": NODE, "intervention": "fibre"})
    kept = kept.get_json()
    exported = owner.get(f"/v1/reviews?format=csv&from={kept['at']}")
    assert exported.content_type == "text/csv; charset=utf-8; header=present"
    assert exported.headers["Content-Disposition"] == 'attachment; filename="reviews.csv"'
    row = mine(csv.DictReader(StringIO(exported.get_data(as_text=True), newline="")), kept)
    assert (row["comment"], row["user"], row["feedback"], row["action"]) == ("'" + nasty, "'@A", "disagree", kept["action"])
    lines = owner.get("/v1/reviews")
    assert lines.content_type == "application/x-ndjson"
    row = mine(map(json.loads, lines.data.splitlines()), kept)
    assert (row["comment"], row["user"], row["rule_hash"], row["current"]) == (nasty, "@A", kept["rule_hash"], True)
    stranger = caller("review").get("/v1/reviews").data.splitlines()
    assert kept["id"] not in {json.loads(line)["review"] for line in stranger}


def mine(rows, kept):
    (row,) = (row for row in rows if row["review"] == kept["id"])
    return row


@pytest.mark.parametrize(
    ("query", "accept", "media"),
    [
        ("", None, "application/x-ndjson"),
        ("", "*/*", "application/x-ndjson"),
        ("", "text/csv", "text/csv"),
        ("", "application/x-ndjson;q=0.1, text/csv", "text/csv"),
        ("?format=csv", "text/*", "text/csv"),
        ("?format=csv", "application/x-ndjson", None),
        ("?format=ndjson", "text/csv", None),
        ("", "application/json", None),
    ],
)
def test_the_export_is_in_the_form_asked_for(reviewer, query, accept, media):
    answer = reviewer.get(f"/v1/reviews{query}", headers={"Accept": accept} if accept else {})
    assert (answer.status_code, answer.mimetype) == ((200, media) if media else (406, "application/problem+json"))


@pytest.mark.parametrize(
    "query",
    ["format=xml", "from=yesterday", "to=2026-02-30", "from=2026-01-01T00:00:00", "from=0001-01-01", "verdict=maybe", "rule=", "page=1",
     "from=2026-01-01&from=2026-01-02"],
)  # fmt: skip
def test_an_export_asked_for_wrongly_is_refused(reviewer, query):
    answer = reviewer.get(f"/v1/reviews?{query}")
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["pointer"] == f"/query/{query.partition('=')[0]}"


@pytest.mark.parametrize("query", ["from=2999-01-01", "to=1000-01-01", "rule=no.such.rule", "to=2026-01-01T00:00:00.5%2B23:59"])
def test_an_export_of_nothing_is_a_header_alone(reviewer, query):
    assert reviewer.get(f"/v1/reviews?format=csv&{query}").data.count(b"\n") == 1


def test_that_reviews_were_read_is_on_record(client, reviewer, decided):
    reviewer.post(decided, json={"verdict": "agree"})
    reviewer.get(decided)
    reviewer.get("/v1/reviews")
    id_ = decided.split("/")[3]
    actions = [entry["action"] for entry in client.get(f"/v1/audit?decision={id_}").get_json()["items"] if entry["kind"] == "access"]
    assert actions == ["reviews.export", "reviews"]
