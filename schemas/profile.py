"""The profile and the request around it, built from the vocabulary: a fact declared there is a field here.

This module knows only the shape that the vocabulary cannot say: which fields are quantities, and the composite ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, validates_schema

from schemas.faults import fault
from schemas.fields import Choice, Part, StrictBoolean, StrictDate, StrictInteger, StrictList, StrictNumber, StrictSchema, StrictText
from schemas.quantities import BloodPressure, Converter, Quantity, Reading, WeightChange
from schemas.results import DatedResult
from schemas.terms import Signs, Terms

QUANTITIES = ("height", "weight", "waist", "resting_heart_rate")
OPEN = "codes of the vocabulary, names as people write them, or codes of other systems; what is not known is kept and named in the answer"
DETAILS = "an entry may say since when it is there, its course, and what comes with it"
LONGEST_ROLE = 64
LONGEST_SUBJECT = 128
MOST_CLEARANCES = 50

Words = dict[str, Any]
Profile = Mapping[str, Any]  # as its schema loads it: every quantity a Reading, every date a date


class ProfileRules(StrictSchema):
    """What must fit together between fields."""

    together: tuple[Any, ...] = ()  # the words that must fit others

    @validates_schema(skip_on_field_errors=False)
    def fits_one_body(self, profile: Mapping[str, Any], **_: Any) -> None:
        faults = {}
        for word in self.together:
            for joint in word.joint:
                value, other = profile.get(word.id), profile.get(joint.other)
                if isinstance(value, Reading) and isinstance(other, Reading) and not joint.fits(value.value, other.value):
                    faults[word.id] = [fault("implausible", misfit(word, joint, value, other))]
        if faults:
            raise ValidationError(faults)


def misfit(word: Any, joint: Any, value: Reading, other: Reading) -> str:
    """No body has both; in which other unit of the first it would."""
    converter, sent = Converter(word), value.sent[-1]
    others = {unit: converter.canonical(sent["value"], unit) for unit in converter.units if unit != sent["unit"]}
    fitting = [unit for unit, number in others.items() if converter.plausible(number) and joint.fits(number, other.value)]
    hint = f"it would be plausible in {' or '.join(fitting)}" if fitting else "look at the units of both"
    return f"{word.id}: implausible: no body has it together with this {joint.other}; {hint}"


class ClearanceRules(StrictSchema):
    @validates_schema(skip_on_field_errors=True)
    def expires_after_date(self, clearance: Mapping[str, Any], **_: Any) -> None:
        if "expires" in clearance and clearance["expires"] < clearance["date"]:
            raise ValidationError({"expires": [fault("invalid_date", "expires must not be before date")]})


def profile_schema(vocabulary: Mapping[str, Any]) -> type[Schema]:
    """The schema class of a profile; it loads a dict shaped like the request, every quantity a Reading."""
    fields_of = {name: field_at(name, words) for name, words in by_place(vocabulary).items()}
    made = ProfileRules.from_dict(fields_of, name="Profile")
    return type("Profile", (made,), {"together": tuple(word for word in vocabulary.values() if word.joint)})


def request_schema(vocabulary: Mapping[str, Any]) -> type[Schema]:
    """The schema class of the body of POST /v1/recommendations."""
    return StrictSchema.from_dict(
        {
            "profile": Part(profile_schema(vocabulary), required=True, metadata={"description": "What is known about the person."}),
            "subject": StrictText(LONGEST_SUBJECT, metadata={"description": "An opaque id of the partner's choosing."}),
        },
        name="RecommendationRequest",
    )


def by_place(vocabulary: Mapping[str, Any]) -> dict[str, Words]:
    """The words that are inputs, by the two steps of their pointers; the second is empty for a field of the profile itself."""
    found: dict[str, Words] = {}
    for word in vocabulary.values():
        if word.input is not None:
            top, _, below = word.input[1:].partition("/")
            found.setdefault(top, {})[below] = word
    return found


def field_at(name: str, words: Words) -> fields.Field[Any]:
    if name in COMPOSITE:
        return COMPOSITE[name](words)
    if "" in words:
        return field_of(words[""], quantity=name in QUANTITIES)
    schema = {part: field_of(word, laboratory=name == "labs") for part, word in words.items()}
    return Part(StrictSchema.from_dict(schema, name=f"Profile{name.title()}"))


def field_of(word: Any, *, quantity: bool = False, laboratory: bool = False) -> fields.Field[Any]:
    """The field of one word; only age is required."""
    about = {"description": word.label, **({"x-unit": word.unit} if word.unit else {})}
    common = {"required": word.id == "age", "metadata": about}
    if quantity or laboratory:
        return Quantity(word, laboratory=laboratory, **common)
    if word.kind == "number":
        number = StrictInteger if word.type == "integer" else StrictNumber
        return number(*(word.hard or (None, None)), **common)
    if word.kind == "choice" and word.valid_for_days is not None:
        return DatedResult(word.values, **common)
    if word.kind == "choice":
        return Choice(word.values, **common)
    if word.counts_as:
        return Signs(metadata={"description": f"{word.label}: {OPEN}; {DETAILS}"})
    if word.kind == "codes" and word.thesaurus is not None:
        return Terms(metadata={"description": f"{word.label}: {OPEN}"})
    if word.kind == "codes":
        return StrictList(Choice(word.values), **common)
    return StrictBoolean(**common)


def blood_pressure(words: Words) -> fields.Field[Any]:
    return BloodPressure(words["systolic"], words["diastolic"])


def weight_change(words: Words) -> fields.Field[Any]:
    return WeightChange(words[""], metadata={"description": words[""].label})


def clearances(words: Words) -> fields.Field[Any]:
    clearance = ClearanceRules.from_dict(
        {
            "intervention": Choice(words[""].values, required=True),
            "role": StrictText(LONGEST_ROLE, required=True, metadata={"description": "The clinician's role."}),
            "date": StrictDate(required=True),
            "expires": StrictDate(metadata={"description": "Twelve months after `date` where it is left out."}),
        },
        name="Clearance",
    )
    return StrictList(Part(clearance), MOST_CLEARANCES, metadata={"description": words[""].label})


COMPOSITE = {
    "blood_pressure": blood_pressure,
    "weight_change": weight_change,
    "clearances": clearances,
}
