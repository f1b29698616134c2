"""How an answer is written: JSON by orjson, lists a page at a time, knowledge with an ETag."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

import orjson
from flask import Response, request

from service.api import cursors


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
    start = _after(items, cursors.read(cursor, {"list": path})) if cursor else 0
    some = list(items[start : start + limit])
    more = start + limit < len(items)
    query = urlencode({"limit": limit, "cursor": cursors.written(some[-1]["id"], {"list": path})}) if more else ""
    return {"items": some, "next": f"{path}?{query}" if more else None}


def _after(items: Sequence[dict[str, Any]], last: str) -> int:
    place = next((place for place, item in enumerate(items, 1) if item["id"] == last), None)
    if place is None:
        raise cursors.unknown()
    return place
