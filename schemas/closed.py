"""The words that the shapes of answers are written in: closed objects and documented fields."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from marshmallow import INCLUDE, Schema, fields
from marshmallow.validate import OneOf

from schemas.fields import StrictSchema


class Closed(StrictSchema):
    """An object with these fields and no others."""


class Open(Schema):
    """An object with these fields, to which others may come."""

    class Meta:
        unknown = INCLUDE


def text(about: str, *, null: bool = False, required: bool = True, among: Sequence[str | None] | None = None, **more: Any) -> fields.String:
    """A text, where `among` says so one of these."""
    validate = OneOf(among) if among else None
    return fields.String(required=required, allow_none=null, validate=validate, metadata={"description": about, **more})


def number(about: str, *, null: bool = False, required: bool = True) -> fields.Float:
    return fields.Float(required=required, allow_none=null, metadata={"description": about})


def whole(about: str, *, null: bool = False, required: bool = True) -> fields.Integer:
    return fields.Integer(required=required, allow_none=null, metadata={"description": about})


def truth(about: str, *, required: bool = True) -> fields.Boolean:
    return fields.Boolean(required=required, metadata={"description": about})


def texts(about: str, *, required: bool = True, among: Sequence[str] | None = None) -> fields.List[str]:
    return fields.List(fields.String(validate=OneOf(among) if among else None), required=required, metadata={"description": about})


def numbers(about: str, *, null: bool = False) -> fields.List[float]:
    return fields.List(fields.Float(), required=True, allow_none=null, metadata={"description": about})


def values(about: str) -> fields.List[Any]:
    """A list of any JSON values."""
    return fields.List(fields.Raw(), required=True, metadata={"description": about})


def several(schema: type[Schema], about: str, *, required: bool = True) -> fields.List[Any]:
    return fields.List(fields.Nested(schema), required=required, metadata={"description": about})


def one(schema: type[Schema], about: str, *, null: bool = False, required: bool = True) -> fields.Nested:
    return fields.Nested(schema, required=required, allow_none=null, metadata={"description": about})


def anything(about: str, *, required: bool = True) -> fields.Raw:
    """Any JSON value."""
    return fields.Raw(required=required, allow_none=True, metadata={"description": about})


def mapping(about: str, *, null: bool = False, required: bool = True) -> fields.Dict:
    """An object whose keys are data."""
    return fields.Dict(required=required, allow_none=null, metadata={"description": about})
