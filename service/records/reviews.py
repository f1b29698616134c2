"""Verdicts as they are kept: an entry of the log that commits to each, and its content sealed with the secret of its decision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select
from sqlalchemy import insert as inserted

from schemas.verdicts import DISPUTES, VERDICTS
from service.records import ids
from service.records.canonical import canonical
from service.records.decisions import Erased
from service.records.sealing import Secret
from service.records.store import Writing
from service.records.tables import Query, decision, review

BATCH = 200


@dataclass(frozen=True)
class Given:
    """A verdict about to be kept; `key` and `request` name what it came with.

    `content` has verdict, reason, node, rule, rule_hash, intervention, action, comment, location, reviewer; what was left out is None.
    """

    decision: str
    client: str
    key: str
    request: str | None
    content: Mapping[str, Any]


@dataclass(frozen=True)
class Wanted:
    """Which verdicts an export is about; `since` and `before` as ids.stamp writes times."""

    since: str | None = None
    before: str | None = None
    verdict: str | None = None
    rule: str | None = None


def write(writing: Writing, given: Given) -> dict[str, Any]:
    """Keep a verdict within the caller's transaction; returns it as `of` will. Raises Erased where its decision is gone."""
    secret, id_, at = _secret(writing.connection, given.decision), ids.new("rev"), ids.stamp(writing.now)
    content = {**given.content, "at": at}
    part = canonical(content)
    said = {
        "id": id_, "client": given.client, "key": given.key, "request": given.request,
        "commitment": secret.commitment(committed_as(id_), part),
    }  # fmt: skip
    link = writing.append("review", given.decision, said)
    writing.connection.execute(
        inserted(review).values(
            id=id_, seq=link.seq, decision=given.decision, client=given.client, at=at,
            content=secret.seal(part, id_), **looked_up_by(secret, given.client, content),
        )
    )  # fmt: skip
    return {"id": id_, "decision": given.decision, "client": given.client, **content, "current": True}


def committed_as(id_: str) -> str:
    """The name under which the log commits to a verdict's content."""
    return f"review:{id_}"


def looked_up_by(secret: Secret, client: str, content: Mapping[str, Any]) -> dict[str, str | None]:
    """The personal columns that repeat the content, for queries."""
    thread = canonical([client, content["reviewer"], content["node"], content["intervention"]])
    return {**{name: content[name] for name in ("verdict", "rule", "rule_hash")}, "thread": secret.commitment("thread", thread)}


def of(connection: Connection, decision_id: str) -> list[dict[str, Any]]:
    """Every verdict on one decision, oldest first; none of an erased one. Raises SealBroken where one was changed."""
    these = _kept().where(review.c.decision == decision_id, review.c.content.is_not(None))
    return [_opened(row) for row in connection.execute(these.order_by(review.c.seq))]


def counted(connection: Connection, rule: str, rule_hash: str | None = None) -> dict[str, Any]:
    """The current verdicts on a rule, of every content it had or of this one."""
    counts = [func.count().filter(review.c.verdict == verdict) for verdict in VERDICTS]
    these = [review.c.rule == rule, _current()] + ([review.c.rule_hash == rule_hash] if rule_hash else [])
    decisions, *found = connection.execute(select(func.count(review.c.decision.distinct()), *counts).where(*these)).one()
    verdicts = dict(zip(VERDICTS, found, strict=True))
    disputes, total = sum(verdicts[verdict] for verdict in DISPUTES), sum(found)
    return {**verdicts, "dispute_rate": disputes / total if total else None, "decisions": decisions}


def last(connection: Connection) -> int:
    """The place in the log of the newest verdict; 0 where there is none."""
    return connection.scalar(select(func.max(review.c.seq))) or 0


def batch(connection: Connection, client: str, wanted: Wanted, after: int, until: int) -> tuple[int, list[dict[str, Any]]]:
    """The next verdicts after one place in the log and until another that this client's reviewers may see, and the place of the last."""
    these = (review.c.content.is_not(None), review.c.seq > after, review.c.seq <= until, *_conditions(client, wanted))
    rows = connection.execute(_kept().where(*these).order_by(review.c.seq).limit(BATCH)).all()
    return (rows[-1].seq if rows else until), [_opened(row) for row in rows]


def _secret(connection: Connection, decision_id: str) -> Secret:
    """Nobody else writes meanwhile, so no erasure comes between reading the secret and sealing with it."""
    found = connection.execute(select(decision.c.secret, decision.c.erased_at).where(decision.c.id == decision_id)).one()
    if found.secret is None:
        raise Erased(found.erased_at)
    return Secret.of(found.secret)


def _kept() -> Query:
    return select(review, decision.c.secret, _current().label("current")).join(decision, review.c.decision == decision.c.id)


def _current() -> ColumnElement[bool]:
    """Whether its thread has nothing newer; what was erased has no thread."""
    newer = review.alias("newer")
    return and_(review.c.thread.is_not(None), ~exists().where(newer.c.thread == review.c.thread, newer.c.seq > review.c.seq))


def _conditions(client: str, wanted: Wanted) -> list[ColumnElement[bool]]:
    asked = (
        (review.c.at.__ge__, wanted.since), (review.c.at.__lt__, wanted.before),
        (review.c.verdict.__eq__, wanted.verdict), (review.c.rule.__eq__, wanted.rule),
    )  # fmt: skip
    return [or_(decision.c.shared, decision.c.client == client), *(compared(value) for compared, value in asked if value is not None)]


def _opened(row: Any) -> dict[str, Any]:
    content = orjson.loads(Secret.of(row.secret).open(row.content, row.id))
    return {"id": row.id, "decision": row.decision, "client": row.client, **content, "current": bool(row.current)}
