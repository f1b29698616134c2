"""Whether a why is true, by the engine alone: what it says suffices does, nothing less does, and a single point of failure is one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from service.advising import Advisor
from service.analysis.sufficing import Sufficing
from service.engine.trace import Derivation
from service.measures import Observations
from tests.explaining.asked import KNOWLEDGE

WORDS = KNOWLEDGE.vocabulary
SAFETY = frozenset(
    {"/sex", "/pregnancy", "/eating_disorder", "/conditions", "/medications", "/supplements", "/allergies", "/symptoms", "/signs_now"}
)
RESULTS = [*(f"placement.{iv}" for iv in KNOWLEDGE.interventions), *(word.id for word in WORDS.values() if word.listed in ("state", "red_flag"))]
MEASURED = frozenset(word.input for word in WORDS.values() if word.input and word.input.startswith("/labs/"))
MOST = 12  # sets of one result that are tried


class Asked:
    """One person's results; a profile that several of them ask about is derived once."""

    def __init__(self, advisor: Advisor, observations: Observations):
        self.advisor, self.observations = advisor, observations
        self.known: dict[frozenset[Any], Derivation] = {}
        self.facts = self.derive(observations.values).facts
        self.results = [fact for fact in RESULTS if fact in self.facts]

    def derive(self, values: Mapping[str, Any]) -> Derivation:
        key = frozenset(values.items())
        if key not in self.known:
            self.known[key] = self.advisor.session.derive(values)
        return self.known[key]

    def sufficing(self, fact: str) -> Sufficing:
        return Sufficing(self.observations, (fact, self.facts[fact]), self.advisor.knowledge.program, self.derive)


def check(why: Sufficing) -> Counter[str]:
    """How many statements of each sort were tried; raises AssertionError at the first that is not true."""
    sets = why.sets()
    points = why.single_points(sets)
    assert sets
    tried = Counter(results=1, sets=len(sets[:MOST]), bounded=not why.complete)
    for one in map(frozenset, sets[:MOST]):
        for beside in (frozenset(), SAFETY, MEASURED, why.all):
            assert why.gives(one | (beside & why.all)), "a set that is named does not suffice"
            tried["sufficient"] += 1
        for pointer in one if why.complete else ():
            witness = why.witness(one, pointer)
            assert one - {pointer} <= witness <= why.all - {pointer} and not why.gives(witness), "a set that is named is not minimal"
            tried["minimal"] += 1
    for pointer in why.all:
        assert why.gives(why.all - {pointer}) is (pointer not in points), "not a single point of failure, or one that is not named"
        tried["necessary"] += 1
    return tried
