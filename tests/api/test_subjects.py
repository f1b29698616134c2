"""DELETE /v1/subjects/{subject}: whatever a subject may be called, and nobody else's."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import quote

import pytest

from service.access import keys
from service.access.keys import Wanted

SUBJECTS = ["plain", "Ünï cödé 漢字", "é" * 128, "a/b", "/a", "a/", "..", "a?b#c", "%41", "a+b", "subject;v=1", "😀"]


def asked(client, subject: str, **more):
    return client.delete(f"/v1/subjects/{quote(subject, safe='')}", **more)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_subject_that_can_be_sent_can_be_erased(client, body, subject):
    asked(client, subject)  # another test may have sent the same
    id_ = client.post("/v1/recommendations", json={**body, "subject": subject}).get_json()["decision_id"]
    other = client.post("/v1/recommendations", json={**body, "subject": f"{subject[:100]}."}).get_json()["decision_id"]
    erased = asked(client, subject)
    assert (erased.status_code, erased.get_json()["erased"]) == (200, 1)
    assert erased.get_json()["overwritten"] is True
    assert client.get(f"/v1/decisions/{id_}").status_code == 410
    assert client.get(f"/v1/decisions/{other}").status_code == 200
    assert asked(client, subject).get_json()["erased"] == 0


@pytest.fixture
def other(app):
    """A key of another client, which may not administer."""
    _, secret = keys.make(app.extensions["store"], Wanted("another", frozenset({"advise"})), datetime.now(UTC))
    return {"Authorization": f"Bearer {secret}"}


def test_a_client_erases_its_own_subjects_only(client, body, other):
    id_ = client.post("/v1/recommendations", json={**body, "subject": "mine"}).get_json()["decision_id"]
    assert asked(client, "mine", headers=other).get_json()["erased"] == 0
    assert asked(client, "mine", headers=other, query_string={"client": "bootstrap"}).status_code == 403
    assert client.get(f"/v1/decisions/{id_}").status_code == 200


def test_an_administrator_names_the_client(client, body, other):
    client.post("/v1/recommendations", json={**body, "subject": "theirs"}, headers=other)
    assert asked(client, "theirs").get_json()["erased"] == 0
    assert asked(client, "theirs", query_string={"client": "another"}).get_json()["erased"] == 1


def test_who_may_only_read_may_not_erase(app, client):
    _, secret = keys.make(app.extensions["store"], Wanted("another", frozenset({"read", "review"})), datetime.now(UTC))
    assert asked(client, "x", headers={"Authorization": f"Bearer {secret}"}).status_code == 403


@pytest.mark.parametrize("subject", ["é" * 129, "a" * 2000])
def test_what_no_subject_can_be_is_refused(client, subject):
    answer = asked(client, subject)
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["pointer"] == "/path/subject"


def test_an_erased_decision_is_not_given_again_for_its_key(client, body):
    sent = {"json": {**body, "subject": "keyed"}, "headers": {"Idempotency-Key": "subjects-keyed"}}
    first = client.post("/v1/recommendations", **sent).get_json()["decision_id"]
    assert asked(client, "keyed").get_json()["erased"] == 1
    assert client.post("/v1/recommendations", **sent).get_json()["decision_id"] != first
