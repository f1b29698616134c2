"""What can and what must be true of a profile while some of its inputs are open: every rule in three values, after Kleene.

A test has the truth that `service/engine/matching.py` gives it where all it reads is settled; it is unknown (None) where some
completion of the profile makes it true and another does not. True and False are never wrong; None may be too careful, because a
condition is judged part by part. A list that was answered is taken as answered in full, though a word of it may still come in another.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from functools import cached_property, lru_cache
from itertools import product
from math import inf, isnan
from typing import Any, NamedTuple

from schemas.bounds import Bounded, high_of, low_of
from service.engine.compiling import COMMON
from service.engine.matching import holds
from service.engine.trace import Facts, Mentioned, answered
from service.knowledge.conditions import COMPARE, UPWARDS
from service.knowledge.program import Program, Stratum
from service.knowledge.records import CONCLUDED, NUMBERS, All, Any_, Compare, Condition, Holds, Known, Leaf, Not, Vocabulary, Word
from service.measures import ADULT, Measure, Same, observer

Truth = bool | None
GROUPS = (All, Any_)


class Span(NamedTuple):
    """The values a number may have, and whether it is there: True, False, or None for perhaps.

    `told`: no more will be known of it, so that a comparison that does not hold of all of them is as untrue as of an unknown number.
    """

    low: float
    high: float
    present: Truth
    told: bool = False


ABSENT = Span(inf, -inf, False)
ANYTHING = Span(-inf, inf, None)


class Outlook:
    """One profile with open ends, judged stratum by stratum.

    `values` is what is known before any rule fires. What is `open` may still get any value; what is in `loose` may be taken away.
    """

    def __init__(
        self,
        values: Facts,
        strata: tuple[Stratum, ...],
        vocabulary: Vocabulary,
        open_: Collection[str] = (),
        loose: Collection[str] = (),
    ):
        self.values, self.vocabulary = values, vocabulary
        self.open, self.loose = frozenset(open_), frozenset(loose)
        self.spans: dict[str, Span] = {}
        self.atoms: dict[tuple[str, Any], Truth] = {}
        self.tested: dict[int, tuple[Leaf, Truth]] = {}  # by the test itself, which is held here so that its id stays its own
        self.undecided: dict[str, list[Leaf]] = {}  # by rule, the tests on which it depends whether it fires; none where that is sure
        self.measures, self.concluded = observer(Same(vocabulary)).measures, concluded(Same(vocabulary))
        for stratum in strata:
            self._conclude(stratum)

    def truth(self, condition: Condition) -> Truth:
        return self._judge(condition, [])

    def _judge(self, condition: Condition, undecided: list[Leaf]) -> Truth:
        """The truth of a condition; where it is unknown, the tests on which it depends are added to `undecided`."""
        if isinstance(condition, Not):
            return opposite(self._judge(condition.test, undecided))
        if isinstance(condition, GROUPS):
            return self._joined(condition, undecided)
        if isinstance(condition, Holds) and condition.fact in self.concluded:
            truth = self.atoms.get((condition.fact, condition.value), False)
        else:
            found = self.tested.get(id(condition))
            if found is None:
                found = self.tested[id(condition)] = (condition, self._known(condition))
            truth = found[1]
        if truth is None:
            undecided.append(condition)
        return truth

    def _joined(self, group: All | Any_, undecided: list[Leaf]) -> Truth:
        """One false test decides that not all hold, one true test that any does, whatever stands beside it."""
        before, decisive = len(undecided), isinstance(group, Any_)
        found: Truth = not decisive
        atoms, concluded, tested = self.atoms, self.concluded, self.tested
        for test in group.tests:
            if type(test) is Holds and test.fact in concluded:  # most tests by far: without a call for each
                truth = atoms.get((test.fact, test.value), False)
                if truth is None:
                    undecided.append(test)
            elif (known := tested.get(id(test))) is not None:
                truth = known[1]
                if truth is None:
                    undecided.append(known[0])
            else:
                truth = self._judge(test, undecided)
            if truth is decisive:
                del undecided[before:]
                return decisive
            if truth is None:
                found = None
        return found

    def _known(self, leaf: Leaf) -> Truth:
        """A test of what is given, computed or counted."""
        if isinstance(leaf, Holds) or self.vocabulary[leaf.fact].kind not in NUMBERS:
            return self._answered(leaf)
        return within(leaf, self.span(leaf.fact))

    def span(self, fact: str) -> Span:
        """The span of a number, a count or a measure."""
        found = self.spans.get(fact)
        if found is None:
            measure = self.measures.get(fact)
            found = self.spans[fact] = self._given(self.vocabulary[fact]) if measure is None else self._measured(measure)
        return found

    def _given(self, word: Word) -> Span:
        if word.id in self.open:
            return Span(*(word.hard or (-inf, inf)), None)
        value = self.values.get(word.id)
        return ABSENT if value is None else Span(low_of(value), high_of(value), self._stays(word.id), told=True)

    def _stays(self, fact: str) -> Truth:
        return None if fact in self.loose else True

    def _answered(self, leaf: Leaf) -> Truth:
        """A choice, a boolean or a list of codes; lists that dates make follow the values that they name."""
        word = self.vocabulary[leaf.fact]
        if word.speaks_of is not None:
            return self._spoken(leaf, word.speaks_of)
        if word.kind == "codes" and word.input is None:
            return self._dated(leaf)
        if leaf.fact in self.open and not self._mentioned(leaf):
            return None
        return self._perhaps(holds(leaf, self.values), leaf.fact)

    def _mentioned(self, leaf: Leaf) -> bool:
        """Whether a list that was not answered has this value all the same: an answer would add to it, and take nothing away."""
        return isinstance(self.values.get(leaf.fact), Mentioned) and isinstance(leaf, Holds) and holds(leaf, self.values)

    def _dated(self, leaf: Leaf) -> Truth:
        named = leaf.value if isinstance(leaf, Holds) else None
        if holds(leaf, self.values):
            return self._perhaps(True, named)
        return None if named in self.open or (named is None and self.open) else False

    def _spoken(self, leaf: Leaf, of: str) -> Truth:
        """A list that speaks of the values of another may come to speak of those that are there, or may still be."""
        if holds(leaf, self.values):
            return None if of in self.loose else True
        there = isinstance(leaf, Holds) and holds(Holds(of, leaf.value), self.values)
        return None if self.open and (there or of in self.open) else False

    def _perhaps(self, now: bool, fact: str | None) -> Truth:
        return None if now and (fact in self.loose or (fact is None and self.loose)) else now

    # --- measures ------------------------------------------------------------------------------------------------------------

    @cached_property
    def adult(self) -> Truth:
        return within(Compare("age", "at_least", ADULT), self.span("age"))

    def _measured(self, measure: Measure) -> Span:
        return withdrawn(self._made(measure), False if measure.at_any_age else opposite(self.adult))

    def _made(self, measure: Measure) -> Span:
        """From the ends of what it is made from: every formula moves one way as one of its numbers does."""
        if not self._uncertain(measure):
            value = self.values.get(measure.fact)
            return ABSENT if value is None else Span(low_of(value), high_of(value), True, told=True)
        ends = [self._ends(fact) for fact in measure.asked]
        made = together([made_of(measure, choice) for choice in product(*ends)])
        return withdrawn(made, self.truth(measure.unless) if measure.unless is not None else False)

    def _uncertain(self, measure: Measure) -> bool:
        return any(len(self._ends(fact)) > 1 for fact in measure.asked) or (
            measure.unless is not None and self.truth(measure.unless) is not False
        )

    def _ends(self, fact: str) -> list[Any]:
        """The values of one argument at which a formula has to be looked at; None where it may be absent."""
        word = self.vocabulary[fact]
        if word.kind in NUMBERS:
            span = self.span(fact)
            ends = [Bounded(span.low, span.high)] if span.told and span.low < span.high else list(dict.fromkeys((span.low, span.high)))
            found = [] if span.present is False else ends
            return found if span.present is True else [*found, None]
        if fact in self.open:
            return [*word.values, None]
        return list(dict.fromkeys((self.values.get(fact), None if fact in self.loose else self.values.get(fact))))

    # --- rules ---------------------------------------------------------------------------------------------------------------

    def _conclude(self, stratum: Stratum) -> None:
        for word in stratum.counts:
            if word.id not in self.values:
                members = [self.atoms.get((member, True), False) for member in word.of]
                sure = float(members.count(True))
                self.spans[word.id] = Span(sure, sure + members.count(None), True)
        while self._fire(stratum) and stratum.recursive:
            pass

    def _fire(self, stratum: Stratum) -> bool:
        before = dict(self.atoms) if stratum.recursive else None
        for step in stratum.steps:
            undecided = self.undecided[step.rule.id] = []
            truth = self._judge(step.condition, undecided)
            if truth is not False:
                for atom in step.rule.conclusions:
                    self.atoms[atom] = truth or self.atoms.get(atom) or None
        return before != self.atoms


def quickest(program: Program) -> tuple[Stratum, ...]:
    """The same rules, each with what is most often untrue of a person first: that decides it at once."""
    made = concluded(Same(program.vocabulary))
    known: dict[Leaf, Leaf] = {}  # tests that are equal become one
    return tuple(
        replace(stratum, steps=tuple(replace(step, condition=reordered(step.condition, made, known)) for step in stratum.steps))
        for stratum in program.strata
    )


def reordered(condition: Condition, made: Collection[str], known: dict[Leaf, Leaf]) -> Condition:
    """The same condition without groups within groups of their kind, the parts of which all must hold with the rarest first."""
    if isinstance(condition, Not):
        return Not(reordered(condition.test, made, known))
    if not isinstance(condition, GROUPS):
        return known.setdefault(condition, condition)
    kind, tests = type(condition), [reordered(test, made, known) for test in condition.tests]
    flat = [part for test in tests for part in (test.tests if isinstance(test, GROUPS) and type(test) is kind else (test,))]
    return kind(tuple(sorted(flat, key=lambda test: likelihood(test, made)) if kind is All else flat))


def likelihood(test: Condition, made: Collection[str]) -> int:
    """How likely a test is to hold, roughly: what is concluded is mostly not so, what must not hold mostly is not, and most are adults."""
    if not isinstance(test, Holds):
        return 2
    return 3 if test.fact in COMMON else 0 if test.fact in made else 1


@lru_cache(maxsize=4)
def concluded(same: Same) -> frozenset[str]:
    """The facts that rules conclude."""
    return frozenset(word.id for word in same.vocabulary.values() if word.kind in CONCLUDED)


def opposite(truth: Truth) -> Truth:
    return None if truth is None else not truth


def within(leaf: Compare | Known, span: Span) -> Truth:
    """A test of a number, over every value that the span allows."""
    if span.present is False or isinstance(leaf, Known):
        return span.present
    best, worst = (span.high, span.low) if leaf.word in UPWARDS else (span.low, span.high)
    compare = COMPARE[leaf.word]
    if not compare(best, leaf.threshold):
        return False
    if not compare(worst, leaf.threshold):
        return False if span.told else None
    return span.present


def made_of(measure: Measure, arguments: tuple[Any, ...]) -> Span:
    """What a formula makes of these arguments; where it breaks off, anything may lie beside."""
    if not measure.enough(arguments):
        return ABSENT
    try:
        value = measure.made(arguments)
    except (ArithmeticError, ValueError):
        return ANYTHING
    if value is None or isnan(value):
        return ANYTHING
    return Span(low_of(value), high_of(value), True)


def together(spans: list[Span]) -> Span:
    """The span of one of these, not known which."""
    present = {span.present for span in spans}
    return Span(min(span.low for span in spans), max(span.high for span in spans), present.pop() if len(present) == 1 else None)


def withdrawn(span: Span, stopped: Truth) -> Span:
    """The span where something may, or does, keep the number from being made."""
    if stopped is True or span.present is False:
        return ABSENT
    return span if stopped is False else span._replace(present=None)


def unanswered(values: Facts, vocabulary: Vocabulary) -> frozenset[str]:
    """The facts that a person could still give: inputs without a value, and what a value not taken fasting would become."""
    return frozenset(word.id for word in ever_given(Same(vocabulary)) if not answered(word.id, values) and may_be_given(word, values))


@lru_cache(maxsize=4)
def ever_given(same: Same) -> tuple[Word, ...]:
    """What somebody may give: inputs, details of signs, and what an input becomes."""
    words = same.vocabulary.values()
    return tuple(word for word in words if word.detail_of or word.input or (word.kind == "number" and word.formula is None))


def may_be_given(word: Word, values: Facts) -> bool:
    """A detail of a sign only where the sign is there, or may still be named."""
    if word.detail_of is not None:
        return holds(word.detail_of, values) or not answered(word.detail_of.fact, values)
    return True
