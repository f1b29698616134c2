"""Sends alternating people to one worker and compares every answer with that person's first: nothing leaks, memory stays flat.

usage: python -m deploy.soak [REQUESTS]
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from copy import deepcopy
from itertools import cycle
from pathlib import Path
from typing import Any

import requests

from deploy.serving import AUTHORIZATION, serving
from service.api.examples import example_request

REPORTS = 10
VOLATILE = ("decision_id", "created_at")
CHANGES: tuple[dict[str, Any], ...] = (
    {},
    {"conditions": ["t1d"], "medications": ["insulin"], "age": 71},
    {"symptoms": ["chest_pain"]},
    {"sex": "female", "pregnancy": "pregnant"},
    {"age": 16},
    {"conditions": ["ckd_g4", "gout"], "medications": ["a name nobody mapped"]},
    {"eating_disorder": "past", "allergies": ["fish", "tree_nut"]},
)


def main(count: int) -> int:
    people = [changed(change) for change in CHANGES]
    with serving(ATTUNE_WORKERS="1", ATTUNE_ORACLE_SHARE="0", GUNICORN_CMD_ARGS="--max-requests 0") as address:
        wrong, sizes = soaked(address, people, count)
    grown = (sizes[-1] - sizes[1]) / (count - count / REPORTS) * 10_000
    print(f"{count} answers from one worker, {wrong} of them another person's; {grown:+.0f} KiB per 10,000 answers after the first tenth")
    return 1 if wrong else 0


def changed(change: dict[str, Any]) -> dict[str, Any]:
    body = deepcopy(example_request())
    body["profile"].update(change)
    return body


def soaked(address: str, people: list[dict[str, Any]], count: int) -> tuple[int, list[int]]:
    """How many answers were not the asker's own, and the worker's resident KiB along the way."""
    with requests.Session() as session:
        session.headers.update(AUTHORIZATION)
        first = [core(session, address, person) for person in people]
        wrong, sizes = 0, [resident(address)]
        for turn, (person, own) in zip(range(1, count + 1), alternating(people, first), strict=False):
            wrong += core(session, address, person) != own
            if turn % max(1, count // REPORTS) == 0:
                sizes.append(resident(address))
                print(f"{turn:7} answers, {sizes[-1]} KiB resident", flush=True)
    return wrong, sizes


def alternating(people: list[Any], first: list[Any]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    return cycle(zip(people, first, strict=True))


def core(session: requests.Session, address: str, person: dict[str, Any]) -> dict[str, Any]:
    response = session.post(f"{address}/v1/recommendations", json=person, timeout=30)
    response.raise_for_status()
    return {key: value for key, value in response.json().items() if key not in VOLATILE}


def resident(address: str) -> int:
    """KiB of the one worker that listens on the address' port."""
    port = int(address.rpartition(":")[2])
    return max(kib(pid) for pid in workers_on(port))


def workers_on(port: int) -> list[int]:
    """The processes whose environment names the port and whose parent's does too: gunicorn's workers, not its master."""
    marked = {pid for pid in map(int, filter(str.isdigit, os.listdir("/proc"))) if f"PORT={port}" in environment(pid)}
    return [pid for pid in marked if parent(pid) in marked]


def environment(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/environ").read_text(errors="replace").split("\0")
    except OSError:
        return []


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def kib(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000))
