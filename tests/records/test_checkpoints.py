"""The file of checkpoints: written by several processes at once, whole lines only, also when a worker stops and when a disk is full."""

from __future__ import annotations

import multiprocessing
import signal
import subprocess

import orjson
import pytest
import requests

from deploy.serving import AUTHORIZATION, PATIENCE
from service.records import chain, form, opening, signing
from service.records.chain import add_line, anchored
from service.records.signing import Signer, signed_by
from service.settings import Settings
from tests.records.conftest import verified_of
from tests.starting import started

LINES = 300


def _append(file, letter: str) -> None:
    for _ in range(LINES):
        add_line(file, letter.encode() * 700)


def test_processes_that_anchor_at_once_do_not_mix_their_lines(tmp_path):
    file, start = tmp_path / "checkpoints.ndjson", multiprocessing.get_context("spawn")
    writers = [start.Process(target=_append, args=(file, letter)) for letter in "abc"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    lines = file.read_bytes().splitlines()
    assert len(lines) == 3 * LINES
    assert set(lines) == {letter * 700 for letter in (b"a", b"b", b"c")}


def test_a_line_that_does_not_fit_leaves_no_trace(tmp_path, monkeypatch):
    file = tmp_path / "checkpoints.ndjson"
    add_line(file, b"whole")
    monkeypatch.setattr(chain.os, "fsync", _full)
    with pytest.raises(OSError, match="full"):
        add_line(file, b"lost")
    monkeypatch.undo()
    add_line(file, b"next")
    assert file.read_bytes() == b"whole\nnext\n"


def _full(_: int) -> None:
    raise OSError("full")


def test_what_is_no_checkpoint_in_its_one_form_is_none(tmp_path):
    file = tmp_path / "checkpoints.ndjson"
    whole = {"at": "x", "hash": "x", "key": "x", "seq": 1, "signature": "x", "store": "x"}
    file.write_bytes(orjson.dumps(whole) + b"\n" + orjson.dumps({**whole, "more": 1}) + b"\n" + orjson.dumps(whole)[:-1])
    assert anchored(file) == [whole, None, None]


def test_a_signature_has_one_form(tmp_path):
    signer, said = Signer.made(tmp_path / "signing.pem"), {"seq": 1}
    signature = signer.sign(said)
    assert signed_by(signer.public, said, signature)
    assert not signed_by(signer.public, said, signature.upper())
    assert not signed_by(signer.public, {"seq": 2}, signature)
    assert not signed_by(signer.public, said, "no signature")


def test_the_private_key_is_for_its_owner_only(tmp_path):
    Signer.made(tmp_path / "signing.pem")
    assert (tmp_path / "signing.pem").stat().st_mode & 0o077 == 0
    (tmp_path / "signing.pub").write_text("no key")
    with pytest.raises(ValueError, match="hex"):
        signing.trusted(tmp_path / "signing.pub")


@pytest.mark.long
def test_a_worker_that_stops_signs_what_it_leaves(tmp_path, body):
    data = tmp_path / "data"
    with started(data, stdout=subprocess.DEVNULL) as (process, address):
        assert requests.post(f"{address}/v1/recommendations", json=body, headers=AUTHORIZATION, timeout=PATIENCE).status_code == 201
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
    with opening.store(f"sqlite:///{data}/attune.db", data, Settings.checkpoint_every) as store:
        form.check(store.database)
        report = verified_of(store)
    assert report.faults == []
    assert report.vouched == report.entries > 2
