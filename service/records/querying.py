"""Decisions in a row: newest first, a page at a time, by what is kept beside the sealed content."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, false, func, or_, select, true

from schemas.answer import LISTS
from service.records.decisions import Kept, subject_ref
from service.records.tables import Query, decision, mark, review, rulebase


@dataclass(frozen=True)
class Visible:
    """Which decisions may be seen: those of `client`, where one is named, and with `shared` those shared with review."""

    client: str | None
    shared: bool


@dataclass(frozen=True)
class Filters:
    """What a decision must be; None asks nothing. `from_` and `to` are as ids.stamp writes them, `to` itself is left out.

    `valid_until` asks for those that hold no longer at that moment, written as answers write it; `subject` is looked for among the
    decisions of `Visible.client` only: another client's subject of that name is another person. `review` is `none`, `any`, or what
    the newest review says. `rulebases` are digests.
    """

    from_: str | None = None
    to: str | None = None
    subject: str | None = None
    disposition: str | None = None
    marks: tuple[str, ...] | None = None
    red_flag: str | None = None
    review: str | None = None
    valid_until: str | None = None
    rulebases: Collection[str] | None = None


@dataclass(frozen=True)
class Found:
    """One decision of a page with what is shown beside its content."""

    kept: Kept
    version: str
    disposition: str | None
    valid_until: str | None
    reviews: int


def page(connection: Connection, visible: Visible, filters: Filters, before: int | None, limit: int) -> list[Found]:
    """Up to `limit` decisions, newest first; only those written before the entry `before`, where it is given."""
    wanted = (
        _beside(*(decision.c[name] for name in Kept.__dataclass_fields__))
        .where(_visible(visible), *_conditions(connection, visible, filters))
        .order_by(decision.c.seq.desc())
        .limit(limit)
    )
    if before is not None:
        wanted = wanted.where(decision.c.seq < before)
    return [Found(Kept(*row[_SHOWN:]), *row[:_SHOWN]) for row in connection.execute(wanted)]


def beside(connection: Connection, kept: Kept) -> Found:
    """A decision with what is shown beside its content."""
    return Found(kept, *connection.execute(_beside().where(decision.c.id == kept.id)).one())


def marks_of(intervention: str, list_: str | None = None) -> tuple[str, ...]:
    """What a decision is marked with where an intervention stands in one list, or in any."""
    return tuple(f"{name}:{intervention}" for name in ([list_] if list_ else LISTS))


def _visible(visible: Visible) -> ColumnElement[bool]:
    return or_(decision.c.client == visible.client, and_(true() if visible.shared else false(), decision.c.shared))


def _conditions(connection: Connection, visible: Visible, filters: Filters) -> Iterator[ColumnElement[bool]]:
    for name, condition in _CONDITIONS.items():
        value = getattr(filters, name)
        if value is not None:
            yield condition(value)
    if filters.subject is not None:
        ref = subject_ref(connection, visible.client or "", filters.subject)
        yield and_(decision.c.client == visible.client, decision.c.subject_ref == ref)


def _marked(marks: Collection[str]) -> ColumnElement[bool]:
    return exists().where(mark.c.decision == decision.c.id, mark.c.mark.in_(marks))


def _reviewed(verdict: str) -> ColumnElement[bool]:
    found = select(review.c.verdict).where(review.c.decision == decision.c.id)
    if verdict in ("none", "any"):
        return ~found.exists() if verdict == "none" else found.exists()
    return found.order_by(review.c.seq.desc()).limit(1).scalar_subquery() == verdict


def _beside(*columns: ColumnElement[Any]) -> Query:
    reviews = select(func.count()).select_from(review).where(review.c.decision == decision.c.id).scalar_subquery()
    shown = (rulebase.c.version, decision.c.disposition, decision.c.valid_until, reviews, *columns)
    return select(*shown).join(rulebase, rulebase.c.digest == decision.c.rulebase)


_SHOWN = len(Found.__dataclass_fields__) - 1  # the columns beside those of Kept
_CONDITIONS: dict[str, Callable[[Any], ColumnElement[bool]]] = {
    "from_": lambda at: decision.c.created_at >= at,
    "to": lambda at: decision.c.created_at < at,
    "disposition": lambda disposition: decision.c.disposition == disposition,
    "marks": _marked,
    "red_flag": lambda code: _marked([f"red_flag:{code}"]),
    "review": _reviewed,
    "valid_until": lambda at: decision.c.valid_until <= at,
    "rulebases": lambda digests: decision.c.rulebase.in_(digests),
}
