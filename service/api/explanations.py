"""POST /v1/explanations/*: questions about one profile; nothing is recorded."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, uuid5

import marshmallow as ma
from flask import Response

from schemas import explanations as shapes
from schemas.asking import VoiceQuery
from schemas.counterfactuals import CounterfactualsSchema
from schemas.stability import StabilitySchema
from schemas.why import WhySchema
from service.api import answers, examples
from service.api.document import Resource
from service.explaining.questions import Questions


class Question(NamedTuple):
    """One route: its name, what it tells, how it asks, and whether its sentences have a voice."""

    name: str
    tells: str
    answer: type[ma.Schema]
    described: str
    ask: Callable[..., dict[str, Any]]
    voiced: bool = True


QUESTIONS = (
    Question(
        "why",
        "Tell why something holds: every way from what was sent to it, the inputs that suffice, and what it rests on at its weakest.",
        WhySchema,
        "The reasons, or null where it does not hold.",
        lambda asked, body, **how: asked.why_if_so(body["profile"], body["result"], **how),
    ),
    Question(
        "why-not",
        "Tell what keeps interventions from being recommended: gates, unmet conditions down to the input, missing inputs.",
        shapes.WhyNotSchema,
        "What is not recommended, nearest first.",
        lambda asked, body, **how: asked.why_not(body["profile"], body.get("intervention"), **how),
    ),
    Question(
        "what-if",
        "Tell what would change in the answer if the profile were changed, and through which rules.",
        shapes.WhatIfSchema,
        "Both answers in summary, and every difference.",
        lambda asked, body, **how: asked.what_if(body["profile"], body["changed"], **how),
    ),
    Question(
        "counterfactuals",
        "Tell the smallest sets of changeable inputs that would bring an intervention into the recommended list, or out of it.",
        CounterfactualsSchema,
        "The sets, each proven on the engine, or why there is none.",
        lambda asked, body, **how: asked.counterfactuals(body["profile"], body["intervention"], body["goal"], body["at_most"], **how),
    ),
    Question(
        "missing",
        "Tell what to ask next: the unknown inputs on which undecided results rest.",
        shapes.MissingInputsSchema,
        "Unknown inputs, most settling first.",
        lambda asked, body, **how: asked.missing(body["profile"], **how),
    ),
    Question(
        "stability",
        "Tell how far each number could move alone before a list, a level, a red flag or a code changes, and what changes there.",
        StabilitySchema,
        "For each number sent, the interval in which nothing changes.",
        lambda asked, body, **how: asked.stability(body["profile"], **how),
        voiced=False,
    ),
)


def resource(questions: Questions, request_schema: type[ma.Schema]) -> Resource:
    """Build the resource that asks these questions."""
    about = "Why not, what if, what else, what is missing, how stable it is: asked of one profile, recorded nowhere."
    blueprint = Resource("explanations", __name__, needs=("advise",), description=about)
    bodies = shapes.RequestSchemas(questions.knowledge.vocabulary, tuple(questions.knowledge.interventions), request_schema)
    for question in QUESTIONS:
        add(blueprint, questions, question, body_of(bodies, question.name))
    return blueprint


def body_of(bodies: shapes.RequestSchemas, name: str) -> ma.Schema:
    schema: type[ma.Schema] = getattr(bodies, name.replace("-", "_"))
    return schema()


def add(blueprint: Resource, asked: Questions, question: Question, body_schema: ma.Schema) -> None:
    """Give the blueprint the view of one question."""

    def view(body: dict[str, Any], *queries: dict[str, str]) -> Response:
        how = queries[0] if queries else {}
        return answers.json(question.ask(asked, body, now=datetime.now(UTC), **how))

    view.__name__, view.__doc__ = question.name.replace("-", "_"), question.tells
    documented = blueprint.faults(400, 413, 415)(view)
    documented = blueprint.response(200, question.answer, description=question.described)(documented)
    if question.voiced:
        documented = blueprint.arguments(VoiceQuery, location="query")(documented)
    documented = blueprint.arguments(body_schema)(documented)
    blueprint.route(f"/v1/explanations/{question.name}", methods=["POST"])(documented)


def all_examples(questions: Questions, request_schema: type[ma.Schema]) -> dict[str, dict[str, Any]]:
    """Make the example of every operation from the fictional person; ids are fixed, so that every worker shows the same."""
    bodies = shapes.RequestSchemas(questions.knowledge.vocabulary, tuple(questions.knowledge.interventions), request_schema)
    profile = {"profile": examples.example_request()["profile"]}
    more: dict[str, dict[str, Any]] = {
        "why": {"result": "intermittent_fasting"},
        "what-if": {"changes": [{"input": "/medications", "value": []}, {"input": "/labs/fasting_glucose", "value": 5.2}]},
        "counterfactuals": {"intervention": "cut_added_sugar", "goal": "not_recommend"},
    }
    found = {}
    for question in QUESTIONS:
        request = {**profile, **more.get(question.name, {})}
        answer = question.ask(questions, body_of(bodies, question.name).load(request), now=examples.NOW)
        for name in {"before", "after"} & answer.keys():
            answer[name]["decision_id"] = str(uuid5(NAMESPACE_URL, name))
        found[f"POST /v1/explanations/{question.name}"] = {"request": request, "answer": answer}
    return found
