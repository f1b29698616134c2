"""Where a list goes on: an opaque text that is good for the same question only."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import orjson

from schemas.faults import FieldError
from service.api.problems import ERRORS_SAY_MORE, Problem

_FORM = re.compile(rb"(.+)\.[0-9a-f]{16}", re.DOTALL)
_UNKNOWN: FieldError = {"pointer": "/query/cursor", "code": "unknown_code", "message": "No page of this list begins here."}


def written(after: str, question: Mapping[str, Any]) -> str:
    """The cursor of the page after the entry named `after`; `question` is everything that chooses what is in the list."""
    return urlsafe_b64encode(f"{after}.{_digest(question)}".encode()).decode().rstrip("=")


def read(cursor: str, question: Mapping[str, Any]) -> str:
    """What `written` was given. Raises Problem for a cursor of another question, or none at all."""
    try:
        found = _FORM.fullmatch(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        after = found[1].decode() if found else ""
    except (Error, ValueError):
        after = ""
    if not after or written(after, question) != cursor:
        raise unknown()
    return after


def unknown() -> Problem:
    return Problem("validation", ERRORS_SAY_MORE, [_UNKNOWN])


def _digest(question: Mapping[str, Any]) -> str:
    return sha256(orjson.dumps(question, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]
