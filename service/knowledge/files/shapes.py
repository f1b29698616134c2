"""The parts that the schemas of rule files are made of: fields that take exactly what a file says, and mappings without unknown slots.

A message says what is expected, not what was found: file and line lead to that.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from math import isfinite
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validates_schema
from marshmallow.exceptions import SCHEMA

from service.knowledge.faults import Findings, did_you_mean
from service.knowledge.files.strict_yaml import line_at
from service.knowledge.records import Place


class Shape(Schema):
    """A mapping with these slots and no others."""

    class Meta:
        unknown = EXCLUDE  # `no_other_slots` reports them, with the slot that was probably meant

    error_messages = {"type": "a mapping is expected"}  # noqa: RUF012 - marshmallow's way to say it

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def no_other_slots(self, _: Mapping[str, Any], original: Mapping[Any, Any], **__: Any) -> None:
        slots = [field.data_key or name for name, field in self.fields.items()]
        unknown = {key: [f"there is no slot {key!r} here{did_you_mean(key, slots)}"] for key in original if key not in slots}
        if unknown:
            raise ValidationError(unknown)


class Slot(fields.Field[Any]):
    """A value that `checked` returns, or refuses with a ValidationError."""

    def __init__(self, **options: Any):
        super().__init__(error_messages={"required": "is missing", "null": "is empty"}, **options)

    def checked(self, value: Any) -> Any:
        return value

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        return self.checked(value)


class Text(Slot):
    """Text with a character in it; `pattern` says in words what it looks like."""

    def __init__(self, matches: Callable[[str], Any] | None = None, expected: str = "text is expected", **options: Any):
        super().__init__(**options)
        self.matches, self.expected = matches, expected

    def checked(self, value: Any) -> str:
        if type(value) is not str or not value.strip() or (self.matches and not self.matches(value)):
            raise ValidationError(self.expected)
        return value


class Flag(Slot):
    def checked(self, value: Any) -> bool:
        if value is not True and value is not False:
            raise ValidationError("true or false is expected")
        return value


class Number(Slot):
    """A finite number within its bounds, both allowed."""

    def __init__(self, low: float | None = None, high: float | None = None, *, whole: bool = False, **options: Any):
        super().__init__(**options)
        self.low, self.high, self.types = low, high, (int,) if whole else (int, float)

    def checked(self, value: Any) -> float:
        if type(value) not in self.types or not isfinite(value):
            raise ValidationError("a whole number is expected" if self.types == (int,) else "a number is expected")
        if (self.low is not None and value < self.low) or (self.high is not None and value > self.high):
            raise ValidationError(f"must lie between {self.low} and {'any' if self.high is None else self.high}")
        return float(value)


class OneOf(Slot):
    def __init__(self, values: Collection[Any], **options: Any):
        super().__init__(**options)
        self.values = values

    def checked(self, value: Any) -> Any:
        if not isinstance(value, str) or value not in self.values:
            raise ValidationError(f"must be one of {', '.join(self.values)}{did_you_mean(value, self.values)}")
        return value


class Either(Slot):
    """What one of these fields takes; else the message of the last."""

    def __init__(self, *choices: Slot, **options: Any):
        super().__init__(**options)
        self.choices = choices

    def checked(self, value: Any) -> Any:
        for choice in self.choices[:-1]:
            try:
                return choice.checked(value)
            except ValidationError:
                continue
        return self.choices[-1].checked(value)


class Mapped(Slot):
    """A mapping of this shape."""

    def __init__(self, shape: type[Schema], **options: Any):
        super().__init__(**options)
        self.shape = shape()

    def checked(self, value: Any) -> Any:
        if not isinstance(value, dict):
            raise ValidationError("a mapping is expected")
        return self.shape.load(value)


class ListOf(Slot):
    """A list of these; of at least `least` of them, none twice where `once`."""

    def __init__(self, item: Slot, least: int = 1, *, once: bool = False, **options: Any):
        super().__init__(**options)
        self.item, self.least, self.once = item, least, once

    def checked(self, value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise ValidationError("a list is expected")
        if len(value) < self.least:
            raise ValidationError("the list is empty" if self.least == 1 else f"a list of {self.least} or more is expected")
        loaded = each(self.item.checked, enumerate(value))
        if self.once:
            refuse_repeated(value)
        return list(loaded.values())


class MapOf(Slot):
    """A mapping from names to these."""

    def __init__(self, item: Slot, least: int = 1, key: Slot | None = None, **options: Any):
        super().__init__(**options)
        self.item, self.least, self.key = item, least, key or Text(expected="a name is expected")

    def checked(self, value: Any) -> dict[Any, Any]:
        if not isinstance(value, dict):
            raise ValidationError("a mapping is expected")
        if len(value) < self.least:
            raise ValidationError("the mapping is empty")
        each(self.key.checked, ((key, key) for key in value))
        return each(self.item.checked, value.items())


NAMES = ListOf(Text(), once=True)


def slot(kind: type[Slot], name: str, *arguments: Any, required: bool = True, **options: Any) -> Slot:
    """A slot whose name no Python name can have, or would hide one."""
    return kind(*arguments, data_key=name, required=required, **options)


def each(checked: Callable[[Any], Any], items: Any) -> dict[Any, Any]:
    """Every item checked; raises ValidationError with all that is wrong, by key or index."""
    loaded, wrong = {}, {}
    for key, item in items:
        try:
            loaded[key] = checked(item)
        except ValidationError as error:
            wrong[key] = error.messages
    if wrong:
        raise ValidationError(wrong)
    return loaded


def refuse_repeated(items: list[Any]) -> None:
    repeated = {place: [f"{item!r} stands twice"] for place, item in enumerate(items) if item in items[:place]}
    if repeated:
        raise ValidationError(repeated)


def check_shape(content: Any, expected: Slot, file: str, faults: Findings) -> None:
    """Adds a fault, with its line, for everything in the content of a file that is not as expected."""
    try:
        expected.checked(content)
    except ValidationError as error:
        for path, message in flat(error.messages):
            where = ".".join(str(step) for step in path if not isinstance(step, int))
            faults.add(Place(file, line_at(content, path, 1)), f"{where}: {message}" if where else message)


def flat(messages: Any, path: tuple[Any, ...] = ()) -> list[tuple[tuple[Any, ...], str]]:
    """marshmallow's nested messages as pairs of a path and a message."""
    if isinstance(messages, Mapping):
        return [pair for key, inner in messages.items() for pair in flat(inner, path if key == SCHEMA else (*path, key))]
    return [(path, message) for message in messages]
