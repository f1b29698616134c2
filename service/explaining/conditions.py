"""A test that stands in the way, as a row for the caller: the input behind it, in the caller's unit, and how far it is off."""

from __future__ import annotations

from typing import Any

from service.analysis.solving import Solver
from service.analysis.units import Units, apart
from service.analysis.unknown import Outlook
from service.analysis.unmet import Miss
from service.answering.sentences import COMPARED, Sentences, printed
from service.engine.matching import holds
from service.engine.trace import Premise, answered
from service.knowledge.conditions import leaves
from service.knowledge.records import Compare, Condition, Known, Word
from service.knowledge.rulebase import Knowledge
from service.measures import Observations, all_forbidding, inputs_of

INVERSE = {"at_least": "below", "above": "at_most", "at_most": "above", "below": "at_least"}


class Unmet:
    """Turns one person's misses into rows of the contract."""

    def __init__(self, observations: Observations, outlook: Outlook, knowledge: Knowledge, sentences: Sentences):
        self.values, self.outlook, self.sentences = observations.values, outlook, sentences
        self.vocabulary, self.rules = knowledge.vocabulary, knowledge.rules
        self.units = Units(observations.given, self.vocabulary)
        self.solver = Solver(self.values, self.vocabulary)

    def status(self, test: Condition, wanted: bool) -> str:
        """Failed where no answer still missing could change it, else unknown."""
        return "failed" if self.outlook.truth(test) is (not wanted) else "unknown"

    def rows(self, miss: Miss) -> list[dict[str, Any]]:
        word = self.vocabulary[miss.test.fact]
        if word.formula is not None:
            return self.computed(miss, word)
        if word.speaks_of is not None:
            return [self.spoken(miss, word.speaks_of)]
        if word.input is None and word.kind == "codes":
            return [self.dated(miss)]
        return [self.answered(miss, word)]

    # --- what was asked for itself -------------------------------------------------------------------------------------------

    def answered(self, miss: Miss, word: Word) -> dict[str, Any]:
        sent = self.units.sent(word.id)
        if not answered(word.id, self.values) and not holds(miss.test, self.values):
            return self.unknown(miss, word.id, self.limit(miss))
        if not isinstance(miss.test, Compare):
            return {**self.row(miss, word.id, sent.value, sent.unit, self.limit(miss), None, self.plainly(miss)), **self.sent_at(miss)}
        threshold = self.units.back(word.id, miss.test.threshold)
        margin = apart(sent.value, threshold)
        text = self.compared(miss, sent.value, threshold, margin, sent.unit)
        return self.row(miss, word.id, sent.value, sent.unit, threshold, margin, text)

    def sent_at(self, miss: Miss) -> dict[str, Any]:
        """Where a word of a list was sent, and with what: it may be in another list than its own."""
        given = self.units.giving(miss.test.fact, getattr(miss.test, "value", None))
        several = given is not None and isinstance(given.value, frozenset)
        return {"input": given.pointer, "value": given.sent} if given is not None and several else {}

    def dated(self, miss: Miss) -> dict[str, Any]:
        """A list that dates make, as what is past its validity: its value names the measurement concerned."""
        named = self.vocabulary[getattr(miss.test, "value", "")]
        sent = self.units.given.get(named.id)
        if sent is None:
            return self.unknown(miss, named.id, self.limit(miss))
        return self.row(miss, named.id, sent.sent, None, self.limit(miss), None, self.plainly(miss))

    def spoken(self, miss: Miss, of: str) -> dict[str, Any]:
        """A list that speaks of the signs of another; what was named there is undecided until those of now are told."""
        sent = self.units.giving(of, getattr(miss.test, "value", None))
        if sent is None:
            return self.unknown(miss, of, self.limit(miss))
        if self.status(miss.test, miss.wanted) == "unknown":
            now = next(one.id for one in self.vocabulary.values() if one.counts_as == of)
            return self.unknown(miss, now, self.limit(miss))
        return {**self.row(miss, of, sent.sent, None, self.limit(miss), None, self.plainly(miss)), "input": sent.pointer}

    # --- what is computed ----------------------------------------------------------------------------------------------------

    def computed(self, miss: Miss, word: Word) -> list[dict[str, Any]]:
        inputs = [fact for fact in inputs_of(word.id, self.vocabulary) if self.vocabulary[fact].input]
        if self.status(miss.test, miss.wanted) == "unknown":
            asked = dict.fromkeys([*inputs, *all_forbidding(word.id, self.vocabulary)])
            return [self.unknown(miss, fact, None) for fact in asked if fact in self.outlook.open and self.vocabulary[fact].input]
        if word.id not in self.values:
            return self.forbidden(miss, word) or self.unsolved(miss, inputs)
        return self.solved(miss, inputs) or self.unsolved(miss, inputs)

    def forbidden(self, miss: Miss, word: Word) -> list[dict[str, Any]]:
        """The number is not made because of something that was stated."""
        tests = [leaf for leaf, _ in leaves(word.unless)] if word.unless is not None else []
        stated = [leaf for leaf in tests if holds(leaf, self.values) and self.vocabulary[leaf.fact].input]
        return [self.answered(Miss(miss.rule, leaf, False), self.vocabulary[leaf.fact]) for leaf in stated]

    def solved(self, miss: Miss, inputs: list[str]) -> list[dict[str, Any]]:
        """For each input that can move: how far it alone would have to."""
        given = [fact for fact in inputs if self.vocabulary[fact].kind == "number" and fact in self.values]
        movable = [fact for fact in given if self.vocabulary[fact].changeable != "no"] or given
        rows = [self.moved(miss, miss.test, fact) for fact in movable if isinstance(miss.test, Compare)]
        return [row for row in rows if row is not None]

    def moved(self, miss: Miss, test: Compare, fact: str) -> dict[str, Any] | None:
        sent = self.units.sent(fact)
        edge = self.solver.edge(test, miss.wanted, fact, sent)
        if edge is None:
            return None
        margin = apart(sent.value, edge.value)
        word = "at_least" if edge.upwards else "at_most"
        text = self.through(miss, test, fact, f"{COMPARED[word]} {printed(edge.value, sent.unit)}")
        return {**self.row(miss, fact, sent.value, sent.unit, edge.value, margin, text), "word": word}

    def unsolved(self, miss: Miss, inputs: list[str]) -> list[dict[str, Any]]:
        """No single input decides: the first that was given stands for all."""
        fact = next((one for one in inputs if one in self.values), inputs[0])
        sent = self.units.sent(fact)
        return [self.row(miss, fact, sent.value, sent.unit, None, None, self.plainly(miss))]

    # --- rows and their sentences --------------------------------------------------------------------------------------------

    def row(self, miss: Miss, fact: str, value: Any, unit: str | None, threshold: Any, margin: float | None, text: str) -> dict[str, Any]:
        return {
            "rule": miss.rule, "fact": miss.test.fact, "input": self.place(fact), "value": value, "unit": unit,
            "word": word_of(miss, self.vocabulary), "threshold": threshold, "margin": margin,
            "status": self.status(miss.test, miss.wanted), "text": text,
        }  # fmt: skip

    def place(self, fact: str) -> str | None:
        """Where a fact is told, or would be: a detail of a sign stands in an entry of its list."""
        word = self.vocabulary[fact]
        if word.detail_of is not None and fact in self.units.given:
            pointer: str = self.units.given[fact].pointer
            return pointer
        return self.units.asked(fact).input or word.asked_at

    def unknown(self, miss: Miss, fact: str, threshold: Any) -> dict[str, Any]:
        test = self.sentences.test(miss.test) if miss.wanted else f"not ({self.sentences.test(miss.test)})"
        text = f"{self.sentences.label(fact)} is not known; “{self.title(miss)}” asks whether {test}."
        return self.row(miss, fact, None, self.vocabulary[fact].unit, threshold, None, text)

    def limit(self, miss: Miss) -> Any:
        """What a test asks for, in the canonical unit."""
        if isinstance(miss.test, Compare):
            return miss.test.threshold
        return miss.wanted if isinstance(miss.test, Known) else miss.test.value

    def plainly(self, miss: Miss) -> str:
        rule = self.rules[miss.rule]
        found = self.sentences.premise(Premise(miss.test.fact, getattr(miss.test, "value", None), not miss.wanted), rule, self.values)
        asks = "asks for it" if miss.wanted else "asks that it be otherwise"
        return f"{found}; “{rule.title}” {asks}."

    def compared(self, miss: Miss, value: float, threshold: float, margin: float, unit: str | None) -> str:
        limit = f"{COMPARED[word_of(miss, self.vocabulary)]} {printed(threshold, unit)}"
        off = f", {printed(margin, unit)} away" if margin else ""
        return f"{self.sentences.label(miss.test.fact)} is {printed(value, unit)}; “{self.title(miss)}” asks for {limit}{off}."

    def through(self, miss: Miss, test: Compare, fact: str, limit: str) -> str:
        label, word, sent = self.sentences.label(fact), self.vocabulary[test.fact], self.units.sent(fact)
        asked = f"{COMPARED[word_of(miss, self.vocabulary)]} {printed(test.threshold, word.unit)}"
        return (
            f"{self.sentences.label(word.id)} is {printed(self.values[word.id], word.unit)}; “{self.title(miss)}” asks for {asked}. "
            f"With the rest as it is, {label} would have to be {limit} instead of {printed(sent.value, sent.unit)}."
        )

    def title(self, miss: Miss) -> str:
        return self.rules[miss.rule].title


def word_of(miss: Miss, vocabulary: Any) -> str:
    """The word of the condition language that would have to hold; a negated one is told by its opposite."""
    if isinstance(miss.test, Compare):
        return miss.test.word if miss.wanted else INVERSE[miss.test.word]
    if isinstance(miss.test, Known):
        return "known"
    word = "includes" if vocabulary[miss.test.fact].kind == "codes" else "is"
    return word if miss.wanted else f"{word}_not"
