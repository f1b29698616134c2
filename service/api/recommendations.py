"""POST /v1/recommendations: a profile in, an explained answer out, on record."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import marshmallow as ma
from flask import Response

from schemas.answer import AnswerSchema
from schemas.asking import AnswerQuery, IdempotencyHeader
from service.api import answers, guard
from service.api.bodies import sent
from service.api.document import Resource
from service.decisions.deciding import Asked, Decider


def resource(decider: Decider, request_schema: type[ma.Schema]) -> Resource:
    """Build the resource that asks this decider."""
    about = "The main job: advice for one profile, explained and recorded."
    blueprint = Resource("recommendations", __name__, needs=("advise",), description=about)

    @blueprint.route("/v1/recommendations", methods=["POST"])
    @blueprint.arguments(request_schema())  # made once: making it costs more than reading a profile with it
    @blueprint.arguments(AnswerQuery, location="query")
    @blueprint.arguments(IdempotencyHeader, location="headers")
    @blueprint.response(201, AnswerSchema, description="The whole answer, recorded; every result traceable by its `because`.")
    @blueprint.faults(400, 401, 403, 409, 410, 413, 415, 429, 503)
    def recommend(body: dict[str, Any], query: dict[str, str], headers: dict[str, str]) -> Response:
        """Advise on one profile.

        The decision is on record before it is answered; `Location` leads to it. What the profile leaves out is reported under `missing`,
        never guessed. Not clinically validated.
        """
        asked = Asked(sent(), body["profile"], **query)
        answer = decider.decide(asked, guard.caller(), datetime.now(UTC), headers.get("idempotency_key"))
        return answers.created(answer, f"/v1/decisions/{answer['decision_id']}")

    return blueprint
