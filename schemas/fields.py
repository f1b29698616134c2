"""Fields that take exactly what JSON says: no text as number, no boolean as number, no number as boolean.

The readers are plain functions so that composite fields can use them; each raises ValidationError with a fault of schemas/faults.py.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from math import isfinite
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields

from schemas.faults import Code, fault, refusal

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# No control characters, no line separators, no marks that turn the direction of writing.
PLAIN_TEXT = r"^[^\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+$"
PLAIN = re.compile(PLAIN_TEXT.replace("]+$", r"\ud800-\udfff]+"))
MOST_LISTED = 20


def read_number(name: str, value: Any, low: float | None = None, high: float | None = None) -> float:
    """A finite number within low and high, both allowed."""
    if type(value) not in (int, float) or not is_finite(value):
        raise refusal("wrong_type", f"{name} must be a number")
    if (low is not None and value < low) or (high is not None and value > high):
        raise refusal("out_of_range", f"{name} must be {span(low, high)}")
    return value or 0  # never -0.0


def is_finite(value: float) -> bool:
    try:
        return isfinite(value)
    except OverflowError:
        return False


def read_integer(name: str, value: Any, low: float | None = None, high: float | None = None) -> int:
    """A whole number; 3.0 is one, as in JSON Schema."""
    number = read_number(name, value, low, high)
    if number != int(number):
        raise refusal("wrong_type", f"{name} must be a whole number")
    return int(number)


def read_boolean(name: str, value: Any) -> bool:
    if value is True or value is False:
        return value
    raise refusal("wrong_type", f"{name} must be true or false")


def read_choice(name: str, value: Any, values: Collection[str], code: Code = "unknown_code") -> str:
    if not isinstance(value, str):
        raise refusal("wrong_type", f"{name} must be text")
    if value not in values:
        raise refusal(code, f"{name} must be {listed(values)}")
    return value


def read_date(name: str, value: Any) -> date:
    """A day of the calendar written YYYY-MM-DD."""
    if not isinstance(value, str):
        raise refusal("wrong_type", f"{name} must be a date written YYYY-MM-DD")
    try:
        return date.fromisoformat(value if DAY.fullmatch(value) else "")
    except ValueError:
        raise refusal("invalid_date", f"{name} must be a day of the calendar, written YYYY-MM-DD") from None


def read_text(name: str, value: Any, longest: int) -> str:
    if not isinstance(value, str):
        raise refusal("wrong_type", f"{name} must be text")
    if len(value) > longest:
        raise refusal("too_long", f"{name} must have at most {longest} characters")
    if not PLAIN.fullmatch(value):
        raise refusal("wrong_type", f"{name} must not be empty and must not have control characters")
    return value


def read_list(name: str, value: Any, longest: int, shortest: int = 0) -> list[Any]:
    if not isinstance(value, list):
        raise refusal("wrong_type", f"{name} must be a list")
    if len(value) > longest:
        raise refusal("too_long", f"{name} must have at most {longest} entries")
    if len(value) < shortest:
        raise refusal("out_of_range", f"{name} must have at least {shortest} entries")
    return value


def read_each(values: Sequence[Any], reader: Any) -> list[Any]:
    """What `reader` makes of every entry; raises the faults of all of them by index."""
    read: list[Any] = []
    faults: dict[int, Any] = {}
    for index, value in enumerate(values):
        if value is None:
            faults[index] = [fault("not_null", "an entry must not be null")]
            continue
        try:
            read.append(reader(value))
        except ValidationError as error:
            faults[index] = error.messages
    if faults:
        raise ValidationError(faults)
    return read


def read_parts(name: str, value: Any, readers: Mapping[str, Any], required: Collection[str]) -> dict[str, Any]:
    """The parts of an object; `readers` maps each known name to a function of (name, value). Raises the faults of all parts."""
    if not isinstance(value, dict):
        raise refusal("wrong_type", f"{name} must be an object with {' and '.join(required)}")
    read: dict[str, Any] = {}
    faults: dict[str, Any] = {part: [fault("required", f"{part} of {name} is required")] for part in required if part not in value}
    for part, sent in value.items():
        if part not in readers:
            faults[part] = [fault("unknown_field", f"{name} has no such field")]
        elif sent is None:
            faults[part] = [fault("not_null", f"{part} must not be null")]
        else:
            try:
                read[part] = readers[part](part, sent)
            except ValidationError as error:
                faults[part] = error.messages
    if faults:
        raise ValidationError(faults)
    return read


def span(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return f"at most {high:g}" if low is None else f"at least {low:g}"
    return f"from {low:g} to {high:g}"


def listed(values: Collection[str]) -> str:
    if len(values) > MOST_LISTED:
        return "a code of the vocabulary"
    return "one of " + ", ".join(values)


class Strict(fields.Field[Any]):
    """Gives a marshmallow field the fault codes of this service."""

    name: str  # its schema names a field before it reads with it

    def _bind_to_schema(self, field_name: str, parent: Any) -> None:
        super()._bind_to_schema(field_name, parent)
        self.name = self.data_key or field_name  # as the caller writes it: `from`, not `from_`

    def make_error(self, key: str, **_: Any) -> ValidationError:
        if key == "required":
            return refusal("required", f"{self.name} is required")
        if key == "null":
            return refusal("not_null", f"{self.name} must not be null; leave the field out where nothing is known")
        return refusal("wrong_type", f"{self.name} has the wrong type")


class Bounded(Strict):
    """Gives a field of numbers its limits, both allowed, and tells them to the documentation."""

    reader = staticmethod(read_number)

    def __init__(self, low: float | None = None, high: float | None = None, *, metadata: Mapping[str, Any] | None = None, **kwargs: Any):
        bounds = {key: value for key, value in (("minimum", low), ("maximum", high)) if value is not None}
        super().__init__(metadata={**bounds, **(metadata or {})}, **kwargs)
        self.low, self.high = low, high

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Any:
        return self.reader(self.name, value, self.low, self.high)


class StrictNumber(Bounded, fields.Float):
    """An int or a float as JSON has it."""


class StrictInteger(Bounded, fields.Integer):
    """An int, or a float without fraction."""

    reader = staticmethod(read_integer)


class StrictBoolean(Strict, fields.Boolean):
    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> bool:
        return read_boolean(self.name, value)


class StrictDate(Strict, fields.Date):
    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> date:
        return read_date(self.name, value)


class StrictText(Strict, fields.String):
    """Text of 1 to `longest` characters in which nothing is invisible."""

    def __init__(self, longest: int, *, metadata: Mapping[str, Any] | None = None, **kwargs: Any):
        shape = {"minLength": 1, "maxLength": longest, "pattern": PLAIN_TEXT}
        super().__init__(metadata={**shape, **(metadata or {})}, **kwargs)
        self.longest = longest

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> str:
        return read_text(self.name, value, self.longest)


class Choice(Strict, fields.String):
    """One of a closed set of words; `code` names the fault."""

    def __init__(self, values: Sequence[str], *, code: Code = "unknown_code", metadata: Mapping[str, Any] | None = None, **kwargs: Any):
        super().__init__(metadata={"enum": list(values), **(metadata or {})}, **kwargs)
        self.values, self.code = tuple(values), code

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> str:
        return read_choice(self.name, value, self.values, self.code)


class StrictList(Strict, fields.List[Any]):
    """A list of at most `longest` entries of one field; the faults of all entries are told."""

    def __init__(self, inner: fields.Field[Any], longest: int = 100, *, metadata: Mapping[str, Any] | None = None, **kwargs: Any):
        super().__init__(inner, metadata={"maxItems": longest, **(metadata or {})}, **kwargs)
        self.longest = longest

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        entries = read_list(self.name, value, self.longest)
        return read_each(entries, lambda entry: self.inner.deserialize(entry, attr, data))


class Part(Strict, fields.Nested):
    """An object with a schema of its own."""


MESSAGES: dict[str, Any] = {
    "unknown": fault("unknown_field", "there is no such field here"),
    "type": fault("wrong_type", "an object is expected here"),
}


class StrictSchema(Schema):
    """A schema that names every unknown field instead of ignoring it."""

    class Meta:
        unknown = RAISE

    error_messages = MESSAGES
