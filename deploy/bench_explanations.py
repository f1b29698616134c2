"""Measures every explanation on demand against one derivation by the engine of the same person, in one interleaved run: the worked
cases and the fictional person of the examples. CPU time of this process, no HTTP; the bound is 50 derivations.

usage: python -m deploy.bench_explanations [ROUNDS]
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import product
from statistics import median, quantiles
from typing import Any, NamedTuple

import yaml

from deploy.serving import ROOT
from schemas.counterfactuals import GOALS
from schemas.explanations import RequestSchemas
from schemas.profile import request_schema
from service.advising import Advisor
from service.api.examples import example_request
from service.api.explanations import QUESTIONS, Question, body_of
from service.explaining.questions import Questions
from service.knowledge.loading import load
from service.measures import observe

BOUND = 50
DERIVATIONS = 9  # a round; their median is what everything is set against
NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
CHANGES = [{"input": "/conditions", "value": []}, {"input": "/labs/fasting_glucose", "value": None}]


class Took(NamedTuple):
    """One question to one person, in derivations."""

    ratio: float
    who: str


def people() -> dict[str, dict[str, Any]]:
    cases = yaml.safe_load((ROOT / "tests" / "worked_cases.yaml").read_text(encoding="utf-8"))
    found = {case["id"]: case["profile"] for case in cases if "validation_error" not in case["expect"]}
    return {**found, "the example": example_request()["profile"]}


def seconds(ask: Callable[[], Any]) -> float:
    began = time.process_time()
    ask()
    return time.process_time() - began


class Bench:
    """One advisor and the bodies of the questions."""

    def __init__(self) -> None:
        knowledge = load(ROOT / "rules")
        self.advisor = Advisor(knowledge)
        self.questions = Questions(self.advisor)
        interventions = tuple(knowledge.interventions)
        self.bodies = RequestSchemas(knowledge.vocabulary, interventions, request_schema(knowledge.vocabulary))
        self.more: dict[str, list[dict[str, Any]]] = {
            "why": [{"result": one} for one in interventions],
            "what-if": [{"changes": CHANGES}],
            "counterfactuals": [{"intervention": one, "goal": goal} for one, goal in product(interventions, GOALS)],
        }

    def asked(self, question: Question, profile: dict[str, Any]) -> list[Any]:
        schema = body_of(self.bodies, question.name)
        return [schema.load({"profile": profile, **more}) for more in self.more.get(question.name, [{}])]

    def ratios(self, question: Question, rounds: int) -> Iterator[Took]:
        """The median over the rounds for each person and body, after one that does not count."""
        for who, profile in people().items():
            for body in self.asked(question, profile):
                values = observe(body["profile"], self.advisor.knowledge.vocabulary, NOW.date()).values
                yield Took(median([self.once(question, body, values) for _ in range(rounds + 1)][1:]), who)

    def once(self, question: Question, body: Any, values: Any) -> float:
        derivation = median(seconds(lambda: self.advisor.session.derive(values)) for _ in range(DERIVATIONS))
        return seconds(lambda: question.ask(self.questions, body, now=NOW)) / derivation


def report(name: str, took: list[Took]) -> None:
    ratios, worst = [one.ratio for one in took], max(took)
    p95 = quantiles(ratios, n=20)[-1]
    within = sum(ratio <= BOUND for ratio in ratios) / len(ratios)
    told = f"{median(ratios):8.1f} {p95:8.1f} {worst.ratio:8.1f}  {within:6.1%} within the bound, worst: {worst.who}"
    print(f"  {name:16} {len(took):4} asked {told}", flush=True)


def main(rounds: int) -> None:
    bench = Bench()
    gc.collect()
    gc.freeze()  # as the server does
    print(f"in derivations by the engine of the same person: median, 95th percentile, worst; the bound is {BOUND}", flush=True)
    for question in QUESTIONS:
        report(question.name, list(bench.ratios(question, rounds)))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
