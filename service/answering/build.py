"""One derivation becomes one answer, as long as it was asked for."""

from __future__ import annotations

from datetime import datetime

from schemas.answer import LISTS
from service.advised import Advised
from service.answering.answer import Answer, AnswerWriter
from service.answering.indexes import Indexes
from service.answering.nodes import TraceWriter
from service.answering.shelf_life import earliest
from service.answering.why_in_short import ShortWhy

SUMMARY = (
    "decision_id", "created_at", "valid_until", "rulebase", "disposition", "red_flags", "states", "recommendations", "clinician_first",
    "withheld", "deferred", "not_indicated", "unrecognised", "conflicts",
    "notices",
)  # fmt: skip
SUMMARY_OF_A_ROW = ("intervention", "status", "rank", "phase", "borderline", "title", "changes", "already", "reasons", "until", "because")


def build(indexes: Indexes, advised: Advised, *, decision_id: str, now: datetime, detail: str, voice: str) -> Answer:
    """What follows for one person in the contract's form and in words; `now` is UTC."""
    writer = AnswerWriter(indexes, advised, voice)
    measure_again = indexes.shelf_life.rows(advised.observations, advised.derivation, now, writer.sentences)
    answer: Answer = {
        "decision_id": decision_id,
        "created_at": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "valid_until": earliest(measure_again),
        "rulebase": {"version": indexes.knowledge.version, "digest": indexes.knowledge.digest},
        "disposition": advised.derivation.facts["disposition"],
        **writer.sections(advised.ranked),
        "measure_again": measure_again,
    }
    if detail == "summary":
        return summary(answer)
    if detail == "full":
        trace = TraceWriter(writer.nodes, indexes.knowledge, writer.sentences).write()
        ShortWhy(writer, trace).beside(answer)
        answer["trace"] = {"nodes": trace}
    return answer


def summary(answer: Answer) -> Answer:
    """A standard answer in summary."""
    short = {key: answer[key] for key in SUMMARY}
    for list_ in LISTS:
        short[list_] = [{key: row[key] for key in SUMMARY_OF_A_ROW if key in row} for row in short[list_]]
    return short
