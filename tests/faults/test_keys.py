"""One key, one decision: sent twice at once to two workers, taken over from a request that was too slow, asked for in every detail."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Event, Thread

import pytest
import requests
from sqlalchemy import func, select

from deploy.serving import AUTHORIZATION, PATIENCE, ROOT
from schemas.profile import request_schema
from service.access.callers import Caller
from service.decisions.deciding import Asked, Decider
from service.decisions.recalling import Recaller
from service.records import rulebases
from service.records.idempotency import KeyInUse, LeaseLost
from service.records.tables import decision

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LEASE = timedelta(seconds=30)
CALLER = Caller("partner", "key", frozenset({"advise"}))


def test_twice_at_once_on_two_workers(server, body):
    headers = {**AUTHORIZATION, "Idempotency-Key": "at-once"}
    with ThreadPoolExecutor(6) as callers:
        asked = callers.map(lambda _: requests.post(f"{server}/v1/recommendations", json=body, headers=headers, timeout=PATIENCE), range(6))
        answers = list(asked)
    ids = {answer.json()["decision_id"] for answer in answers if answer.status_code == 201}
    assert len(ids) == 1
    refused = [answer for answer in answers if answer.status_code != 201]
    assert all((answer.status_code, answer.headers["Retry-After"]) == (409, "1") for answer in refused)
    assert requests.post(f"{server}/v1/recommendations", json=body, headers=headers, timeout=PATIENCE).json()["decision_id"] in ids


def test_the_same_decision_in_every_detail(client, body):
    answers = [
        client.post(f"/v1/recommendations?detail={detail}", json=body, headers={"Idempotency-Key": "detail"}).get_json()
        for detail in ("summary", "standard", "full", "summary")
    ]
    assert len({answer["decision_id"] for answer in answers}) == 1
    assert "trace" in answers[2] and "trace" not in answers[1]
    assert answers[0] == answers[3]


def test_another_body_is_told_of(client, body):
    headers = {"Idempotency-Key": "body"}
    assert client.post("/v1/recommendations", json=body, headers=headers).status_code == 201
    body["profile"]["age"] += 1
    refused = client.post("/v1/recommendations", json=body, headers=headers)
    assert refused.status_code == 422
    assert refused.get_json()["type"] == "/problems/key-reused"


@pytest.mark.parametrize("key", ["", " ", "two words", "é", "x" * 256, "a\tb"])
def test_what_is_no_key(client, body, key):
    refused = client.post("/v1/recommendations", json=body, headers={"Idempotency-Key": key})
    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.get_json()["errors"]] == ["/headers/Idempotency-Key"]


class Slow:
    """An advisor that goes on when it is told to."""

    def __init__(self, advisor):
        self.advisor, self.began, self.go_on = advisor, Event(), Event()

    def __getattr__(self, name):
        return getattr(self.advisor, name)

    def reason(self, *args):
        self.began.set()
        assert self.go_on.wait(PATIENCE)
        return self.advisor.reason(*args)


def test_a_request_slower_than_its_lease_keeps_nothing(store, advisor, body):
    with store.writing(NOW) as writing:
        rulebases.keep(writing, advisor.knowledge, ROOT / "rules")
    slow, recaller = Slow(advisor), Recaller(advisor, store)
    asked = Asked(body, request_schema(advisor.knowledge.vocabulary)().load(body)["profile"])
    raised = []

    def first():
        try:
            Decider(slow, store, recaller, LEASE).decide(asked, CALLER, NOW, "key")
        except LeaseLost as lost:
            raised.append(lost)

    thread = Thread(target=first)
    thread.start()
    assert slow.began.wait(PATIENCE)
    second = Decider(advisor, store, recaller, LEASE)
    with pytest.raises(KeyInUse):
        second.decide(asked, CALLER, NOW + LEASE / 2, "key")
    kept = second.decide(asked, CALLER, NOW + LEASE, "key")
    slow.go_on.set()
    thread.join()
    assert len(raised) == 1
    assert second.decide(asked, CALLER, NOW + LEASE, "key") == kept
    with store.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(decision)) == 1
