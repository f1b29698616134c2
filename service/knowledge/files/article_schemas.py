"""What the files of the article, of its graph, of outside evidence and of the rule base as a whole look like."""

from __future__ import annotations

import re

from service.knowledge.files.rule_schemas import LAYERS, Tests
from service.knowledge.files.shapes import NAMES, Either, Flag, ListOf, MapOf, Mapped, Number, OneOf, Shape, Text, slot
from service.knowledge.files.word_schemas import MARKS

VERSION = re.compile(r"\d+\.\d+\.\d+").fullmatch


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


class EvidenceShape(Shape):
    id = Text(required=True)
    grade = OneOf(("strong", "moderate", "mixed", "weak", "indirect", "none"), required=True)
    outcome = Text(required=True)
    leptin = Text()
    sources = ListOf(Text(), once=True, required=True)
    note = Text()


class SourceShape(Shape):
    citation = Text(required=True)
    title = Text()
    kind = OneOf(("guideline", "review", "trial", "statement", "cohort", "label", "expert"), required=True)
    mark = OneOf(MARKS, required=True)
    doi = Text()
    status = Text()
    note = Text()
    withdrawn = Text(expected="a source is withdrawn without saying why")


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
