"""What files of the vocabulary look like: what every word of a kind must have, and what it may."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, validates_schema

from service.knowledge.files.rule_schemas import CitesShape, Tests
from service.knowledge.files.shapes import NAMES, Either, Flag, ListOf, MapOf, Mapped, Number, OneOf, Shape, Slot, Text, slot

KINDS = ("number", "choice", "boolean", "codes", "flag", "level", "set", "count")
DETAILS = ("since", "course")  # what may be said of a sign
SEEN = "V"
MARKS = (SEEN, "K", "?")  # seen in a public source, from knowledge, to be checked
INPUT = re.compile(r"/[a-z0-9_]+(/[a-z0-9_]+)?").fullmatch


class CodesShape(Shape):
    loinc = snomed = icd10 = atc = ListOf(Text(), once=True)
    mark = OneOf(MARKS)


class ValueShape(Shape):
    """`details`: what rules ask of this sign beside its being there; `asks`: the question for a detail that is this sign's own."""

    details = ListOf(OneOf(DETAILS), once=True)
    asks = MapOf(Text())
    label = Text(required=True)
    plain = Text()
    codes = Mapped(CodesShape)
    mark = OneOf(MARKS)


class CodeShape(Shape):
    """A row of vocabulary/<list>.csv: a value of the list, the groups that it belongs to, or why nothing is to be minded."""

    id = Text(required=True)
    label = Text(required=True)
    plain = Text()
    groups = Text()
    because = Text()
    sources = Text()


class ConversionShape(Shape):
    times = per = Number(0.000001)
    plus = Number()
    factor = Flag()
    printed = ListOf(ListOf(Number(), least=2))


class VariabilityShape(Shape):
    percent = absolute = Number(0.000001)
    source = Text(required=True)

    @validates_schema
    def one_measure(self, variability: Mapping[str, Any], **_: Any) -> None:
        if ("percent" in variability) == ("absolute" in variability):
            raise ValidationError("has a source and one of percent and absolute")


class UnremarkableShape(Shape):
    """Values of which nothing has to be said, in the canonical unit; without a limit every value."""

    at_least = above = at_most = below = Number()
    because = Text(required=True)


class DetailShape(Shape):
    """How a detail of a sign is called and asked for; `{sign}` stands for the sign."""

    label = Text(required=True)
    plain = Text(required=True)
    question = Text(required=True)
    values = MapOf(Mapped(ValueShape))


RANGE = ListOf(Number(), least=2)


class LastingShape(Shape):
    below = Number(required=True)
    days = Number(1, 36500, whole=True, required=True)


class JointShape(Shape):
    power = Number(1, 3, whole=True)
    times = Number(0.000001)
    hard = ListOf(Number(), least=2, required=True)


# What a word of each kind must have beside kind, label and plain, and what it may have.
SLOTS_OF_KIND: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    kind: (frozenset(must.split()), frozenset(may.split()))
    for kind, must, may in (
        (
            "number",
            "",
            "input question unit units hard joint soft digits type changeable codes valid_for_days urgent_for_days "
            "urgent_on_insulin_for_days same_sample_as lasting fasting "
            "variability formula from from_any recent_as each_of end at_any_age unless cites listed unremarkable unread",
        ),
        ("choice", "input values question", "changeable codes unless valid_for_days unread"),
        ("boolean", "input question", "changeable codes unless unread"),
        ("codes", "", "values counts_as understands speaks_of details input question changeable unless unread"),
        ("flag", "", "listed"),
        ("level", "values", "listed"),
        ("set", "values", "listed type"),
        ("count", "of", "listed unless cites digits"),
    )
}


