"""What each file of the rule base looks like: its slots, which of them are required, and what each may hold.

What needs other files to be judged (whether a word is declared, a threshold within its range) is checked where they are read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, validates_schema

from service.knowledge.faults import did_you_mean
from service.knowledge.shapes import Either, Flag, ListOf, MapOf, Mapped, Number, OneOf, Shape, Slot, Text

LAYERS = (
    "findings", "red_flags", "states", "mechanisms", "indications", "gates", "placement", "plans", "interactions", "monitoring", "ranking",
)  # fmt: skip
STATUSES = ("draft", "approved", "retired")
KINDS = ("number", "choice", "boolean", "codes", "flag", "level", "set", "count")
GATE_LEVELS = ("withhold", "clinician_first", "modify")
MARKS = ("V", "K", "?")  # seen in a public source, from knowledge, to be checked
CODE_SYSTEMS = ("loinc", "snomed", "icd10", "atc")
INPUT = re.compile(r"/[a-z0-9_]+(/[a-z0-9_]+)?").fullmatch
VERSION = re.compile(r"\d+\.\d+\.\d+").fullmatch

NAMES = ListOf(Text(), once=True)
A_NAME_OR_NAMES = Either(Text(), NAMES)
A_GROUP_OR_NAMES = Either(Text(), ListOf(Text(), once=True))


# --- rules -----------------------------------------------------------------------------------------------------------


class CitesShape(Shape):
    article = ListOf(Text(), once=True)
    outside = ListOf(Text(), once=True)
    design = Text()

    @validates_schema(skip_on_field_errors=False)
    def cites_something(self, cites: Mapping[str, Any], **_: Any) -> None:
        if not cites:
            raise ValidationError("cites nothing: the article, an outside source or our design choice")


def conclusion(**slots: Slot) -> Mapped:
    return Mapped(Shape.from_dict({f"{name}_": slot for name, slot in slots.items()}))  # type: ignore[arg-type]


def slot(kind: type[Slot], name: str, *arguments: Any, required: bool = True, **options: Any) -> Slot:
    """A slot whose name no Python name can have, or would hide one."""
    return kind(*arguments, data_key=name, required=required, **options)


# The first key of `then` names the form; the others are what it carries beside it.
FORMS: Mapping[str, Mapped] = {
    form: conclusion(form=slot(Text, form), **others)
    for form, others in {
        "finding": {},
        "holds": {},
        "red_flag": {"urgency": slot(Text, "urgency")},
        "state": {"level": slot(Text, "level")},
        "tendency": {"is": slot(OneOf, "is", ("raised", "lowered"))},
        "offer": {},
        "maintain": {},
        "defer": {"code": slot(Text, "code"), "until": slot(Text, "until")},
        "decline": {"code": slot(Text, "code")},
        "gate": {
            "code": slot(Text, "code"),
            "interventions": slot(Either, "interventions", Text(), NAMES),
            "clearable": slot(Flag, "clearable", required=False),
        },
        "place": {"in": slot(Text, "in")},
        "disposition": {},
        "plan": {"step": slot(Text, "step")},
        "interaction": {"interventions": slot(Either, "interventions", Text(), NAMES)},
        "monitor": {"at": slot(Text, "at")},
        "notice": {},
        "position": {"at": slot(Number, "at", 1, whole=True)},
        "phase": {"at": slot(Number, "at", 1, 4, whole=True)},
    }.items()
}


class Conclusion(Slot):
    """The `then` of a rule: one of FORMS, with all that it must carry."""

    def checked(self, value: Any) -> Any:
        if not isinstance(value, dict) or not value:
            raise ValidationError("a mapping is expected")
        form = next(iter(value))
        if form not in FORMS:
            raise ValidationError(f"`then` must begin with one of {', '.join(FORMS)}{did_you_mean(form, FORMS)}")
        return FORMS[form].checked(value)


class Tests(Slot):
    """A condition: read word by word against the vocabulary, not here."""

    def checked(self, value: Any) -> Any:
        if not isinstance(value, dict) or not value:
            raise ValidationError("a condition is a group of all, any, none")
        return value


class RuleShape(Shape):
    id = Text(required=True)
    title = Text(required=True)
    status = OneOf(STATUSES)
    confidence = OneOf(("H", "M", "L"))
    cites = Mapped(CitesShape, required=True)
    when = Tests(required=True)
    then = Conclusion(required=True)
    says = Text()
    each = A_GROUP_OR_NAMES
    note = Text()


class RuleFileShape(Shape):
    topic = Text(required=True)
    layer = OneOf(LAYERS, required=True)
    title = Text(required=True)
    applies = ListOf(Either(Tests(), Text()))
    rules = ListOf(Mapped(RuleShape), required=True)


class PhaseShape(Shape):
    weeks = Text(required=True)
    label = Text(required=True)


class PolicyShape(Shape):
    max_changes_default = Number(1, 14, whole=True, required=True)
    phases = MapOf(Mapped(PhaseShape), key=Number(1, 4, whole=True), required=True)
    cites = Mapped(CitesShape, required=True)


class RankingShape(RuleFileShape):
    policy = Mapped(PolicyShape, required=True)


class CaseShape(Shape):
    name = Text(required=True)
    rule = Text(required=True)
    given = MapOf(Slot(), least=0, required=True)
    fires = Flag(required=True)


# --- vocabulary ------------------------------------------------------------------------------------------------------


class CodesShape(Shape):
    loinc = snomed = icd10 = atc = ListOf(Text(), once=True)
    mark = OneOf(MARKS)


class ValueShape(Shape):
    label = Text(required=True)
    plain = Text()
    codes = Mapped(CodesShape)
    mark = OneOf(MARKS)


class ConversionShape(Shape):
    times = per = Number(0.000001)
    plus = Number()
    factor = Flag()


class VariabilityShape(Shape):
    percent = absolute = Number(0.000001)
    source = Text(required=True)

    @validates_schema
    def one_measure(self, variability: Mapping[str, Any], **_: Any) -> None:
        if ("percent" in variability) == ("absolute" in variability):
            raise ValidationError("has a source and one of percent and absolute")


RANGE = ListOf(Number(), least=2)
# What a word of each kind must have beside kind, label and plain, and what it may have.
SLOTS_OF_KIND: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    kind: (frozenset(must.split()), frozenset(may.split()))
    for kind, must, may in (
        (
            "number",
            "",
            "input question unit units hard soft digits type changeable codes valid_for_days fasting variability "
            "formula from from_any unless cites listed",
        ),
        ("choice", "input values question", "changeable codes unless"),
        ("boolean", "input question", "changeable codes unless"),
        ("codes", "values", "input question changeable unless"),
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
    note = Text()
    input = Text(INPUT, "a pointer into the profile is expected, as /labs/hba1c")
    question = Text()
    unit = Text()
    units = MapOf(Mapped(ConversionShape))
    hard = RANGE
    soft = RANGE
    digits = Number(0, 6, whole=True)
    valid_for_days = Number(1, 36500, whole=True)
    fasting = Flag()
    changeable = OneOf(("no", "up", "down", "either", "indirect"))
    codes = Mapped(CodesShape)
    mark = OneOf(MARKS)
    values = Either(Text(), NAMES, MapOf(Mapped(ValueShape)))
    of = NAMES
    type = Text()
    listed = OneOf(("finding", "red_flag", "state", "computed", "mechanism"))
    formula = Text()
    from_ = slot(ListOf, "from", Text(), required=False)
    from_any = NAMES
    unless = Tests()
    cites = Mapped(CitesShape)
    variability = Mapped(VariabilityShape)

    @validates_schema
    def fits_its_kind(self, word: Mapping[str, Any], **_: Any) -> None:
        must, may = SLOTS_OF_KIND[word["kind"]]
        written = {self.fields[name].data_key or name for name in word}
        wrong = {name: [f"a {word['kind']} has no such slot"] for name in written - must - may - {"label", "plain", "kind", "note"}}
        wrong |= {name: [f"is missing: a {word['kind']} needs it"] for name in must - written}
        wrong |= {name: [f"is missing: {reason}"] for name, reason in implied(written) if name not in written}
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
    if written & {"units", "variability", "valid_for_days", "fasting"}:
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


class NodeShape(Shape):
    """A row of mechanisms/nodes.csv."""

    id = Text(required=True)
    type = OneOf(("cause", "hormone", "intervention", "molecule", "outcome", "process", "sign", "state", "tissue"), required=True)
    label = Text(required=True)
    plain = Text(required=True)


# --- the article, evidence, sources ----------------------------------------------------------------------------------


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


class EdgeShape(Shape):
    from_ = slot(Text, "from")
    to = Text(required=True)
    sign = OneOf(("+", "-", "part-of", "is-a", "guides", "normalises"), required=True)
    claims = ListOf(Text(), least=0, once=True, required=True)
    bridge = A_NAME_OR_NAMES
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


# --- the rule base as a whole ----------------------------------------------------------------------------------------


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
