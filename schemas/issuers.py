"""The issuers whose tokens are taken, as the operator writes them down; the scopes there are."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from marshmallow import ValidationError, fields
from marshmallow.validate import Length, OneOf, Regexp

from schemas.fields import StrictSchema

SCOPES = ("admin", "advise", "read", "review")
USUAL_RATE = "6000/minute"
RATE = r"[1-9][0-9]{0,8}/(second|minute|hour|day)\Z"
_THIS_MACHINE = {"localhost", "127.0.0.1", "::1"}


class IssuerSchema(StrictSchema):
    """One issuer: where its public keys are, whom its tokens must be meant for, and what they may open here."""

    jwks = fields.Url(required=True, require_tld=False, schemes={"https", "http"})
    audience = fields.String(required=True, validate=Length(1, 255))
    scopes = fields.List(fields.String(validate=OneOf(SCOPES)), load_default=lambda: ["advise", "read"])
    client_claim = fields.String(load_default="sub", validate=Length(1, 64))
    rate = fields.String(load_default=USUAL_RATE, validate=Regexp(RATE))
    shares = fields.Boolean(load_default=False, truthy={True}, falsy={False})


def read_issuers(content: object) -> dict[str, dict[str, Any]]:
    """The issuers by name. Raises ValidationError, whose messages name issuer and field."""
    found = fields.Dict(fields.String(validate=Length(1, 255)), fields.Nested(IssuerSchema)).deserialize(content)
    for name, issuer in found.items():
        address = urlsplit(issuer["jwks"])
        if address.scheme != "https" and address.hostname not in _THIS_MACHINE:
            raise ValidationError({name: {"jwks": ["Must be https, for whoever changes the keys on their way opens everything."]}})
    return found
