"""What an address may hold: a name with an invisible character names nothing, and PostgreSQL does not even take a NUL to look for it."""

from __future__ import annotations

from flask import Flask, request

from schemas.fields import PLAIN
from service.api.problems import Problem


def install(app: Flask) -> None:
    """Answer such addresses with 404 before any view looks for them."""
    app.before_request(_refuse_invisible)


def _refuse_invisible() -> None:
    if not all(PLAIN.fullmatch(name) for name in (request.view_args or {}).values()):
        raise Problem("not-found", "Nothing has this address.")
