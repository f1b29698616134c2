"""Why a result holds, as a shape: everything about one result of one profile."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import fields

from schemas.answer import EvidenceSchema
from schemas.closed import Closed, anything, one, several, text, truth
from schemas.fields import Choice
from schemas.short_why import GroundSchema, single_points, weakest
from schemas.trace import ABSENCE

NAMED = ("finding", "state", "red_flag")  # what can be asked about beside the interventions
BASES = ("measured", "reported", "assumed")
BRANCH = {
    "type": "object",
    "description": "A node of the trace. `above` says that its premises were shown above and are left out here.",
    "required": ["id", "text", "rule", "above", "premises"],
    "properties": {
        "id": {"type": "string"},
        "text": {"type": "string"},
        "rule": {"type": ["string", "null"]},
        "above": {"type": "boolean"},
        "fact": {"type": "string"},
        "premises": {"type": "array", "items": {"type": "object", "description": "A fact as a tree again, a node, or an absence."}},
    },
    "additionalProperties": False,
}
TREE = {
    "type": "object",
    "description": "A fact with every justification, down to what was sent.",
    "required": ["fact", "value", "because"],
    "properties": {"fact": {"type": "string"}, "value": {}, "because": {"type": "array", "items": {"anyOf": [BRANCH, ABSENCE]}}},
    "additionalProperties": False,
}


class PremiseSchema(Closed):
    """What a result rests on that no rule made."""

    fact = text("Id of the fact.")
    input = text("JSON Pointer into the profile; null where it is none of it.", null=True)
    basis = text("Measured, reported, or assumed.", among=BASES)
    text = text("In words.")


class WholeWhySchema(Closed):
    """Everything about one result."""

    fact = text("Id of the fact.")
    value = anything("Its value.")
    tree = fields.Raw(required=True, metadata=TREE)
    sufficient = fields.List(
        fields.List(fields.String()),
        required=True,
        metadata={"description": "The smallest sets of inputs (JSON Pointers) that give the result whatever else the profile holds."},
    )
    complete = truth("Whether these are all such sets, each shown to be minimal; false where a bound of the search was reached.")
    single_points = single_points()
    premises = several(PremiseSchema, "What it rests on that no rule made.")
    article_only = several(GroundSchema, "Rules with nothing but the article behind them.")
    weakest = weakest()
    evidence = one(EvidenceSchema, "Of an intervention; null for anything else.", null=True)


class WhySchema(Closed):
    """Why something holds for this person."""

    why = one(WholeWhySchema, "Null where it does not hold.", null=True)


def result(vocabulary: Mapping[str, Any], interventions: tuple[str, ...]) -> Choice:
    """Make the field that names what is asked about."""
    about = "What to explain: where an intervention stands, or a finding, state or red flag that holds."
    names = [word.id for word in vocabulary.values() if word.listed in NAMED]
    return Choice((*interventions, *names), required=True, metadata={"description": about})
