"""What reviewers say of decisions: a verdict is tied to the step and the rule it is on, kept for good, counted and exported."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from itertools import chain
from typing import Any

from schemas.answer import LISTS
from service.access.callers import Caller, may_review, may_see
from service.answering.answer import Answer
from service.decisions.recalling import Recaller
from service.records import audit, decisions, reviews
from service.records.decisions import DecisionParts, Erased, Kept
from service.records.reviews import Given, Wanted
from service.records.store import Store

SENT = ("verdict", "reason", "node", "intervention", "comment", "location", "reviewer")
NO_RULE: dict[str, str | None] = {"rule": None, "rule_hash": None}


class NotSeen(Exception):
    """There is no such decision, or none for this caller."""


class NotOfDecision(Exception):
    """A review names something (`field`) that is not in its decision."""

    def __init__(self, field: str):
        super().__init__()
        self.field = field


class Reviews:
    """The verdicts on the decisions of a store."""

    def __init__(self, store: Store, recaller: Recaller):
        self.store, self.recaller = store, recaller

    def give(self, id_: str, sent: Mapping[str, Any], caller: Caller, now: datetime) -> dict[str, Any]:
        """Keep a verdict on a decision. Raises NotSeen, Erased, NotOfDecision, StoreUnavailable."""
        kept = self._decision(id_, caller, may_review)
        parts, intervention, node = kept.parts(), sent.get("intervention"), sent.get("node")
        content = {
            **{name: sent.get(name) for name in SENT},
            "action": parts["answer"]["disposition"] if intervention is None else _list_of(intervention, parts["answer"]),
            **(NO_RULE if node is None else self._rule_of(node, kept, parts)),
        }
        with self.store.writing(now) as writing:
            return reviews.write(writing, Given(id_, caller.client, caller.key, caller.request, content))

    def on(self, id_: str, caller: Caller, now: datetime) -> list[dict[str, Any]]:
        """Every verdict on a decision, oldest first; that they are read is on record. Raises NotSeen, Erased, StoreUnavailable."""
        kept = self._decision(id_, caller, may_see, may_review)
        if kept.erased_at is not None:
            raise Erased(kept.erased_at)
        audit.accessed(self.store, caller, "reviews", [id_], now)
        with self.store.reading() as connection:
            return reviews.of(connection, id_)

    def on_rule(self, rule: str, rule_hash: str) -> dict[str, Any]:
        """How many current verdicts a rule has, whatever its text was then, and with the text of this hash."""
        with self.store.reading() as connection:
            return {**reviews.counted(connection, rule), "this_version": reviews.counted(connection, rule, rule_hash)}

    def export(self, wanted: Wanted, caller: Caller, now: datetime) -> Iterator[dict[str, Any]]:
        """Every verdict this reviewer may see as of now, oldest first, read a batch at a time; each batch's reading is on record.

        The first batch is read at once. Raises StoreUnavailable, also while it is gone through.
        """
        batches = self._batches(wanted, caller, now)
        first = next(batches, [])
        return chain.from_iterable(chain([first], batches))

    def _batches(self, wanted: Wanted, caller: Caller, now: datetime) -> Iterator[list[dict[str, Any]]]:
        after, until = 0, None
        while True:
            with self.store.reading() as connection:
                until = reviews.last(connection) if until is None else until
                after, found = reviews.batch(connection, caller.client, wanted, after, until)
            if not found:
                return
            audit.accessed(self.store, caller, "reviews.export", sorted({one["decision"] for one in found}), now)
            yield found

    def _decision(self, id_: str, caller: Caller, *may: Callable[[Caller, Kept], bool]) -> Kept:
        with self.store.reading() as connection:
            kept = decisions.read(connection, id_)
        if kept is None or not any(allows(caller, kept) for allows in may):
            raise NotSeen
        return kept

    def _rule_of(self, node: str, kept: Kept, parts: DecisionParts) -> dict[str, str | None]:
        """The rule that made a node of the trace, as it was in the rule base of that day; none made what was sent or computed."""
        made_by = {one["id"]: one["rule"] for one in self.recaller.trace(kept, parts)["nodes"]}
        if node not in made_by:
            raise NotOfDecision("node")
        rule = self.recaller.advisor_of(kept.rulebase).knowledge.rules.get(made_by[node])
        return {"rule": rule.id, "rule_hash": rule.hash} if rule else NO_RULE


def _list_of(intervention: str, answer: Answer) -> str:
    for name in LISTS:
        if any(row["intervention"] == intervention for row in answer[name]):
            return name
    raise NotOfDecision("intervention")
