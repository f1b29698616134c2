"""Nothing of one answer is left for the next: alternating people, many threads, and a process that stays as large as it was."""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from copy import deepcopy
from multiprocessing import get_context

import pytest

from schemas.profile import profile_schema
from service.advising import Advisor
from service.knowledge.loading import load
from service.measures import observe
from tests.conftest import RULES, TODAY
from tests.profiles import OPEN, changed
from tests.thoroughness import whole

TURNS, SETTLED = (20_000, 3_000) if whole() else (2_400, 1_200)
EVERY = SETTLED // 3  # answers, the process is measured
MORE = 400  # KiB that the process may have grown by after warm-up, over all that follow
THREADS = 8


def people():
    return [
        OPEN,
        changed(OPEN, {"conditions": ["t1d"], "medications": ["insulin"], "age": 71}),
        {"age": 44, "symptoms": ["chest_pain"]},
        changed(OPEN, {"sex": "female", "pregnancy": "pregnant", "labs": None}),
        {"age": 16},
    ]


@pytest.fixture(scope="module")
def known(advisor, observe):
    """What each person derives alone."""
    values = [observe(person).values for person in people()]
    return [(one, advisor.session.derive(one).facts) for one in values]


def resident() -> int:
    """Resident memory of this process in KiB."""
    with open(f"/proc/{os.getpid()}/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024


def alternated(turns: int) -> list[int]:
    """The resident memory of a process that does nothing else, again and again after warm-up."""
    knowledge, sizes = load(RULES), []
    schema, session = profile_schema(knowledge.vocabulary)(), Advisor(knowledge).session
    values = [observe(schema.load(deepcopy(person)), knowledge.vocabulary, TODAY.date()).values for person in people()]
    known = [(one, session.derive(one).facts) for one in values]
    for turn in range(turns):
        one, facts = known[turn % len(known)]
        assert session.derive(one).facts == facts
        if turn >= SETTLED and turn % EVERY == 0:
            sizes.append(resident())
    return sizes


@pytest.mark.long
def test_thousands_of_alternating_people_and_flat_memory(record_property):
    with ProcessPoolExecutor(1, get_context("spawn")) as alone:  # what other tests left running here would count too
        sizes = alone.submit(alternated, TURNS).result()
    slope = (sizes[-1] - sizes[0]) / ((TURNS - SETTLED) / 10_000)
    record_property("kib_per_10_000_answers", slope)
    print(f"\nresident memory after warm-up: {sizes[0]} to {sizes[-1]} KiB, {slope:+.0f} KiB per 10,000 answers")
    assert sizes[-1] - sizes[0] <= MORE


def test_threads_that_share_a_session_never_see_each_other(advisor, known):
    def ask(turn):
        values, facts = known[turn % len(known)]
        return advisor.session.derive(values).facts == facts

    with ThreadPoolExecutor(THREADS) as pool:
        assert all(pool.map(ask, range(4_000 if whole() else 800)))


def test_an_answer_after_one_that_failed(advisor, known):
    with pytest.raises(Exception, match="refused"):
        advisor.session.derive({"age": float("nan")})
    values, facts = known[0]
    assert advisor.session.derive(values).facts == facts
