"""The trace of an answer, node by node, and how a line of an answer names the nodes that it rests on."""

from __future__ import annotations

from marshmallow import fields

from schemas.closed import Closed, anything, number, several, text, texts

NODE_KINDS = (
    "given", "assumed", "computed", "finding", "red_flag", "state", "mechanism", "indication", "gate", "plan", "interaction", "rank",
)  # fmt: skip
ABSENCE = {
    "type": "object",
    "description": "A fact that is absent, or that has not this value.",
    "required": ["fact", "absent"],
    "properties": {"fact": {"type": "string"}, "absent": {"const": True}, "value": {}},
    "additionalProperties": False,
}


def because(about: str = "Ids of the trace nodes that this rests on.") -> fields.List[str]:
    return texts(about)


def low() -> fields.Float:
    return number("The least that it can be, where only bounds of it are known.", required=False)


def high() -> fields.Float:
    return number("The most that it can be, where only bounds of it are known.", required=False)


def sources() -> fields.List[str]:
    return texts("Ids of outside sources, as in /v1/sources.")


class NodeSchema(Closed):
    """One node of the trace: a fact, with the rule and the premises that made it true."""

    id = text(
        "Its id, which `because` names. Of what was given it is `given:` and where it was sent; several nodes may give one list, which is "
        "all of them, and entries that were sent in another list (`given:/supplements/0`) count without answering it."
    )
    kind = text("What sort of node it is.", among=NODE_KINDS)
    fact = text("Id of the fact.")
    value = anything("Its value, in `unit`.")
    low = low()
    high = high()
    unit = text("UCUM unit; null where it has none.", null=True)
    rule = text("The rule or the formula that made it; null for what was given or assumed.", null=True)
    premises = fields.List(
        fields.Raw(metadata={"anyOf": [{"type": "string"}, ABSENCE]}),
        required=True,
        metadata={"description": "Ids of nodes that stand before, or an absence that the rule asked for."},
    )
    sources = sources()
    claims = texts("Claims of the article, as in /v1/claims.")
    design = text("Our own choice, where the rule rests on one; else null.", null=True)
    text = text("In words.")
    sent = anything("What the caller sent, in the caller's unit.", required=False)


class TraceSchema(Closed):
    """Every step, premises first: enough to derive the answer again from the rule files alone."""

    nodes = several(NodeSchema, "The nodes.")
