"""POST /v1/explanations/*: questions about one profile; nothing is recorded."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import marshmallow as ma
from flask import Response

from schemas import explanations as shapes
from schemas.stability import StabilitySchema
from service.advising import Advisor
from service.api import answers, examples
from service.api.document import Resource


def resource(advisor: Advisor, request_schema: type[ma.Schema]) -> Resource:
    """Build the resource that asks this advisor."""
    about = "Why not, what if, what is missing, how stable it is: asked of one profile, recorded nowhere."
    blueprint = Resource("explanations", __name__, description=about)
    bodies = shapes.RequestSchemas(advisor.knowledge.vocabulary, request_schema)
    for add in (add_why_not, add_what_if, add_missing, add_stability):
        add(blueprint, advisor.on_demand, bodies)
    return blueprint


def all_examples(advisor: Advisor, request_schema: type[ma.Schema]) -> dict[str, dict[str, Any]]:
    """Make the example of every operation from the fictional person; ids are fixed, so that every worker shows the same."""
    bodies, asked = shapes.RequestSchemas(advisor.knowledge.vocabulary, request_schema), advisor.on_demand
    profile = {"profile": examples.example_request()["profile"]}
    changes = {**profile, "changes": [{"input": "/medications", "value": []}, {"input": "/labs/fasting_glucose", "value": 5.2}]}
    loaded = bodies.what_if().load(changes)
    compared = asked.what_if(loaded["profile"], loaded["changed"], now=examples.NOW)
    for name in ("before", "after"):
        compared[name]["decision_id"] = str(uuid5(NAMESPACE_URL, name))
    return {
        "POST /v1/explanations/why-not": {"request": profile, "answer": asked.why_not(loaded["profile"], now=examples.NOW)},
        "POST /v1/explanations/what-if": {"request": changes, "answer": compared},
        "POST /v1/explanations/missing": {"request": profile, "answer": asked.missing(loaded["profile"], now=examples.NOW)},
        "POST /v1/explanations/stability": {"request": profile, "answer": asked.stability(loaded["profile"], now=examples.NOW)},
    }


def add_why_not(blueprint: Resource, asked: Any, bodies: shapes.RequestSchemas) -> None:
    @blueprint.route("/v1/explanations/why-not", methods=["POST"])
    @blueprint.arguments(bodies.why_not())
    @blueprint.arguments(shapes.VoiceQuery, location="query")
    @blueprint.response(200, shapes.WhyNotSchema, description="What is not recommended, nearest first.")
    @blueprint.faults(400, 413, 415)
    def why_not(body: dict[str, Any], query: dict[str, str]) -> Response:
        """Tell what keeps interventions from being recommended: gates, unmet conditions down to the input, missing inputs."""
        return answers.json(asked.why_not(body["profile"], body.get("intervention"), now=datetime.now(UTC), **query))


def add_what_if(blueprint: Resource, asked: Any, bodies: shapes.RequestSchemas) -> None:
    @blueprint.route("/v1/explanations/what-if", methods=["POST"])
    @blueprint.arguments(bodies.what_if())
    @blueprint.arguments(shapes.VoiceQuery, location="query")
    @blueprint.response(200, shapes.WhatIfSchema, description="Both answers in summary, and every difference.")
    @blueprint.faults(400, 413, 415)
    def what_if(body: dict[str, Any], query: dict[str, str]) -> Response:
        """Tell what would change in the answer if the profile were changed, and through which rules."""
        return answers.json(asked.what_if(body["profile"], body["changed"], now=datetime.now(UTC), **query))


def add_missing(blueprint: Resource, asked: Any, bodies: shapes.RequestSchemas) -> None:
    @blueprint.route("/v1/explanations/missing", methods=["POST"])
    @blueprint.arguments(bodies.missing())
    @blueprint.arguments(shapes.VoiceQuery, location="query")
    @blueprint.response(200, shapes.MissingInputsSchema, description="Unknown inputs, most settling first.")
    @blueprint.faults(400, 413, 415)
    def missing(body: dict[str, Any], query: dict[str, str]) -> Response:
        """Tell what to ask next: the unknown inputs on which undecided results rest."""
        return answers.json(asked.missing(body["profile"], now=datetime.now(UTC), **query))


def add_stability(blueprint: Resource, asked: Any, bodies: shapes.RequestSchemas) -> None:
    @blueprint.route("/v1/explanations/stability", methods=["POST"])
    @blueprint.arguments(bodies.stability())
    @blueprint.response(200, StabilitySchema, description="For each number sent, the interval in which nothing changes.")
    @blueprint.faults(400, 413, 415)
    def stability(body: dict[str, Any]) -> Response:
        """Tell how far each number could move alone before a list, a level, a red flag or a code changes, and what changes there."""
        return answers.json(asked.stability(body["profile"], now=datetime.now(UTC)))
