"""What a caller shows at the door: a key of this service, or a token of an issuer it trusts."""

from __future__ import annotations

import re
from datetime import datetime

from service.access import keys
from service.access.callers import Caller
from service.access.tokens import Tokens
from service.records.store import Store

_BEARER = re.compile(r"bearer +([A-Za-z0-9._~+/-]+=*)", re.ASCII | re.IGNORECASE)  # RFC 6750


class Credentials:
    """Judges them anew at every request."""

    def __init__(self, store: Store, tokens: Tokens):
        self.store, self.tokens = store, tokens

    def caller(self, authorization: str, now: datetime) -> Caller | None:
        """Who sends this Authorization header; None where it does not let in. Raises StoreUnavailable, IssuerUnavailable."""
        shown = _BEARER.fullmatch(authorization)
        if shown is None:
            return None
        return self.tokens.caller(shown[1]) if self.tokens.read(shown[1]) else keys.caller(self.store, shown[1], now)
