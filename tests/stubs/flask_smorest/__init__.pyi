"""What Attune uses of flask-smorest, which has no types of its own."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, TypeVar

import flask
import marshmallow as ma
from apispec import APISpec
from webargs.flaskparser import FlaskParser

_View = TypeVar("_View", bound=Callable[..., Any])

class Blueprint(flask.Blueprint):
    ARGUMENTS_PARSER: ClassVar[FlaskParser]
    def __init__(self, name: str, import_name: str, *, description: str = "") -> None: ...
    def route(self, rule: str, *, parameters: Sequence[Mapping[str, Any]] | None = None, **options: Any) -> Callable[[_View], _View]: ...
    def arguments(self, schema: ma.Schema | type[ma.Schema], *, location: str = "json") -> Callable[[_View], _View]: ...
    def response(
        self, status_code: int, schema: type[ma.Schema] | Mapping[str, Any] | None = None, *, description: str | None = None
    ) -> Callable[[_View], _View]: ...
    def alt_response(
        self, status_code: int, response: str | None = None, *, description: str | None = None
    ) -> Callable[[_View], _View]: ...
    @staticmethod
    def doc(**fields: Any) -> Callable[[_View], _View]: ...

class Api:
    ERROR_SCHEMA: ClassVar[type[ma.Schema]]
    DEFAULT_ERROR_RESPONSE_NAME: ClassVar[str | None]
    spec: APISpec
    def __init__(self, app: flask.Flask, *, spec_kwargs: Mapping[str, Any]) -> None: ...
    def register_blueprint(self, blp: Blueprint) -> None: ...
