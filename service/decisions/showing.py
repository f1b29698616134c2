"""A recorded decision as it is shown: the answer as it was given, and what is on record beside it."""

from __future__ import annotations

from typing import Any

from service.decisions.recalling import Recaller
from service.records.querying import Found


def shown(found: Found, recaller: Recaller, detail: str) -> dict[str, Any]:
    """The answer in this detail with its `record`. Raises Erased."""
    kept, parts = found.kept, found.kept.parts()
    record: dict[str, Any] = {
        "client": kept.client, "shared": kept.shared, "reviews": found.reviews, "voice": parts["request"]["voice"],
    }  # fmt: skip
    if detail != "summary":
        record |= {"request": parts["request"]["body"], "profile": profile(parts["observations"])}
    return {**recaller.answer(kept, detail), "record": record}


def profile(observations: dict[str, Any]) -> list[dict[str, Any]]:
    """The inputs as they were understood."""
    return [{"input": one["pointer"], **{name: one[name] for name in ("fact", "value", "sent")}} for one in observations["given"]]
