"""A decision called back from the store, with the rules of its day."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from service.advising import Advised, Advisor
from service.ranking import rank
from service.recording import derivation_of, observations_of
from service.records import rulebases
from service.records.decisions import Kept
from service.records.ids import moment
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

    def answer(self, kept: Kept, detail: str = "standard") -> dict[str, Any]:
        """The answer as it was given; in full with its trace. Raises Erased."""
        parts = kept.parts()
        answer = parts["answer"]
        if detail == "summary":
            return self.advisor.explainer.short(answer)
        return {**answer, "trace": self.trace(kept, parts)} if detail == "full" else answer

    def trace(self, kept: Kept, parts: Mapping[str, Any]) -> dict[str, Any]:
        """The recorded trace, in the words of the rules of its day."""
        advisor, voice = self.advisor_of(kept.rulebase), parts["request"]["voice"]
        written = advisor.answer(
            self.advised(kept, parts), decision_id=kept.id, now=moment(kept.created_at), detail="full", voice=voice
        )
        return written["trace"]

    def advised(self, kept: Kept, parts: Mapping[str, Any]) -> Advised:
        """What was known and what followed, as it was recorded."""
        knowledge = self.advisor_of(kept.rulebase).knowledge
        observations = observations_of(parts["observations"])
        derivation = derivation_of(parts["trace"], observations, knowledge)
        return Advised(observations, derivation, rank(knowledge, derivation))

    def _prepared(self, digest: str) -> Advisor:
        with self.store.reading() as connection:
            files = rulebases.files(connection, digest)
        if files is None:
            raise UnknownRuleBase(digest)
        return Advisor(rulebases.loaded(files))
