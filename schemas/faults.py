"""What is wrong with a field, in one shape: a stable code and a sentence; and the flat list that an answer carries.

A sentence repeats nothing that was sent: the pointer leads to it. It says limits, units and near words of ours.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal, TypedDict

from marshmallow import ValidationError
from marshmallow.exceptions import SCHEMA

Path = tuple[str | int, ...]
Code = Literal[
    "required", "unknown_field", "wrong_type", "unknown_code", "unknown_unit", "implausible", "conflicting", "out_of_range", "invalid_date",
    "too_long", "not_null", "duplicate", "malformed_json",
]  # fmt: skip


ABOUT: dict[Code, str] = {
    "required": "A field that must be there is not.",
    "unknown_field": "There is no such field here.",
    "wrong_type": "It has another type than is expected here, or is empty.",
    "unknown_code": "It is none of the words of a closed list.",
    "unknown_unit": "The unit is none that this measurement is given in; the message names them.",
    "implausible": "No living person has such a value, or two values cannot belong to one person; often the unit is another.",
    "conflicting": "Two things that were sent contradict each other.",
    "out_of_range": "A number is beyond its limits, or a list has too few entries.",
    "invalid_date": "It is no day of the calendar, or a day that cannot be.",
    "too_long": "A text or a list is longer than is read.",
    "not_null": "null says nothing: the field is left out where nothing is known.",
    "duplicate": "A key stands twice in an object.",
    "malformed_json": "The body cannot be read as JSON.",
}


class Fault(TypedDict):
    """What is wrong with something, as it stands in the messages of a ValidationError."""

    code: Code
    message: str


class FieldError(TypedDict):
    """The same with its place, as an answer carries it."""

    pointer: str
    code: Code
    message: str


OF_MARSHMALLOW: dict[str, Code] = {  # how marshmallow's own sentences begin, where a schema keeps them
    "Unknown field": "unknown_field",
    "Missing data": "required",
    "Field may not be null": "not_null",
    "Must be one of": "unknown_code",
    "Longer than": "too_long",
    "Must be": "out_of_range",
}


def fault(code: Code, message: str) -> Fault:
    """One fault, as it stands in the messages of a ValidationError: always inside a list."""
    return {"code": code, "message": message}


def refusal(code: Code, message: str) -> ValidationError:
    """A ValidationError that holds this one fault."""
    return ValidationError([fault(code, message)])


def flatten(messages: Any) -> list[FieldError]:
    """Every fault of a ValidationError as {pointer, code, message}, in the order of their pointers."""
    found = sorted(walk(messages, ()), key=lambda each: (order(each[0]), each[1]["code"]))
    return [{"pointer": pointer(path), **error} for path, error in found]


def walk(messages: Any, path: Path) -> Iterator[tuple[Path, Fault]]:
    """Every fault with its path; marshmallow keeps faults of a whole object under the key `_schema`."""
    if isinstance(messages, Mapping):
        for key, below in messages.items():
            yield from walk(below, path if key == SCHEMA and not names_field(below) else (*path, key))
    elif isinstance(messages, list):
        for each in messages:
            found: Any = each if isinstance(each, dict) else fault(code_of(str(each)), str(each))
            yield path, found
    else:
        yield path, fault(code_of(str(messages)), str(messages))


def code_of(sentence: str) -> Code:
    return next((code for start, code in OF_MARSHMALLOW.items() if sentence.startswith(start)), "wrong_type")


def names_field(below: Any) -> bool:
    """Whether `_schema` is the name of an unknown field that was really sent."""
    return isinstance(below, list) and any(isinstance(each, dict) and each.get("code") == "unknown_field" for each in below)


def order(path: Path) -> list[tuple[bool, int, str]]:
    """Sorts indexes as numbers and names as text."""
    return [(isinstance(step, str), 0 if isinstance(step, str) else step, str(step)) for step in path]


def pointer(path: Path) -> str:
    """The JSON Pointer (RFC 6901) of a path."""
    return "".join(f"/{escaped(str(step))}" for step in path)


def escaped(step: str) -> str:
    """A step of a JSON Pointer as it is written."""
    return step.replace("~", "~0").replace("/", "~1")
