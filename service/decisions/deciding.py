"""A decision: an answer that is written down before it is given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, cast

from schemas.profile import Profile
from service.access.callers import Caller
from service.advised import Advised
from service.advising import Advisor
from service.answering.build import summary
from service.decisions.recalling import Recaller
from service.decisions.recording import observations_kept, trace_kept
from service.records import audit, decisions, idempotency, ids
from service.records.decisions import Kept, Made
from service.records.idempotency import Lease
from service.records.store import Store


@dataclass(frozen=True)
class Asked:
    """What a caller asks: the body as it was sent, the profile in it as the schema read it, and how to answer."""

    body: Mapping[str, Any]
    profile: Profile
    detail: str = "standard"
    voice: str = "person"

    def fingerprint(self) -> str:
        """What must be the same for the same idempotency key; the level of detail may differ."""
        return idempotency.fingerprint(self.body, self.voice)


class Decider:
    """Advises and keeps; `lease` is how long one request may hold an idempotency key."""

    def __init__(self, advisor: Advisor, store: Store, recaller: Recaller, lease: timedelta):
        self.advisor, self.store, self.recaller, self.lease = advisor, store, recaller, lease
        self._turn = Lock()  # Python computes for one thread at a time anyway; many who compute keep the one waiting who writes

    def decide(self, asked: Asked, caller: Caller, now: datetime, key: str | None = None) -> dict[str, Any]:
        """The answer, kept; with an idempotency key the one that is kept already, if there is one.

        Raises ProfileFault, EngineFault and StoreUnavailable; with a key also KeyInUse, KeyOfAnother, LeaseLost, and Erased where the
        decision is gone.
        """
        if key is None:
            return self._new(asked, caller, now, None)
        with self._held(caller, key, asked, now) as lease:
            return self._again(lease.decision, asked, caller, now) if lease.decision else self._new(asked, caller, now, lease)

    def _new(self, asked: Asked, caller: Caller, now: datetime, lease: Lease | None) -> dict[str, Any]:
        with self._turn:
            advised, answer, made = self._made(asked, caller, now)
            sealed = decisions.sealed(made)
        with self.store.writing(now) as writing:
            decisions.write(writing, sealed)
            if lease is not None:
                idempotency.bind(writing.connection, lease, made.id)
        if asked.detail == "full":
            return self.advisor.answer(advised, decision_id=made.id, now=now, detail="full", voice=asked.voice)
        return summary(answer) if asked.detail == "summary" else answer

    def _made(self, asked: Asked, caller: Caller, now: datetime) -> tuple[Advised, dict[str, Any], Made]:
        advised, id_ = self.advisor.reason(asked.profile, now), ids.new("dec")
        answer = self.advisor.answer(advised, decision_id=id_, now=now, detail="standard", voice=asked.voice)
        parts = {
            "request": {"body": asked.body, "voice": asked.voice}, "answer": answer,
            "observations": observations_kept(advised.observations), "trace": trace_kept(advised.derivation),
        }  # fmt: skip
        return advised, answer, Made(id_, now, caller.client, caller.shares, self.advisor.knowledge.digest, parts)

    def _again(self, id_: str, asked: Asked, caller: Caller, now: datetime) -> dict[str, Any]:
        with self.store.reading() as connection:
            kept = cast("Kept", decisions.read(connection, id_))  # a key is bound to nothing else
        audit.accessed(self.store, caller, "repeat", [id_], now)
        return self.recaller.answer(kept, asked.detail)

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
