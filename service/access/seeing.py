"""Who may see a decision: the one place that says so of a single one; service.records asks the same of lists, in SQL."""

from __future__ import annotations

from typing import Protocol

from service.access.callers import Caller


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
