"""Questions about one profile, answered from its derivation, never recorded: why not, what if, what else, what is missing, how stable."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from service.engine.trace import Derivation
from service.explaining.answer import Answer, AnswerWriter
from service.explaining.counterfactuals import Counterfactuals, Goals
from service.explaining.stability import Stability
from service.explaining.undecided import Undecided
from service.explaining.unmet import Makers
from service.explaining.what_if import compared
from service.explaining.why import NotConcluded, Why, result_of
from service.explaining.why_not import WhyNot
from service.knowledge.program import Stratum
from service.measures import Observations, Profile, observe
from service.ranking import Ranked, rank

if TYPE_CHECKING:
    from service.advising import Advisor


@dataclass(frozen=True)
class Person:
    """One profile with everything that follows from it."""

    observations: Observations
    derivation: Derivation
    ranked: list[Ranked]
    strata: tuple[Stratum, ...]


class OnDemand:
    """The explanations that an advisor's knowledge allows; prepared once, safe to share."""

    def __init__(self, advisor: Advisor):
        self.advisor, self.knowledge = advisor, advisor.knowledge
        self.makers = Makers(advisor.strata)
        self.goals = Goals(self.makers, self.knowledge)
        self.readers = advisor.explainer.readers

    def person(self, profile: Profile, now: datetime) -> Person:
        return self.known(observe(profile, self.knowledge.vocabulary, now.date()))

    def known(self, observations: Observations) -> Person:
        derivation = self.advisor.derive(observations.values)
        return Person(observations, derivation, rank(self.knowledge, derivation), self.advisor.strata)

    def why_not(self, profile: Profile, intervention: str | None = None, *, now: datetime, voice: str = "person") -> dict[str, Any]:
        """What keeps each intervention that is not recommended, or the one asked for, from being so."""
        person = self.person(profile, now)
        return {"interventions": WhyNot(person, self.writer(person, voice), self.makers).rows(intervention)}

    def why(self, profile: Profile, name: str, *, now: datetime, voice: str = "person") -> dict[str, Any]:
        """The reasons for where an intervention stands, or for a finding, state or red flag that holds; raises NotConcluded."""
        person = self.person(profile, now)
        result = result_of(name, person.derivation.facts, self.knowledge)
        return Why(person, self.writer(person, voice), self.advisor.session.derive).of(result)

    def why_if_so(self, profile: Profile, name: str, *, now: datetime, voice: str = "person") -> dict[str, Any]:
        """The same, or nothing where it does not hold."""
        try:
            return {"why": self.why(profile, name, now=now, voice=voice)}
        except NotConcluded:
            return {"why": None}

    def what_if(self, profile: Profile, changed: Profile, *, now: datetime, voice: str = "person") -> dict[str, Any]:
        """The answers to both profiles in short, and what differs between them."""
        before, after = self.person(profile, now), self.person(changed, now)
        answers = (self.answer(before, now, voice), self.answer(after, now, voice))
        return compared(before, after, answers, self.knowledge, self.advisor.explainer.sentences[voice])

    def counterfactuals(
        self, profile: Profile, intervention: str, goal: str, at_most: int, *, now: datetime, voice: str = "person"
    ) -> dict[str, Any]:
        """The smallest sets of up to so many changes with which an intervention is recommended, or is not."""
        asked = Counterfactuals(self.person(profile, now), self.goals, self.readers, self.advisor.derive, (intervention, goal))
        return asked.answer(at_most, self.advisor.explainer.sentences[voice])

    def missing(self, profile: Profile, *, now: datetime, voice: str = "person") -> dict[str, Any]:
        """The inputs on which undecided results rest."""
        person = self.person(profile, now)
        return {"inputs": Undecided(person, self.knowledge, self.makers).rows(self.advisor.explainer.sentences[voice])}

    def stability(self, profile: Profile, *, now: datetime) -> dict[str, Any]:
        """For each number sent, the interval in which nothing changes, and what changes at its ends."""
        return {"inputs": Stability(self.person(profile, now), self.advisor).rows()}

    def answer(self, person: Person, now: datetime, voice: str) -> Answer:
        """The whole answer under an id that no record has."""
        id_ = f"unrecorded_{uuid4().hex}"
        return self.advisor.explainer.answer(
            person.observations, person.derivation, person.ranked, decision_id=id_, now=now, detail="standard", voice=voice
        )

    def writer(self, person: Person, voice: str) -> AnswerWriter:
        return AnswerWriter(self.advisor.explainer, person.observations, person.derivation, voice)
