"""Real answers for the OpenAPI document: a fictional person, asked about when the document is made."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import marshmallow as ma

from service.advising import Advisor
from service.api import answers
from service.api.rulebase import ITEMS, LISTS, WHOLES
from service.knowledge.rulebase import Knowledge

PROFILE = Path(__file__).parents[2] / "deploy" / "demo" / "profile.json"
NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)


@cache
def example_request() -> dict[str, Any]:
    """Read the fictional request that the demo sends too."""
    request: dict[str, Any] = json.loads(PROFILE.read_bytes())
    return request


def asker(advisor: Advisor, request_schema: type[ma.Schema]) -> Callable[[], dict[str, Any]]:
    """Make the call that asks the advisor about the fictional person."""
    profile = request_schema().load(example_request())["profile"]
    return lambda: advisor.advise(profile, now=NOW)


def all_examples(knowledge: Knowledge, ask: Callable[[], dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Make the example of every operation; ids and time of the answer are fixed, so that every worker shows the same."""
    answer = {**ask(), "decision_id": str(uuid5(NAMESPACE_URL, "example"))}
    return {
        "POST /v1/recommendations": {"request": example_request(), "answer": answer},
        **{f"GET /v1/{name}": {"answer": make(knowledge)} for name, (make, _, _) in WHOLES.items()},
        **{f"GET /v1/{name}": _list_example(name, read(knowledge)) for name, (read, _, _) in LISTS.items()},
        **{f"GET /v1/{name}/{{id}}": _item_example(name, knowledge) for name in ITEMS},
        "GET /problems/{name}": {"parameters": {"name": "validation"}},
    }


def _list_example(name: str, items: list[dict[str, Any]]) -> dict[str, Any]:
    return {"parameters": {"limit": 1}, "answer": answers.page(items, f"/v1/{name}", limit=1)}


def _item_example(name: str, knowledge: Knowledge) -> dict[str, Any]:
    first = LISTS[name][0](knowledge)[0]["id"]
    said = {"reviews": {**_UNREVIEWED, "this_version": _UNREVIEWED}} if name == "rules" else {}
    return {"parameters": {"id": first}, "answer": {**ITEMS[name][0](knowledge, first), **said}}


_UNREVIEWED = {"agree": 0, "disagree": 0, "needs_evidence": 0, "overridden": 0, "dispute_rate": None, "decisions": 0}
