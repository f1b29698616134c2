"""The whole pipeline on one screen: a profile goes in, an explained answer comes out."""

from __future__ import annotations

import random
from datetime import datetime
from uuid import uuid4

from service.advised import Advised
from service.answering.answer import Answer
from service.answering.build import build
from service.answering.indexes import indexes
from service.engine.matching import derive
from service.engine.session import EngineFault, Session
from service.engine.trace import Derivation, Facts, justifications
from service.knowledge.rulebase import Knowledge
from service.measures import Observations, Profile, check_formulas, observe
from service.ranking import rank

__all__ = ["Advisor", "EngineFault", "agree"]


class Advisor:
    """Knowledge and engine, joined once a process. `oracle_share` of the answers are derived twice, by the
    plain evaluator too: where the two disagree there is no answer but an EngineFault."""

    def __init__(self, knowledge: Knowledge, oracle_share: float = 0.0):
        check_formulas(knowledge.vocabulary)
        self.knowledge = knowledge
        self.session = Session(knowledge.program.strata, knowledge.vocabulary)
        self.indexes = indexes(knowledge)
        self.oracle_share = oracle_share

    def advise(self, profile: Profile, *, now: datetime, detail: str = "standard", voice: str = "person") -> Answer:
        """The answer of the contract for a profile that the schema has accepted, under a new id; `now` is UTC."""
        return self.answer(self.reason(profile, now), decision_id=f"dec_{uuid4().hex}", now=now, detail=detail, voice=voice)

    def reason(self, profile: Profile, now: datetime) -> Advised:
        """Everything that follows from a profile."""
        return self.advised(observe(profile, self.knowledge.vocabulary, now.date()))

    def advised(self, observations: Observations) -> Advised:
        """Everything that follows from what is known of one person."""
        derivation = self.derive(observations.values)
        return Advised(observations, derivation, rank(self.knowledge, derivation))

    def answer(self, advised: Advised, *, decision_id: str, now: datetime, detail: str, voice: str) -> Answer:
        """What follows, in the contract's form and in words."""
        return build(self.indexes, advised, decision_id=decision_id, now=now, detail=detail, voice=voice)

    def derive(self, values: Facts) -> Derivation:
        derivation = self.session.derive(values)
        if self.oracle_share and random.random() < self.oracle_share:  # noqa: S311 - a sample, not a secret
            agree(derivation, derive(values, self.knowledge.program.strata, self.knowledge.vocabulary))
        return derivation


def agree(derivation: Derivation, oracle: Derivation) -> None:
    """Raises EngineFault unless both hold the same facts for the same reasons."""
    if derivation.facts != oracle.facts or justifications(derivation) != justifications(oracle):
        raise EngineFault("durable-rules and the plain evaluator disagree")
