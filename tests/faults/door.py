"""The service as a caller sees it while its store is at fault."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from deploy.faults import checks
from deploy.serving import AUTHORIZATION
from service import create_app
from service.api.examples import example_request
from service.records import migrating, opening
from service.records.tables import decision
from service.settings import Settings

BOUND = 30.0  # seconds in which every request is answered: two blocks wait for 2.5 s each, and the machine may be busy; without a limit it is minutes
SOON = 120.0  # seconds after the end of a fault until answers are given again; only what never is takes so long


class Door:
    """One application over a store of its own, `inside`; `outside` is the same store past the application, at the address `direct`.

    Use it in a `with` block.
    """

    def __init__(self, settings: Settings, folder: Path, url: str, direct: str | None = None, lease: int = 30):
        self.direct, self.answered = direct or url, []
        self.outside = opening.store(self.direct, folder, 64)
        migrating.migrate(self.outside.database)
        self.inside = opening.store(url, folder, 64)
        self.settings = replace(settings, data=folder, database_url=url, timeout=lease, oracle_share=0.0, rate="1000000/second")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(opening, "store", lambda *_: self.inside)
            self.app = create_app(self.settings)

    def __enter__(self) -> Door:
        return self

    def __exit__(self, *_: object) -> None:
        self.inside.database.close()
        self.outside.database.close()

    def ask(self, **headers: str) -> TestResponse:
        """Ask for one decision; never for longer than BOUND."""
        began = time.monotonic()
        answer = self.app.test_client().post("/v1/recommendations", json=example_request(), headers={**AUTHORIZATION, **headers})
        assert time.monotonic() - began < BOUND
        if answer.status_code == 201:
            self.answered.append(answer.get_json()["decision_id"])
        return answer

    def get(self, path: str) -> TestResponse:
        return self.app.test_client().get(path)

    def is_shut(self, answer: TestResponse) -> None:
        assert answer.status_code == 503, answer.text
        assert answer.content_type == "application/problem+json"
        assert int(answer.headers["Retry-After"]) > 0

    def is_shut_and_says_so(self) -> None:
        self.is_shut(self.ask())
        self.is_shut(self.get("/readyz"))
        assert self.get("/healthz").status_code == 200

    def is_open_soon(self) -> None:
        deadline = time.monotonic() + SOON
        while self.ask().status_code != 201:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert self.get("/readyz").status_code == 200

    def count(self) -> int:
        with self.outside.reading() as connection:
            return connection.scalar(select(func.count()).select_from(decision))

    def has_kept_its_word(self, unanswered: int = 0) -> None:
        """Everything answered is kept and whole; nothing is kept beside it but what may have been written without an answer."""
        assert checks.faults(self.outside, self.answered) == []
        assert len(set(self.answered)) <= self.count() <= len(set(self.answered)) + unanswered


