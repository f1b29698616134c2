"""What to ask next: the inputs on which something still undecided rests, those that bear on most of it first."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from service.advised import Advised
from service.analysis.grounds import Grounds
from service.analysis.unknown import Outlook, unanswered
from service.analysis.unmet import Makers
from service.answering.indexes import Indexes
from service.answering.missing import askable
from service.answering.sentences import Sentences
from service.knowledge.records import Word

URGENT = ("out_of_scope", "emergency")
NAMED = 3
OBTAINED = frozenset({"cleared"})  # asked of a clinician where a gate wants it, not remembered


class Undecided:
    """One person's open questions; made for one answer."""

    def __init__(self, advised: Advised, indexes: Indexes, makers: Makers):
        values = advised.observations.values
        self.advised, self.knowledge = advised, indexes.knowledge
        self.vocabulary = indexes.knowledge.vocabulary
        outlook = Outlook(values, indexes.strata, self.vocabulary, unanswered(values, self.vocabulary) - OBTAINED)
        self.grounds = Grounds(outlook, makers, passed_over=("red_flag",))  # a danger sign is asked for by its own name

    def rows(self, sentences: Sentences) -> list[dict[str, Any]]:
        """Inputs with what each would help to settle, most first; none while only urgent care counts."""
        if self.advised.derivation.facts.get("disposition") in URGENT:
            return []
        settles = self.settles()
        facts = self.advised.derivation.facts
        asked = [word for word in self.vocabulary.values() if settles.get(word.id) and askable(word, facts)]
        rows = [self.row(word, settles[word.id], sentences) for word in asked]
        return sorted(rows, key=lambda row: -len(row["settles"]))

    def settles(self) -> dict[str, list[str]]:
        """input fact -> the states and interventions that are undecided and rest on it."""
        settles: dict[str, list[str]] = defaultdict(list)
        for result, fact in self.results():
            values = self.vocabulary[fact].values
            for read in dict.fromkeys(read for value in values for read in self.grounds.behind((fact, value))):
                settles[read].append(result)
        return settles

    def results(self) -> list[tuple[str, str]]:
        states = [(word.id, word.id) for word in self.vocabulary.values() if word.listed == "state"]
        return states + [(iv, f"placement.{iv}") for iv in self.knowledge.interventions]

    def row(self, word: Word, settles: list[str], sentences: Sentences) -> dict[str, Any]:
        titles = [f"“{self.knowledge.rules[rule].title}”" for rule in self.grounds.readers[word.id]]
        results = [sentences.label(result) for result in settles]
        why = f"Undecided without it: {listed(results)}. Read by {listed(titles)}."
        return {"input": word.input, "question": word.question, "unit": word.unit, "settles": settles, "why": why}


def listed(names: list[str]) -> str:
    """The first few, and how many more."""
    more = len(names) - NAMED
    shown = ", ".join(names[:NAMED])
    return f"{shown} and {more} more" if more > 0 else shown
