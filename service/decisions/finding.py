"""Recorded decisions for those who may see them; that they were shown is on record before they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from service.access.callers import Caller, may_see
from service.answering.differences import difference
from service.decisions.recalling import Recaller
from service.decisions.replaying import Rederiver, Refused, outcome
from service.decisions.reviewing import NotSeen
from service.engine.trace import justifications
from service.knowledge.records import Cites
from service.knowledge.rulebase import Knowledge
from service.records import audit, decisions, exporting, querying, rulebases
from service.records.decisions import DecisionParts, Erased, Kept
from service.records.querying import Filters, Found, Visible
from service.records.store import Store

EXAMINED = 50  # decisions whose content is read for one page; to derive one again takes up to 60 ms on a busy machine
Test = Callable[[Kept], bool]
RULE_BASES_KEPT = 256  # a few ids each


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


@dataclass(frozen=True)
class Lost:
    """What of an older rule base is gone: rules; and what rests on a lost source: computed facts, evidence of interventions."""

    rules: frozenset[str]
    words: frozenset[str]
    interventions: frozenset[str]

    def __bool__(self) -> bool:
        return bool(self.rules or self.words or self.interventions)


class Withdrawn:
    """Asks decisions, one by one."""

    def __init__(self, recaller: Recaller):
        self.recaller = recaller
        self.lost = lru_cache(maxsize=RULE_BASES_KEPT)(self._lost)

    def __call__(self, kept: Kept) -> bool:
        """Whether something took part in it that is gone. Raises Erased."""
        return rests_on(kept.parts(), self.lost(kept.rulebase))

    def _lost(self, digest: str) -> Lost:
        today = self.recaller.advisor.knowledge
        return lost(self.recaller.knowledge_of(digest), today)


def lost(old: Knowledge, today: Knowledge) -> Lost:
    """What of `old` is gone in `today`: not there any more, retired, or resting on a source that is not there or marked as withdrawn."""
    sources = {id_ for id_ in old.sources if id_ not in today.sources or "withdrawn" in today.sources[id_].details}

    def cites_lost(cites: Cites | None) -> bool:
        return cites is not None and not sources.isdisjoint(cites.outside)

    return Lost(
        frozenset(id_ for id_, rule in old.rules.items() if not in_force(id_, today) or cites_lost(rule.cites)),
        frozenset(word.id for word in old.vocabulary.values() if cites_lost(word.cites)),
        frozenset(id_ for id_, evidence in old.evidence.items() if not sources.isdisjoint(evidence.sources)),
    )


def in_force(rule: str, knowledge: Knowledge) -> bool:
    return rule in knowledge.rules and knowledge.rules[rule].status != "retired"


def rests_on(parts: DecisionParts, lost: Lost) -> bool:
    rules = {name for kind, name, *_ in parts["trace"] if kind == "rule"}
    words = {name for kind, name, *_ in parts["trace"] if kind == "count"} | {one["fact"] for one in parts["observations"]["computed"]}
    shown = {row["intervention"] for row in parts["answer"]["recommendations"]}
    return not (rules.isdisjoint(lost.rules) and words.isdisjoint(lost.words) and shown.isdisjoint(lost.interventions))


class Affected:
    """Asks decisions of one rule base, one by one, what another makes of them; both by their digests."""

    def __init__(self, recaller: Recaller, old: str, new: str):
        self.recaller = recaller
        self.old, self.new = Rederiver(recaller.advisor_of(old)), Rederiver(recaller.advisor_of(new))

    def __call__(self, kept: Kept) -> bool:
        """Whether its answer or its reasons would differ; a request that is no longer accepted counts. Raises Erased."""
        parts = kept.parts()
        try:
            after = self.new.derived(kept, parts)
        except Refused:
            return True
        before = self.recaller.advised(kept, parts)
        if justifications(before.derivation) != justifications(after.derivation):
            return True  # other reasons already: the answers, which take longer, need not be written
        answers = self.old.answer(before, kept, parts), self.new.answer(after, kept, parts)
        return difference(0, outcome(before, answers[0]), outcome(after, answers[1]), set()) is not None
