"""How an answer is written: JSON by orjson, lists a page at a time, knowledge with an ETag, and the headers that all of them carry."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import orjson
from flask import Flask, Response, g, request

from schemas.faults import FieldError
from service.api.problems import ERRORS_SAY_MORE, Problem

_FORM = re.compile(rb"(.+)\.[0-9a-f]{16}", re.DOTALL)
_UNKNOWN: FieldError = {"pointer": "/query/cursor", "code": "unknown_code", "message": "No page of this list begins here."}
_SANE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def make_cursor(after: str, question: Mapping[str, Any]) -> str:
    """The cursor of the page after the entry named `after`; `question` is everything that chooses what is in the list."""
    return urlsafe_b64encode(f"{after}.{_digest(question)}".encode()).decode().rstrip("=")


def read_cursor(cursor: str, question: Mapping[str, Any]) -> str:
    """What `make_cursor` was given. Raises Problem for a cursor of another question, or none at all."""
    try:
        found = _FORM.fullmatch(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        after = found[1].decode() if found else ""
    except (Error, ValueError):
        after = ""
    if not after or make_cursor(after, question) != cursor:
        raise unknown_cursor()
    return after


def unknown_cursor() -> Problem:
    return Problem("validation", ERRORS_SAY_MORE, [_UNKNOWN])


def _digest(question: Mapping[str, Any]) -> str:
    return sha256(orjson.dumps(question, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]


def json(document: Any) -> Response:
    """Write a document of plain dicts, lists, texts and numbers."""
    return Response(orjson.dumps(document), content_type="application/json")


def created(document: Any, location: str) -> Response:
    """Write a document that was made just now and stays at `location`."""
    response = json(document)
    response.status_code = 201
    response.headers["Location"] = location
    return response


def streamed(lines: Iterator[bytes], media: str, file: str) -> Response:
    """Write lines as they are made, for a caller who keeps them as a file of this name."""
    response = Response(lines, content_type=media)
    response.headers["Content-Disposition"] = f'attachment; filename="{file}"'
    return response


def unchanging(tag: str, make: Callable[[], Any]) -> Response:
    """Write a document that changes only with its strong ETag; made only where the caller has not got it already."""
    response = Response(status=304) if request.if_none_match.contains_weak(tag) else json(make())
    response.set_etag(tag)
    response.headers["Cache-Control"] = "no-cache"
    return response


def tagged(document: Any) -> Response:
    """Write a document with a strong ETag of its own content, and not at all where the caller has it already."""
    content = orjson.dumps(document)
    tag = sha256(content).hexdigest()[:32]
    known = request.if_none_match.contains_weak(tag)
    response = Response(status=304) if known else Response(content, content_type="application/json")
    response.set_etag(tag)
    return response


def page(items: Sequence[dict[str, Any]], path: str, limit: int, cursor: str | None = None) -> dict[str, Any]:
    """Cut one page out of the list at `path`; `next` is the address of the page after it. Raises Problem for a cursor of no page."""
    start = _after(items, read_cursor(cursor, {"list": path})) if cursor else 0
    some = list(items[start : start + limit])
    more = start + limit < len(items)
    query = urlencode({"limit": limit, "cursor": make_cursor(some[-1]["id"], {"list": path})}) if more else ""
    return {"items": some, "next": f"{path}?{query}" if more else None}


def _after(items: Sequence[dict[str, Any]], last: str) -> int:
    place = next((place for place, item in enumerate(items, 1) if item["id"] == last), None)
    if place is None:
        raise unknown_cursor()
    return place


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
