"""The service as `make serve` runs it, for tests that end it themselves."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from deploy.serving import KEY, ROOT, free_port, wait_until_ready


@contextmanager
def started(data: Path, **streams: Any) -> Iterator[tuple[subprocess.Popen, str]]:
    """The process and its address, once it is ready; killed at the end, if it still runs, so that no other test meets it."""
    port = free_port()
    place = {"PORT": str(port), "ATTUNE_DATA": str(data), "DATABASE_URL": f"sqlite:///{data}/attune.db"}
    environment = {**os.environ, **place, "ATTUNE_BOOTSTRAP_KEY": KEY, "ATTUNE_WORKERS": "1"}
    subprocess.run([sys.executable, "-m", "service", "migrate"], cwd=ROOT, env=environment, check=True)
    command = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, **streams) as process:
        try:
            address = f"http://127.0.0.1:{port}"
            wait_until_ready(address, process)
            yield process, address
        finally:
            process.kill()
