"""The OpenAPI 3.1 document, made from the schemas and routes that serve."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from http import HTTPStatus
from typing import Any, TypeVar

from flask_smorest import Api, Blueprint
from flask_smorest.utils import prepare_response

from schemas.names import Names, filled
from schemas.problem import ProblemSchema
from service.api import problems
from service.api.bodies import Reader, refuse_unacceptable

View = TypeVar("View", bound=Callable[..., Any])

VERSION = "3.1.0"
ABOUT = """Rule-based health advice, explained: a profile in, recommendations out, each with its reasons down to the fact and the rule.

**Not clinically validated.** Every cut-off and gate awaits a licensed clinician's sign-off. What the source article claims, what outside
evidence says and what is a design choice are marked apart throughout."""

_EVERYWHERE = (406, 500)
_BEHIND_THE_DOOR = (401, 403, 429, 503)
_KEY = {"type": "http", "scheme": "bearer", "description": "A key of this service, or a token of an issuer that it trusts."}
_REQUEST_ID = {
    "in": "header",
    "name": "X-Request-ID",
    "schema": {"type": "string"},
    "description": "The caller's own id for this request; used where it matches `^[A-Za-z0-9._-]{1,64}$`, else one is made.",
}
_IF_NONE_MATCH = {
    "in": "header",
    "name": "If-None-Match",
    "schema": {"type": "string"},
    "description": "The ETag of the copy the caller has; answered with 304 while it is current.",
}
_HEADERS = {
    "X-Request-ID": {"schema": {"type": "string"}, "description": "The id of this request, for the log and for questions."},
    "Rulebase-Version": {"schema": {"type": "string"}, "description": "Version and short digest of the rule base that answers."},
}
_ETAG = {"ETag": {"schema": {"type": "string"}, "description": "Changes with the document."}}


class Resource(Blueprint):
    """A thin blueprint: reads strictly, answers JSON only, documents its faults."""

    ARGUMENTS_PARSER = Reader()

    def __init__(self, *args: Any, needs: tuple[str, ...], **options: Any):
        """`needs`: the scopes of which a caller must have one, for every view that does not say otherwise; none: open to everybody."""
        super().__init__(*args, **options)
        self.needs = needs
        self.before_request(refuse_unacceptable)

    def faults(self, *statuses: int) -> Callable[[View], View]:
        """Document the problems a view may answer with, beside those any view may."""

        def decorate(view: View) -> View:
            for status in sorted({*statuses, *_EVERYWHERE, *(_BEHIND_THE_DOOR if self.needs else ())}):
                view = self.alt_response(status, HTTPStatus(status).name)(view)
            return view

        return decorate

    def unchanging(self, view: View) -> View:
        """Document that a view answers 304 to the caller who has its document already."""
        return self.alt_response(304, description="The caller's copy is current.")(view)

    def speaks(self, media: Iterable[str], about: str) -> Callable[[View], View]:
        """Mark and document a view that answers in these media types and not in JSON."""

        def decorate(view: View) -> View:
            content = {one: {"schema": {"type": "string"}} for one in media}
            view = self.doc(responses={"200": {"description": about, "content": content}})(view)
            spoken: Any = view
            spoken.speaks = tuple(content)
            return view

        return decorate


class Document(Api):
    """Collects the resources into one document; problems are made elsewhere."""

    ERROR_SCHEMA = ProblemSchema
    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_error_handlers(self) -> None:
        """Leave all errors to service.api.problems."""

    def _register_etag_headers(self) -> None:
        """Leave headers to `finished`."""

    def _register_pagination_header(self) -> None:
        """Leave pages to service.api.answers."""

    def _register_responses(self) -> None:
        for status in HTTPStatus:
            if status >= 400:
                response = {"description": status.phrase, "schema": self.ERROR_SCHEMA}
                prepare_response(response, self.spec, problems.CONTENT_TYPE)
                self.spec.components.response(status.name, response, lazy=True)

    def finished(self, examples: Mapping[str, Mapping[str, Any]], needed: Mapping[str, Sequence[str]], names: Names) -> dict[str, Any]:
        """Write the document.

        `examples` maps "METHOD /path" to {request, answer, parameters}, each optional and taken from real answers; `needed` maps it to
        the scopes of which a caller must have one; `names` are those of the rule base.
        """
        document: dict[str, Any] = filled(deepcopy(self.spec.to_dict()), names)
        document["components"]["securitySchemes"] = {"key": _KEY}
        for response in document["components"].get("responses", {}).values():
            response["headers"] = _HEADERS
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                if method != "parameters":
                    operation["operationId"] = "_".join(re.findall(r"\w+", f"{method} {path}"))
                    _complete(operation)
                    _lock(operation, needed[f"{method.upper()} {path}"])
                    _illustrate(operation, operations.get("parameters", []), examples.get(f"{method.upper()} {path}", {}))
        return document


def _complete(operation: dict[str, Any]) -> None:
    """Add the headers that every request may and every answer does carry."""
    parameters = operation.setdefault("parameters", [])
    parameters.append(_REQUEST_ID)
    if "304" in operation["responses"]:
        parameters.append(_IF_NONE_MATCH)
    for status, response in operation["responses"].items():
        if "$ref" not in response:
            tagged = "304" in operation["responses"] and status in ("200", "304")
            response["headers"] = {**_HEADERS, **(_ETAG if tagged else {})}


def _lock(operation: dict[str, Any], scopes: Sequence[str]) -> None:
    """Say which key the operation asks for."""
    operation["security"] = [{"key": []}] if scopes else []
    if scopes:
        operation["description"] = f"{operation.get('description', '')}\n\nNeeds a key with the scope {' or '.join(scopes)}.".strip()


def _illustrate(operation: dict[str, Any], shared: list[dict[str, Any]], example: Mapping[str, Any]) -> None:
    if "request" in example:
        operation["requestBody"]["content"]["application/json"]["example"] = example["request"]
    if "answer" in example:
        well = next(status for status in ("200", "201") if status in operation["responses"])
        operation["responses"][well]["content"]["application/json"]["example"] = example["answer"]
    for parameter in (*shared, *operation["parameters"]):
        if parameter.get("name") in example.get("parameters", {}):
            parameter["example"] = example["parameters"][parameter["name"]]
