"""A decision is on record before it is given, and the same key gives it again, whole, and on the trail."""

import json

import pytest


def post(client, body, key, detail="standard"):
    return client.post(f"/v1/recommendations?detail={detail}", json=body, headers={"Idempotency-Key": key})


@pytest.mark.parametrize("detail", ["summary", "standard", "full"])
def test_the_same_key_gives_the_same_answer_in_any_detail(client, body, detail):
    first = client.post(f"/v1/recommendations?detail={detail}", json=body, headers={"Idempotency-Key": f"same-{detail}"})
    again = post(client, body, f"same-{detail}", detail)
    assert first.status_code == again.status_code == 201
    assert first.headers["Location"] == again.headers["Location"]
    assert first.get_json() == again.get_json()


def test_a_repeat_is_on_the_trail_before_it_is_shown(client, body):
    decided = post(client, body, "on-the-trail").get_json()["decision_id"]
    post(client, body, "on-the-trail", "full")
    entries = client.get(f"/v1/audit?decision={decided}").get_json()["items"]
    assert [entry["kind"] for entry in entries] == ["access", "decision"]
    assert entries[0]["action"] == "repeat"


def test_a_decision_is_there_at_its_location(client, body):
    made = client.post("/v1/recommendations", json={**body, "subject": "somebody"})
    shown = client.get(made.headers["Location"]).get_json()
    assert {name: shown[name] for name in made.get_json()} == made.get_json()
    assert shown["record"]["request"] == {**body, "subject": "somebody"}


def test_nothing_is_recorded_of_what_is_refused(client, app, body):
    def newest():
        return client.get("/v1/decisions?limit=1").get_json()["items"]

    before = newest()
    assert client.post("/v1/recommendations", json={"profile": {"age": "x"}}).status_code == 422
    assert app.test_client().post("/v1/recommendations", json=body).status_code == 401
    cut = client.post("/v1/recommendations", data=json.dumps(body)[:-1], content_type="application/json")
    assert cut.status_code == 400
    assert newest() == before
