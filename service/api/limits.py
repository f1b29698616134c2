"""How often one may call: each client as its key says, and whoever fails to show a valid key, by address."""

from __future__ import annotations

from math import ceil
from threading import Lock
from time import time
from typing import Any

from flask import Flask, Response, g, request
from flask_limiter import ApplicationLimit, Limiter, RequestLimit
from limits.storage import MemoryStorage
from werkzeug.middleware.proxy_fix import ProxyFix

FAILURES = "60/minute"  # a valid key is let in however many others failed from its address, which may be a whole clinic's


class Counts(MemoryStorage):
    """The library's own counts of one process, for one thread at a time: two could start its timer at once, and one of them would fail."""

    STORAGE_SCHEME = MemoryStorage.STORAGE_SCHEME

    def __init__(self, *args: Any, **options: Any):
        self._turn = Lock()
        super().__init__(*args, **options)

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        with self._turn:
            return super().incr(key, expiry, amount)


def install(app: Flask, storage: str) -> None:
    """Count the requests that the guard has identified; `storage` is where, as the library `limits` names it.

    Where the storage does not answer, each process counts for itself until it does.
    """
    Limiter(
        _client,
        app=app,
        storage_uri=storage,
        application_limits=[
            ApplicationLimit(limit_provider=_rate, key_function=_client, scope="client"),
            ApplicationLimit(limit_provider=_failures, key_function=_address, scope="failures"),
        ],
        on_breach=_come_again,
        in_memory_fallback_enabled=True,
    )


def behind(app: Flask, proxies: int) -> None:
    """Take the caller's address from X-Forwarded-For as that many proxies wrote it; with none, what the header says counts for nothing."""
    if proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=0, x_host=0)  # type: ignore[method-assign]  # as Flask has it done


def _rate() -> str:
    return g.caller.rate if g.get("caller") else ""


def _failures() -> str:
    return FAILURES if g.get("caller", ...) is None else ""


def _client() -> str:
    client: str = g.caller.client
    return client


def _address() -> str:
    return request.remote_addr or "unknown"


def _come_again(limit: RequestLimit) -> Response:
    return Response(status=429, headers={"Retry-After": str(max(1, ceil(limit.reset_at - time())))})
