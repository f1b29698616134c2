"""Who calls: the client that a key or a token speaks for, and what it may do."""

from __future__ import annotations

from dataclasses import dataclass

from schemas.issuers import SCOPES

__all__ = ["SCOPES", "Caller"]


@dataclass(frozen=True)
class Caller:
    """`key` names the key or token that was shown, never its secret; `request` the request it came with.

    `shares`: its decisions are shown to reviewers.
    """

    client: str
    key: str
    scopes: frozenset[str]
    shares: bool = False
    rate: str = ""
    request: str | None = None

    def may(self, scope: str) -> bool:
        return scope in self.scopes
