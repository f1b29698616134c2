"""What is prepared once from the knowledge, and what turns one derivation into one answer with it."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from service.engine.revising import Dependencies
from service.engine.trace import Derivation
from service.explaining.answer import Answer, AnswerWriter
from service.explaining.missing import Missing
from service.explaining.nodes import TraceWriter
from service.explaining.outcome import Outcomes
from service.explaining.paths import Paths
from service.explaining.ranges import Readers
from service.explaining.rationale import grounding
from service.explaining.sentences import VOICES, Sentences
from service.explaining.shelf_life import ShelfLife, earliest
from service.explaining.why_in_short import ShortWhy
from service.knowledge.program import Stratum
from service.knowledge.records import Knowledge, Rule, Word
from service.measures import Observations
from service.ranking import Ranked

SUMMARY = (
    "decision_id", "created_at", "valid_until", "rulebase", "disposition", "red_flags", "states", "recommendations", "clinician_first",
    "withheld", "deferred", "not_indicated", "notices",
)  # fmt: skip
SUMMARY_OF_A_ROW = ("intervention", "status", "rank", "phase", "borderline", "title", "changes", "reasons", "until", "because")


class Explainer:
    """Prepared once from the knowledge; turns one derivation into one answer."""

    def __init__(self, knowledge: Knowledge, strata: tuple[Stratum, ...]):
        self.knowledge = knowledge
        self.outcomes = Outcomes(knowledge)
        self.dependencies = Dependencies(strata, knowledge.vocabulary, self.outcomes.facts)
        self.readers = Readers(self.dependencies.strata, knowledge.vocabulary)
        self.paths = Paths(knowledge)
        self.missing = Missing(knowledge)
        self.shelf_life = ShelfLife(knowledge)
        self.sentences = {voice: Sentences(knowledge, voice) for voice in VOICES}
        self.offers = offers(knowledge)
        self.grounding = grounding(knowledge)
        self.listed: dict[str | None, list[Word]] = defaultdict(list)
        for word in knowledge.vocabulary.values():
            self.listed[word.listed].append(word)

    def answer(
        self,
        observations: Observations,
        derivation: Derivation,
        ranked: list[Ranked],
        *,
        decision_id: str,
        now: datetime,
        detail: str,
        voice: str,
    ) -> Answer:
        writer = AnswerWriter(self, observations, derivation, voice)
        measure_again = self.shelf_life.rows(observations, derivation, now, writer.sentences)
        answer: Answer = {
            "decision_id": decision_id,
            "created_at": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "valid_until": earliest(measure_again),
            "rulebase": {"version": self.knowledge.version, "digest": self.knowledge.digest},
            "disposition": derivation.facts["disposition"],
            **writer.sections(ranked),
            "measure_again": measure_again,
        }
        if detail == "summary":
            return self.short(answer)
        if detail == "full":
            trace = TraceWriter(writer.nodes, self.knowledge, writer.sentences).write()
            ShortWhy(writer, trace).beside(answer)
            answer["trace"] = {"nodes": trace}
        return answer

    def short(self, answer: Answer) -> Answer:
        """A standard answer in summary."""
        return summary(answer)


def offers(knowledge: Knowledge) -> dict[str, list[Rule]]:
    """The rules that offer each intervention."""
    found: dict[str, list[Rule]] = {}
    for rule in knowledge.rules.values():
        if next(iter(rule.then), "") == "offer":
            found.setdefault(rule.then["offer"], []).append(rule)
    return found


def summary(answer: Answer) -> Answer:
    short = {key: answer[key] for key in SUMMARY}
    for list_ in ("recommendations", "clinician_first", "withheld", "deferred", "not_indicated"):
        short[list_] = [{key: row[key] for key in SUMMARY_OF_A_ROW if key in row} for row in short[list_]]
    return short
