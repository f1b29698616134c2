"""The knowledge over HTTP: whole, in pages, and not sent twice."""

import pytest

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
