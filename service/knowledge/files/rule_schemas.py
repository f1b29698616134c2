"""What files of rules and of their cases look like: the slots of each, which of them are required, and what each may hold.

Whether a word is declared or a threshold within its range needs other files and is checked where conditions are read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, validates_schema

from service.knowledge.faults import did_you_mean
from service.knowledge.files.shapes import NAMES, Either, Flag, ListOf, MapOf, Mapped, Number, OneOf, Shape, Slot, Text, slot

LAYERS = (
    "findings", "red_flags", "states", "indications", "gates", "placement", "plans", "interactions", "mechanisms", "monitoring", "ranking",
)  # fmt: skip
STATUSES = ("draft", "approved", "retired")
GATE_LEVELS = ("withhold", "clinician_first", "modify")
WITHIN = ("3 d", "7 d", "14 d", "4 wk", "12 wk")  # by when something is to be seen, the soonest first
A_NAME_OR_NAMES = Either(Text(), NAMES)


class CitesShape(Shape):
    article = ListOf(Text(), once=True)
    outside = ListOf(Text(), once=True)
    design = Text()

    @validates_schema(skip_on_field_errors=False)
    def cites_something(self, cites: Mapping[str, Any], **_: Any) -> None:
        if not cites:
            raise ValidationError("cites nothing: the article, an outside source or our design choice")


def conclusion(**slots: Slot) -> Mapped:
    fields: dict[str, Any] = {f"{name}_": slot for name, slot in slots.items()}
    return Mapped(Shape.from_dict(fields))


# The first key of `then` names the form; the others are what it carries beside it.
FORMS: Mapping[str, Mapped] = {
    form: conclusion(form=slot(Text, form), **others)
    for form, others in {
        "finding": {},
        "holds": {},
        "red_flag": {"urgency": slot(Text, "urgency"), "within": slot(OneOf, "within", WITHIN, required=False)},
        "state": {"level": slot(Text, "level")},
        "tendency": {"is": slot(OneOf, "is", ("raised", "lowered"))},
        "offer": {},
        "maintain": {},
        "defer": {"code": slot(Text, "code"), "until": slot(Text, "until")},
        "decline": {"code": slot(Text, "code")},
        "gate": {
            "code": slot(Text, "code"),
            "interventions": slot(Either, "interventions", Text(), NAMES),
            "actions": slot(ListOf, "actions", Text(), required=False, once=True),
            "clearable": slot(Flag, "clearable", required=False),
        },
        "stop": {},
        "cap": {},
        "rule_out": {},
        "habit": {"code": slot(Text, "code")},
        "place": {"in": slot(Text, "in")},
        "disposition": {},
        "plan": {"step": slot(Text, "step")},
        "interaction": {"interventions": slot(Either, "interventions", Text(), NAMES)},
        "told": {"of": slot(ListOf, "of", Text(), once=True)},
        "monitor": {"at": slot(Text, "at")},
        "notice": {},
        "conflict": {"taken": slot(Text, "taken"), "unconfirmed": slot(ListOf, "unconfirmed", Text(), required=False, once=True)},
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
    exceeds = Text()
    fresh = ListOf(Text(), least=0, once=True)
    does = ListOf(Text(), once=True)
    avoids = ListOf(Text(), once=True)
    whatever = Text()
    each = A_NAME_OR_NAMES


class LaterShape(Shape):
    says = Text(required=True)
    within = OneOf(WITHIN, required=True)


class RuleFileShape(Shape):
    """Of the rules of a family exactly one fires wherever the file applies.

    `later` and `undated` are said before the sentence of a rule that asks for fresh readings, where they are old, or of no day.
    """

    topic = Text(required=True)
    layer = OneOf(LAYERS, required=True)
    title = Text(required=True)
    applies = ListOf(Either(Tests(), Text()))
    families = ListOf(NAMES)
    later = Mapped(LaterShape)
    undated = Text()
    rules = ListOf(Mapped(RuleShape), required=True)

    @validates_schema(skip_on_field_errors=True)
    def says_what_comes_first(self, content: Mapping[str, Any], **_: Any) -> None:
        if any(rule.get("fresh") for rule in content["rules"]) and not {"later", "undated"} <= content.keys():
            raise ValidationError("a file with `fresh` rules says `later` and `undated`")


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
