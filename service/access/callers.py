"""Who calls: the client that a key or a token speaks for, what it may do, and which decisions it may see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

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


class Owned(Protocol):
    """What is asked of a decision."""

    @property
    def client(self) -> str: ...

    @property
    def shared(self) -> bool: ...


def may_see(caller: Caller, kept: Owned) -> bool:
    """Its client, to read or because it asked for it; a reviewer, where it is shared. To administer is not to see."""
    own = kept.client == caller.client and (caller.may("read") or caller.may("advise"))
    return own or (kept.shared and caller.may("review"))


def may_review(caller: Caller, kept: Owned) -> bool:
    """A reviewer: what is shared, and what is its own client's."""
    return caller.may("review") and (kept.shared or kept.client == caller.client)
