"""What verification says of stores that are whole, and how it says what it finds."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from sqlalchemy import text

from deploy.serving import AUTHORIZATION
from service import create_app
from service.__main__ import main
from service.commands.checking import as_lines
from service.records import migrating, opening, signing
from service.records.signing import Signer
from service.records.verifying import verify
from tests.records.conftest import NOW, decide, verified_of


def test_a_store_just_made_is_whole(store, verified):
    assert (verified().count, verified().entries, verified().vouched) == (0, 1, 0)


def test_a_store_with_everything_in_it_is_whole(filled, verified):
    report = verified()
    assert report.faults == []
    assert report.vouched == report.entries == sum(report.kinds.values())
    assert report.kinds == {"store": 1, "rulebase": 1, "key": 2, "decision": 4, "review": 2, "revocation": 1, "access": 1, "erasure": 1}
    assert report.with_content == 3


def test_what_comes_after_the_newest_checkpoint_is_counted(filled, verified):
    decide(filled)
    report = verified()
    assert report.entries - report.vouched == 1
    assert any("1 entries come after the newest checkpoint" in line for line in as_lines(report, 1.0))


def test_real_answers_verify(tmp_path, body, settings):
    settings = replace(settings, data=tmp_path, database_url=f"sqlite:///{tmp_path}/attune.db")
    with opening.store(settings.database_url, settings.data, settings.checkpoint_every) as store:
        migrating.migrate(store.database)
    client = create_app(settings).test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = AUTHORIZATION["Authorization"]
    for subject in ("ann", "ben", None):
        sent = {**body, **({"subject": subject} if subject else {})}
        assert client.post("/v1/recommendations", json=sent, headers={"Idempotency-Key": f"verify-{subject}"}).status_code == 201
    with opening.store(settings.database_url, settings.data, settings.checkpoint_every) as store:
        report = verified_of(store)
    assert report.faults == []
    assert report.with_content >= 3


def test_verifying_goes_on_while_decisions_are_written(filled, verified):
    stop, made = threading.Event(), []

    def write() -> None:
        while not stop.is_set():
            made.append(decide(filled, "dora"))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        reports = []
        while len(reports) < 5 or not made:
            reports.append(verified())
    finally:
        stop.set()
        writer.join()
    assert {report.count for report in reports} == {0}


def test_faults_beyond_the_limit_are_counted(filled):
    with filled.writing(NOW) as writing:
        writing.connection.execute(text("UPDATE decision SET client = 'other'"))
        writing.connection.execute(text("UPDATE log SET kind = 'other'"))
    file = filled.checkpoints.file
    report = verify(filled.database, signing.trusted(file.with_name(opening.PUBLIC_KEYS)), file, limit=3)
    assert len(report.faults) == 3 < report.count
    assert report.faults[0] == ("entry 1", "the column `kind` is not what it repeats")


def test_a_new_signing_key_leaves_the_old_one_trusted(filled, verified, tmp_path):
    (tmp_path / opening.SIGNING_KEY).unlink()
    filled.checkpoints.signer = Signer.made(tmp_path / opening.SIGNING_KEY)
    decide(filled)
    filled.checkpoint(NOW)
    assert len(signing.trusted(tmp_path / opening.PUBLIC_KEYS)) == 2
    assert verified().faults == []
    newest = {filled.checkpoints.signer.key: filled.checkpoints.signer.public}
    assert {what for _, what in verify(filled.database, newest, filled.checkpoints.file).faults} == {"signed with a key that is not trusted"}


@pytest.fixture
def operated(filled, database_url, tmp_path, monkeypatch):
    """The command line, over the filled store."""
    monkeypatch.setenv("ATTUNE_DATA", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", database_url)
    return filled


def test_the_command_names_the_first_fault_and_fails(operated, capsys):
    assert main(["verify"]) == 0
    assert "no faults" in capsys.readouterr().out
    id_ = decide(operated)
    with operated.writing(NOW) as writing:
        writing.connection.execute(text("UPDATE decision SET disposition = 'same_day' WHERE id = :id"), {"id": id_})
    assert main(["verify"]) == 1
    assert capsys.readouterr().out.startswith(f"FIRST FAULT  decision {id_}: the column `disposition` is not what it repeats\n")


def test_the_command_takes_keys_and_checkpoints_from_elsewhere(operated, tmp_path, capsys):
    other = tmp_path / "other.pub"
    other.write_text(Signer.made(tmp_path / "elsewhere" / "signing.pem").public.hex())
    assert main(["verify", "--public-key", str(other)]) == 1
    assert "not trusted" in capsys.readouterr().out
    assert main(["verify", "--checkpoints", str(tmp_path / "none")]) == 1
    assert "no such file" in capsys.readouterr().err.lower()


def test_the_command_signs_the_end_of_the_log(operated, verified):
    decide(operated)
    assert main(["checkpoint"]) == 0
    assert verified().vouched == verified().entries
