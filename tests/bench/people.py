"""The people that the explanations are measured on: random ones by the number of their batch, and everybody whom the cases tell of."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings

from deploy.serving import ROOT
from service.given import READING_OF
from service.knowledge.reach import OF_A_READING
from service.workbench.corpus import KEPT
from service.workbench.profiles import profile_of
from tests.explaining.asked import CASES, KNOWLEDGE, PEOPLE

IN_A_BATCH = 50
MADE_OF_DATES = {*OF_A_READING, *READING_OF}
Profile = dict[str, Any]


def random_people(number: int) -> Iterator[tuple[str, Profile]]:
    """One batch, the same one for the same number and version of hypothesis."""
    found: list[Profile] = []

    @seed(number)
    @settings(max_examples=IN_A_BATCH, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(PEOPLE)
    def take(profile: Profile) -> None:
        found.append(profile)

    take()
    return ((f"batch {number}, person {place}", profile) for place, profile in enumerate(found))


def everybody() -> list[tuple[str, Profile]]:
    """The worked cases, the witnesses of the rules, and the cases beside the rules whose facts are answers of a person."""
    worked = list(CASES.items())
    witnesses = [(entry["shows"][0], entry["profile"]) for entry in json.loads((ROOT / KEPT).read_text())]
    return worked + witnesses + list(beside_the_rules().items())


def beside_the_rules() -> dict[str, Profile]:
    found: dict[str, tuple[str, Profile]] = {}
    for case in KNOWLEDGE.cases:
        if all(fact in MADE_OF_DATES or KNOWLEDGE.vocabulary[fact].input for fact in case.given):
            profile = profile_of({"age": 40, **case.given}, KNOWLEDGE.vocabulary)
            found.setdefault(json.dumps(profile, sort_keys=True), (str(case.place), profile))
    return dict(found.values())
