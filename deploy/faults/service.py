"""The real service over one store, to be killed and started again at the same address."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from deploy.serving import KEY, PATIENCE, ROOT, free_port, wait_until_ready

NO_LIMIT = "1000000/second"


class Service:
    """gunicorn with its workers over the store at `url`, its files in `folder`. Use it in a `with` block; KEY opens the store."""

    def __init__(self, folder: Path, url: str, **environment: str):
        self.folder, self.url, self.port = folder, url, free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        place = {"ATTUNE_DATA": str(folder), "DATABASE_URL": url, "PORT": str(self.port)}
        own = {"ATTUNE_BOOTSTRAP_KEY": KEY, "ATTUNE_RATE": NO_LIMIT, "ATTUNE_ORACLE_SHARE": "0"}
        self.environment = {**os.environ, **place, **own, **environment}

    def __enter__(self) -> Service:
        subprocess.run([sys.executable, "-m", "service", "migrate"], cwd=ROOT, env=self.environment, check=True)
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(PATIENCE)

    def start(self) -> None:
        command = [sys.executable, "-m", "gunicorn", "--config", str(ROOT / "deploy" / "gunicorn.conf.py")]
        with open(self.folder / "service.log", "ab") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=log, stderr=log)
        wait_until_ready(self.address, self.process)

    def workers(self) -> list[int]:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in children.read_text().split()]

    def kill_a_worker(self) -> None:
        """gunicorn starts another in its place."""
        signalled(random.choice(self.workers()), signal.SIGKILL)

    def kill(self) -> None:
        """The master too, and at once."""
        workers = self.workers()
        for pid in (self.process.pid, *workers):
            signalled(pid, signal.SIGKILL)
        self.process.wait(PATIENCE)
        deadline = time.monotonic() + PATIENCE
        while any(Path(f"/proc/{pid}").exists() for pid in workers) and time.monotonic() < deadline:
            time.sleep(0.01)  # they are init's children now, who also clears them away


def signalled(pid: int, sent: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, sent)
