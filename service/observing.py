"""The log: one JSON line per request and per fault, made from allow-listed fields only.

Nothing a person sent can reach it: no body, no query, no path values, no message of an exception.
"""

from __future__ import annotations

import logging
import time
import traceback
from pathlib import Path

import orjson
import structlog
from flask import Flask, Response, g, has_request_context, request

_HERE = Path(__file__).resolve().parents[1]
_log = structlog.get_logger()


def configure(level: str) -> None:
    """Send the log to standard output as JSON lines, from the given level on."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(serializer=orjson.dumps),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=structlog.BytesLoggerFactory(),
        cache_logger_on_first_use=True,
    )


def install(app: Flask) -> None:
    """Log every request of this application."""
    app.before_request(_begin)
    app.after_request(_request_line)


def note(event: str, **facts: object) -> None:
    """Log something that concerns the process and not a person, as its start."""
    _log.info(event, **facts)


def fault(event: str, error: BaseException | None) -> None:
    """Log a fault by its type and place; its message stays out, for it may quote what the person sent."""
    about = {"request_id": g.get("request_id"), "route": _route()} if has_request_context() else {}  # it may be at the start
    _log.error(event, **about, faults=_faults(error))


def _begin() -> None:
    g.began = time.perf_counter()


def _request_line(response: Response) -> Response:
    _log.info(
        "request",
        request_id=g.get("request_id"),
        method=request.method,
        route=_route(),
        status=response.status_code,
        ms=round((time.perf_counter() - g.get("began", time.perf_counter())) * 1000, 2),
        bytes=response.content_length,
    )
    return response


def _route() -> str | None:
    return request.url_rule.rule if request.url_rule else None


def _faults(error: BaseException | None) -> list[dict[str, object]]:
    """Name the error and what it came from, outermost first, each with the places it passed."""
    chain: list[dict[str, object]] = []
    while error is not None and len(chain) < 5:
        chain.append({"type": type(error).__qualname__, "places": _places(error)})
        error = error.__cause__ or error.__context__
    return chain


def _places(error: BaseException) -> list[str]:
    frames = traceback.StackSummary.extract(traceback.walk_tb(error.__traceback__), lookup_lines=False)
    return [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]


def _short(filename: str) -> str:
    path = Path(filename)
    return str(path.relative_to(_HERE)) if path.is_relative_to(_HERE) else path.name
