"""What the service says of itself, its page, and how it is run."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import requests

from deploy.serving import AUTHORIZATION, PATIENCE, ROOT, free_port
from service import __version__, create_app
from tests.starting import started
from tests.thoroughness import some


def test_alive_and_ready(client):
    assert client.get("/healthz").get_json() == {"status": "ok"}
    assert client.get("/readyz").get_json()["status"] == "ready"


def test_version_names_service_engine_and_rule_base(client):
    shown = client.get("/version").get_json()
    assert shown["service"] == __version__
    assert shown["engine"] == {"name": "durable-rules", "version": "2.0.28"}
    assert set(shown["rulebase"]) == {"version", "digest"}


def test_the_page_fetches_nothing_from_elsewhere(client):
    page = client.get("/docs")
    assert page.content_type == "text/html; charset=utf-8"
    assert "//" not in page.text.replace("</", "<")
    assert "<script>" not in page.text
    for path in ("swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png", "start.js"):
        assert f"/docs/{path}" in page.text
        asset = client.get(f"/docs/{path}")
        assert asset.status_code == 200
        assert len(asset.data) > 100


def test_the_page_can_be_left_out(settings):
    app = create_app(replace(settings, docs=False))
    assert app.test_client().get("/docs").status_code == 404
    assert app.test_client().get("/openapi.json").status_code == 200


def test_only_this_machine_is_served(server):
    port = server.rsplit(":", 1)[1]
    table = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    listening = [row[1] for row in table if row[3] == "0A"]
    mine = [address for address in listening if int(address.split(":")[1], 16) == int(port)]
    assert mine == [f"0100007F:{int(port):04X}"]


def test_the_whole_example_over_http(server, body):
    answer = requests.post(f"{server}/v1/recommendations", json=body, headers=AUTHORIZATION, timeout=PATIENCE)
    assert answer.status_code == 201
    lists = ("recommendations", "clinician_first", "withheld", "deferred", "not_indicated")
    assert len([row for name in lists for row in answer.json()[name]]) == 14


def test_connections_are_kept(server):
    with requests.Session() as session:
        for _ in range(3):
            assert "close" not in session.get(f"{server}/healthz", timeout=PATIENCE).headers.get("Connection", "")


@pytest.mark.parametrize("sent", some([signal.SIGTERM, signal.SIGINT], 2))
def test_make_serve_stops_cleanly(tmp_path, sent):
    log = tmp_path / "log"
    with open(log, "wb") as output, started(tmp_path, stdout=output, stderr=output) as (process, _):
        process.send_signal(sent)
        # After SIGINT gunicorn's own handler may wait on a lock that the thread it interrupted holds; it is then killed after graceful_timeout.
        assert process.wait(PATIENCE) == 0
    assert "Traceback" not in log.read_text()


def test_nothing_is_served_from_a_database_in_another_form(tmp_path):
    environment = {**os.environ, "PORT": str(free_port()), "ATTUNE_DATA": str(tmp_path), "DATABASE_URL": f"sqlite:///{tmp_path}/attune.db"}
    command = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py"]
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=PATIENCE)
    assert run.returncode != 0
    assert "python -m service migrate" in run.stdout + run.stderr


def test_settings_at_fault_are_told_together_and_nothing_starts():
    wrong = {"ATTUNE_WORKERS": "none", "ATTUNE_RULES": "/nowhere", "PORT": "0"}
    run = subprocess.run(
        [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py"],
        cwd=ROOT,
        env={**os.environ, **wrong},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert run.returncode != 0
    for name in wrong:
        assert name in run.stderr
