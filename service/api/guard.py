"""The door: every route says who may use it, and one that says nothing is open to nobody; an address that is none leads nowhere."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from flask import Flask, current_app, g, request

from schemas.fields import PLAIN
from service.access.callers import SCOPES, Caller
from service.access.credentials import Credentials
from service.api import limits
from service.api.problems import Problem

View = TypeVar("View", bound=Callable[..., Any])

EVERYBODY: tuple[str, ...] = ()
ANY_KEY = SCOPES
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="attune"'}


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
    limits.install(app, limit_storage)
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
