"""Questions about one profile, answered from its derivation, never recorded: why, why not, what if, what is missing, how stable."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import uuid4

from service.advised import Advised
from service.advising import Advisor
from service.answering.answer import Answer, AnswerWriter
from service.explaining.counterfactuals import Counterfactuals, Goals
from service.explaining.stability import Stability
from service.explaining.what_if import compared
from service.explaining.why import NotConcluded, Why, result_of
from service.explaining.why_not import WhyNot
from service.measures import Profile


class Questions:
    """The explanations that an advisor's knowledge allows; prepared once, safe to share."""

    def __init__(self, advisor: Advisor):
        self.advisor, self.knowledge, self.indexes = advisor, advisor.knowledge, advisor.indexes

    @cached_property
    def goals(self) -> Goals:
        return Goals(self.knowledge)

    def why_not(self, profile: Profile, intervention: str | None = None, *, now: datetime, voice: str = "person") -> dict[str, Any]:
        """What keeps each intervention that is not recommended, or the one asked for, from being so."""
        advised = self.advisor.reason(profile, now)
        return {"interventions": WhyNot(advised, self.writer(advised, voice)).rows(intervention)}

    def why(self, profile: Profile, name: str, *, now: datetime, voice: str = "person") -> dict[str, Any]:
        """The reasons for where an intervention stands, or for a finding, state or red flag that holds; raises NotConcluded."""
        advised = self.advisor.reason(profile, now)
        result = result_of(name, advised.derivation.facts, self.knowledge)
        return Why(advised, self.writer(advised, voice), self.advisor.session.derive).of(result)

    def why_if_so(self, profile: Profile, name: str, *, now: datetime, voice: str = "person") -> dict[str, Any]:
        """The same, or nothing where it does not hold."""
        try:
            return {"why": self.why(profile, name, now=now, voice=voice)}
        except NotConcluded:
            return {"why": None}

    def what_if(self, profile: Profile, changed: Profile, *, now: datetime, voice: str = "person") -> dict[str, Any]:
        """The answers to both profiles in short, and what differs between them."""
        before, after = self.advisor.reason(profile, now), self.advisor.reason(changed, now)
        answers = (self.answer(before, now, voice), self.answer(after, now, voice))
        return compared(before, after, answers, self.knowledge, self.indexes.sentences[voice])

    def counterfactuals(
        self, profile: Profile, intervention: str, goal: str, at_most: int, *, now: datetime, voice: str = "person"
    ) -> dict[str, Any]:
        """The smallest sets of up to so many changes with which an intervention is recommended, or is not."""
        advised = self.advisor.reason(profile, now)
        asked = Counterfactuals(advised, self.goals, self.indexes.readers, self.advisor.derive, (intervention, goal))
        return asked.answer(at_most, self.indexes.sentences[voice])

    def missing(self, profile: Profile, *, now: datetime, voice: str = "person") -> dict[str, Any]:
        """The inputs on which undecided results rest."""
        advised = self.advisor.reason(profile, now)
        return {"inputs": self.indexes.missing.rows(advised, self.indexes.sentences[voice])}

    def stability(self, profile: Profile, *, now: datetime) -> dict[str, Any]:
        """For each number sent, the interval in which nothing changes, and what changes at its ends."""
        return {"inputs": Stability(self.advisor.reason(profile, now), self.advisor).rows()}

    def answer(self, advised: Advised, now: datetime, voice: str) -> Answer:
        """The whole answer under an id that no record has."""
        return self.advisor.answer(advised, decision_id=f"unrecorded_{uuid4().hex}", now=now, detail="standard", voice=voice)

    def writer(self, advised: Advised, voice: str) -> AnswerWriter:
        return AnswerWriter(self.indexes, advised, voice)
