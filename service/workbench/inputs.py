"""What a caller can send at all, as clauses: shapes, ranges, what excludes and what implies what, and which numbers are made of it."""

from __future__ import annotations

from itertools import pairwise

from service.given import READING_OF, SET_ASIDE
from service.knowledge.records import Lookup, Term, Word
from service.knowledge.rulebase import Knowledge
from service.measures import ADULT, NOT_NOW
from service.workbench.clauses import ABOVE, Rulebook
from service.workbench.numbers import Measure, measures

PRESSURE = ("systolic", "diastolic")


class Inputs:
    """Adds to a rulebook what is true of every profile; `measures` are the numbers computed from the inputs it reads."""

    def __init__(self, book: Rulebook):
        self.book, self.vocabulary, self.add = book, book.vocabulary, book.solver.add
        self.measures = self._needed(measures(book.knowledge))
        self.defined: dict[str, int] = {}
        self.add([book.is_known("age")])
        for measure in self.measures:
            self._measure(measure)
        self._together()
        self._orders()
        self._shapes()

    def _needed(self, every: list[Measure]) -> list[Measure]:
        """The measures that a rule reads, and those they are made of; inputs before what is made of them."""
        read = {*self.book.known, *self.book.points}
        needed: list[Measure] = []
        for measure in reversed(every):
            if measure.fact in read:
                needed.insert(0, measure)
                read |= set(measure.asked)
        return needed

    def hard(self, fact: str) -> tuple[float, float] | None:
        return self.vocabulary[READING_OF.get(fact, fact)].hard

    def _shapes(self) -> None:
        for fact, value in list(self.book.values):
            if self.vocabulary[fact].kind in ("codes", "choice", "boolean"):
                self.add([self.book.holds(fact, value) ^ 1, self.book.is_known(fact)])
        for fact in list(self.book.known):
            word = self.vocabulary[fact]
            if word.kind in ("choice", "boolean"):
                self._one_of(word)
            elif word.kind == "codes" and not word.input:
                self.add([self.book.is_known(fact) ^ 1, *(self.book.holds(fact, value) for value in word.values)])

    def _one_of(self, word: Word) -> None:
        values = [self.book.holds(word.id, value) for value in (word.values or (True, False))]
        self.add([self.book.is_known(word.id) ^ 1, *values])
        for place, one in enumerate(values):
            self.add([one ^ 1, self.book.is_known(word.id)])
            for other in values[:place]:
                self.add([one ^ 1, other ^ 1])

    def _orders(self) -> None:
        for fact, points in self.book.points.items():
            if self.vocabulary[fact].kind == "number":
                self._order(fact, [points[key] for key in sorted(points)])
                self._range(fact)

    def _order(self, fact: str, literals: list[int]) -> None:
        """Who passes the higher threshold has passed the lower one, and the number is known."""
        for lower, higher in pairwise([self.book.is_known(fact), *literals]):
            self.add([higher ^ 1, lower])

    def _range(self, fact: str) -> None:
        limits = self.hard(fact)
        for (threshold, passing), literal in self.book.points[fact].items():
            if limits and (threshold < limits[0] or (threshold == limits[0] and passing != ABOVE)):
                self.add([self.book.is_known(fact) ^ 1, literal])
            if limits and (threshold > limits[1] or (threshold == limits[1] and passing == ABOVE)):
                self.add([literal ^ 1])

    def _measure(self, measure: Measure) -> None:
        """A number is made where all it needs is known, nothing forbids it, and the formula has a value there."""
        book = self.book
        needs = [book.is_known(fact) for fact in measure.needed]
        others = [book.is_known(fact) for fact in measure.any_of]  # each asked about, as it may change the number
        if measure.one_needed:
            needs.append(book.either(others))
        if measure.unless is not None:
            needs.append(book.condition(measure.unless) ^ 1)
        if not self.vocabulary[measure.fact].at_any_age:
            needs.append(book.point("age", ADULT))
        needs.append(self._defined(measure))
        made, known = book.both(needs), book.is_known(measure.fact)
        self.add([made ^ 1, known])
        self.add([made, known ^ 1])

    def _defined(self, measure: Measure) -> int:
        """Whether the formula has a value: left to the numbers where it depends on them."""
        literal = self.book.solver.variable(preferred=True)
        self.defined[measure.fact] = literal
        for chosen, always in measure.definedness(self):
            choice = [self.book.holds(fact, value) ^ 1 for fact, value in chosen]
            self.add([*choice, literal if always else literal ^ 1])
        return literal

    def _together(self) -> None:
        """What the schema and the reading of a profile join: pressures, fasts, old readings, classes of medicines."""
        book = self.book
        self._alike(*map(book.is_known, PRESSURE))
        for other, fact in READING_OF.items():
            self.add([book.is_known(other) ^ 1, book.is_known(fact) ^ 1])
            self._alike(book.holds("not_fasting", fact), book.is_known(other))
        self.add([book.holds("not_fasting", "triglycerides") ^ 1, book.is_known("triglycerides")])
        self.add([book.is_known("weight_change_intentional") ^ 1, book.is_known("weight_change")])
        self._dated()
        self._signs()
        self._terms()

    def _dated(self) -> None:
        """Both pressures share a day; what is past its validity is not of today; only what is known is old, or of another sample."""
        book = self.book
        for fact in ("stale", "confirmed", "factor_assumed", "lasting"):
            for value in self.vocabulary[fact].values:
                self.add([book.holds(fact, value) ^ 1, book.is_known(value)])
        for fact in ("not_recent", "not_recent_on_insulin", "other_sample"):
            for value in self.vocabulary[fact].values:
                self.add([book.holds(fact, value) ^ 1, *self._read(value)])
        for fact in ("stale", "not_recent", "confirmed"):
            self._alike(*(book.holds(fact, pressure) for pressure in PRESSURE))
        for value in self.vocabulary["other_sample"].values:
            self.add([book.holds("other_sample", value) ^ 1, *self._read(self.vocabulary[value].same_sample_as or "")])
        for value in self.vocabulary["lasting"].values:
            limit = self.vocabulary[value].lasting
            if limit is not None:
                self.add([book.holds("lasting", value) ^ 1, book.point(value, limit.below) ^ 1])
        self._older()

    def _older(self) -> None:
        """What is too old for one purpose is so for those that ask for something newer."""
        book = self.book
        for value in self.vocabulary["not_recent"].values:
            word = self.vocabulary[value]
            if word.valid_for_days is not None:
                self.add([book.holds("stale", value) ^ 1, book.holds("not_recent", value)])
            if word.valid_for_days == word.urgent_for_days:
                self.add([book.holds("not_recent", value) ^ 1, book.holds("stale", value)])
        for value in self.vocabulary["not_recent_on_insulin"].values:
            self.add([book.holds("not_recent_on_insulin", value) ^ 1, book.holds("not_recent", value)])
            self.add([book.holds("stale", value) ^ 1, book.holds("not_recent_on_insulin", value)])

    def _read(self, fact: str) -> list[int]:
        """That a reading was sent, under its own name or set aside because the person had eaten."""
        return [self.book.is_known(name) for name in (fact, SET_ASIDE.get(fact)) if name]

    def _signs(self) -> None:
        """Details are told only of a sign that is named and is there now; none is past beside a word that was not understood."""
        book = self.book
        for word in self.vocabulary.values():
            if word.detail_of is not None:
                told = book.is_known(word.id) ^ 1
                self.add([told, book.holds(word.detail_of.fact, word.detail_of.value)])
                self.add([told, book.holds(NOT_NOW, word.detail_of.value) ^ 1])
            if word.speaks_of is not None:
                unreviewed = self._unreviewed(word.speaks_of)
                for value in word.values:
                    self.add([book.holds(word.id, value) ^ 1, book.holds(word.speaks_of, value)])
                    self.add([book.holds(word.id, value) ^ 1, book.holds(word.speaks_of, unreviewed) ^ 1, book.holds(word.id, unreviewed)])

    def _unreviewed(self, fact: str) -> str:
        """The value of a list for what was not understood: where it is among the signs of now, none is known to be past."""
        thesaurus = self.vocabulary[fact].thesaurus
        return thesaurus.unreviewed if thesaurus is not None else ""

    def _alike(self, one: int, other: int) -> None:
        self.add([one ^ 1, other])
        self.add([one, other ^ 1])

    def _terms(self) -> None:
        """A value brings what every term that is of it brings: rivaroxaban is a DOAC."""
        for word in self.vocabulary.values():
            if word.thesaurus is not None and not word.counts_as:
                for value in map(str, word.values):
                    for other in brought(word.thesaurus, value):
                        self.add([self.book.holds(word.id, value) ^ 1, self.book.holds(word.id, other)])


def brought(thesaurus: Lookup, value: str) -> frozenset[str]:
    """The values that no term has this one without."""
    having = [term_brings(term, thesaurus.unreviewed) for term in thesaurus.terms if value in term.values]
    return frozenset.intersection(*having) - {value} if having else frozenset()


def term_brings(term: Term, unreviewed: str) -> frozenset[str]:
    return frozenset(term.values) | ({unreviewed} if term.outcome == "not_reviewed" else frozenset())


def rulebook(knowledge: Knowledge) -> tuple[Rulebook, Inputs]:
    """The rules and all that a caller can send, ready for questions."""
    book = Rulebook(knowledge)
    return book, Inputs(book)
