"""What every answer carries, whatever made it."""

from __future__ import annotations

import re
from uuid import uuid4

from flask import Flask, Response, g, request

_SANE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def install(app: Flask, rulebase_version: str) -> None:
    """Give every answer its request id, the rule base's version and the security headers; a view's own header wins."""

    def add(response: Response) -> Response:
        response.headers["X-Request-ID"] = g.get("request_id") or _new_id()
        response.headers["Rulebase-Version"] = rulebase_version
        for name, value in _SECURITY.items():
            response.headers.setdefault(name, value)
        return response

    app.before_request(_identify)
    app.after_request(add)


def _identify() -> None:
    sent = request.headers.get("X-Request-ID", "")
    g.request_id = sent if _SANE_ID.fullmatch(sent) else _new_id()


def _new_id() -> str:
    return uuid4().hex
