"""What a caller shows at the door: a key of this service, or a token (JWT) of an issuer that the operator trusts, signed with a key of that
issuer's own set, meant for us, and current."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import TYPE_CHECKING, Any

import jwt
from jwt import PyJWKClient, PyJWTError

from schemas.fields import PLAIN
from service.access import keys
from service.access.callers import Caller
from service.records.canonical import sha256
from service.records.store import Store

if TYPE_CHECKING:
    from jwt.types import Options


ALGORITHMS = ("ES256", "ES384", "ES512", "EdDSA", "PS256", "PS384", "PS512", "RS256", "RS384", "RS512")  # none with a shared secret
SHAPE = re.compile(r"eyJ[\w-]*\.[\w-]*\.[\w-]*", re.ASCII)
PATIENCE = 3  # seconds for an issuer to send its keys
REST = 10  # seconds before one that failed to is asked again
FRESH = 300  # seconds for which keys are used without asking anew: so long may a key that the issuer withdrew still open the door
LEEWAY = 10  # seconds by which two clocks may differ
_LONGEST_NAME = 255
_CHECKS: Options = {"require": ["exp", "iat", "aud", "iss"], "enforce_minimum_key_length": True}
_BEARER = re.compile(r"bearer +([A-Za-z0-9._~+/-]+=*)", re.ASCII | re.IGNORECASE)  # RFC 6750


class IssuerUnavailable(Exception):
    """The keys of an issuer cannot be fetched, so whether its token is good cannot be told."""


class IssuerKeys(PyJWKClient):
    """The keys of one issuer; after a failure it is let be for a while, so that not every request waits for it in turn."""

    def __init__(self, url: str):
        super().__init__(url, timeout=PATIENCE, lifespan=FRESH)
        self._resting_until = 0.0

    def fetch_data(self) -> Any:
        """Raises IssuerUnavailable."""
        if monotonic() < self._resting_until:
            raise IssuerUnavailable
        try:
            return super().fetch_data()
        except (PyJWTError, OSError, ValueError, RecursionError) as error:
            self._resting_until = monotonic() + REST
            raise IssuerUnavailable from error


@dataclass(frozen=True)
class Issuer:
    """One issuer, and what its tokens open here."""

    name: str
    keys: IssuerKeys
    audience: str
    scopes: frozenset[str]
    client_claim: str
    rate: str
    shares: bool


class Tokens:
    """Reads tokens; `issuers` as schemas.issuers reads them."""

    def __init__(self, issuers: Mapping[str, Mapping[str, Any]]):
        self._issuers = {name: _issuer(name, **entry) for name, entry in issuers.items()}

    def read(self, text: str) -> bool:
        """Whether this text is for us to judge: some issuer is trusted, and it looks like a token."""
        return bool(self._issuers) and SHAPE.fullmatch(text) is not None

    def caller(self, token: str) -> Caller | None:
        """Who this token speaks for; None for one that is not good. Raises IssuerUnavailable."""
        try:
            unverified = jwt.decode_complete(token, options={"verify_signature": False})
            issuer = self._named(unverified["payload"].get("iss"))
            if issuer is None:
                return None
            key = issuer.keys.get_signing_key(unverified["header"].get("kid"))
            claims = jwt.decode(token, key, ALGORITHMS, audience=issuer.audience, issuer=issuer.name, leeway=LEEWAY, options=_CHECKS)
        except PyJWTError:
            return None
        return _caller(issuer, claims, token)

    def _named(self, name: Any) -> Issuer | None:
        return self._issuers.get(name) if isinstance(name, str) else None


def _issuer(name: str, *, jwks: str, scopes: list[str], **more: Any) -> Issuer:
    return Issuer(name, IssuerKeys(jwks), scopes=frozenset(scopes), **more)


def _caller(issuer: Issuer, claims: Mapping[str, Any], token: str) -> Caller | None:
    """The client is named with its issuer, so that no two issuers, and no key, speak for the same one."""
    client, asked = claims.get(issuer.client_claim), claims.get("scope")
    if not isinstance(client, str) or len(client) > _LONGEST_NAME or not PLAIN.fullmatch(client):
        return None
    scopes = issuer.scopes & set(asked.split()) if isinstance(asked, str) else frozenset()
    return Caller(f"{issuer.name}|{client}", f"tok_{sha256(token.encode()).hex()[:32]}", scopes, issuer.shares, issuer.rate)


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
