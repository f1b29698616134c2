"""Erasure: whose subject, and what was erased."""

from __future__ import annotations

from schemas.closed import Closed, text, truth, whole
from schemas.fields import StrictText
from schemas.profile import LONGEST_SUBJECT

LONGEST_CLIENT = 512
SUBJECT = StrictText(LONGEST_SUBJECT)
SUBJECT.name = "subject"


class ErasureQuery(Closed):
    """Whose subject."""

    client = StrictText(LONGEST_CLIENT, metadata={"description": "For administrators: another client's subject."})


class ErasureSchema(Closed):
    """What was erased."""

    erased = whole("How many decisions lost their content just now; 0 where there was nothing, or nothing any more.")
    at = text("When.", format="date-time")
    overwritten = truth(
        "Whether nothing is left of it in the database's own files either; else they hold it, unreachable for the service, until they are "
        "emptied or vacuumed."
    )
