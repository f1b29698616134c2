"""Explanations on demand: what is asked, and the answers, field by field."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any, cast

from marshmallow import Schema, ValidationError, fields, post_load

from schemas.answer import AnswerSchema, MissingSchema, ReasonSchema, intervention
from schemas.closed import Closed, anything, number, several, text, texts, truth
from schemas.closed import one as one_of
from schemas.counterfactuals import AT_MOST, GOALS, MOST_AT_ONCE
from schemas.faults import Fault, FieldError, fault, flatten
from schemas.fields import Choice, Part, StrictInteger, StrictList, StrictSchema, StrictText
from schemas.pointers import Places, PointerFault, change, steps_of
from schemas.why import result

NOT_RECOMMENDED = ("clinician_first", "withheld", "deferred", "not_indicated")
WORDS = ("at_least", "above", "at_most", "below", "is", "is_not", "includes", "includes_not", "known")
KINDS = (
    "disposition", "red_flag", "list", "status", "rank", "phase", "reason", "component", "state", "finding", "computed", "plan",
    "number", "interaction", "article", "monitoring", "missing", "notice", "conflict",
)  # fmt: skip
LONGEST_POINTER = 128
MOST_CHANGES = 50


# --- what is asked ---------------------------------------------------------------------------------------------------------------


def profile_field(profile: type[Schema]) -> fields.Field[Any]:
    return Part(profile, required=True, metadata={"description": "What is known about the person."})


class RequestSchemas:
    """The bodies of the explanations, made once, of the profile that the body of POST /v1/recommendations has."""

    def __init__(self, vocabulary: Mapping[str, Any], interventions: tuple[str, ...], request: type[Schema]):
        parts: Mapping[str, Any] = request().fields
        profile: type[Schema] = parts["profile"].nested
        self.missing = StrictSchema.from_dict({"profile": profile_field(profile)}, name="MissingRequest")
        self.stability = StrictSchema.from_dict({"profile": profile_field(profile)}, name="StabilityRequest")
        asked = Choice(interventions, metadata={"description": "Only this one; all that are not recommended where it is left out."})
        self.why_not = StrictSchema.from_dict({"profile": profile_field(profile), "intervention": asked}, name="WhyNotRequest")
        aimed = {"profile": profile_field(profile), **goal(interventions)}
        self.counterfactuals = StrictSchema.from_dict(aimed, name="CounterfactualsRequest")
        changes = StrictList(
            Part(ChangeSchema),
            MOST_CHANGES,
            required=True,
            metadata={"description": "Applied in their order."},
        )
        what_if = WhatIfRules.from_dict({"profile": profile_field(profile), "changes": changes}, name="WhatIfRequest")
        self.what_if = cast("type[WhatIfRules]", what_if)  # the library says only that it is a schema
        named = result(vocabulary, interventions)
        self.why = StrictSchema.from_dict({"profile": profile_field(profile), "result": named}, name="WhyRequest")
        self.what_if.changed_profile, self.what_if.places = profile, Places(vocabulary)


def goal(interventions: tuple[str, ...]) -> dict[str, fields.Field[Any]]:
    aim = {"description": "Into the recommended list, where what is kept up stands too, or out of it."}
    most = {"description": "The greatest number of inputs that may change together."}
    return {
        "intervention": Choice(interventions, required=True, metadata={"description": "The intervention in question."}),
        "goal": Choice(GOALS, required=True, metadata=aim),
        "at_most": StrictInteger(1, MOST_AT_ONCE, load_default=AT_MOST, metadata=most),
    }


class ChangeSchema(StrictSchema):
    """One change of a profile."""

    input = StrictText(LONGEST_POINTER, required=True, metadata={"description": "JSON Pointer into the profile."})
    value = fields.Raw(
        required=True,
        allow_none=True,
        metadata={
            "description": "What stands there instead, as it would be sent; null takes it away. A number alone replaces the value of a "
            "quantity that was sent, in its unit."
        },
    )


class WhatIfRules(StrictSchema):
    """Loads as {profile, changed}: both profiles as the service reads them."""

    changed_profile: type[Schema]
    places: Places

    @post_load(pass_original=True)
    def both(self, body: Mapping[str, Any], sent: Mapping[str, Any], **_: Any) -> dict[str, Any]:
        pointers = [one["input"] for one in body["changes"]]
        profile = deepcopy(sent["profile"])
        faults = [self.apply(profile, number, one) for number, one in enumerate(body["changes"])]
        if any(faults):
            raise ValidationError({"changes": {number: found for number, found in enumerate(faults) if found}})
        try:
            return {"profile": body["profile"], "changed": self.changed_profile().load(profile)}
        except ValidationError as error:
            raise ValidationError({"changes": placed(flatten(error.messages), pointers)}) from None

    def apply(self, profile: dict[str, Any], number: int, one: Mapping[str, Any]) -> dict[str, Any] | None:
        try:
            change(profile, self.places.read(one["input"]), deepcopy(one["value"]))
        except PointerFault:
            return {"input": [fault("unknown_field", "input names nothing that a profile has")]}
        return None


def placed(faults: list[FieldError], pointers: list[str]) -> dict[int, Any]:
    """Faults of a changed profile as faults of the change that made them: the last one at, above or below the place."""
    found: dict[int, Any] = {}
    for each in faults:
        number = responsible(each["pointer"], pointers)
        rest = each["pointer"].removeprefix(pointers[number])
        below = steps_of(rest) if rest.startswith("/") and rest != each["pointer"] else ()
        plant(found.setdefault(number, {}), ("value", *below), fault(each["code"], each["message"]))
    return found


def plant(tree: dict[Any, Any], path: tuple[str, ...], error: Fault) -> None:
    """Put a fault in its place among the messages; where faults of the whole stand there already, beside them."""
    *above, last = path
    for step in above:
        if isinstance(tree.get(step), list):
            tree[step].append(error)
            return
        tree = tree.setdefault(step, {})
    if isinstance(tree.get(last), dict):
        tree, last = tree[last], "_schema"
    tree.setdefault(last, []).append(error)


def responsible(pointer: str, pointers: list[str]) -> int:
    numbered = list(enumerate(pointers))[::-1]
    return next(
        (number for number, one in numbered if f"{pointer}/".startswith(f"{one}/") or f"{one}/".startswith(f"{pointer}/")), numbered[0][0]
    )


# --- why not -----------------------------------------------------------------------------------------------------------------------


class ConditionSchema(Closed):
    """A test that stands in the way, followed down to an input."""

    rule = text("Id of the rule that tests.")
    fact = text("Id of the fact that it tests; where that is computed, `input` is one of the inputs it is made from.")
    input = text("JSON Pointer into the profile.")
    value = anything("What was sent there, in the caller's unit; null where nothing was.")
    unit = text("Unit of value, threshold and margin: the caller's, else the canonical one; null where it has none.", null=True)
    word = text("What is asked of the input.", among=WORDS)
    threshold = anything("What it is compared with, in `unit`; null where no single value of this input decides.")
    margin = number("How far the value is from the threshold, in `unit`; null where it is no number or not known.", null=True)
    status = text("Failed by what was sent, or unknown.", among=["failed", "unknown"])
    text = text("In words.")


class WhyNotRowSchema(Closed):
    """One intervention that is not recommended."""

    intervention = intervention()
    list = text("The list it stands in.", among=NOT_RECOMMENDED)
    status = text(
        "Blocked by a gate, a deferral or a wish; failed by what was sent; or unknown as long as something is missing.",
        among=["blocked", "failed", "unknown"],
    )
    would_offer = truth("Whether it would be recommended or kept up but for what blocks it.")
    blocked_by = several(ReasonSchema, "What blocks it.")
    conditions = several(ConditionSchema, "What stands in the way, nearest way out first; where it is blocked, what lies behind the block.")


class WhyNotSchema(Closed):
    """What is not recommended, and why; nearest first."""

    interventions = several(WhyNotRowSchema, "Empty where the intervention asked for is recommended.")


# --- what if -----------------------------------------------------------------------------------------------------------------------


class DifferenceSchema(Closed):
    """One line of the answer that the changes change."""

    kind = text("What sort of line it is.", among=KINDS)
    id = text("Which line: an id, or `<intervention>.<code, step or number>`.")
    before = anything("Its value before; null where there was no such line.")
    after = anything("Its value after; null where there is no such line.")
    rules = texts(
        "The rules and formulas through which it changes; "
        "none where something is missing or to be confirmed, or where `max_changes_at_once` moves a phase."
    )
    text = text("In words.")


class WhatIfSchema(Closed):
    """Two answers and what differs; ids of answers that nothing records."""

    before = one_of(AnswerSchema, "The answer to the profile as sent, in summary.")
    after = one_of(AnswerSchema, "The answer to the changed profile, in summary.")
    differences = several(DifferenceSchema, "Every difference between the whole answers.")


# --- missing -----------------------------------------------------------------------------------------------------------------------


class MissingInputsSchema(Closed):
    """What to ask next."""

    inputs = several(MissingSchema, "Most settling first.")
