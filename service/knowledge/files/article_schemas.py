"""What the files of the article, of its graph, of outside evidence and of the rule base as a whole look like."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, validates_schema

from service.knowledge.files.rule_schemas import LAYERS, Tests
from service.knowledge.files.shapes import NAMES, Either, Flag, ListOf, MapOf, Mapped, Number, OneOf, Shape, Text, slot
from service.knowledge.files.word_schemas import MARKS, SEEN

VERSION = re.compile(r"\d+\.\d+\.\d+").fullmatch
A_DAY = re.compile(r"20\d\d-[01]\d-[0-3]\d").fullmatch
A_DOI = re.compile(r"10\.\d{4,}/\S+").fullmatch
AN_ADDRESS = re.compile(r"https://\S+").fullmatch


class ClaimShape(Shape):
    id = Text(required=True)
    section = Text(required=True)
    paragraph = Text(required=True)
    kind = OneOf(
        (
            "sign", "cause", "hormone role", "state", "mechanism edge", "molecular target", "intervention", "intervention effect edge",
            "therapeutic principle", "reference",
        ),
        required=True,
    )  # fmt: skip
    asserted = Flag(required=True)
    paraphrase = Text(required=True)
    edges = ListOf(Text(), least=0, required=True)
    inferred = Flag()
    context_only = Text()


class GradedShape(Shape):
    outcome = Text(required=True)
    grade = OneOf(("strong", "moderate", "mixed", "weak", "indirect", "none"), required=True)
    sources = ListOf(Text(), least=0, once=True, required=True)

    @validates_schema(skip_on_field_errors=True)
    def rests_on_something(self, graded: Mapping[str, Any], **_: Any) -> None:
        if not graded["sources"] and graded["grade"] != "none":
            raise ValidationError("only the grade `none` needs no source")


class SourcedShape(Shape):
    says = Text(required=True)
    sources = ListOf(Text(), least=0, once=True, required=True)


class EvidenceShape(Shape):
    id = Text(required=True)
    outcomes = ListOf(Mapped(GradedShape), required=True)
    leptin = Mapped(SourcedShape, required=True)
    harm = Mapped(SourcedShape, required=True)
    note = Text()


class SourceShape(Shape):
    """An outside source. Its mark is V from the day on which somebody saw the text, or a copy of its abstract."""

    author = Text(required=True)
    year = Number(1900, whole=True)
    title = Text()
    citation = Text(required=True)
    kind = OneOf(("guideline", "review", "trial", "statement", "cohort", "label", "expert"), required=True)
    mark = OneOf(MARKS, required=True)
    verified = Text(A_DAY, "a day is expected, as 2026-11-28")
    doi = Text(A_DOI, "a DOI is expected, as 10.2337/dci24-0032")
    url = Text(AN_ADDRESS, "an address is expected, as https://www.nice.org.uk/guidance/ng12")
    status = Text()
    note = Text()
    withdrawn = Text(expected="a source is withdrawn without saying why")

    @validates_schema(skip_on_field_errors=True)
    def seen_on_a_day(self, source: Mapping[str, Any], **_: Any) -> None:
        if (source["mark"] == SEEN) != ("verified" in source):
            raise ValidationError(f"`verified` says on which day a source marked {SEEN} was seen, and only of such a one")


class NodeShape(Shape):
    """A row of mechanisms/nodes.csv."""

    id = Text(required=True)
    type = OneOf(("cause", "hormone", "intervention", "molecule", "outcome", "process", "sign", "state", "tissue"), required=True)
    label = Text(required=True)
    plain = Text(required=True)


class EdgeShape(Shape):
    from_ = slot(Text, "from")
    to = Text(required=True)
    sign = OneOf(("+", "-", "part-of", "is-a", "guides", "normalises"), required=True)
    claims = ListOf(Text(), least=0, once=True, required=True)
    bridge = Either(Text(), NAMES)
    why = Text()
    causal = Flag()
    not_chained = Text()


class GraphShape(Shape):
    layer = OneOf(("mechanisms",), required=True)
    title = Text(required=True)
    edges = ListOf(Mapped(EdgeShape), required=True)


class ChainShape(Shape):
    intervention = Text(required=True)
    side = OneOf(("insulin", "leptin", "energy"), required=True)
    path = ListOf(Text(), least=2, required=True)
    canonical = Flag()


class ChainsShape(Shape):
    layer = OneOf(("mechanisms",), required=True)
    title = Text(required=True)
    chains = ListOf(Mapped(ChainShape), required=True)


class AttributeShape(Shape):
    name = Text(required=True)
    says = Text()
    inputs = ListOf(Text(), least=0, once=True)
    citations = Flag()


class ClassesShape(Shape):
    measures = slot(ListOf, "measures", Text(), once=True)
    classes = slot(ListOf, "classes", Text(), once=True)
    where = Tests(required=True)
    unclassed = OneOf(("below", "above"))


class RuleBaseShape(Shape):
    version = Text(VERSION, "a version is expected, as 1.2.0", required=True)
    form = Number(1, whole=True)
    title = Text(required=True)
    intended_use = Text(required=True)
    intended_users = ListOf(Text(), required=True)
    population = Text(required=True)
    limitations = ListOf(Text(), required=True)
    logic = MapOf(Text(), key=OneOf(LAYERS), least=len(LAYERS), required=True)
    source_attributes = ListOf(Mapped(AttributeShape), required=True)
    classes = ListOf(Mapped(ClassesShape), required=True)
