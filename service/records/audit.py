"""The trail: who read what is about a person, appended to the log before it is shown; and the log as an administrator reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

import orjson
from sqlalchemy import JSON, Connection, Text, cast, or_, select, type_coerce
from sqlalchemy.sql.elements import ColumnElement

from service.records import ids
from service.records.store import Store
from service.records.tables import Query, log

KINDS = ("access", "decision", "erasure", "key", "review", "revocation")


class Reader(Protocol):
    """Who reads: a client, the id of the key or token it came with, and of the request."""

    @property
    def client(self) -> str: ...

    @property
    def key(self) -> str: ...

    @property
    def request(self) -> str | None: ...


def accessed(store: Store, caller: Reader, action: str, decisions: Sequence[str], now: datetime) -> None:
    """Record that `caller` is about to be shown these decisions. Raises StoreUnavailable; then nothing may be shown.

    `action` is a word of ours, as `trace`; nothing that was sent.
    """
    said = {
        "id": ids.new("acc"), "client": caller.client, "key": caller.key, "request": caller.request,
        "action": action, "decisions": list(decisions),
    }  # fmt: skip
    with store.writing(now) as writing:
        writing.append("access", decisions[0] if len(decisions) == 1 else None, said)


def trail(
    connection: Connection,
    limit: int,
    *,
    before: int | None = None,
    client: str | None = None,
    decision: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[dict[str, Any]]:
    """The newest `limit` entries that these ask for, newest first, each {seq, at, kind, id, client, key, action, decisions, request}.

    `before`: only entries with a smaller seq. `since` and `until` are both included.
    """
    asked = select(log.c.seq, log.c.kind, log.c.about, log.c.entry).where(log.c.kind.in_(KINDS))
    if before is not None:
        asked = asked.where(log.c.seq < before)
    if client is not None:
        asked = asked.where(_said("client") == client)
    if decision is not None:
        asked = asked.where(or_(log.c.about == decision, log.c.entry.contains(f'"{decision}"', autoescape=True)))
    asked = _between(asked, since, until)
    return [_shown(*row) for row in connection.execute(asked.order_by(log.c.seq.desc()).limit(limit))]


def _between(asked: Query, since: datetime | None, until: datetime | None) -> Query:
    if since is not None:
        asked = asked.where(_said("at") >= ids.stamp(since))
    if until is not None:
        asked = asked.where(_said("at") <= ids.stamp(until))
    return asked


def _said(name: str) -> ColumnElement[str]:
    """What entries say under this name: PostgreSQL wants the text to be JSON for that, SQLite wants it to stay text."""
    said: ColumnElement[str] = type_coerce(cast(log.c.entry, Text().with_variant(JSON(), "postgresql")), JSON)[name].as_string()
    return said


def _shown(seq: int, kind: str, about: str | None, entry: str) -> dict[str, Any]:
    """What an administrator is told of an entry; a key's digest and a decision's commitments are not among it."""
    said: Mapping[str, Any] = orjson.loads(entry)
    about_a_key = kind in ("key", "revocation")
    return {
        "seq": seq, "at": said["at"], "kind": kind, "id": said["id"], "client": said.get("client"), "request": said.get("request"),
        "key": about if about_a_key else said.get("key"), "action": said.get("action"),
        "decisions": said.get("decisions") or ([about] if about and not about_a_key else []),
    }  # fmt: skip
