"""Tries the counterfactuals of both goals of every intervention on many people: the worked cases, random ones, and these with every safety
question answered well. Each set is run on the engine, and every part of it; people with two or three inputs are compared with brute force.
Every time is set against the engine's for the same person, in the same run.

usage: python -m tests.bench.counterfactuals [--people N] [--small N]; fails where a set is not what it says, or a smaller one was missed.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from itertools import islice
from random import Random
from typing import Any

from service.advising import Advisor
from service.measures import observe
from tests.bench.people import IN_A_BATCH, random_people
from tests.conftest import TODAY
from tests.explaining.asked import CASES, KNOWLEDGE
from tests.explaining.brute_force import compare
from tests.explaining.checking_counterfactuals import QUESTIONS, SCHEMA, Asked, check_answer
from tests.explaining.well import FEW_INPUTS, eased, somebody

WITHIN = 50  # times one derivation: what an explanation may take
ENGINE_RUNS = 5


def people(number: int) -> Iterator[dict[str, Any]]:
    """The worked cases, then random people, every second one eased."""
    yield from CASES.values()
    found = (profile for batch in range(-(-number // IN_A_BATCH)) for _, profile in random_people(batch))
    for place, profile in enumerate(islice(found, number)):
        yield eased(profile) if place % 2 else profile


class Timed:
    """Counts, and how many times the engine's own time each answer took."""

    def __init__(self) -> None:
        self.asked = Asked(Advisor(KNOWLEDGE))
        self.counted: Counter[str] = Counter()
        self.ratios: dict[str, list[float]] = {"searched": [], "all": []}

    def person(self, profile: dict[str, Any]) -> None:
        loaded = SCHEMA.load(deepcopy(profile))
        values = observe(loaded, KNOWLEDGE.vocabulary, TODAY.date()).values
        engine = seconds(lambda: [self.asked.advisor.session.derive(values) for _ in range(ENGINE_RUNS)])[0] / ENGINE_RUNS
        now = self.asked.recommended(profile)
        for intervention, goal in QUESTIONS:
            took, answer = seconds(lambda iv=intervention, goal=goal: self.asked.counterfactuals(profile, iv, goal))
            already = now[intervention] == (goal == "recommend")
            self.counted += check_answer(self.asked, profile, intervention, goal, answer, already, most=3)
            self.ratios["all"].append(took / engine)
            if answer["sets"] and not already:
                self.ratios["searched"].append(took / engine)


def seconds(work: Any) -> tuple[float, Any]:
    began = time.process_time()
    result = work()
    return time.process_time() - began, result


def shares(ratios: list[float]) -> str:
    ordered = sorted(ratios)
    points = {f"{share} %": ordered[min(len(ordered) - 1, len(ordered) * share // 100)] for share in (50, 90, 99)}
    within = sum(ratio <= WITHIN for ratio in ordered) / len(ordered)
    told = ", ".join(f"{name} {value:.1f}" for name, value in points.items())
    return f"{told}, longest {ordered[-1]:.0f}; within {WITHIN}: {within:.1%}".replace("%", " %").replace("  ", " ")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--small", type=int, default=100)
    given = parser.parse_args()
    timed = Timed()
    everybody = list(people(given.people))
    for profile in everybody:
        timed.person(profile)
    print(f"{len(everybody)} people: {', '.join(f'{many:,} {what}' for what, many in sorted(timed.counted.items()))}")
    print(f"  every set reaches its goal on the engine and no part of one does: {timed.counted['sets']:,} of {timed.counted['sets']:,}")
    for name, ratios in timed.ratios.items():
        print(f"  times the engine's time, {name}: {shares(ratios)}")
    chance = Random(0)
    for place in range(given.small):
        compare(timed.asked, somebody(chance, FEW_INPUTS[place % len(FEW_INPUTS)]))
    print(f"{given.small} people with two or three inputs: the same sets as brute force, for {given.small * len(QUESTIONS):,} questions")


if __name__ == "__main__":
    main()
