"""The shape of what would have to be different for an intervention to be recommended, or not to be."""

from __future__ import annotations

from marshmallow import fields

from schemas.closed import Closed, anything, several, text, truth, whole

GOALS = ("recommend", "not_recommend")
MOST_AT_ONCE = 4
AT_MOST = 3


class ChangeOfInputSchema(Closed):
    """One input that would be different."""

    input = text("JSON Pointer into the profile; of the inputs that were sent, one that the vocabulary calls changeable.")
    from_ = fields.Raw(
        required=True, allow_none=True, data_key="from", metadata={"description": "What was sent; of several readings the mean."}
    )
    to = anything("What would stand there instead, in `unit`: as a change of what-if takes it.")
    unit = text("The caller's unit, else the canonical one; null where it has none.", null=True)


class SetOfChangesSchema(Closed):
    """Changes that are enough together, and no part of them; shown by running the engine on all of them and on every part."""

    changes = several(ChangeOfInputSchema, "Empty where the goal is reached without any.")
    size = whole("How many they are.")
    text = text("In words: where the intervention would then stand, what cannot be changed directly, and red flags that would come.")


class CounterfactualsSchema(Closed):
    """The smallest sets of changes that lead to the goal. What would be so, not what anybody is advised to reach."""

    reachable = truth("Whether a set was found, or none is needed.")
    exhausted = truth(
        "Whether every set of up to `at_most` inputs was searched with every value that makes a difference to a test of the rules; false "
        "where the bound of the work was reached before. Then there may be further sets, and `reason` says up to which size there are none."
    )
    reason = text("Why nothing was found, or how far the search came; null where neither is to be said.", null=True)
    sets = several(
        SetOfChangesSchema,
        "Each with the nearest values that were found. Smallest first, then nearest: by the shares of their usual ranges, or of their "
        "choices, that the inputs move, and one more for each input that a person cannot change directly.",
    )
