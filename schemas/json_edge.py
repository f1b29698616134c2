"""Reads JSON as RFC 8259 and I-JSON have it, and nothing laxer: what two readers could understand differently is refused."""

from __future__ import annotations

import json
import math
import re
from codecs import BOM_UTF8
from typing import Any, NoReturn

import orjson

from schemas.faults import Code, FieldError, Path, pointer

DEEPEST = 32  # levels of objects and lists
MOST_DIGITS = 20  # of an integer
VAST = 2.0**63  # orjson reads integers beyond 64 bits as floats
UNFIT = re.compile("[\x00\ud800-\udfff]")


class JsonFault(ValueError):
    """The bytes are not JSON that this service reads; `pointer` names the place where it could be found."""

    def __init__(self, message: str, pointer: str = "", code: Code = "malformed_json"):
        super().__init__(message)
        self.message, self.pointer, self.code = message, pointer, code

    def error(self) -> FieldError:
        return {"pointer": self.pointer, "code": self.code, "message": self.message}


def read_json(raw: bytes) -> Any:
    """The value that the bytes hold. Raises JsonFault.

    Refused: what is not UTF-8, a byte order mark, a repeated key, NaN and Infinity (also as 1e999), integers of more than 20
    digits, U+0000 and unpaired surrogates, more than 32 levels.
    """
    value = read_quickly(raw)
    return read_with_care(raw) if value is UNSURE else value


UNSURE = object()


def read_quickly(raw: bytes) -> Any:
    """The value where a few cheap signs prove that nothing is wrong with it, else UNSURE.

    Every member of an object brings a colon, so as many colons as keys left after reading means that no key was repeated.
    """
    if raw.count(b"{") + raw.count(b"[") > DEEPEST or b"\\u" in raw:
        return UNSURE
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return UNSURE
    return value if type(value) is dict and raw.count(b":") == members(value) else UNSURE


def members(value: dict[str, Any]) -> int:
    """How many keys the objects of this value have, or -1 where it holds a number too large to have been read exactly."""
    found = 0
    waiting: list[Any] = [value]
    for part in waiting:
        if type(part) is dict:
            found += len(part)
            part = part.values()
        for below in part:
            kind = type(below)
            if kind is dict or kind is list:
                waiting.append(below)
            elif kind is float and not -VAST < below < VAST:
                return -1
    return found


def read_with_care(raw: bytes) -> Any:
    """The value, every part of it looked at; the authority on what is refused."""
    if raw.startswith(BOM_UTF8):
        raise JsonFault("The body begins with a byte order mark: send it without one.")
    try:
        text = raw.decode("utf-8")
        value = json.loads(text, object_pairs_hook=Members, parse_int=whole, parse_constant=float)
    except UnicodeDecodeError:
        raise JsonFault("The body is not UTF-8.") from None
    except RecursionError:
        raise JsonFault(f"The body nests deeper than {DEEPEST} levels.") from None
    except json.JSONDecodeError as error:
        raise JsonFault(f"The body is not JSON: line {error.lineno}, column {error.colno}.") from None
    return checked(value, ())


class Members(list[Any]):
    """The members of an object as they stand, repeated keys included."""


def whole(digits: str) -> int | float:
    """The integer, or infinity where it has too many digits."""
    return int(digits) if len(digits.lstrip("-")) <= MOST_DIGITS else math.inf


def checked(value: Any, path: Path) -> Any:
    """The value with its objects as dicts; raises JsonFault with the place."""
    if isinstance(value, str) and UNFIT.search(value):
        refuse("A text holds U+0000 or an unpaired surrogate.", path)
    if isinstance(value, float) and not math.isfinite(value):
        refuse("A number is not finite or has too many digits.", path)
    if isinstance(value, list) and len(path) >= DEEPEST:
        refuse(f"The body nests deeper than {DEEPEST} levels.", path)
    if isinstance(value, Members):
        return checked_members(value, path)
    if isinstance(value, list):
        return [checked(below, (*path, index)) for index, below in enumerate(value)]
    return value


def checked_members(pairs: Members, path: Path) -> dict[str, Any]:
    whole_object: dict[str, Any] = {}
    for key, value in pairs:
        if UNFIT.search(key):
            refuse("A key holds U+0000 or an unpaired surrogate.", path)
        if key in whole_object:
            refuse("A key is repeated.", (*path, key), "duplicate")
        whole_object[key] = checked(value, (*path, key))
    return whole_object


def refuse(message: str, path: Path, code: Code = "malformed_json") -> NoReturn:
    raise JsonFault(message, pointer(path), code)
