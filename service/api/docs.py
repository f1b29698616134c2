"""GET /docs: Swagger UI from its package, with nothing fetched from elsewhere and no script in the page."""

from __future__ import annotations

from importlib.resources import files
from mimetypes import guess_type
from pathlib import Path

from flask import Blueprint, Response, render_template, request

from service.api import guard
from service.api.problems import Problem

_PACKAGED = Path(str(files("flask_swagger_ui"))) / "dist"
_OWN = Path(__file__).parent / "static"
ASSETS = {
    "swagger-ui.css": _PACKAGED,
    "swagger-ui-bundle.js": _PACKAGED,
    "favicon-32x32.png": _PACKAGED,
    "start.js": _OWN,
    "narrow.css": _OWN,
}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class Pages(Blueprint):
    """A blueprint that the guard lets everybody into."""

    needs = guard.EVERYBODY


def blueprint() -> Blueprint:
    """Build the pages; they stand outside the OpenAPI document, for they are for people."""
    pages = Pages("docs", __name__, template_folder="templates")
    pages.add_url_rule("/docs", "page", _page)
    pages.add_url_rule("/docs/<name>", "asset", _asset)
    return pages


def _page() -> Response:
    response = Response(render_template("docs.html"), content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = _POLICY
    return response


def _asset(name: str) -> Response:
    if name not in ASSETS:
        raise Problem("not-found", "There is no such asset.")
    response = Response((ASSETS[name] / name).read_bytes(), content_type=guess_type(name)[0])
    response.headers["Cache-Control"] = "public, max-age=3600"
    response.add_etag()
    response.make_conditional(request)
    return response
