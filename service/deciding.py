"""A decision: an answer that is written down before it is given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from service.access.callers import Caller
from service.advising import Advisor
from service.recalling import Recaller
from service.recording import observations_kept, trace_kept
from service.records import decisions, idempotency, ids
from service.records.canonical import canonical, sha256
from service.records.decisions import Made
from service.records.idempotency import Lease
from service.records.store import Store


@dataclass(frozen=True)
class Asked:
    """What a caller asks: the body as it was sent, the profile in it as the schema read it, and how to answer."""

    body: Mapping[str, Any]
    profile: Mapping[str, Any]
    detail: str = "standard"
    voice: str = "person"

    def fingerprint(self) -> str:
        """What must be the same for the same idempotency key; the level of detail may differ."""
        return sha256(canonical([self.body, self.voice])).hex()


class Decider:
    """Advises and keeps; `lease` is how long one request may hold an idempotency key."""

    def __init__(self, advisor: Advisor, store: Store, recaller: Recaller, lease: timedelta):
        self.advisor, self.store, self.recaller, self.lease = advisor, store, recaller, lease

    def decide(self, asked: Asked, caller: Caller, now: datetime, key: str | None = None) -> dict[str, Any]:
        """The answer, kept; with an idempotency key the one that is kept already, if there is one.

        Raises ProfileFault, EngineFault and StoreUnavailable; with a key also KeyInUse, KeyOfAnother, LeaseLost, and Erased where the
        decision is gone.
        """
        if key is None:
            return self._new(asked, caller, now, None)
        with self._held(caller, key, asked, now) as lease:
            return self._again(lease.decision, asked.detail) if lease.decision else self._new(asked, caller, now, lease)

    def _new(self, asked: Asked, caller: Caller, now: datetime, lease: Lease | None) -> dict[str, Any]:
        advised, id_ = self.advisor.reason(asked.profile, now), ids.new("dec")
        answer = self.advisor.answer(advised, decision_id=id_, now=now, detail="standard", voice=asked.voice)
        parts = {
            "request": {"body": asked.body, "voice": asked.voice}, "answer": answer,
            "observations": observations_kept(advised.observations), "trace": trace_kept(advised.derivation),
        }  # fmt: skip
        with self.store.writing(now) as writing:
            decisions.write(writing, Made(id_, now, caller.client, caller.shares, self.advisor.knowledge.digest, parts))
            if lease is not None:
                idempotency.bind(writing.connection, lease, id_)
        if asked.detail == "full":
            return self.advisor.answer(advised, decision_id=id_, now=now, detail="full", voice=asked.voice)
        return self.advisor.explainer.short(answer) if asked.detail == "summary" else answer

    def _again(self, id_: str, detail: str) -> dict[str, Any]:
        with self.store.reading() as connection:
            return self.recaller.answer(decisions.read(connection, id_), detail)

    @contextmanager
    def _held(self, caller: Caller, key: str, asked: Asked, now: datetime) -> Iterator[Lease]:
        """The key is given back where the request fails, so that it can be tried again at once."""
        lease = idempotency.take(self.store.database, caller.client, key, asked.fingerprint(), now, self.lease)
        try:
            yield lease
        except Exception:
            if lease.decision is None:
                idempotency.give_back(self.store.database, lease)
            raise
