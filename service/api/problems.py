"""The one place that makes every error: RFC 9457, naming the field the caller sent, silent about the person and the code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

import orjson
from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from schemas.faults import FieldError
from service import observing
from service.access.credentials import REST, IssuerUnavailable
from service.advising import EngineFault
from service.decisions.reviewing import NotOfDecision, NotSeen
from service.measures import ProfileFault
from service.records.decisions import Erased
from service.records.form import WrongSchema
from service.records.idempotency import KeyInUse, KeyOfAnother, LeaseLost
from service.records.store import StoreUnavailable

CONTENT_TYPE = "application/problem+json"
SOON = "1"  # second: an answer takes a few hundredths of one; the lease only bounds how long a request that died holds its key
ERRORS_SAY_MORE = "See `errors` for every field at fault."


@dataclass(frozen=True)
class Kind:
    """One kind of problem, as the page at its type URI describes it."""

    name: str
    status: int
    title: str
    about: str

    @property
    def type(self) -> str:
        return f"/problems/{self.name}"


KINDS = {
    kind.name: kind
    for kind in (
        Kind("bad-request", 400, "Bad request", "The request is not well-formed HTTP for this service."),
        Kind(
            "malformed-json",
            400,
            "Malformed JSON",
            "The body is not JSON in UTF-8 as RFC 8259 has it, repeats a key, holds NaN or Infinity, an unpaired surrogate or a number "
            "beyond measure, or nests too deep. `errors` points to the place where it could be found.",
        ),
        Kind("unauthorized", 401, "No valid key", "The request brings no key, or one that is unknown, expired or revoked."),
        Kind("forbidden", 403, "Not allowed", "The key is valid, and has not the scope that this address asks for."),
        Kind("not-found", 404, "Not found", "Nothing has this address."),
        Kind("method-not-allowed", 405, "Method not allowed", "The address exists; `Allow` lists the methods it answers."),
        Kind("not-acceptable", 406, "Not acceptable", "The service answers in JSON; `Accept` rules that out."),
        Kind(
            "in-progress",
            409,
            "Still being answered",
            "The first request with this Idempotency-Key is still being answered. Try again after the seconds in `Retry-After`.",
        ),
        Kind("gone", 410, "Gone", "What was asked for was erased; that it was, and when, is on record."),
        Kind("too-large", 413, "Too large", "The body is longer than 64 KiB."),
        Kind(
            "unsupported-media-type",
            415,
            "Unsupported media type",
            "The body must be `application/json`, in UTF-8 and without content coding.",
        ),
        Kind(
            "validation",
            422,
            "Not valid",
            "The request was understood but cannot be used: `errors` names every field at fault at once, by a JSON Pointer into the "
            "body sent, or by /query/<name> for a query parameter.",
        ),
        Kind("key-reused", 422, "Idempotency key used before", "This Idempotency-Key came with another request before; use a new one."),
        Kind("too-many-requests", 429, "Too many requests", "Try again after the seconds in `Retry-After`."),
        Kind("headers-too-large", 431, "Headers too large", "The request's header fields are too large."),
        Kind("internal", 500, "Internal error", "The fault is ours. Quote the request id when you report it."),
        Kind(
            "unavailable",
            503,
            "Unavailable",
            "The service cannot answer now. Try again after the seconds in `Retry-After`.",
        ),
    )
}
_BY_STATUS = {kind.status: kind for kind in reversed(KINDS.values())}  # of two, the first is the general one

_KEPT = {"allow", "retry-after", "www-authenticate"}


class Problem(HTTPException):
    """Raised wherever a request cannot be answered; `kind` is a name of KINDS."""

    def __init__(self, kind: str, detail: str, errors: Sequence[FieldError] = (), headers: Mapping[str, str] | None = None):
        super().__init__(detail)
        self.kind = KINDS[kind]
        self.code = self.kind.status
        self.detail = detail
        self.errors = errors
        self.headers = headers or {}


def install(app: Flask) -> None:
    """Answer every error of this application with a problem."""
    app.register_error_handler(Problem, lambda problem: _answer(problem.kind, problem.detail, problem.errors, problem.headers.items()))
    app.register_error_handler(HTTPException, _from_http)
    app.register_error_handler(ProfileFault, _from_profile)
    app.register_error_handler(EngineFault, _from_engine)
    app.register_error_handler(StoreUnavailable, _from_store)
    app.register_error_handler(WrongSchema, _from_store)
    app.register_error_handler(IssuerUnavailable, _from_issuer)
    for in_progress in (KeyInUse, LeaseLost):
        app.register_error_handler(in_progress, lambda _: _told("in-progress", {"Retry-After": SOON}))
    app.register_error_handler(KeyOfAnother, lambda _: _told("key-reused"))
    app.register_error_handler(NotSeen, lambda _: _told("not-found"))
    app.register_error_handler(NotOfDecision, _from_review)
    app.register_error_handler(Erased, lambda error: _answer(KINDS["gone"], f"It was erased at {error.at}."))
    app.register_error_handler(Exception, _from_fault)
    app.log_exception = lambda exc_info: observing.fault("unhandled", exc_info[1])  # type: ignore[method-assign]  # else Flask logs the message too


def _from_http(error: HTTPException) -> Response:
    """Werkzeug's own errors, with the headers they bring (Allow, Retry-After)."""
    code = error.code or 500
    kind = _BY_STATUS.get(code) or _BY_STATUS[400 if code < 500 else 500]
    brought = error.response.headers.items() if error.response else error.get_headers()
    return _answer(kind, kind.about, headers=[(name, value) for name, value in brought if name.lower() in _KEPT])


