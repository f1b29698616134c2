"""How gunicorn runs the service.

gthread, because a connection kept alive or a slow client then holds a thread and not a worker: health checks are still answered. The
engine has one lock a process, so threads give no more throughput than sync workers; processes do (ATTUNE_WORKERS).
"""

import faulthandler
import gc
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from environs import EnvValidationError

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from service import observing, settings  # noqa: E402
from service.records.store import StoreUnavailable  # noqa: E402

try:
    _settings = settings.read()
except EnvValidationError as error:
    _faults: Any = error.error_messages  # by name of a setting
    sys.exit("Settings at fault:\n" + "\n".join(f"  {name}: {' '.join(faults)}" for name, faults in _faults.items()))

wsgi_app = "service:create_app()"
bind = f"{_settings.host}:{_settings.port}"
worker_class = "gthread"
workers = _settings.workers
threads = _settings.threads
preload_app = False  # the engine's handle is made in the worker that uses it

timeout = _settings.timeout
graceful_timeout = max(1, _settings.timeout - 5)
keepalive = 65
max_requests = 20_000
max_requests_jitter = 2_000

limit_request_line = 4094
limit_request_fields = 64
limit_request_field_size = 8190  # the most that gunicorn reads: tokens of identity providers pass 4 kB

worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # a heartbeat must not wait for a disk
control_socket_disable = True  # it would be opened in the home folder, which a read-only container has not
accesslog = None  # service.observing writes the request line, without what a person sent
errorlog = "-"
loglevel = "error"  # its warnings quote what was sent


def on_starting(server: Any) -> None:
    observing.configure(_settings.log_level)
    faulthandler.enable()


def when_ready(server: Any) -> None:
    observing.note("listening", address=bind)


def post_fork(server: Any, worker: Any) -> None:
    """Until the worker is ready nearly all that it makes stays: to look for garbage among it takes a tenth of its start."""
    faulthandler.enable()
    gc.disable()


def post_worker_init(worker: Any) -> None:
    """The rule base never changes: the collector need not walk it again and again, which would cost more than an answer.

    A thread that writes a decision holds up all who write, and after each statement waits for Python's lock: 5 ms where others compute.
    """
    gc.collect()
    gc.freeze()
    gc.enable()
    sys.setswitchinterval(0.0005)


def worker_exit(server: Any, worker: Any) -> None:
    """What a worker leaves behind is signed; one that was killed leaves it to the next checkpoint."""
    if application := getattr(worker, "wsgi", None):
        try:
            application.extensions["store"].checkpoint(datetime.now(UTC))
        except StoreUnavailable as error:
            observing.fault("store_unavailable", error)


def on_exit(server: Any) -> None:
    observing.note("stopped")