class WordShape(Shape):
    label = Text(required=True)
    plain = Text()
    kind = OneOf(KINDS, required=True)
    unread = Either(Text(), MapOf(Text()))
    input = Text(INPUT, "a pointer into the profile is expected, as /labs/hba1c")
    question = Text()
    unit = Text()
    units = MapOf(Mapped(ConversionShape))
    hard = RANGE
    joint = MapOf(Mapped(JointShape))
    lasting = Mapped(LastingShape)
    soft = RANGE
    digits = Number(0, 6, whole=True)
    valid_for_days = Number(1, 36500, whole=True)
    urgent_for_days = urgent_on_insulin_for_days = Number(0, 36500, whole=True)
    same_sample_as = recent_as = Text()
    each_of = MapOf(NAMES)
    end = OneOf(("low", "high"))
    fasting = at_any_age = Flag()
    changeable = OneOf(("no", "up", "down", "either", "indirect"))
    codes = Mapped(CodesShape)
    mark = OneOf(MARKS)
    values = Either(Text(), NAMES, MapOf(Mapped(ValueShape)))
    counts_as = Text()
    understands = Text()
    speaks_of = Text()
    details = MapOf(Mapped(DetailShape))
    of = NAMES
    type = Text()
    listed = OneOf(("finding", "red_flag", "state", "computed", "mechanism"))
    formula = Text()
    from_ = slot(ListOf, "from", Text(), required=False)
    from_any = NAMES
    unless = Tests()
    cites = Mapped(CitesShape)
    variability = Mapped(VariabilityShape)
    unremarkable = ListOf(Mapped(UnremarkableShape))

    @validates_schema
    def fits_its_kind(self, word: Mapping[str, Any], **_: Any) -> None:
        must, may = SLOTS_OF_KIND[word["kind"]]
        written = {self.fields[name].data_key or name for name in word}
        wrong = {name: [f"a {word['kind']} has no such slot"] for name in written - must - may - {"label", "plain", "kind"}}
        wrong |= {name: [f"is missing: a {word['kind']} needs it"] for name in must - written}
        wrong |= {name: [f"is missing: {reason}"] for name, reason in implied(written) if name not in written}
        if word["kind"] == "codes" and len(word.keys() & {"values", "counts_as", "speaks_of"}) > 1:
            wrong["values"] = ["a list has values of its own, counts as another, or speaks of another"]
        if not word.get("details", {}).keys() <= set(DETAILS) or ("details" in word and "counts_as" not in word):
            wrong["details"] = [f"a list that counts as another says how its details are called: {', '.join(DETAILS)}"]
        if wrong:
            raise ValidationError(wrong)

    @validates_schema
    def ranges_are_in_order(self, word: Mapping[str, Any], **_: Any) -> None:
        for name in ("hard", "soft"):
            bounds = word.get(name)
            if bounds is not None and not (len(bounds) == 2 and bounds[0] < bounds[1]):
                raise ValidationError({name: ["two numbers are expected, the lower first"]})
        if "soft" in word and "hard" in word and not (word["hard"][0] <= word["soft"][0] and word["soft"][1] <= word["hard"][1]):
            raise ValidationError({"soft": ["must lie within `hard`"]})


def implied(written: set[str]) -> list[tuple[str, str]]:
    """The slots that a word needs because of others that it has, with the reason."""
    needs = []
    if "input" in written:
        needs.append(("question", "what a person is asked for needs its question"))
    if "formula" in written:
        needs += [("cites", "a formula rests on something"), ("digits", "a computed number is shown with digits")]
        needs += [] if written & {"from", "from_any"} else [("from", "a formula is made of something")]
    if written & {"units", "variability", "valid_for_days", "urgent_for_days", "same_sample_as", "lasting", "fasting"}:
        needs += [("input", "only an input has units, a variability and a date")]
    if "units" in written:
        needs.append(("unit", "units are converted to it"))
    return needs


class InterventionShape(Shape):
    title = Text()
    label = Text(required=True)
    plain = Text()
    group = OneOf(("diet", "restrict", "exercise", "monitoring"))
    node = Text(required=True)
    claims = ListOf(Text(), least=0, once=True)
    components = NAMES


CATALOGUES: Mapping[str, Slot] = {
    "interventions": MapOf(Mapped(InterventionShape)),
    "components": MapOf(Mapped(InterventionShape)),
    "groups": MapOf(NAMES),
}


class Words(Slot):
    """A file of the vocabulary: words, and the catalogues that stand beside them."""

    def checked(self, value: Any) -> Any:
        MapOf(Slot()).checked(value)
        wrong = {}
        for key, entry in value.items():
            try:
                CATALOGUES.get(key, WORD).checked(entry)
            except ValidationError as error:
                wrong[key] = error.messages
        if wrong:
            raise ValidationError(wrong)
        return value


WORD = Mapped(WordShape)
