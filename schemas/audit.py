"""The trail of who read what, as an administrator asks for it and is told of it."""

from __future__ import annotations

from schemas.catalogue import LARGEST_PAGE, QueryInteger, listed
from schemas.closed import Closed, text, texts, whole
from schemas.fields import StrictText
from schemas.reviews import INSTANT, Instant

_USUAL_PAGE = 100
_LARGEST_SEQ = 999_999_999


class AuditQuery(Closed):
    """Which entries, newest first."""

    limit = QueryInteger(1, LARGEST_PAGE, load_default=_USUAL_PAGE, metadata={"description": "The most entries to return."})
    before = QueryInteger(1, _LARGEST_SEQ, metadata={"description": "Only entries before this one; from the `next` of the page before."})
    client = StrictText(512, metadata={"description": "Only what this client did."})
    decision = StrictText(64, metadata={"description": "Only what concerns this decision."})
    since = Instant(data_key="from", metadata={"description": "Only entries of this day or moment, or later.", "pattern": INSTANT})
    until = Instant(data_key="to", metadata={"description": "Only entries of this moment or earlier.", "pattern": INSTANT})


class EntrySchema(Closed):
    """One entry of the log, without what proves it."""

    seq = whole("Its place in the log.")
    at = text("When, in UTC.", format="date-time")
    kind = text("What happened: access, decision, erasure, key, review or revocation.")
    id = text("Its id.")
    client = text("Who did it, or for whom the key was made; null for the operator.", null=True)
    request = text("The X-Request-ID it came with.", null=True)
    key = text("The id of the key or token that was shown, made or revoked; never its secret.", null=True)
    action = text("What was read, in a word.", null=True)
    decisions = texts("The ids of the decisions it concerns.")


TrailSchema = listed(EntrySchema, "TrailSchema")
