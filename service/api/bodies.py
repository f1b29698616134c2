"""How a request is read: strict JSON, strict queries, and every fault as a problem that names the field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

import marshmallow as ma
from flask import Request, current_app, g, request
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import RequestEntityTooLarge

from schemas.faults import FieldError, flatten
from schemas.json_edge import JsonFault, read_json
from service.api.problems import ERRORS_SAY_MORE, Problem

LARGEST_BODY = 64 * 1024
JSON = {"json": "application/json", "problem+json": "application/problem+json"}
_SHOWN_AS = {"json": "", "query": "/query", "headers": "/headers"}
_UNKNOWN = {**FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION, "query": ma.RAISE}


class Reader(FlaskParser):
    """Reads bodies and queries in place of webargs' own lenient ways."""

    DEFAULT_UNKNOWN_BY_LOCATION = _UNKNOWN

    def load_json(self, req: Request, schema: ma.Schema) -> Any:
        _check_media_type(req)
        try:
            g.sent = read_json(_whole_body(req))
            return g.sent
        except JsonFault as fault:
            raise Problem("malformed-json", "The body cannot be read as JSON.", [fault.error()]) from None

    def load_querystring(self, req: Request, schema: ma.Schema) -> dict[str, Any]:
        """A parameter given twice stays a list, which no field takes."""
        return {name: values[0] if len(values) == 1 else values for name, values in req.args.lists()}

    def handle_error(self, error: ma.ValidationError, req: Request, schema: ma.Schema, **_: Any) -> NoReturn:
        ((location, messages),) = error.messages_dict.items()
        raise Problem("validation", ERRORS_SAY_MORE, _located(_SHOWN_AS[location], messages))


def sent() -> Any:
    """The body of the present request as it was sent, before any schema."""
    return g.sent


def refuse_unacceptable() -> None:
    """Raise 406 where the caller rules out JSON; a view that speaks something else asks `preferred` itself."""
    if not hasattr(current_app.view_functions.get(request.endpoint or ""), "speaks"):
        preferred(JSON)


def preferred(media: Mapping[str, str]) -> str:
    """Of these forms by name the one that the caller prefers, the first where it says nothing; raises 406 where it rules out all."""
    accepts = request.accept_mimetypes
    found = accepts.best_match(media.values()) if accepts else next(iter(media.values()))
    if found is None:
        raise Problem("not-acceptable", f"This address answers in {' or '.join(media)}.")
    return next(name for name, one in media.items() if one == found)


def _check_media_type(req: Request) -> None:
    charset = req.mimetype_params.get("charset", "utf-8").lower()
    coding = req.headers.get("Content-Encoding", "identity").strip().lower()
    if req.mimetype != "application/json" or charset not in ("utf-8", "utf8") or coding not in ("identity", ""):
        problem = "Send application/json in UTF-8, without content coding."
        raise Problem("unsupported-media-type", problem, headers={"Accept-Post": "application/json"})


def _whole_body(req: Request) -> bytes:
    """The body; Werkzeug cuts a chunked one off at its limit without a word, so that limit is one byte further."""
    if (req.content_length or 0) <= LARGEST_BODY and len(body := req.get_data(cache=False)) <= LARGEST_BODY:
        return body
    raise RequestEntityTooLarge


def _located(prefix: str, messages: Mapping[str, Any]) -> list[FieldError]:
    return [{**error, "pointer": prefix + error["pointer"]} for error in flatten(messages)]
