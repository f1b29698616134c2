"""Lists of words: each a text in any usual spelling, or a code of another system with its display. What nobody knows is kept."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from marshmallow import fields

from schemas.faults import refusal
from schemas.fields import PLAIN_TEXT, Strict, read_each, read_list, read_parts, read_text

LONGEST_NAME = 128
LONGEST_SYSTEM = 256
MOST_TERMS = 100
PARTS = {
    "system": partial(read_text, longest=LONGEST_SYSTEM),
    "code": partial(read_text, longest=LONGEST_NAME),
    "display": partial(read_text, longest=LONGEST_NAME),
}
Sent = str | dict[str, str]


class Terms(Strict, fields.List[Any]):
    """A list of texts and of {system, code, display?}. Loads as it was sent; `[]` means none."""

    def __init__(self, *, metadata: Mapping[str, Any] | None = None, **kwargs: Any):
        super().__init__(fields.Raw(metadata=document()), metadata={"maxItems": MOST_TERMS, **(metadata or {})}, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> list[Any]:
        return read_each(read_list(self.name, value, MOST_TERMS), self.one)

    def one(self, sent: Any) -> Sent:
        if isinstance(sent, str):
            return read_text(self.name, sent, LONGEST_NAME)
        if not isinstance(sent, dict):
            raise refusal("wrong_type", f"{self.name}: a text or an object with system and code is expected")
        return read_parts(self.name, sent, PARTS, ("system", "code"))


def document() -> dict[str, Any]:
    """An entry, as the documentation shows it."""
    text = {"type": "string", "minLength": 1, "pattern": PLAIN_TEXT}
    coded = {
        "type": "object",
        "title": "CodedTerm",
        "required": ["system", "code"],
        "additionalProperties": False,
        "properties": {
            "system": {**text, "maxLength": LONGEST_SYSTEM, "description": "ICD-10, SNOMED CT, ATC or RxNorm, by name or by its address"},
            "code": {**text, "maxLength": LONGEST_NAME},
            "display": {**text, "maxLength": LONGEST_NAME},
        },
    }
    return {"oneOf": [{**text, "maxLength": LONGEST_NAME}, coded]}
