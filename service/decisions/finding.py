"""Recorded decisions for those who may see them; that they were shown is on record before they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from service.access.callers import Caller
from service.access.seeing import may_see
from service.decisions.affected import Affected
from service.decisions.recalling import Recaller
from service.decisions.reviewing import NotSeen
from service.decisions.withdrawn import Withdrawn
from service.records import audit, decisions, exporting, querying, rulebases
from service.records.decisions import Erased, Kept
from service.records.querying import Filters, Found, Visible
from service.records.store import Store

EXAMINED = 50  # decisions whose content is read for one page; to derive one again takes up to 60 ms on a busy machine
Test = Callable[[Kept], bool]


@dataclass(frozen=True)
class Wanted:
    """Which decisions are asked for: by what is kept beside them, and by what only their content tells.

    `affected_by` names two rule bases, by version or the beginning of a digest.
    """

    filters: Filters = field(default_factory=Filters)
    withdrawn: bool = False
    affected_by: tuple[str, str] | None = None


@dataclass(frozen=True)
class Page:
    """Rows for the list, and after which entry of the log the next page begins; None: there is none."""

    items: list[dict[str, Any]]
    after: int | None


class Finder:
    """Finds decisions in the store, newest first."""

    def __init__(self, store: Store, recaller: Recaller):
        self.store, self.recaller = store, recaller
        self.withdrawn = Withdrawn(recaller)

    def one(self, id_: str, caller: Caller, action: str, now: datetime) -> Found:
        """One decision, about to be shown for `action`. Raises NotSeen, Erased, StoreUnavailable."""
        with self.store.reading() as connection:
            kept = decisions.read(connection, id_)
            if kept is None or not may_see(caller, kept):
                raise NotSeen
            found = querying.beside(connection, kept)
        if kept.erased_at is not None:
            raise Erased(kept.erased_at)
        audit.accessed(self.store, caller, action, [id_], now)
        return found

    def exported(self, id_: str, caller: Caller, now: datetime) -> dict[str, Any]:
        """One decision with its proof, as schemas/record.py shapes it. Raises NotSeen, Erased, StoreUnavailable."""
        kept = self.one(id_, caller, "export", now).kept
        with self.store.reading() as connection:
            return exporting.exported(connection, kept)

    def page(self, wanted: Wanted, caller: Caller, limit: int, before: int | None, now: datetime) -> Page:
        """A page of the list. Raises NoSuchRuleBase, StoreUnavailable.

        Where contents have to be read, up to EXAMINED are: a page may then have fewer rows than asked for, and another one after it.
        """
        filters, tests = self._prepared(wanted)
        most = EXAMINED if tests else limit
        with self.store.reading() as connection:
            found = querying.page(connection, visible(caller), filters, before, most + 1)
        chosen, last = examined(found[:most], tests, limit)
        if chosen:
            audit.accessed(self.store, caller, "list", [one.kept.id for one in chosen], now)
        after = last.kept.seq if last is not None and last.kept.seq != found[-1].kept.seq else None
        return Page([row(one) for one in chosen], after)

    def _prepared(self, wanted: Wanted) -> tuple[Filters, list[Test]]:
        """What SQL can ask, and what has to be asked of each decision."""
        tests: list[Test] = []
        candidates: set[str] | None = None
        if wanted.affected_by:
            with self.store.reading() as connection:
                old, new = (rulebases.named(connection, name) for name in wanted.affected_by)
            tests.append(Affected(self.recaller, old, new))
            candidates = {old}
        if wanted.withdrawn:
            with self.store.reading() as connection:
                concerned = {digest for digest in rulebases.digests(connection) if self.withdrawn.lost(digest)}
            tests.append(self.withdrawn)
            candidates = concerned if candidates is None else candidates & concerned
        return (wanted.filters if candidates is None else replace(wanted.filters, rulebases=candidates)), tests


def visible(caller: Caller) -> Visible:
    """What `may_see` says of one decision, for a list."""
    own = caller.may("read") or caller.may("advise")
    return Visible(caller.client if own else None, caller.may("review"))


def examined(found: Sequence[Found], tests: Iterable[Test], limit: int) -> tuple[list[Found], Found | None]:
    """Up to `limit` that stand every test, and the last that was looked at. What is erased stands none."""
    tests, chosen, last = list(tests), [], None
    for last in found:
        if not tests or (last.kept.erased_at is None and all(test(last.kept) for test in tests)):
            chosen.append(last)
        if len(chosen) == limit:
            break
    return chosen, last


def row(found: Found) -> dict[str, Any]:
    """A decision in the list. Raises SealBroken."""
    kept = found.kept
    subject = None if kept.erased_at else kept.parts()["request"]["body"].get("subject")
    return {
        "id": kept.id, "created_at": kept.created_at, "subject": subject, "disposition": found.disposition,
        "rulebase": {"version": found.version, "digest": kept.rulebase}, "valid_until": found.valid_until, "shared": kept.shared,
        "reviews": found.reviews, "erased_at": kept.erased_at,
    }  # fmt: skip
