"""The log: what it tells, and that nothing of a person can reach it."""

import json
import re

import pytest
import requests

from deploy.serving import AUTHORIZATION, KEY, PATIENCE, serving
from service import observing
from service.api.examples import example_request

FIELDS = {"event", "level", "timestamp", "request_id", "method", "route", "status", "ms", "bytes"}


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """The log of a real service that was sent marked words wherever a caller can put one."""
    log = tmp_path_factory.mktemp("log") / "log"
    with serving(log, ATTUNE_WORKERS="1") as address, requests.Session() as caller:
        caller.headers.update(AUTHORIZATION)
        advice = f"{address}/v1/recommendations"
        caller.post(f"{advice}?detail=canary1", json=example_request(), timeout=PATIENCE)
        caller.post(f"{advice}?canary2=1", json=example_request(), timeout=PATIENCE)
        caller.post(advice, json={"profile": {"age": "canary3", "canary4": 1}}, timeout=PATIENCE)
        assert caller.post(advice, json={**example_request(), "subject": "canary5"}, timeout=PATIENCE).status_code == 201
        caller.post(advice, data='{"canary6', headers={"Content-Type": "application/json"}, timeout=PATIENCE)
        caller.post(advice, json={"profile": {"age": 50, "medications": ["canary7"]}}, timeout=PATIENCE)
        caller.get(f"{address}/v1/rules/canary8", timeout=PATIENCE)
        assert caller.delete(f"{address}/v1/subjects/canary5", timeout=PATIENCE).status_code == 200
        caller.get(f"{address}/canary9", headers={"User-Agent": "canary10", "Referer": "canary11", "X-Request-ID": "can ary12"}, timeout=PATIENCE)
        caller.get(f"{address}/v1/rules", headers={"Authorization": "Bearer canary13", "Idempotency-Key": "canary14"}, timeout=PATIENCE)
        caller.get(f"{address}/healthz", headers={"X-Request-ID": "mine-1"}, timeout=PATIENCE)
    return log.read_text()


def test_nothing_that_was_sent_is_told(told):
    assert "canary" not in told
    assert "ary12" not in told
    assert KEY not in told and KEY[4:] not in told
    assert "Traceback" not in told


def test_every_request_is_one_line_of_known_fields(told):
    lines = [json.loads(line) for line in told.splitlines()]
    about_requests = [line for line in lines if line["event"] == "request" and line["route"] != "/readyz"]
    assert len(about_requests) == 11
    for line in about_requests:
        assert set(line) == FIELDS
        assert re.fullmatch(r"[A-Za-z0-9._-]{1,64}", line["request_id"])
    assert about_requests[-1]["request_id"] == "mine-1"
    routes = [line["route"] for line in about_requests]
    assert set(routes[-5:]) == {"/v1/subjects/<anything:subject>", "/v1/rules/<string(maxlength=128):id>", None, "/v1/rules", "/healthz"}


def test_the_start_tells_where_it_listens(told):
    start = next(json.loads(line) for line in told.splitlines() if '"listening"' in line)
    assert start["address"].startswith("127.0.0.1:")


def test_a_fault_is_told_by_type_and_place_alone(app, log):
    with app.test_request_context("/v1/rules"):
        try:
            int("glucose of a person")
        except ValueError as error:
            observing.fault("unhandled", error)
    (line,) = log()
    assert line["faults"][0]["type"] == "ValueError"
    assert re.fullmatch(r"tests/test_observing\.py:\d+ test_a_fault_is_told_by_type_and_place_alone", line["faults"][0]["places"][0])
    assert "glucose" not in str(line)
