"""Lists of words: each a text in any usual spelling, or a code of another system with its display. What nobody knows is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from marshmallow import fields

from schemas.faults import refusal
from schemas.fields import PLAIN_TEXT, Strict, read_choice, read_each, read_list, read_number, read_parts, read_text

LONGEST_NAME = 128
LONGEST_SYSTEM = 256
MOST_TERMS = 100
MOST_WITH = 20
LONGEST_SINCE = 100_000  # of either unit
COURSES = ("new", "worse", "as_usual")
TIMES = ("h", "d")
PARTS = {
    "system": partial(read_text, longest=LONGEST_SYSTEM),
    "code": partial(read_text, longest=LONGEST_NAME),
    "display": partial(read_text, longest=LONGEST_NAME),
}
Sent = str | dict[str, str]


class Terms(Strict, fields.List[Any]):
    """A list of texts and of {system, code, display?}. Loads as it was sent; `[]` means none."""

    def __init__(self, *, metadata: Mapping[str, Any] | None = None, **kwargs: Any):
        super().__init__(fields.Raw(metadata=self.document()), metadata={"maxItems": MOST_TERMS, **(metadata or {})}, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> list[Any]:
        return read_each(read_list(self.name, value, MOST_TERMS), self.one)

    def one(self, sent: Any) -> Any:
        return read_word(self.name, sent)

    def document(self) -> dict[str, Any]:
        return {"oneOf": [TEXT_SHAPE, CODED_SHAPE]}


class Signs(Terms):
    """A list of words, each of which may say more: {code, system?, display?, since?: {value, unit}, course?, with?: [words]}."""

    def one(self, sent: Any) -> Any:
        if isinstance(sent, dict):
            return read_sign(self.name, sent)
        return super().one(sent)

    def document(self) -> dict[str, Any]:
        return {"oneOf": [TEXT_SHAPE, SIGN_SHAPE]}


def read_word(name: str, sent: Any) -> Sent:
    if isinstance(sent, str):
        return read_text(name, sent, LONGEST_NAME)
    if not isinstance(sent, dict):
        raise refusal("wrong_type", f"{name}: a text or an object with system and code is expected")
    return read_parts(name, sent, PARTS, ("system", "code"))


def read_sign(name: str, sent: dict[str, Any]) -> dict[str, Any]:
    """A word by its name or code, with what is said of it; a display belongs to the code of a system."""
    parts = PARTS | {"since": read_since, "course": partial(read_choice, values=COURSES), "with": read_with}
    return read_parts(name, sent, parts, ("system", "code") if "display" in sent else ("code",))


def read_since(name: str, sent: Any) -> dict[str, Any]:
    parts = {"value": partial(read_number, low=0, high=LONGEST_SINCE), "unit": partial(read_choice, values=TIMES)}
    return read_parts(name, sent, parts, ("value", "unit"))


def read_with(name: str, sent: Any) -> list[Any]:
    return read_each(read_list(name, sent, MOST_WITH), partial(read_word, name))


def details_in(pointer: str, sent: Sequence[Any]) -> Iterator[tuple[str, str, Any]]:
    """Of each entry that says more than its word: where the entry stands, which detail it says, and what."""
    for index, entry in enumerate(sent):
        if isinstance(entry, dict):
            yield from ((f"{pointer}/{index}", detail, entry[detail]) for detail in ("since", "course") if detail in entry)


def words_in(pointer: str, sent: Sequence[Any]) -> Iterator[tuple[str, Any]]:
    """Every word of a list with its place: each entry, and what comes with it."""
    for index, one in enumerate(sent):
        place = f"{pointer}/{index}"
        if isinstance(one, str):
            yield place, one
            continue
        yield place, {part: one[part] for part in PARTS if part in one} if "system" in one else one["code"]
        yield from ((f"{place}/with/{number}", other) for number, other in enumerate(one.get("with", ())))


# --- an entry, as the documentation shows it ---------------------------------------------------------------------------------

TEXT = {"type": "string", "minLength": 1, "pattern": PLAIN_TEXT}
TEXT_SHAPE = {**TEXT, "maxLength": LONGEST_NAME}
CODED_PARTS = {
    "system": {**TEXT, "maxLength": LONGEST_SYSTEM, "description": "ICD-10, SNOMED CT, ATC or RxNorm, by name or by its address"},
    "code": TEXT_SHAPE,
    "display": TEXT_SHAPE,
}
CODED_SHAPE = {
    "type": "object",
    "title": "CodedTerm",
    "required": ["system", "code"],
    "additionalProperties": False,
    "properties": CODED_PARTS,
}
SIGN_SHAPE = {
    "type": "object",
    "title": "Sign",
    "required": ["code"],
    "additionalProperties": False,
    "dependentRequired": {"display": ["system"]},
    "properties": {
        **CODED_PARTS,
        "since": {
            "type": "object",
            "title": "Since",
            "description": "For how long it has been there; of what comes and goes how long ago it was there last. In hours or days.",
            "required": ["value", "unit"],
            "additionalProperties": False,
            "properties": {
                "value": {"type": "number", "minimum": 0, "maximum": LONGEST_SINCE},
                "unit": {"type": "string", "enum": list(TIMES)},
            },
        },
        "course": {"type": "string", "enum": list(COURSES)},
        "with": {
            "type": "array",
            "maxItems": MOST_WITH,
            "items": {"oneOf": [TEXT_SHAPE, CODED_SHAPE]},
            "description": "What comes with it; each counts as a sign of its own.",
        },
    },
}
