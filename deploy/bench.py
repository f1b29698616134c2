"""Measures, in one interleaved run: the engine with its trace, the plain evaluator on the same facts, and over HTTP, all behind the same
door, the whole answer, recorded and not, against a view that only validates the request and serialises the same answer.

Times are CPU time: of this process for the engines, of the one server process for HTTP. Medians over rounds; the order rotates.
usage: python -m deploy.bench [ROUNDS]
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import UTC, datetime
from functools import partial
from http.client import HTTPConnection
from itertools import cycle
from statistics import median
from typing import Any
from urllib.parse import urlsplit

import orjson
from flask import Flask, Response, request

from deploy.serving import AUTHORIZATION, ROOT, serving
from schemas.json_edge import read_json
from schemas.profile import request_schema
from service import create_app
from service.advising import Advisor
from service.api import guard
from service.api.examples import example_request
from service.engine import matching
from service.knowledge.loading import load
from service.knowledge.rulebase import Knowledge
from service.measures import observe

PERSONS = 40
IN_A_ROUND = 25
NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
HEADERS = {"Content-Type": "application/json", **AUTHORIZATION}
PATHS = {
    "bare view": "/bench/bare",
    "whole answer, unrecorded": "/bench/unrecorded",
    "whole answer": "/v1/recommendations",
    "with the whole trace": "/v1/recommendations?detail=full",
}


def app() -> Flask:
    """The service with three views more: the bare one, the answer kept nowhere, and the CPU time this process has used."""
    served = create_app()
    knowledge = load(ROOT / "rules")
    schema, advisor = request_schema(knowledge.vocabulary)(), Advisor(knowledge)
    answers = {age: advisor.advise(schema.load(body)["profile"], now=NOW) for age, body in persons().items()}

    @guard.needs("advise")
    def bare() -> Response:
        return written(answers[int(profile()["age"])])

    @guard.needs("advise")
    def unrecorded() -> Response:
        return written(advisor.advise(profile(), now=datetime.now(UTC)))

    @guard.needs()
    def cpu() -> str:
        return str(time.process_time_ns())

    def profile() -> dict[str, Any]:
        found: dict[str, Any] = schema.load(read_json(request.get_data()))["profile"]
        return found

    served.add_url_rule("/bench/bare", view_func=bare, methods=["POST"])
    served.add_url_rule("/bench/unrecorded", view_func=unrecorded, methods=["POST"])
    served.add_url_rule("/bench/cpu", view_func=cpu)
    return served


def written(answer: dict[str, Any]) -> Response:
    return Response(orjson.dumps(answer), 201, content_type="application/json")


def persons() -> dict[int, dict[str, Any]]:
    """Requests of different persons, by age; the same ones every time."""
    chance = random.Random(1)
    return {age: person(age, chance) for age in range(25, 25 + PERSONS)}


def person(age: int, chance: random.Random) -> dict[str, Any]:
    body = deepcopy(example_request())
    profile = body["profile"]
    profile["age"] = age
    profile["weight"]["value"] = chance.randint(55, 130)
    profile["labs"]["fasting_glucose"]["value"] = chance.uniform(4.5, 8)
    profile["labs"]["fasting_insulin"]["value"] = chance.uniform(3, 30)
    profile["conditions"] = chance.sample(["prediabetes", "gallstones", "hypertension", "gout", "nafld", "pcos"], 2)
    profile["medications"] = chance.sample(["metformin", "warfarin", "beta_blocker", "diuretic", "levothyroxine"], 2)
    return body


def engines(knowledge: Knowledge) -> dict[str, Callable[[], Any]]:
    """Each call derives one person more, with every justification."""
    schema, advisor = request_schema(knowledge.vocabulary)(), Advisor(knowledge)
    facts = [observe(schema.load(body)["profile"], knowledge.vocabulary, NOW.date()).values for body in persons().values()]
    by_engine, by_oracle = cycle(facts), cycle(facts)
    return {
        "durable-rules with trace": lambda: advisor.session.derive(next(by_engine)),
        "plain evaluator with trace": lambda: matching.derive(next(by_oracle), advisor.knowledge.program.strata, knowledge.vocabulary),
    }


def over_http(address: str) -> dict[str, Callable[[], Any]]:
    """Each call asks for one person more over a connection that is kept."""
    connection = HTTPConnection(urlsplit(address).netloc)
    bodies = [orjson.dumps(body) for body in persons().values()]
    return {name: partial(post, connection, path, cycle(bodies)) for name, path in PATHS.items()}


def post(connection: HTTPConnection, path: str, bodies: Iterator[bytes]) -> int:
    connection.request("POST", path, next(bodies), HEADERS)
    with connection.getresponse() as answer:
        size = len(answer.read())
        if answer.status != 201:
            raise RuntimeError(f"{path}: {answer.status}")
        return size


def cpu_of(address: str) -> Callable[[], int]:
    """Make a clock of the CPU time of the server process, in nanoseconds."""
    connection = HTTPConnection(urlsplit(address).netloc)

    def clock() -> int:
        connection.request("GET", "/bench/cpu")
        with connection.getresponse() as answer:
            return int(answer.read())

    return clock


def measure(subjects: dict[str, Callable[[], Any]], clock: Callable[[], int], rounds: int) -> dict[str, float]:
    """Median microseconds of CPU time a call, the order rotating from round to round."""
    names = list(subjects)
    times: dict[str, list[float]] = {name: [] for name in names}
    for turn in range(rounds):
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            began = clock()
            for _ in range(IN_A_ROUND):
                subjects[name]()
            times[name].append((clock() - began) / IN_A_ROUND / 1000)
    return {name: median(values) for name, values in times.items()}


def report(title: str, medians: dict[str, float]) -> None:
    base = next(iter(medians.values()))
    print(f"\n{title}")
    for name, micros in medians.items():
        print(f"  {name:28} {micros:8.0f} us  {micros / base:5.2f} x")


def main(rounds: int) -> None:
    knowledge = load(ROOT / "rules")
    print(f"{len(knowledge.rules)} rules, {PERSONS} persons, {rounds} rounds of {IN_A_ROUND}, CPU time, medians", flush=True)
    subjects = engines(knowledge)
    measure(subjects, time.process_time_ns, 2)
    report("in process", measure(subjects, time.process_time_ns, rounds))
    with serving(application="deploy.bench:app()", ATTUNE_WORKERS="1", ATTUNE_ORACLE_SHARE="0") as address:
        measure(over_http(address), cpu_of(address), 2)
        sizes = {name: ask() for name, ask in over_http(address).items()}
        report("over HTTP, one process of gunicorn", measure(over_http(address), cpu_of(address), rounds))
    print("\nanswer sizes: " + "; ".join(f"{name} {size / 1000:.0f} kB" for name, size in sizes.items()))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 40)
