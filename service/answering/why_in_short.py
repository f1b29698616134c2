"""Why, in short: for each intervention of a full answer how many premises of which sort it rests on, and which alone carry it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cached_property
from typing import Any

from service.analysis.sufficing import restricted
from service.answering.answer import Answer, AnswerWriter
from service.answering.premises import Node, Premises
from service.engine.revising import Revisable, Revision
from service.knowledge.program import Atom

LISTS = ("recommendations", "clinician_first", "withheld", "deferred")


class ShortWhy:
    """One person's lists, each row with its reasons counted; `trace` are the nodes of the answer."""

    def __init__(self, writer: AnswerWriter, trace: Iterable[Node]):
        self.writer, self.premises = writer, Premises(writer, trace)

    def beside(self, answer: Answer) -> None:
        """Puts a `why` into each row of an answer."""
        for row in (row for name in LISTS for row in answer[name]):
            fact = f"placement.{row['intervention']}"
            row["why"] = self.of((fact, self.writer.facts[fact]))

    def of(self, result: Atom) -> dict[str, Any]:
        premises, behind = self.premises, self.premises.of(result)
        counted = Counter(row["basis"] for row in (*premises.stated(behind), *premises.taken_for_granted(behind)))
        return {
            "weakest": premises.weakest(behind),
            "single_points": [pointer for pointer, without in self.without.items() if not without.holds(*result)],
            "measured": counted["measured"],
            "reported": counted["reported"],
            "assumed": counted["assumed"],
            "article_only": len(premises.article_only(behind)),
        }

    @cached_property
    def without(self) -> dict[str, Revision]:
        """What follows with one input taken away, for each that was sent."""
        observations, vocabulary = self.writer.observations, self.writer.knowledge.vocabulary
        sent = {one.input for one in observations.given if one.fact in vocabulary}
        now = Revisable(self.writer.indexes.program, observations.values, self.writer.derivation)
        return {pointer: now.revised(restricted(observations, sent - {pointer}, vocabulary).values) for pointer in sorted(sent)}
