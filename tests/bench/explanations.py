"""Tries the explanations on many people, by the engine alone, and counts: every statement of a `why`, both sides of every end of a
`stability`, every row of a `why-not`. The people are random ones and everybody whom the cases tell of (tests/bench/people.py).

usage: python -m tests.bench.explanations [why] [stability] [why-not] [--people N] [--processes N]; fails where a statement is not true.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from copy import deepcopy
from functools import lru_cache, partial
from typing import Any

from marshmallow import ValidationError

from schemas.profile import profile_schema
from service.advising import Advisor
from service.explaining.questions import Questions
from service.measures import observe
from tests.bench.people import IN_A_BATCH, Profile, everybody, random_people
from tests.conftest import TODAY
from tests.explaining import checking_stability, checking_why, checking_why_not
from tests.explaining.asked import KNOWLEDGE

SCHEMA = profile_schema(KNOWLEDGE.vocabulary)()
Tried = tuple[Counter[str], list[str]]  # how much of what, and who shows that something is not true


@lru_cache(maxsize=1)
def advisor() -> Advisor:
    """Built once a process."""
    return Advisor(KNOWLEDGE)


def why(profile: Profile, loaded: Any) -> Counter[str]:
    asked = checking_why.Asked(advisor(), observe(loaded, KNOWLEDGE.vocabulary, TODAY.date()))
    return sum((checking_why.check(asked.sufficing(fact)) for fact in asked.results), Counter())


def stability(profile: Profile, loaded: Any) -> Counter[str]:
    rows = {row["input"]: row for row in Questions(advisor()).stability(loaded, now=TODAY)["inputs"]}
    return checking_stability.check(profile, rows, checking_stability.reader(advisor()))


def why_not(profile: Profile, loaded: Any) -> Counter[str]:
    rows = Questions(advisor()).why_not(loaded, now=TODAY)["interventions"]
    return checking_why_not.check(profile, rows, advisor().advise(loaded, now=TODAY))


CHECKS: dict[str, Callable[[Profile, Any], Counter[str]]] = {"why": why, "stability": stability, "why-not": why_not}


def tried(name: str, people: Iterable[tuple[str, Profile]]) -> Tried:
    counted, wrong = Counter(), []
    for who, profile in people:
        try:
            loaded = SCHEMA.load(deepcopy(profile))
        except ValidationError:
            counted["refused"] += 1  # a case of one blood pressure alone is no profile
            continue
        counted["people"] += 1
        try:
            counted += CHECKS[name](profile, loaded)
        except Exception as error:
            wrong.append(f"{who}: {type(error).__name__} {error}")
    return counted, wrong


def batch(name: str, number: int) -> Tried:
    return tried(name, random_people(number))


def results(name: str, people: int, processes: int) -> Iterator[Tried]:
    """First everybody of the cases, then the random people, batch by batch."""
    yield tried(name, everybody())
    numbers = range(-(-people // IN_A_BATCH))
    with ProcessPoolExecutor(processes) as pool:
        yield from pool.map(partial(batch, name), numbers)


def report(name: str, people: int, processes: int) -> bool:
    began, counted, wrong = time.monotonic(), Counter(), []
    for more, found in results(name, people, processes):
        counted += more
        wrong += found
    print(f"{name}: {', '.join(f'{many:,} {what}' for what, many in counted.items())}; {time.monotonic() - began:.0f} s")
    print("\n".join(wrong) or "  100 % of them true", flush=True)
    return not wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checks", nargs="*", metavar="check", help=f"of {', '.join(CHECKS)}; all without any")
    parser.add_argument("--people", type=int, default=1_000)
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args()
    if not set(asked.checks) <= set(CHECKS):
        parser.error(f"a check is one of {', '.join(CHECKS)}")
    untrue = [name for name in asked.checks or CHECKS if not report(name, asked.people, asked.processes)]
    return 1 if untrue else 0


if __name__ == "__main__":
    raise SystemExit(main())
