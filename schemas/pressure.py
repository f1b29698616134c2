"""Blood pressure: two numbers that share a unit and must fit together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields

from schemas.faults import fault
from schemas.fields import Strict, read_number, read_parts
from schemas.quantities import READ_WITH_ALL, Converter, Reading, unit_reader

NUMBERS = ("systolic", "diastolic")


class BloodPressure(Strict, fields.Raw):
    """{systolic, diastolic, unit, taken_on?, confirmed?}. Loads as {"systolic": Reading, "diastolic": Reading}."""

    def __init__(self, systolic: Any, diastolic: Any, **kwargs: Any):
        self.converters = {"systolic": Converter(systolic), "diastolic": Converter(diastolic)}
        self.units = self.converters["systolic"].units
        self.readers = {
            "systolic": read_number,
            "diastolic": read_number,
            "unit": unit_reader(self.converters["systolic"]),
            **READ_WITH_ALL,
        }
        super().__init__(metadata=self.document(), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> dict[str, Reading]:
        parts = read_parts(self.name, value, self.readers, (*NUMBERS, "unit"))
        canonical, faults = self.canonical(parts)
        if not faults and canonical["diastolic"] >= canonical["systolic"]:
            faults = {"diastolic": [fault("implausible", "diastolic: implausible: it must be below systolic")]}
        if faults:
            raise ValidationError(faults)
        return {name: self.reading(name, canonical[name], parts, value) for name in NUMBERS}

    def canonical(self, parts: Mapping[str, Any]) -> tuple[dict[str, float], dict[str, Any]]:
        values, faults = {}, {}
        for name in NUMBERS:
            try:
                values[name] = self.converters[name].checked(name, parts[name], parts["unit"])
            except ValidationError as error:
                faults[name] = error.messages
        return values, faults

    def reading(self, name: str, canonical: float, parts: Mapping[str, Any], sent: Mapping[str, Any]) -> Reading:
        own = {"value": sent[name], "unit": parts["unit"], **{part: sent[part] for part in READ_WITH_ALL if part in sent}}
        confirmed = parts.get("confirmed", False)
        return Reading(canonical, self.converters[name].unit, (own,), parts.get("taken_on"), confirmed=confirmed)

    def document(self) -> dict[str, Any]:
        return {"description": "both numbers of the blood pressure", "anyOf": [self.variant(unit) for unit in (*self.units, None)]}

    def variant(self, unit: str | None) -> dict[str, Any]:
        numbers = {name: {"type": "number", **(one.bounds(unit) if unit else {})} for name, one in self.converters.items()}
        shared = {
            "unit": self.converters["systolic"].shape(unit),
            "taken_on": {"type": "string", "format": "date"},
            "confirmed": {"type": "boolean"},
        }
        return {
            "title": f"blood pressure in {unit or 'another spelling of its units'}",
            "type": "object",
            "required": [*NUMBERS, "unit"],
            "properties": {**numbers, **shared},
            "additionalProperties": False,
        }
