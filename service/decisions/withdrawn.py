"""Which recorded decisions rest on a rule or a source that today's rule base no longer stands by."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from service.decisions.recalling import Recaller
from service.knowledge.records import Cites
from service.knowledge.rulebase import Knowledge
from service.records.decisions import DecisionParts, Kept

RULE_BASES_KEPT = 256  # a few ids each


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
