"""Numbers with a unit, as a person sends them, and blood pressure, which is two of them that must fit together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from math import fsum
from typing import Any

from marshmallow import ValidationError, fields

from schemas.bounds import Bounded, hull
from schemas.faults import fault, refusal
from schemas.fields import Strict, listed, read_boolean, read_choice, read_date, read_each, read_list, read_number, read_parts
from schemas.repeats import PLACES, counting
from schemas.ucum import same

MOST_READINGS = 20
COMPARATORS = ("<", "<=", ">", ">=")
LONGEST_FAST = 72
FACTORS = (5.5, 7.5)  # pmol/L per u[IU]/mL: the factors that laboratories use for insulin lie within
MOST_EXAMPLES = 5
SPELLINGS = "What UCUM reads as one of the units, or what people write for one (`spellings` in /v1/vocabulary); else refused with 422."
READ_WITH_ALL: dict[str, Callable[[str, Any], Any]] = {"taken_on": read_date, "confirmed": read_boolean}
PRESSURES = ("systolic", "diastolic")


@dataclass(frozen=True)
class Reading:
    """A quantity in the canonical unit of its word, with what was sent for it.

    `sent` holds every quantity as it came; `repeated` says that they came as a list. Of those that count (schemas/repeats.py) it is
    the mean (or bounds of it, where a comparator came), the oldest taken_on and the smallest stated fasting_hours, and confirmed where
    all of them are. `series` holds each of them.
    """

    value: float
    unit: str | None
    sent: tuple[Mapping[str, Any], ...]
    taken_on: date | None = None
    fasting_hours: float | None = None
    repeated: bool = False
    confirmed: bool = False
    series: tuple[Reading, ...] = ()


class Converter:
    """From the units that a word accepts to its canonical one.

    Conversion is exact in decimals; the result is rounded to 9 decimals, far below any measurement, so that the same body sent in
    other units gives the same number and therefore the same answer.
    """

    def __init__(self, word: Any):
        self.name, self.unit, self.hard = word.id, word.unit, word.hard
        self.units, self.spellings = (word.unit, *word.units), word.spellings
        self.with_factor = {unit for unit, conversion in word.units.items() if conversion.factor}
        self.conversions = word.units

    def unit_of(self, text: str) -> str | None:
        """The unit that a spelling is: itself, what UCUM calls the same, or what people are used to write for it."""
        if text in self.units:
            return text
        spelling: str | None = self.spellings.get(text.strip())
        return next((unit for unit in self.units if same(text, unit)), spelling)

    def canonical(self, value: float, unit: str, factor: float | None = None) -> float:
        if unit == self.unit:
            return round(float(value), PLACES)
        return round(float(self.conversions[unit].forth(Decimal(repr(value)), factor)), PLACES)

    def plausible(self, value: float) -> bool:
        return self.hard is None or self.hard[0] <= value <= self.hard[1]

    def checked(self, name: str, value: float, unit: str, factor: float | None = None) -> float:
        """The canonical value; raises `implausible` outside the hard range."""
        canonical = self.canonical(value, unit, factor)
        if self.plausible(canonical):
            return canonical
        low, high = self.hard
        raise refusal("implausible", f"{name}: implausible: outside {low:g} to {high:g} {self.unit}{self.hint(value, unit)}")

    def within(self, name: str, value: float, unit: str, factor: float | None, comparator: str) -> Bounded:
        """The plausible values beyond a bound, itself among them where the comparator says so; a limit of detection may lie below them."""
        bound = self.canonical(value, unit, factor)
        low, high = self.hard or (0.0, bound * 1000)
        step = 0.0 if "=" in comparator else 10**-PLACES
        if comparator[0] == ">":
            return Bounded(self.checked(name, value, unit, factor) + step, max(high, bound + step), bound)
        if not 0 <= bound <= high:
            self.checked(name, value, unit, factor)
        return Bounded(min(low, bound), max(bound - step, min(low, bound)), bound)

    def hint(self, value: float, unit: str) -> str:
        others = [other for other in self.units if other != unit and self.plausible(self.canonical(value, other))]
        return f"; it would be plausible in {' or '.join(others)}" if others else ""

    def bounds(self, unit: str) -> dict[str, float]:
        """The hard range in another unit, rounded inwards: for the documentation."""
        if self.hard is None:
            return {}
        if unit == self.unit:
            return {"minimum": self.hard[0], "maximum": self.hard[1]}
        low, high = (self.conversions[unit].back(Decimal(repr(bound))) for bound in self.hard)
        step = Decimal("0.000001")
        return {"minimum": float(low.quantize(step, "ROUND_CEILING")), "maximum": float(high.quantize(step, "ROUND_FLOOR"))}

    def shape(self, unit: str | None) -> dict[str, Any]:
        """A unit for the documentation; None: a spelling beside those of the vocabulary, which no list could hold."""
        if unit is not None:
            return {"type": "string", "enum": [unit]}
        examples = {"examples": sorted(self.spellings)[:MOST_EXAMPLES]} if self.spellings else {}
        return {"type": "string", "not": {"enum": list(self.units)}, "description": SPELLINGS, **examples}

    def title(self, unit: str | None) -> str:
        return f"{self.name} in {unit or 'another spelling of its units'}"


class Quantity(Strict, fields.Raw):
    """{value, unit, taken_on?, confirmed?}; a laboratory value also comparator?, fasting_hours?, factor?, and a list of up to 20 of them.

    Loads as Reading. Faults: unknown_unit, implausible, conflicting, out_of_range and those of its parts.
    """

    def __init__(self, word: Any, *, laboratory: bool = False, metadata: Mapping[str, Any] | None = None, **kwargs: Any):
        self.converter = Converter(word)
        self.variability = word.variability
        self.laboratory = laboratory
        self.readers = self.part_readers()
        super().__init__(metadata={**self.document(), **(metadata or {})}, **kwargs)

    def part_readers(self) -> dict[str, Callable[[str, Any], Any]]:
        readers: dict[str, Callable[[str, Any], Any]] = {"value": read_number, "unit": unit_reader(self.converter), **READ_WITH_ALL}
        if self.laboratory:
            readers["fasting_hours"] = partial(read_number, low=0, high=LONGEST_FAST)
            readers["comparator"] = partial(read_choice, values=COMPARATORS)
        if self.converter.with_factor:
            readers["factor"] = partial(read_number, low=FACTORS[0], high=FACTORS[1])
        return readers

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Any:
        if self.laboratory and isinstance(value, list):
            return self.together(read_each(read_list(self.name, value, MOST_READINGS, 1), self.one))
        return self.one(value)

    def one(self, sent: Any) -> Reading:
        parts = read_parts(self.name, sent, self.readers, ("value", "unit"))
        if "factor" in parts and parts["unit"] not in self.converter.with_factor:
            message = f"factor of {self.name} goes with {' and '.join(sorted(self.converter.with_factor))} only"
            raise ValidationError({"factor": [fault("unknown_field", message)]})
        asked = (self.name, parts["value"], parts["unit"], parts.get("factor"))
        value = self.converter.within(*asked, parts["comparator"]) if "comparator" in parts else self.converter.checked(*asked)
        return Reading(
            value, self.converter.unit, ({**sent, "unit": parts["unit"]},), parts.get("taken_on"), parts.get("fasting_hours"),
            confirmed=parts.get("confirmed", False),
        )  # fmt: skip

    def together(self, readings: list[Reading]) -> Reading:
        count = counting(self.name, readings, self.variability)
        return Reading(
            value=hull([one.value for one in count]) if any(isinstance(one.value, Bounded) for one in count) else self.mean(count),
            unit=self.converter.unit,
            sent=tuple(sent for reading in readings for sent in reading.sent),
            taken_on=min((one.taken_on for one in count if one.taken_on), default=None),
            fasting_hours=min((one.fasting_hours for one in count if one.fasting_hours is not None), default=None),
            repeated=True,
            confirmed=all(one.confirmed for one in count),
            series=tuple(readings),
        )

    def mean(self, readings: list[Reading]) -> float:
        """The mean in the unit in which all were sent, where they were sent in one: a printed limit is one there."""
        sent = [reading.sent[0] for reading in readings]
        [(unit, factor), *others] = {(one["unit"], one.get("factor")) for one in sent}
        if others:
            return round(fsum(reading.value for reading in readings) / len(readings), PLACES)
        mean = round(fsum(one["value"] for one in sent) / len(sent), PLACES)
        return self.converter.canonical(mean, unit, factor)

    def document(self) -> dict[str, Any]:
        variants = [self.variant(unit) for unit in (*self.converter.units, None)]
        if self.laboratory:
            several = {"type": "array", "items": {"anyOf": variants}, "minItems": 1, "maxItems": MOST_READINGS}
            return {"anyOf": [*variants, several]}
        return {"anyOf": variants}

    def variant(self, unit: str | None) -> dict[str, Any]:
        """The shape of one quantity in this unit, as JSON Schema; None: in another spelling of one of the units."""
        properties: dict[str, Any] = {
            "value": self.number(unit),
            "unit": self.converter.shape(unit),
            "taken_on": {"type": "string", "format": "date"},
            "confirmed": {"type": "boolean"},
        }
        if self.laboratory:
            properties["comparator"] = {"type": "string", "enum": list(COMPARATORS)}
            properties["fasting_hours"] = {"type": "number", "minimum": 0, "maximum": LONGEST_FAST}
        if self.converter.with_factor and unit in (None, *self.converter.with_factor):
            properties["factor"] = {"type": "number", "minimum": FACTORS[0], "maximum": FACTORS[1]}
        shape = {"type": "object", "required": ["value", "unit"], "properties": properties, "additionalProperties": False}
        return {"title": self.converter.title(unit), **shape}

    def number(self, unit: str | None) -> dict[str, Any]:
        """The plausible values in this unit; a limit of detection (comparator < or <=) may lie below them."""
        bounds = self.converter.bounds(unit) if unit else {}
        low = bounds.get("minimum", 0.0)
        if not self.laboratory or low <= 0:
            return {"type": "number", **bounds}
        return {"type": "number", **bounds, "minimum": 0.0, "description": f"From {low:g} up; with the comparator < or <= from 0 up."}


class WeightChange(Quantity):
    """{value, unit, confirmed?, intentional?} over six months. Loads as {"value": Reading, "intentional": bool}."""

    def part_readers(self) -> dict[str, Callable[[str, Any], Any]]:
        return {"value": read_number, "unit": unit_reader(self.converter), "confirmed": read_boolean, "intentional": read_boolean}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Any:
        reading = self.one(value)
        said = {"intentional": value["intentional"]} if "intentional" in value else {}
        return {"value": reading, **said}

    def variant(self, unit: str | None) -> dict[str, Any]:
        variant = super().variant(unit)
        del variant["properties"]["taken_on"]
        variant["properties"]["intentional"] = {"type": "boolean"}
        return variant


def meant(text: str, units: tuple[str, ...]) -> str:
    """A unit that differs from what was sent in nothing but small and capital letters, which in UCUM are other units."""
    near = next((unit for unit in units if unit.lower() == text.strip().lower()), None)
    return f"; did you mean {near}? Small and capital letters differ" if near else ""


def unit_reader(converter: Converter) -> Callable[[str, Any], str]:
    def read_unit(_: str, value: Any) -> str:
        name = f"unit of {converter.name}"
        if not isinstance(value, str):
            raise refusal("wrong_type", f"{name} must be text")
        unit = converter.unit_of(value)
        if unit is None:
            raise refusal("unknown_unit", f"{name} must be {listed(converter.units)}{meant(value, converter.units)}")
        return unit

    return read_unit


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
        parts = read_parts(self.name, value, self.readers, (*PRESSURES, "unit"))
        canonical, faults = self.canonical(parts)
        if not faults and canonical["diastolic"] >= canonical["systolic"]:
            faults = {"diastolic": [fault("implausible", "diastolic: implausible: it must be below systolic")]}
        if faults:
            raise ValidationError(faults)
        return {name: self.reading(name, canonical[name], parts, value) for name in PRESSURES}

    def canonical(self, parts: Mapping[str, Any]) -> tuple[dict[str, float], dict[str, Any]]:
        values, faults = {}, {}
        for name in PRESSURES:
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
            "required": [*PRESSURES, "unit"],
            "properties": {**numbers, **shared},
            "additionalProperties": False,
        }
