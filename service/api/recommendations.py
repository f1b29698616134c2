"""POST /v1/recommendations: a profile in, an explained answer out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import marshmallow as ma
from flask import Response

from schemas.answer import AnswerQuery, AnswerSchema
from service.advising import Advisor
from service.api import answers
from service.api.document import Resource


def resource(advisor: Advisor, request_schema: type[ma.Schema]) -> Resource:
    """Build the resource that asks this advisor."""
    blueprint = Resource("recommendations", __name__, description="The main job: advice for one profile, explained.")

    @blueprint.route("/v1/recommendations", methods=["POST"])
    @blueprint.arguments(request_schema())  # made once: making it costs more than reading a profile with it
    @blueprint.arguments(AnswerQuery, location="query")
    @blueprint.response(200, AnswerSchema, description="The whole answer, every result traceable by its `because`.")
    @blueprint.faults(400, 413, 415)
    def recommend(body: dict[str, Any], query: dict[str, str]) -> Response:
        """Advise on one profile.

        Nothing is stored. What the profile leaves out is reported under `missing`, never guessed. Not clinically validated.
        """
        return answers.json(advisor.advise(body["profile"], now=datetime.now(UTC), **query))

    return blueprint
