"""GET /v1/audit: who did what, and who read what is about a person. No entry has a word about a person; reading them is an entry too."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from flask import Response, request

from schemas.audit import AuditQuery, TrailSchema
from service.api import answers, guard
from service.api.document import Resource
from service.records import audit
from service.records.store import Store


def resource(store: Store) -> Resource:
    """Build the resource that shows the trail of this store."""
    blueprint = Resource("audit", __name__, needs=("admin",), description="The trail of who did what, for administrators.")

    @blueprint.route("/v1/audit")
    @blueprint.arguments(AuditQuery, location="query")
    @blueprint.response(200, TrailSchema, description="A page of the trail, newest first.")
    @blueprint.faults(422)
    def trail(query: dict[str, Any]) -> Response:
        """Show who did what, newest first; that the trail was read is itself recorded, before it is shown."""
        audit.accessed(store, guard.caller(), "audit", [], datetime.now(UTC))
        with store.reading() as connection:
            items = audit.trail(connection, **query)
        return answers.json({"items": items, "next": _next(items, query["limit"])})

    return blueprint


def _next(items: list[dict[str, Any]], limit: int) -> str | None:
    """The address of the page after a full one; the same question, from the last entry on."""
    if len(items) < limit:
        return None
    return f"/v1/audit?{urlencode({**request.args, 'before': items[-1]['seq']})}"
