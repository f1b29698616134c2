"""The feedback export: verdicts as CSV or NDJSON, a verdict a line.

45 CFR 170.315(b)(11)(ii)(C) asks of decision support that feedback can be exported in a computable format with at least the intervention,
the action taken, the user's feedback, user, date and location.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from io import StringIO
from typing import Any

import orjson

COLUMNS = (
    "intervention", "action", "feedback", "reason", "comment", "user", "date", "location", "decision", "rule", "rule_hash",
    "node", "client", "review", "current",
)  # fmt: skip
# What a spreadsheet takes for a formula where a cell begins with it, also in full width.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def row(review: Mapping[str, Any]) -> dict[str, Any]:
    """A verdict under the names of COLUMNS."""
    named = {
        "feedback": review["verdict"], "user": review["reviewer"] or review["client"], "date": review["at"], "review": review["id"],
    }  # fmt: skip
    return {column: named[column] if column in named else review[column] for column in COLUMNS}


def as_ndjson(reviews: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """A JSON object a line."""
    for review in reviews:
        yield orjson.dumps(row(review)) + b"\n"


def as_csv(reviews: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """A header and a row a verdict, as RFC 4180 has it, in UTF-8; null is an empty cell."""
    yield _line(COLUMNS)
    for review in reviews:
        yield _line([_cell(value) for value in row(review).values()])


def _cell(value: Any) -> str:
    """A text that a spreadsheet would take for a formula gets an apostrophe before it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"'{value}" if value and value.startswith(FORMULA) else value or ""


def _line(cells: Iterable[str]) -> bytes:
    written = StringIO()
    csv.writer(written).writerow(cells)
    return written.getvalue().encode()


WRITERS = {"ndjson": as_ndjson, "csv": as_csv}
