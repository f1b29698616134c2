"""How a caller asks for an answer: how much of it, to whom its sentences speak, and under which key."""

from __future__ import annotations

from marshmallow import fields
from marshmallow.validate import Regexp

from schemas.closed import Closed
from schemas.fields import Choice


def voice() -> Choice:
    return Choice(
        ("person", "clinician"),
        load_default="person",
        metadata={"description": "Whom the sentences speak to: the person concerned, in plain words, or a clinician."},
    )


class IdempotencyHeader(Closed):
    """The same key with the same body gives the same decision again."""

    idempotency_key = fields.String(
        data_key="Idempotency-Key",
        validate=Regexp(r"[!-~]{1,255}\Z", error="1 to 255 visible ASCII characters."),
        metadata={"description": "Any text that is new for each decision, as a UUID; kept for seven days."},
    )


class AnswerQuery(Closed):
    """How much is answered, and to whom the sentences speak."""

    detail = Choice(
        ("summary", "standard", "full"),
        load_default="standard",
        metadata={"description": "summary leaves out plans, evidence and mechanisms; full adds the whole trace."},
    )
    voice = voice()


class VoiceQuery(Closed):
    """To whom the sentences speak."""

    voice = voice()