def _from_profile(fault: ProfileFault) -> Response:
    """What only the pipeline can tell of a profile, as a date that is not yet; its pointers start at the profile."""
    errors: list[FieldError] = [{**error, "pointer": f"/profile{error['pointer']}"} for error in fault.errors]
    return _answer(KINDS["validation"], ERRORS_SAY_MORE, errors)


def _from_review(error: NotOfDecision) -> Response:
    message = f"this decision has no such {error.field}"
    return _answer(KINDS["validation"], ERRORS_SAY_MORE, [{"pointer": f"/{error.field}", "code": "unknown_code", "message": message}])


def _from_fault(error: Exception) -> Response:
    observing.fault("unhandled", error)
    kind = KINDS["internal"]
    return _answer(kind, kind.about)


def _from_store(error: StoreUnavailable | WrongSchema) -> Response:
    """Nothing is answered that could not be recorded."""
    observing.fault("store_unavailable", error)
    return _told("unavailable", {"Retry-After": "2"})


def _from_issuer(error: IssuerUnavailable) -> Response:
    """A token that cannot be judged lets nobody in, and may yet be good."""
    observing.fault("issuer_unavailable", error)
    return _told("unavailable", {"Retry-After": str(REST)})


def _told(name: str, headers: Mapping[str, str] | None = None) -> Response:
    kind = KINDS[name]
    return _answer(kind, kind.about, headers=(headers or {}).items())


def _from_engine(error: EngineFault) -> Response:
    """The engine failed, or the plain evaluator contradicts it: no answer is given, and the log counts it under its own name."""
    observing.fault("engine_fault", error)
    kind = KINDS["internal"]
    return _answer(kind, kind.about)


def _answer(kind: Kind, detail: str, errors: Sequence[FieldError] = (), headers: Iterable[tuple[str, str]] = ()) -> Response:
    body = {
        "type": kind.type,
        "title": kind.title,
        "status": kind.status,
        "detail": detail,
        "instance": quote(request.path),
        "request_id": g.get("request_id"),
    }
    if errors:
        body["errors"] = list(errors)
    response = Response(orjson.dumps(body), kind.status, content_type=CONTENT_TYPE)
    response.headers.extend(list(headers))
    return response
