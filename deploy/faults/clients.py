"""Clients that ask for one decision after another, each under a key of its own, and ask again until they are answered."""

from __future__ import annotations

import time
import uuid
from copy import deepcopy
from threading import Event, Thread
from typing import Any

import requests

from deploy.serving import AUTHORIZATION
from service.api.examples import example_request

TIMEOUT = 120  # seconds; only a service that hangs takes so long
PATIENCE = 600  # seconds of asking again
ALLOWED = (409, 503)  # asked again; anything else that is no decision is a fault of the service


class Clients:
    """`count` of them, from the start of the `with` block until its end, when each has got its last answer.

    `answered` maps each key to the ids that were answered under it; `refused` counts the answers of ALLOWED; `lost` what broke off.
    """

    def __init__(self, address: str, count: int):
        self.answered: dict[str, list[str]] = {}
        self.refused = self.lost = 0
        self.wrong: list[str] = []
        self._address, self._over = address, Event()
        self._threads = [Thread(target=self._ask, args=(number,), daemon=True) for number in range(count)]

    def __enter__(self) -> Clients:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def wait_for(self, count: int, patience: float = PATIENCE) -> None:
        """Until so many more decisions were answered. Raises RuntimeError where they are not."""
        wanted, deadline = len(self.answered) + count, time.monotonic() + patience
        while len(self.answered) < wanted:
            if time.monotonic() > deadline or self.wrong:
                raise RuntimeError(f"{len(self.answered)} of {wanted} answered: {self.wrong[:3]}")
            time.sleep(0.01)

    def _ask(self, number: int) -> None:
        with requests.Session() as session:
            session.headers.update(AUTHORIZATION)
            while not self._over.is_set():
                self._until_answered(session, f"{number}-{uuid.uuid4()}", person(number))

    def _until_answered(self, session: requests.Session, key: str, body: dict[str, Any]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not self.wrong:
            if time.monotonic() > deadline:
                self.wrong.append(f"nothing was answered for {PATIENCE} seconds")
            try:
                answer = session.post(f"{self._address}/v1/recommendations", json=body, headers={"Idempotency-Key": key}, timeout=TIMEOUT)
            except requests.RequestException:
                self.lost += 1
                time.sleep(0.05)
                continue
            if answer.status_code == 201:
                self.answered.setdefault(key, []).append(answer.json()["decision_id"])
                return
            self._refusal(answer)

    def _refusal(self, answer: requests.Response) -> None:
        self.refused += 1
        if answer.status_code in ALLOWED and "Retry-After" in answer.headers:
            time.sleep(0.2)  # sooner than it asks for, which must do no harm
        else:
            self.wrong.append(f"{answer.status_code}: {answer.text[:500]}")


def person(number: int) -> dict[str, Any]:
    """A request of the fictional person at another age."""
    body = deepcopy(example_request())
    body["profile"]["age"] = 30 + number % 40
    return body


def asked_again(address: str, answered: dict[str, list[str]]) -> int:
    """Ask under every key once more, and count those that are not answered with the same decision."""
    different = 0
    with requests.Session() as session:
        session.headers.update(AUTHORIZATION)
        for key, (first, *_) in answered.items():
            body, headers = person(int(key.partition("-")[0])), {"Idempotency-Key": key}
            answer = session.post(f"{address}/v1/recommendations", json=body, headers=headers, timeout=TIMEOUT)
            different += answer.status_code != 201 or answer.json()["decision_id"] != first
    return different
