"""Names that are knowledge: the rules say which interventions, components, urgencies and dispositions there are, not these schemas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from marshmallow import fields

MARK = "x-named-by"  # in a shape, whose names it takes; the document has the names in its place
Names = Mapping[str, Sequence[str]]  # of interventions, components, urgencies, dispositions


def name(of: str, about: str, *, null: bool = False) -> fields.String:
    """One of the names of this kind."""
    return fields.String(required=True, allow_none=null, metadata={"description": about, MARK: of})


def filled(shape: Any, names: Names) -> Any:
    """A document in which every mark has become the names themselves."""
    if isinstance(shape, list):
        return [filled(one, names) for one in shape]
    if not isinstance(shape, dict):
        return shape
    found = {key: filled(value, names) for key, value in shape.items() if key != MARK}
    if MARK in shape:
        found["enum"] = [*names[shape[MARK]], *([None] if "null" in shape.get("type", ()) else [])]
    return found
