"""The knowledge over HTTP: whole, in pages, and not sent twice."""

import pytest

from schemas.quantities import Converter
from schemas.ucum import same

LISTS = ["rules", "claims", "sources", "vocabulary", "interventions"]


@pytest.mark.parametrize("name", LISTS)
def test_a_list_has_every_entry_once(client, knowledge, name):
    assert len(ids := [item["id"] for item in pages(client, f"/v1/{name}")]) == len(set(ids)) == len(getattr(knowledge, name))


@pytest.mark.parametrize("name", LISTS)
def test_small_pages_make_the_same_list(client, name):
    assert pages(client, f"/v1/{name}?limit=7") == pages(client, f"/v1/{name}")


def test_a_list_that_fits_has_no_next(client, knowledge):
    assert client.get("/v1/claims").get_json()["next"] is None
    assert client.get(f"/v1/claims?limit={len(knowledge.claims)}").get_json()["next"] is None


def test_the_rule_base_says_what_it_is(client, knowledge):
    shown = client.get("/v1/rulebase").get_json()
    assert (shown["version"], shown["digest"]) == (knowledge.version, knowledge.digest)
    assert client.get("/version").get_json()["rulebase"] == {"version": knowledge.version, "digest": knowledge.digest}
    assert client.get("/readyz").get_json()["rulebase"]["digest"] == knowledge.digest


@pytest.mark.parametrize("name", ["rules", "claims"])
def test_every_entry_has_its_own_address(client, name):
    for item in client.get(f"/v1/{name}?limit=20").get_json()["items"]:
        shown = client.get(f"/v1/{name}/{item['id']}").get_json()
        assert {key: value for key, value in shown.items() if key != "reviews"} == item


@pytest.mark.parametrize("path", ["/v1/rulebase", "/v1/rules", "/v1/claims?limit=3", "/v1/claims/F-01", "/openapi.json"])
def test_what_the_caller_has_is_not_sent_again(client, path):
    first = client.get(path)
    tag = first.headers["ETag"]
    assert not tag.startswith("W/")
    again = client.get(path, headers={"If-None-Match": f'"other", {tag}'})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
    assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def pages(client, path: str) -> list[dict]:
    items = []
    while path:
        page = client.get(path).get_json()
        assert set(page) == {"items", "next"}
        items += page["items"]
        path = page["next"]
    return items


def looked_up(client, kind, text, **query):
    return client.get("/v1/vocabulary/lookup", query_string={"kind": kind, "q": text, **query}).get_json()["items"]


def test_a_word_is_found_as_it_is_typed(client):
    [first, *_] = looked_up(client, "medicine", "glucoph")
    assert first == {"code": "metformin", "label": "metformin", "match": "prefix", "outcome": "rules", "atc": ["A10BA02"]}
    [first, *_] = looked_up(client, "medicine", "Lodoz")
    assert (first["match"], first["ingredients"]) == ("exact", ["bisoprolol", "hydrochlorothiazide"])
    assert [(one["code"], one["match"]) for one in looked_up(client, "condition", "high blod pressure")] == [("hypertension", "near")]
    assert looked_up(client, "symptom", "chest")[0]["code"] == "chest_pain"
    assert looked_up(client, "allergy", "nothing like it") == []
    assert len(looked_up(client, "medicine", "a", limit=3)) == 3


def test_what_was_found_is_understood_in_a_profile(client, body):
    fields = {"medicine": "medications", "supplement": "supplements", "condition": "conditions", "symptom": "symptoms", "allergy": "allergies"}
    for kind, field in fields.items():
        body["profile"][field] = [one["code"] for one in looked_up(client, kind, "ca", limit=50)]
        assert body["profile"][field]
    assert client.post("/v1/recommendations", json=body).get_json()["unrecognised"] == []


def test_what_was_typed_is_logged_nowhere(client, log):
    looked_up(client, "medicine", "canary")
    client.get("/v1/vocabulary/lookup", query_string={"kind": "canary", "q": "canary\n"})
    assert "canary" not in str(log())


def test_a_lookup_without_its_words_names_what_is_missing(client):
    problem = client.get("/v1/vocabulary/lookup").get_json()
    assert {(error["pointer"], error["code"]) for error in problem["errors"]} == {("/query/kind", "required"), ("/query/q", "required")}


def test_a_measurement_says_how_it_may_be_given_and_what_is_said_of_it(client):
    words = {one["id"]: one for one in pages(client, "/v1/vocabulary")}
    weight = words["weight"]
    assert weight["units"] == list(weight["spellings"])
    assert "lbs" in weight["spellings"]["[lb_av]"]
    assert weight["joint"] == [{"other": "height", "hard": [7, 180], "power": 2, "times": 10000}]
    assert words["potassium"]["urgent_for_days"] == 7
    assert words["fasting_insulin"]["same_sample_as"] == "fasting_glucose"
    assert weight["unremarkable"] == [{"limits": [], "because": "read through BMI"}]
    assert [one["limits"] for one in words["resting_heart_rate"]["unremarkable"]] == [[{"at_least": 50}, {"below": 100}]]


def test_every_spelling_that_the_vocabulary_shows_is_taken(client, knowledge):
    shown = {one["id"]: one["spellings"] for one in pages(client, "/v1/vocabulary") if one["spellings"]}
    wrong = []
    for word, units in shown.items():
        converter = Converter(knowledge.vocabulary[word])
        wrong += [(word, text) for unit, texts in units.items() for text in texts if not same(converter.unit_of(text), unit)]
    assert wrong == []
