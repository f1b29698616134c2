"""The door: every route says who may use it, and one that says nothing is open to nobody; each client comes as often as its key says, and
whoever fails to show a valid key, as their address may."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from math import ceil
from threading import Lock
from time import time
from typing import Any, TypeVar

from flask import Flask, Response, current_app, g, request
from flask_limiter import ApplicationLimit, Limiter, RequestLimit
from limits.storage import MemoryStorage
from werkzeug.middleware.proxy_fix import ProxyFix

from schemas.fields import PLAIN
from service.access.callers import SCOPES, Caller
from service.access.credentials import Credentials
from service.api.problems import Problem

View = TypeVar("View", bound=Callable[..., Any])

EVERYBODY: tuple[str, ...] = ()
ANY_KEY = SCOPES
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="attune"'}
FAILURES = "60/minute"  # a valid key is let in however many others failed from its address, which may be a whole clinic's


def needs(*scopes: str) -> Callable[[View], View]:
    """Mark a view as one for callers with any of these scopes; with none it is open to everybody."""

    def mark(view: View) -> View:
        marked: Any = view
        marked.needs = scopes
        return view

    return mark


def install(app: Flask, credentials: Credentials, limit_storage: str, prepare: Callable[[], None]) -> None:
    """Let nobody through to a view who may not use it, nor more often than they may, nor before the store is prepared."""

    def identify() -> None:
        asked = request.endpoint if request.method != "OPTIONS" else None  # what a browser asks before it may ask says nothing of anybody
        g.scopes = needed(current_app, asked) if asked else EVERYBODY  # no such address: 404 or 405
        if g.scopes == EVERYBODY:
            return
        prepare()
        found = credentials.caller(request.headers.get("Authorization", ""), datetime.now(UTC))
        g.caller = found and replace(found, request=g.request_id)

    app.before_request(identify)
    _count(app, limit_storage)
    app.before_request(_admit)
    app.before_request(_refuse_invisible)


def _admit() -> None:
    if g.scopes == EVERYBODY:
        return
    if g.caller is None:
        raise Problem("unauthorized", "Send a valid key: Authorization: Bearer <key>.", headers=_CHALLENGE)
    if g.scopes is None or not any(g.caller.may(scope) for scope in g.scopes):
        raise Problem("forbidden", f"This needs a key with the scope {' or '.join(g.scopes or ['none'])}.")


def _refuse_invisible() -> None:
    """A name with an invisible character names nothing: 404 before any view looks for it, PostgreSQL would not even take a NUL to do so."""
    if not all(PLAIN.fullmatch(name) for name in (request.view_args or {}).values()):
        raise Problem("not-found", "Nothing has this address.")


def needed(app: Flask, endpoint: str) -> tuple[str, ...] | None:
    """The scopes of which an endpoint asks for one: as its view says, else as its blueprint does; None where neither says anything."""
    resource = app.blueprints.get(endpoint.rpartition(".")[0])
    return getattr(app.view_functions[endpoint], "needs", getattr(resource, "needs", None))


def all_needed(app: Flask) -> dict[str, tuple[str, ...]]:
    """What `needed` says, for every "METHOD /path" as OpenAPI writes it."""
    rules = [(re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", rule.rule), rule) for rule in app.url_map.iter_rules()]
    return {f"{method} {path}": needed(app, rule.endpoint) or () for path, rule in rules for method in rule.methods or ()}


def caller() -> Caller:
    """Who calls the present view."""
    found: Caller = g.caller
    return found


class Counts(MemoryStorage):
    """The library's own counts of one process, for one thread at a time: two could start its timer at once, and one of them would fail."""

    STORAGE_SCHEME = MemoryStorage.STORAGE_SCHEME

    def __init__(self, *args: Any, **options: Any):
        self._turn = Lock()
        super().__init__(*args, **options)

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        with self._turn:
            return super().incr(key, expiry, amount)


def _count(app: Flask, storage: str) -> None:
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
