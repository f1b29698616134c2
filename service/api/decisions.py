"""Recorded decisions: the list, one of them, its trace, replay and export. That they were read is on record before they are shown."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from flask import Response, request

from schemas.catalogue import NoQuery
from schemas.decisions import DecisionQuery, DecisionSchema, DecisionsSchema, ReplaySchema, decisions_query
from schemas.faults import FieldError
from schemas.names import Names
from schemas.record import RecordSchema
from schemas.trace import TraceSchema
from service.api import answers, guard
from service.api.document import Resource
from service.api.problems import ERRORS_SAY_MORE, Problem
from service.decisions.finding import Finder, Wanted
from service.decisions.recalling import Recaller, shown
from service.decisions.replaying import Replayer
from service.records import ids
from service.records.querying import Filters, marks_of
from service.records.rulebases import NoSuchRuleBase

ONE = "/v1/decisions/<string(maxlength=128):id>"


def resource(finder: Finder, recaller: Recaller, names: Names) -> Resource:
    """Build the resource that shows what this finder finds."""
    blueprint = Resource(
        "decisions", __name__, needs=("advise", "read", "review"), description="Recorded decisions, for those who may see them."
    )
    add_list(blueprint, finder, names)
    add_one(blueprint, finder, recaller)
    add_proofs(blueprint, finder, Replayer(recaller))
    return blueprint


def add_list(blueprint: Resource, finder: Finder, names: Names) -> None:
    @blueprint.route("/v1/decisions")
    @guard.needs("read", "review")
    @blueprint.arguments(decisions_query(names), location="query")
    @blueprint.response(200, DecisionsSchema, description="A page of the list, newest first.")
    @blueprint.faults(422)
    def decisions(query: dict[str, Any]) -> Response:
        """List decisions: the client's own, and for reviewers also those that others share with review.

        Decisions made while a list is read page by page do not move its pages; `next` keeps the filters.
        """
        caller, now = guard.caller(), datetime.now(UTC)
        question = {**{name: value for name, value in request.args.items() if name not in ("limit", "cursor")}, "/client": caller.client}
        before = int(answers.read_cursor(query["cursor"], question)) if "cursor" in query else None
        try:
            page = finder.page(_wanted(query, now), caller, query["limit"], before, now)
        except NoSuchRuleBase as error:
            raise Problem("validation", ERRORS_SAY_MORE, [_no_rule_base(error.several)]) from None
        going_on = page.after and urlencode({**request.args, "cursor": answers.make_cursor(str(page.after), question)})
        return answers.json({"items": page.items, "next": f"/v1/decisions?{going_on}" if going_on else None})


def add_one(blueprint: Resource, finder: Finder, recaller: Recaller) -> None:
    @blueprint.route(ONE)
    @blueprint.arguments(DecisionQuery, location="query")
    @blueprint.response(200, DecisionSchema, description="The answer as it was given, and what is on record beside it.")
    @blueprint.unchanging
    @blueprint.faults(404, 410)
    def decision(query: dict[str, Any], id: str) -> Response:
        """Show one decision as it was answered.

        It is not to be stored by caches (`no-store`); the ETag is for callers who keep it themselves and ask whether anything is new.
        """
        found = finder.one(id, guard.caller(), "decision", datetime.now(UTC))
        return answers.tagged(shown(found, recaller, query["detail"]))

    @blueprint.route(f"{ONE}/trace")
    @blueprint.arguments(NoQuery, location="query")
    @blueprint.response(200, TraceSchema, description="Every step as it was recorded, in the words of the rules of its day.")
    @blueprint.unchanging
    @blueprint.faults(404, 410)
    def trace(_query: dict[str, Any], id: str) -> Response:
        """Show every step of one decision, premises first: what each `because` names."""
        kept = finder.one(id, guard.caller(), "trace", datetime.now(UTC)).kept
        return answers.tagged(recaller.trace(kept, kept.parts()))


def add_proofs(blueprint: Resource, finder: Finder, replayer: Replayer) -> None:
    @blueprint.route(f"{ONE}/replay")
    @blueprint.arguments(NoQuery, location="query")
    @blueprint.response(200, ReplaySchema, description="Where the derivation differs from the record, and today's rules from both.")
    @blueprint.faults(404, 410)
    def replay(_query: dict[str, Any], id: str) -> Response:
        """Derive a decision again from its recorded request, with the rules of its day and beside it with today's."""
        return answers.json(replayer.replay(finder.one(id, guard.caller(), "replay", datetime.now(UTC)).kept))

    @blueprint.route(f"{ONE}/export")
    @blueprint.arguments(NoQuery, location="query")
    @blueprint.response(200, RecordSchema, description="The record with its proof and its rules.")
    @blueprint.faults(404, 410)
    def export(_query: dict[str, Any], id: str) -> Response:
        """Export one decision with all it takes to check it elsewhere: `python -m service verify record.json` needs nothing else."""
        return answers.json(finder.exported(id, guard.caller(), datetime.now(UTC)))


def _wanted(query: dict[str, Any], now: datetime) -> Wanted:
    filters = Filters(
        from_=query.get("from_") and ids.stamp(query["from_"]),
        to=query.get("to") and ids.stamp(query["to"]),
        marks=marks_of(query["intervention"], query.get("list_")) if "intervention" in query else None,
        valid_until=now.strftime("%Y-%m-%dT%H:%M:%SZ") if "expired" in query else None,
        **{name: query.get(name) for name in ("subject", "disposition", "red_flag", "review")},
    )
    return Wanted(filters, "withdrawn" in query, query.get("affected_by"))


def _no_rule_base(several: bool) -> FieldError:
    message = (
        "More than one stored rule base has this name: give more of its digest."
        if several
        else "No stored rule base has this version or digest; `python -m service keep-rules FOLDER` stores one."
    )
    return {"pointer": "/query/affected_by", "code": "unknown_code", "message": message}
