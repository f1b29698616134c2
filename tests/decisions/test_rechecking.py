"""One exported decision, checked with nothing but itself and a public key: what is right passes, and every change is told at its level."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from copy import deepcopy

import pytest
from marshmallow import ValidationError

from deploy.serving import ROOT
from schemas.record import RecordSchema
from service.__main__ import main
from service.decisions.rechecking import WORDS, places, recheck, untouched
from service.records import decisions, exporting, opening, signing
from service.records.canonical import canonical
from service.records.decisions import Erased
from service.records.sealing import Secret
from tests.records.conftest import NOW

LEVELS = ("untouched", "understood", "derived", "answered")


@pytest.fixture(scope="module")
def exported(app, settings):
    """A decision of the application, exported with a checkpoint; and the keys to trust."""
    from deploy.serving import AUTHORIZATION
    from service.api.examples import example_request

    made = app.test_client().post("/v1/recommendations", json={**example_request(), "subject": "exported"}, headers=AUTHORIZATION)
    with opening.store(settings.database_url, settings.data, settings.checkpoint_every) as store:
        store.checkpoint(NOW)
        with store.reading() as connection:
            record = exporting.exported(connection, decisions.read(connection, made.get_json()["decision_id"]))
    return json.loads(json.dumps(record)), signing.trusted(settings.data / opening.PUBLIC_KEYS)


@pytest.fixture
def record(exported):
    return deepcopy(exported[0])


@pytest.fixture
def trusted(exported):
    return exported[1]


def failing(record, trusted) -> dict[str, tuple[str, ...]]:
    """What speaks against it, by level."""
    levels = recheck(record, trusted)
    assert tuple(level.name for level in levels) == LEVELS
    return {level.name: level.against for level in levels if not level.holds}


def test_a_record_holds_on_every_level(record, trusted):
    assert failing(record, trusted) == {}
    assert recheck(record, trusted)[3].remark == "equal to the last word"


def test_a_record_has_the_documented_form_and_no_key(record):
    assert RecordSchema().validate(record) == {}
    assert len(bytes.fromhex(record["salt"])) == 32


def recommitted(record):
    """As a forger would, who has the salt: the commitments are made to fit, and the signature cannot be."""
    secret = Secret(bytes.fromhex(record["salt"]), b"")
    record["entry"]["commitments"] = {name: secret.commitment(name, canonical(part)) for name, part in record["parts"].items()}
    return record


def test_a_changed_answer(record, trusted):
    record["parts"]["answer"]["disposition"] = "no_action"
    assert failing(record, trusted) == {
        "untouched": ("the log is committed to another `answer`",), "answered": ("/disposition",),
    }  # fmt: skip
    assert untouched(recommitted(record), trusted).against == ("the entry does not lead to the hash that was signed",)


def test_a_changed_request(record, trusted):
    record["parts"]["request"]["body"]["profile"]["age"] = 33
    assert set(failing(record, trusted)) == {"untouched", "understood"}


def test_a_changed_observation(record, trusted):
    age = next(one for one in record["parts"]["observations"]["given"] if one["fact"] == "age")
    age["value"] = 33
    assert {"untouched", "understood"} <= set(failing(record, trusted))


def test_every_step_that_is_left_out_is_missed(record, trusted):
    steps = [index for index, step in enumerate(record["parts"]["trace"]) if step[0] == "rule"]
    for index in steps[:: len(steps) // 4]:
        changed = deepcopy(record)
        (_, rule, _, _) = changed["parts"]["trace"].pop(index)
        assert f"a step of the rule {rule} is left out" in failing(changed, trusted)["derived"]


def test_a_step_that_does_not_follow(record, trusted, knowledge):
    fired = {step[1] for step in record["parts"]["trace"]}
    other = next(rule for rule in knowledge.rules.values() if rule.id not in fired and rule.conclusions)
    record["parts"]["trace"].append(["rule", other.id, 0, []])
    assert f"a step of the rule {other.id} does not follow" in failing(record, trusted)["derived"]


def test_a_step_of_no_rule(record, trusted):
    record["parts"]["trace"].append(["rule", "no.such_rule", 0, []])
    assert set(failing(record, trusted)) == {"untouched", "understood", "derived", "answered"}


def test_changed_rules(record, trusted):
    files = record["rulebase"]["files"]
    name = next(name for name in files if name.startswith("findings/"))
    files[name] += "# a word\n"
    assert untouched(record, trusted).against == ("the rules are not the rule base that the entry names",)


def test_other_words_are_told_apart_from_another_answer(record, trusted):
    record["parts"]["answer"]["recommendations"][0]["rationale"] = "Because."
    levels = recheck(record, trusted)
    assert levels[3].holds
    assert "words of 1 sentences" in levels[3].remark
    assert not levels[0].holds
    assert {"message", "rationale"} <= WORDS


@pytest.mark.parametrize("change", [
    lambda record: record["checkpoint"].update(seq=record["checkpoint"]["seq"] + 1),
    lambda record: record["checkpoint"].update(at="2020-01-01T00:00:00.000000Z"),
    lambda record: record["checkpoint"].update(store="store_other"),
    lambda record: record["checkpoint"].update(hash="00" * 32),
    lambda record: record.update(previous="00" * 32),
    lambda record: record.update(previous="no hash"),
    lambda record: record.update(salt="00" * 32),
    lambda record: record.update(salt="no salt"),
    lambda record: record["leaves"].append("00" * 32),
    lambda record: record["entry"].update(client="other"),
    lambda record: record["entry"].update(id="dec_other"),
    lambda record: record["entry"].update(commitments={}),
])  # fmt: skip
def test_every_change_of_the_proof_is_seen(record, trusted, change):
    assert untouched(record, trusted).holds
    change(record)
    assert not untouched(record, trusted).holds


def test_a_record_without_checkpoint_or_trusted_key_is_not_shown_to_be_untouched(record, trusted):
    assert "not among those that are trusted" in untouched(record, {}).against[0]
    record["checkpoint"] = None
    assert "no signed checkpoint covers it yet" in untouched(record, trusted).against[0]


@pytest.mark.parametrize("name", ["format", "entry", "previous", "leaves", "checkpoint", "salt", "parts", "rulebase"])
def test_what_lacks_a_part_is_no_record(record, trusted, name):
    del record[name]
    with pytest.raises(ValidationError):
        recheck(record, trusted)


def test_differences_are_pointed_to():
    assert places({"a": [1, {"b": 2}], "c": 0}, {"a": [1, {"b": 3}], "d": 0}) == ["/a/1/b", "/c", "/d"]
    assert places({"a": [1]}, {"a": [1, 2]}) == ["/a"]


def test_an_erased_decision_is_not_exported(client, body, settings):
    id_ = client.post("/v1/recommendations", json={**body, "subject": "not exported"}).get_json()["decision_id"]
    assert client.delete("/v1/subjects/not exported").get_json()["erased"] == 1
    with opening.store(settings.database_url, settings.data, 64) as store, store.reading() as connection, pytest.raises(Erased):
        exporting.exported(connection, decisions.read(connection, id_))


CHECK = """
import sys
from service.__main__ import main
status = main(["verify", sys.argv[1], "--public-key", sys.argv[2]])
assert not {"durable_rules_engine", "service.engine.session", "service.advising", "service.api"} & set(sys.modules)
sys.exit(status)
"""


def test_the_command_needs_neither_engine_nor_store_nor_settings(exported, settings, tmp_path):
    file = tmp_path / "record.json"
    file.write_text(json.dumps(exported[0]))
    environment = {**os.environ, "DATABASE_URL": "nowhere", "ATTUNE_RULES": "nowhere", "PYTHONPATH": str(ROOT)}
    ran = subprocess.run(
        [sys.executable, "-c", CHECK, file, settings.data / opening.PUBLIC_KEYS], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert [line.split()[:2] for line in ran.stdout.splitlines()] == [[level, "yes"] for level in LEVELS]


def test_the_command_exports_what_it_checks(client, body, settings, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("ATTUNE_DATA", str(settings.data))
    monkeypatch.setenv("DATABASE_URL", settings.database_url)
    id_ = client.post("/v1/recommendations", json=body).get_json()["decision_id"]
    assert main(["export", id_]) == 0
    file = tmp_path / "record.json"
    file.write_text(capsys.readouterr().out)
    assert main(["verify", str(file), "--public-key", str(settings.data / opening.PUBLIC_KEYS)]) == 0
    file.write_text(file.read_text().replace('"age": 52', '"age": 51'))
    capsys.readouterr()
    assert main(["verify", str(file), "--public-key", str(settings.data / opening.PUBLIC_KEYS)]) == 1
    assert "untouched   NO" in capsys.readouterr().out
    assert main(["export", "dec_none"]) == 1
    trail = client.get("/v1/audit", query_string={"decision": id_}).get_json()["items"]
    assert ("export", "operator") in {(entry["action"], entry["client"]) for entry in trail}
