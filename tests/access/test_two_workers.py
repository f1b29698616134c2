"""A real server with two workers and a store that an operator's command changes beside it."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path

import pytest
import requests

from deploy.serving import PATIENCE, ROOT, serving
from tests.access.conftest import bearer

CONNECTIONS = 16  # held open at once, so that both workers hold some


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    data = tmp_path_factory.mktemp("data")
    return {"ATTUNE_DATA": str(data), "DATABASE_URL": f"sqlite:///{data}/attune.db", "ATTUNE_WORKERS": "2"}


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    return tmp_path_factory.mktemp("log") / "log"


@pytest.fixture(scope="module")
def server(environment, log):
    with serving(log, **environment) as address:
        yield address


def service(environment, *arguments: str) -> dict[str, str]:
    """What the operator's command printed, by its first words."""
    run = subprocess.run(
        [sys.executable, "-m", "service", *arguments], cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, check=True
    )
    return dict(line.split(maxsplit=1) for line in run.stdout.splitlines())


@pytest.mark.long
def test_a_revoked_key_is_refused_at_the_very_next_request_on_every_worker(server, environment):
    made = service(environment, "keys", "create", "clinic", "--scopes", "read")
    sessions = [requests.Session() for _ in range(CONNECTIONS)]
    with ThreadPoolExecutor(CONNECTIONS) as together:

        def asked() -> list[int]:
            return list(together.map(lambda one: one.get(f"{server}/v1/rules?limit=1", headers=bearer(made["key"]), timeout=PATIENCE).status_code, sessions))

        assert asked() == [200] * CONNECTIONS, "a key made beside the running service opens at once"
        service(environment, "keys", "revoke", made["id"])
        assert asked() == [401] * CONNECTIONS
    for session in sessions:
        session.close()


def test_no_secret_is_in_the_log_or_in_the_store(server, environment, log):
    made = service(environment, "keys", "create", "clinic", "--scopes", "read")
    requests.get(f"{server}/v1/rules", headers=bearer(made["key"]), timeout=PATIENCE)
    requests.get(f"{server}/v1/rules", headers=bearer(made["key"] + "x"), timeout=PATIENCE)
    files = [log, *Path(environment["ATTUNE_DATA"]).iterdir()]
    assert len(files) > 3
    assert not [file.name for file in files if made["key"][12:].encode() in file.read_bytes()]


@pytest.mark.parametrize("header", ["Bearer " + "a" * 10_000, "Bearer \xff\xfe", "Bearer a\tb", "", "Bearer"])
def test_an_odd_header_is_no_fault_of_ours(server, header):
    answer = requests.get(f"{server}/v1/rules", headers={"Authorization": header.encode("latin-1")}, timeout=PATIENCE)
    assert answer.status_code in (400, 401, 431)
    assert requests.get(f"{server}/healthz", timeout=PATIENCE).status_code == 200


def test_two_headers_are_no_key(server):
    connection = HTTPConnection(server.removeprefix("http://"), timeout=PATIENCE)
    connection.putrequest("GET", "/v1/rules")
    for _ in range(2):
        connection.putheader("Authorization", "Bearer 0123456789")
    connection.endheaders()
    assert connection.getresponse().status in (400, 401)
    connection.close()
