"""How stable an answer is, as a shape: for each number sent, the interval in which nothing changes."""

from __future__ import annotations

from marshmallow import fields
from marshmallow.validate import OneOf

from schemas.answer import intervention
from schemas.closed import Closed, anything, number, several, text, truth
from schemas.closed import one as one_of

PLACEMENTS = ("recommend", "maintain", "clinician_first", "withheld", "deferred", "not_indicated")


class MoveSchema(Closed):
    """An intervention that stands elsewhere beyond the end."""

    intervention = intervention()
    from_ = fields.String(required=True, data_key="from", validate=OneOf(PLACEMENTS), metadata={"description": "Where it stands now."})
    to = text("Where it stands beyond.", among=PLACEMENTS)


class ShiftSchema(Closed):
    """Another line that is different beyond the end."""

    kind = text("What sort of line it is.", among=["state", "red_flag", "disposition", "code"])
    id = text("Which one: an id, or `<intervention or component>.<code>` of a gate.")
    from_ = fields.Raw(
        required=True, allow_none=True, data_key="from", metadata={"description": "Its value now; null where it is not there."}
    )
    to = anything("Its value beyond; null where it is not there.")


class EndSchema(Closed):
    """One end of the interval in which nothing changes: no list, no level of a state or red flag, no disposition and no code."""

    at = number("The end, in `unit`; no value of up to six decimals nearer to the present one changes anything.")
    inclusive = truth("Whether nothing changes at the end itself.")
    moves = several(MoveSchema, "Interventions that move just beyond it.")
    shifts = several(
        ShiftSchema,
        "What changes just beyond it beside the lists: states, red flags, the disposition, codes of gates. An end may have shifts only.",
    )


class UsualVariabilitySchema(Closed):
    """How far repeated measurements of an unchanged person usually lie from their mean."""

    amount = number("One standard deviation at the present value, in `unit`.")
    percent = number("The same in percent of the value, where the source gives it so; else null.", null=True)
    source = text("Id of the source.")


class StableInputSchema(Closed):
    """One number that was sent, and how far it can move alone."""

    input = text("JSON Pointer into the profile.")
    value = number("What was sent; of several the mean.")
    unit = text("The caller's unit, else the canonical one; null where it has none.", null=True)
    usual_variability = one_of(UsualVariabilitySchema, "Null where no source for it is at hand.", null=True)
    low = one_of(EndSchema, "Null where nothing changes down to the lowest value accepted.", null=True)
    high = one_of(EndSchema, "Null where nothing changes up to the highest value accepted.", null=True)


class StabilitySchema(Closed):
    """How far each number can move, the others as they are, before anything changes."""

    inputs = several(StableInputSchema, "In the order of the vocabulary.")
