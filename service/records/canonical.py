"""JSON in the one form that hashes are taken of (RFC 8785).

orjson writes the same bytes ten times faster as long as keys are ASCII, whole numbers are integers, and no number needs an exponent;
anything else goes to the reference implementation.
"""

from __future__ import annotations

import hashlib
from typing import Any

import orjson
import rfc8785

_LONGEST_INTEGER = 2**53
_SMALLEST, _LARGEST = 1e-4, 1e15
_ITSELF = frozenset({str, bool, type(None)})


class _Unusual(Exception):
    """A value that the two may write differently."""


def canonical(value: Any) -> bytes:
    """The RFC 8785 form of plain dicts, lists, texts, numbers, truths and None; raises ValueError for what JSON cannot say."""
    try:
        return orjson.dumps(_usual(value), option=orjson.OPT_SORT_KEYS)
    except (_Unusual, TypeError):
        return rfc8785.dumps(value)  # its errors are ValueErrors


def sha256(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def _usual(value: Any) -> Any:
    """Texts and truths are most of what there is, and are passed over without a call for each."""
    kind = type(value)
    if kind is dict:
        if not "".join(value).isascii():  # a TypeError for keys that are no texts
            raise _Unusual
        return {key: item if type(item) in _ITSELF else _usual(item) for key, item in value.items()}
    if kind is list or kind is tuple:
        return [item if type(item) in _ITSELF else _usual(item) for item in value]
    if kind in _ITSELF:
        return value
    if kind is int and -_LONGEST_INTEGER < value < _LONGEST_INTEGER:
        return value
    if kind is float:
        return _number(value)
    raise _Unusual


def _number(value: float) -> float | int:
    if value.is_integer() and abs(value) < _LARGEST:
        return int(value)
    if _SMALLEST <= abs(value) < _LARGEST:
        return value
    raise _Unusual
