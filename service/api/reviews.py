"""Reviews: a reviewer's verdict on a decision or a step of it, the history of a decision's verdicts, and the feedback export."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from flask import Response

from schemas.catalogue import PageQuery
from schemas.reviews import ReviewSchema, ReviewsQuery, ReviewsSchema, review_request_schema
from service.api import answers, guard
from service.api.bodies import preferred
from service.api.document import Resource
from service.decisions import feedback
from service.decisions.reviewing import Reviews
from service.records import ids
from service.records.reviews import Wanted

MEDIA = {"ndjson": "application/x-ndjson", "csv": "text/csv"}
CONTENT_TYPES = {**MEDIA, "csv": "text/csv; charset=utf-8; header=present"}


def resource(reviews: Reviews, interventions: Sequence[str]) -> Resource:
    """Build the resource through which these verdicts are given and read."""
    blueprint = Resource("reviews", __name__, needs=("review",), description="What reviewers say of recorded decisions.")
    add_history(blueprint, reviews, interventions)
    add_export(blueprint, reviews)
    return blueprint


def add_history(blueprint: Resource, reviews: Reviews, interventions: Sequence[str]) -> None:
    path = "/v1/decisions/<string(maxlength=128):id>/reviews"

    @blueprint.route(path, methods=["POST"])
    @blueprint.arguments(review_request_schema(interventions))
    @blueprint.response(201, ReviewSchema, description="The verdict as it is kept.")
    @blueprint.faults(400, 404, 410, 413, 415)
    def give(body: dict[str, Any], id: str) -> Response:
        """Give a verdict on a decision, on one intervention of it, or on one step of its trace.

        For reviewers of its own client and, where the decision is shared with review, of any. Nothing is ever overwritten: a newer
        verdict of the same reviewer on the same thing stands beside the older one, which is no longer `current`.
        """
        given = reviews.give(id, body, guard.caller(), datetime.now(UTC))
        return answers.created(given, f"/v1/decisions/{id}/reviews")

    @blueprint.route(path, methods=["GET"])
    @guard.needs("advise", "read", "review")
    @blueprint.arguments(PageQuery, location="query")
    @blueprint.response(200, ReviewsSchema, description="Every verdict, oldest first.")
    @blueprint.faults(404, 410)
    def history(query: dict[str, Any], id: str) -> Response:
        """List every verdict on a decision."""
        given = reviews.on(id, guard.caller(), datetime.now(UTC))
        return answers.json(answers.page(given, f"/v1/decisions/{id}/reviews", **query))


def add_export(blueprint: Resource, reviews: Reviews) -> None:
    @blueprint.route("/v1/reviews", methods=["GET"])
    @blueprint.speaks(MEDIA.values(), "A verdict a line.")
    @blueprint.arguments(ReviewsQuery, location="query")
    @blueprint.faults()
    def export(query: dict[str, Any]) -> Response:
        """Export every verdict that the caller may see, oldest first, a line each.

        Columns: intervention, action (the list that it stood in; without an intervention the decision's disposition), feedback (the
        verdict), reason, comment, user, date, location, decision, rule, rule_hash, node, client, review, current. It is the feedback
        export that 45 CFR 170.315(b)(11)(ii)(C) asks of decision support. CSV is as RFC 4180 has it, in UTF-8, with a header; a cell that
        a spreadsheet would take for a formula (it begins with = + - @, a tab or a new line) has an apostrophe before it. Erased
        decisions are not in it.
        """
        form = preferred({query["format"]: MEDIA[query["format"]]} if "format" in query else MEDIA)
        found = reviews.export(_wanted(query), guard.caller(), datetime.now(UTC))
        return answers.streamed(feedback.WRITERS[form](found), CONTENT_TYPES[form], f"reviews.{form}")


def _wanted(query: dict[str, Any]) -> Wanted:
    since, before = (ids.stamp(query[name]) if name in query else None for name in ("from_", "to"))
    return Wanted(since, before, query.get("verdict"), query.get("rule"))


def all_examples() -> dict[str, dict[str, Any]]:
    """A fictional verdict of a fictional reviewer, as it is sent and as it is kept."""
    sent = {
        "verdict": "overridden", "reason": "patient-contraindication", "node": "offer.omega3", "intervention": "omega3",
        "comment": "Takes an anticoagulant; her cardiologist decides.", "location": "Ward 3", "reviewer": "Dr. A. Example",
    }  # fmt: skip
    kept = {
        "id": "rev_019c0c6de0007b5ca1b2c3d4e5f60718", "decision": "dec_019c0c6dc8c07a4b91a2b3c4d5e6f708", "client": "example",
        "at": "2026-01-15T12:00:00.000000Z", **sent, "rule": "offer.omega3", "rule_hash": "e6" * 32, "action": "recommendations",
        "current": True,
    }  # fmt: skip
    parameters = {"id": kept["decision"]}
    return {
        "POST /v1/decisions/{id}/reviews": {"request": sent, "answer": kept, "parameters": parameters},
        "GET /v1/decisions/{id}/reviews": {"answer": {"items": [kept], "next": None}, "parameters": parameters},
    }
