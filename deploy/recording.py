"""Measures what recording adds: the same answers from the same workers, recorded and not, eight callers at a time, over both databases.

One run, in rounds that alternate. usage: python -m deploy.recording [ROUNDS]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from itertools import cycle
from statistics import median
from typing import Any
from urllib.parse import urlsplit

import orjson

from deploy.bench import HEADERS, persons
from deploy.faults.service import NO_LIMIT
from deploy.postgresql import PostgreSQL
from deploy.serving import serving

CALLERS = 8
IN_A_ROUND = 40  # requests of each caller
PATHS = {"not recorded": "/bench/unrecorded", "recorded": "/v1/recommendations"}


def measure(address: str, rounds: int) -> dict[str, list[tuple[float, list[float]]]]:
    """For each path and round: answers a second, and the milliseconds of each answer."""
    bodies = cycle([orjson.dumps(body) for body in persons().values()])
    found: dict[str, list[tuple[float, list[float]]]] = {name: [] for name in PATHS}
    for turn in range(-1, rounds):  # the first is for warming up
        for name, path in sorted(PATHS.items(), reverse=turn % 2 == 0):
            measured = one_round(address, path, bodies)
            if turn >= 0:
                found[name].append(measured)
    return found


def one_round(address: str, path: str, bodies: Iterator[bytes]) -> tuple[float, list[float]]:
    began = time.perf_counter()
    with ThreadPoolExecutor(CALLERS) as callers:
        own = [[next(bodies) for _ in range(IN_A_ROUND)] for _ in range(CALLERS)]
        times = [one for some in callers.map(lambda some: calls(address, path, some), own) for one in some]
    return len(times) / (time.perf_counter() - began), times


def calls(address: str, path: str, bodies: list[bytes]) -> list[float]:
    connection, times = HTTPConnection(urlsplit(address).netloc), []
    for body in bodies:
        began = time.perf_counter()
        connection.request("POST", path, body, HEADERS)
        with connection.getresponse() as answer:
            answer.read()
            if answer.status != 201:
                raise RuntimeError(f"{path}: {answer.status}")
        times.append((time.perf_counter() - began) * 1000)
    connection.close()
    return times


def report(name: str, found: dict[str, list[tuple[float, list[float]]]]) -> None:
    print(f"\n{name}, {CALLERS} callers at a time")
    mean = {}
    for path, rounds in found.items():
        times = sorted(one for _, some in rounds for one in some)
        mean[path] = median(sum(some) / len(some) for _, some in rounds)
        tail = ", ".join(f"{share:.0%} {times[int(len(times) * share)]:.0f}" for share in (0.5, 0.95, 0.99))
        rate = median(rate for rate, _ in rounds)
        print(f"  {path:14} {rate:5.0f} answers/s, mean {mean[path]:5.1f} ms; {tail}, longest {times[-1]:.0f} ms")
    print(f"  recording adds {mean['recorded'] / mean['not recorded'] - 1:.2f} times the answer without it", flush=True)


def main(rounds: int) -> None:
    options: dict[str, Any] = {"application": "deploy.bench:app()", "ATTUNE_RATE": NO_LIMIT, "ATTUNE_ORACLE_SHARE": "0"}
    with serving(**options) as address:
        report("SQLite", measure(address, rounds))
    with PostgreSQL() as database, serving(**options, DATABASE_URL=database.new()) as address:
        report("PostgreSQL", measure(address, rounds))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10)
