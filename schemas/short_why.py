"""Why in short, as a shape: beside an intervention of a full answer, its reasons counted."""

from __future__ import annotations

from marshmallow import fields

from schemas.closed import Closed, one, text, texts, whole

GROUNDS = ("article", "design", "outside")


class GroundSchema(Closed):
    """A rule, and what it rests on."""

    rule = text("Id of the rule.")
    title = text("Its title.")
    ground = text("The article alone, our own choice, or outside sources.", among=GROUNDS)
    confidence = text("How sure the rule is: H, M or L; null where it only names or arranges.", null=True)
    claims = texts("Claims of the article, as in /v1/claims.")
    sources = texts("Ids of outside sources, as in /v1/sources.")


def weakest() -> fields.Nested:
    return one(GroundSchema, "The rule with the weakest ground; null where no rule stands between.", null=True)


def single_points() -> fields.List[str]:
    return texts("JSON Pointers: without any one of these inputs, the others as they are, the result is gone.")


class ShortWhySchema(Closed):
    """Why an intervention stands where it does, counted; the whole is POST /v1/explanations/why."""

    weakest = weakest()
    single_points = single_points()
    measured = whole("How many inputs it rests on that were measured.")
    reported = whole("How many inputs it rests on that were reported.")
    assumed = whole("How many of its premises were assumed: not answered and taken as not so, or taken as fasting by the field's name.")
    article_only = whole("How many of its rules have nothing but the article behind them.")
