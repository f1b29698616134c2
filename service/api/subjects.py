"""DELETE /v1/subjects/{subject}: everything on record about a person is removed; that it was, and when, stays on record."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Response
from flask.blueprints import BlueprintSetupState
from marshmallow import ValidationError
from werkzeug.routing import BaseConverter

from schemas.faults import FieldError, flatten
from schemas.subjects import SUBJECT, ErasureQuery, ErasureSchema
from service.api import answers, guard
from service.api.document import Resource
from service.api.problems import ERRORS_SAY_MORE, Problem
from service.records.erasing import erase_subject
from service.records.store import Store

_PARAMETER = {
    "in": "path", "name": "subject", "required": True, "schema": SUBJECT.metadata,
    "description": "The subject as it was sent with the profile, percent-encoded.",
}  # fmt: skip


class Anything(BaseConverter):
    """A part of the path that may hold slashes: they arrive decoded."""

    regex = ".+"
    part_isolating = False


def resource(store: Store) -> Resource:
    """Build the resource that erases from this store."""
    blueprint = Resource("subjects", __name__, needs=("advise", "admin"), description="Erasure of what is on record about a person.")
    blueprint.record_once(_know_anything)

    @blueprint.route("/v1/subjects/<anything:subject>", methods=["DELETE"], parameters=[_PARAMETER])
    @blueprint.arguments(ErasureQuery, location="query")
    @blueprint.response(200, ErasureSchema, description="What was erased; the same again once nothing is left.")
    @blueprint.faults(404)
    def erase(query: dict[str, str], subject: str) -> Response:
        """Erase everything on record about one subject.

        The content of its decisions and of their reviews goes for good, with what it is looked up by. Their ids, times and
        commitments stay in the log, with an entry that says what was erased, when and by which key. A decision that is being made
        meanwhile is either erased too or stands after that entry.
        """
        caller = guard.caller()
        client = query.get("client", caller.client)
        if client != caller.client and not caller.may("admin"):
            raise Problem("forbidden", "To erase for another client needs a key with the scope admin.")
        erased = erase_subject(store, client, _valid(subject), caller.key, datetime.now(UTC))
        return answers.json({"erased": erased.decisions, "at": erased.at, "overwritten": erased.overwritten})

    return blueprint


def _know_anything(state: BlueprintSetupState) -> None:
    state.app.url_map.converters["anything"] = Anything


def _valid(subject: str) -> str:
    """What a request could have had as its subject."""
    try:
        known: str = SUBJECT.deserialize(subject)
    except ValidationError as error:
        errors: list[FieldError] = [{**one, "pointer": "/path/subject"} for one in flatten({"subject": error.messages})]
        raise Problem("validation", ERRORS_SAY_MORE, errors) from None
    return known
