"""Runs the real service on a free port for as long as a block of code needs it: for the demo, the tests and the fuzzer."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 120  # seconds; only a service that hangs takes so long, however busy the machine is
KEY = f"att_{secrets.token_urlsafe(32)}"
RATE = "999999999/minute"
AUTHORIZATION = {"Authorization": f"Bearer {KEY}"}


@contextmanager
def serving(log: Path | None = None, application: str = "service:create_app()", **environment: str) -> Iterator[str]:
    """Yield the address of a service with these environment variables and a store of its own, which KEY opens; it logs to the file `log`.

    Raises RuntimeError where it does not become ready within PATIENCE.
    """
    with TemporaryDirectory() as data:
        own = {"ATTUNE_DATA": data, "DATABASE_URL": f"sqlite:///{data}/attune.db", "ATTUNE_BOOTSTRAP_KEY": KEY, "ATTUNE_RATE": RATE}
        environment = {**os.environ, **own, **environment}
        subprocess.run([sys.executable, "-m", "service", "migrate"], cwd=ROOT, env=environment, check=True)
        with _running(log, application, environment) as address:
            yield address


@contextmanager
def _running(log: Path | None, application: str, environment: dict[str, str]) -> Iterator[str]:
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "--config", str(ROOT / "deploy" / "gunicorn.conf.py"), application]
    with open(log or os.devnull, "wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env={**environment, "PORT": str(port)}, stdout=output, stderr=output if log else None
        )
        try:
            address = f"http://127.0.0.1:{port}"
            wait_until_ready(address, process)
            yield address
        finally:
            process.terminate()
            process.wait(PATIENCE)


def free_port() -> int:
    """A port on 127.0.0.1 that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until_ready(address: str, process: subprocess.Popen[Any]) -> None:
    """Raises RuntimeError where it ends before, or does not become ready within PATIENCE."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urlopen(f"{address}/readyz", timeout=PATIENCE):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"the service did not become ready (exit code {process.poll()})")
