"""A decision called back from the store, with the rules of its day, and as it is shown."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from schemas.answer import LISTS
from service.advised import Advised
from service.advising import Advisor
from service.answering.answer import Answer
from service.answering.build import summary
from service.decisions.recording import derivation_of, observations_of
from service.knowledge.rulebase import Knowledge
from service.ranking import rank
from service.records import rulebases
from service.records.decisions import DecisionParts, Kept
from service.records.ids import moment
from service.records.querying import Found
from service.records.store import Store

ADVISORS_KEPT = 4  # rule bases held in memory beside today's: about 20 MB each


class UnknownRuleBase(Exception):
    """The store has no rule base of this digest."""


class Recaller:
    """Calls decisions back; `advisor` is the one of today's rules."""

    def __init__(self, advisor: Advisor, store: Store):
        self.advisor, self.store = advisor, store
        self._advisor_of = lru_cache(maxsize=ADVISORS_KEPT)(self._prepared)

    def advisor_of(self, digest: str) -> Advisor:
        """The advisor of a rule base that the store keeps. Raises UnknownRuleBase."""
        return self.advisor if digest == self.advisor.knowledge.digest else self._advisor_of(digest)

    def knowledge_of(self, digest: str) -> Knowledge:
        """A rule base that the store keeps, without what it takes to advise with it. Raises UnknownRuleBase."""
        if digest == self.advisor.knowledge.digest:
            return self.advisor.knowledge
        with self.store.reading() as connection:
            files = rulebases.files(connection, digest)
        if files is None:
            raise UnknownRuleBase(digest)
        return rulebases.loaded(files)

    def answer(self, kept: Kept, detail: str = "standard") -> Answer:
        """The answer as it was given; in full with its trace and each short `why`. Raises Erased."""
        parts = kept.parts()
        answer = parts["answer"]
        if detail == "summary":
            return summary(answer)
        return in_full(answer, self.written(kept, parts)) if detail == "full" else answer

    def trace(self, kept: Kept, parts: DecisionParts) -> dict[str, Any]:
        """The recorded trace, in the words of the rules of its day."""
        trace: dict[str, Any] = self.written(kept, parts)["trace"]
        return trace

    def written(self, kept: Kept, parts: DecisionParts) -> Answer:
        """The recorded derivation, written out in full with the rules of its day."""
        advisor, voice = self.advisor_of(kept.rulebase), parts["request"]["voice"]
        return advisor.answer(self.advised(kept, parts), decision_id=kept.id, now=moment(kept.created_at), detail="full", voice=voice)

    def advised(self, kept: Kept, parts: DecisionParts) -> Advised:
        """What was known and what followed, as it was recorded."""
        knowledge = self.advisor_of(kept.rulebase).knowledge
        observations = observations_of(parts["observations"])
        derivation = derivation_of(parts["trace"], observations, knowledge)
        return Advised(observations, derivation, rank(knowledge, derivation))

    def _prepared(self, digest: str) -> Advisor:
        return Advisor(self.knowledge_of(digest))


def in_full(answer: Answer, written: Answer) -> Answer:
    """The answer as it was given, with what only the full detail has; no other word of it is made anew."""
    whole = {**answer, "trace": written["trace"]}
    for name in LISTS:
        why = {row["intervention"]: row["why"] for row in written[name] if "why" in row}
        whole[name] = [{**row, "why": why[row["intervention"]]} if row["intervention"] in why else row for row in answer[name]]
    return whole


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
