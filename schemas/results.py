"""A test with an outcome in words and the day on which it was made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from marshmallow import fields

from schemas.fields import Strict, read_choice, read_date, read_parts

PARTS = ("result", "taken_on")


@dataclass(frozen=True)
class Result:
    """An outcome, the day it is of, and what was sent for it."""

    value: str
    taken_on: date
    sent: Mapping[str, Any]


class DatedResult(Strict, fields.Raw):
    """{result, taken_on}, both required: an outcome without its day says nothing of today. Loads as Result."""

    def __init__(self, values: tuple[str, ...], *, metadata: Mapping[str, Any] | None = None, **kwargs: Any):
        self.readers = {"result": partial(read_choice, values=values), "taken_on": read_date}
        super().__init__(metadata={**document(values), **(metadata or {})}, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Result:
        parts = read_parts(self.name, value, self.readers, PARTS)
        return Result(parts["result"], parts["taken_on"], value)


def document(values: tuple[str, ...]) -> dict[str, Any]:
    properties = {"result": {"type": "string", "enum": list(values)}, "taken_on": {"type": "string", "format": "date"}}
    return {"type": "object", "required": list(PARTS), "properties": properties, "additionalProperties": False}
