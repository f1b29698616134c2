"""What to ask next: the inputs on which something still undecided rests, those that bear on most of it first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from itertools import islice
from typing import Any

from schemas.bounds import Bounded
from service.advised import Advised
from service.analysis.grounds import Grounds
from service.analysis.unknown import Outlook, quickest, unanswered
from service.answering.sentences import Sentences
from service.engine.matching import holds, true
from service.engine.trace import Facts
from service.knowledge.records import Word
from service.knowledge.rulebase import Knowledge

URGENT = ("out_of_scope", "emergency")
NAMED = 3


class Missing:
    """Prepared once: the states and placements that may be undecided, and only those rules from which they follow."""

    def __init__(self, knowledge: Knowledge):
        self.rules, self.vocabulary = knowledge.rules, knowledge.vocabulary
        states = [word.id for word in self.vocabulary.values() if word.listed == "state"]
        self.results = {state: state for state in states} | {iv: f"placement.{iv}" for iv in knowledge.interventions}
        self.asked = [word for word in self.vocabulary.values() if (word.input or word.asked_at) and word.question]
        program = knowledge.program.only(self.results.values())
        self.strata, self.makers = quickest(program), program.makers

    def rows(self, advised: Advised, sentences: Sentences) -> list[dict[str, Any]]:
        """Inputs with what each would help to settle, most first; none while only urgent care counts."""
        facts = advised.derivation.facts
        old = frozenset(advised.observations.values.get("stale", ()))
        if facts.get("disposition") in URGENT:
            return []
        grounds = self.grounds(known(advised))
        settles = self.settles(grounds)
        asked = [word for word in self.asked if word.id in settles and sensible(word, facts)]
        rows = [self.row(word, settles[word.id], grounds, sentences, word.id in old) for word in asked]
        return sorted(rows, key=lambda row: -len(row["settles"]))

    def grounds(self, values: Facts) -> Grounds:
        """What rests on which answer, where everything that was not answered is open."""
        outlook = Outlook(values, self.strata, self.vocabulary, unanswered(values, self.vocabulary))
        return Grounds(outlook, self.makers, passed_over=("red_flag",))  # a danger sign is asked for by its own name

    def settles(self, grounds: Grounds) -> dict[str, list[str]]:
        """input fact -> the states and interventions that are undecided and rest on it."""
        settles: dict[str, list[str]] = defaultdict(list)
        for result, fact in self.results.items():
            for read in dict.fromkeys(read for value in self.vocabulary[fact].values for read in grounds.behind((fact, value))):
                settles[read].append(result)
        return settles

    def row(self, word: Word, settles: list[str], grounds: Grounds, sentences: Sentences, old: bool) -> dict[str, Any]:
        results = listed(map(sentences.label, settles), settles)
        readers = grounds.readers[word.id]
        without = "a new one, as the last is past its validity" if old else "it"
        read_by = listed((f"“{self.rules[rule].title}”" for rule in readers), readers)
        why = f"Undecided without {without}: {results}. Read by {read_by}."
        return {"input": word.input or word.asked_at, "question": word.question, "unit": word.unit, "settles": settles, "why": why}


def known(advised: Advised) -> Facts:
    """What is known exactly and not past its validity; of clearances only those that lift something: no other ends an answer by ending."""
    values = advised.observations.values
    old, cleared = values.get("stale", ()), values.get("cleared", ())
    lifting = frozenset(intervention for intervention in cleared if advised.derivation.holds("clinician_first", intervention))
    known = {fact: value for fact, value in values.items() if fact not in old and fact != "stale" and not isinstance(value, Bounded)}
    return {**known, "cleared": lifting}


def sensible(word: Word, facts: Facts) -> bool:
    """Whether it can be asked of this person: a man is not asked whether he is pregnant, and of a sign nobody who has not named it."""
    if word.detail_of is not None and not holds(word.detail_of, facts):
        return False
    return word.unless is None or not true(word.unless, facts)


def listed(names: Iterable[str], of: Collection[str]) -> str:
    """The first few names, and how many more there are of them."""
    more = len(of) - NAMED
    shown = ", ".join(islice(names, NAMED))
    return f"{shown} and {more} more" if more > 0 else shown
