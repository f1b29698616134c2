"""The search for a person: a model of the clauses, numbers that fit it, a profile, and what the service itself makes of that profile."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from functools import cached_property
from typing import Any, NamedTuple

from schemas.profile import profile_schema
from service.engine.session import Session
from service.engine.trace import Derivation
from service.knowledge.rulebase import Knowledge
from service.measures import observe
from service.workbench.clauses import ABOVE, Point
from service.workbench.explained import Explained
from service.workbench.inputs import PRESSURE, rulebook
from service.workbench.numbers import EVERYWHERE, FAR, Box, Measure, Unsettled, Wanted, fitting
from service.workbench.polarity import Polarity
from service.workbench.profiles import DAY, profile_of

BESIDE = 1e-6  # how far a value stays from a limit that it must not reach
FEW_BOXES = 200

Interval = tuple[float, float]
Model = list[bool]


class Witness(NamedTuple):
    """A profile as a caller sends it, and the rules that fire for it; the facts of it, and the model that they come from."""

    profile: dict[str, Any]
    fired: frozenset[str]
    facts: dict[str, Any]
    model: Model


class Disagreement(Exception):
    """The service made something else of a profile than the clauses said: the proof cannot be trusted."""


class Pipeline:
    """A profile as a caller sends it, through schema and measures to what durable-rules derives."""

    def __init__(self, knowledge: Knowledge):
        self.knowledge = knowledge
        self.schema = profile_schema(knowledge.vocabulary)()
        self.session = Session(knowledge.program.strata, knowledge.vocabulary)

    def derive(self, profile: Mapping[str, Any]) -> Derivation:
        """Raises ValidationError for what the schema refuses."""
        observations = observe(self.schema.load(deepcopy(dict(profile))), self.knowledge.vocabulary, DAY)
        return self.session.derive(observations.values)

    def fired(self, profile: Mapping[str, Any]) -> frozenset[str]:
        return frozenset(firing.rule.id for firing in self.derive(profile).firings())


class Search:
    """Finds people of whom something holds, or proves that there is nobody."""

    def __init__(self, knowledge: Knowledge):
        self.knowledge = knowledge
        self.book, self.inputs = rulebook(knowledge)
        self.pipeline = Pipeline(knowledge)
        self.limits = limits(knowledge)
        self.true_of_somebody: set[int] = set()  # literals of the people found so far

    @cached_property
    def polarity(self) -> Polarity:
        return Polarity(self.knowledge.program.strata, self.knowledge.vocabulary)

    @cached_property
    def explained(self) -> Explained:
        return Explained(self.knowledge)

    @contextmanager
    def meanwhile(self) -> Iterator[None]:
        """For questions about more than one person: the variables that are made within are gone afterwards."""
        count = len(self.book.solver.values)
        with self.book.meanwhile():
            yield
        self.true_of_somebody = {literal for literal in self.true_of_somebody if literal < count}

    def find(self, literals: Iterable[int]) -> Witness | None:
        """Someone of whom all of these are true; None: there can be nobody. Raises Disagreement and Unsettled."""
        asked = list(literals)
        while (model := self.book.solver.solve(asked)) is not None:
            numbers = self._numbers(model)
            if numbers is not None:
                witness = self._shown(model, numbers)
                self.true_of_somebody.update(literal for literal, holds in enumerate(model) if holds)
                return witness
        return None

    def exists(self, literal: int) -> bool:
        """Whether there may be somebody of whom this is true: one found before, or one looked for."""
        return literal in self.true_of_somebody or not self.excludes([literal])

    def excludes(self, literals: Iterable[int]) -> bool:
        """Whether it is proven that there can be nobody of whom all of these are true."""
        try:
            return self.find(literals) is None
        except Unsettled:
            return False

    def _numbers(self, model: Model) -> dict[str, float] | None:
        """Values for every known number; where some do not fit together, a clause that says so is added instead."""
        values: dict[str, float] = {}
        for facts, wanted in self._clusters(model):
            found = self._fitting(model, facts, wanted)
            if found is None:
                self.book.solver.add(one ^ 1 for one in self._reasons(model, facts, wanted))
                return None
            values |= found
        return values

    def _clusters(self, model: Model) -> list[tuple[list[str], list[Wanted]]]:
        """Known numbers in groups that some measure joins, each with what is wanted of its measures."""
        groups: list[tuple[set[str], list[Wanted]]] = [({fact}, []) for fact in self._given(model)]
        for wanted in self._wanted(model):
            own = {fact for fact in wanted.measure.asked if fact not in wanted.measure.choices} | {wanted.measure.fact}
            joined = [group for group in groups if group[0] & own]
            groups = [group for group in groups if not group[0] & own]
            groups.append((own.union(*(facts for facts, _ in joined)), [one for _, some in joined for one in some] + [wanted]))
        given = set(self._given(model))
        return [(sorted(facts & given), wanted) for facts, wanted in groups]

    def _given(self, model: Model) -> list[str]:
        made = {measure.fact for measure in self.inputs.measures}
        vocabulary = self.knowledge.vocabulary
        return [f for f, literal in self.book.known.items() if model[literal] and vocabulary[f].kind == "number" and f not in made]

    def _wanted(self, model: Model) -> list[Wanted]:
        """Every measure that the model makes or forbids to be made, and the limits between inputs that the schema knows."""
        found = [Wanted(measure, self._aim(model, measure)) for measure in self.inputs.measures if self._active(model, measure)]
        return found + [one for one in self.limits if all(model[self.book.is_known(fact)] for fact in one.measure.needed)]

    def _active(self, model: Model, measure: Measure) -> bool:
        if model[self.book.is_known(measure.fact)]:
            return True
        there = all(model[self.book.is_known(fact)] for fact in measure.needed)
        return there and not model[self.inputs.defined[measure.fact]] and self._any(model, measure)

    def _any(self, model: Model, measure: Measure) -> bool:
        return not measure.one_needed or any(model[self.book.is_known(fact)] for fact in measure.any_of)

    def _aim(self, model: Model, measure: Measure) -> Interval | None:
        return self._interval(model, measure.fact) if model[self.book.is_known(measure.fact)] else None

    def _interval(self, model: Model, fact: str, but: frozenset[int] = frozenset()) -> Interval:
        """Where the model puts a number, closed; `but` are literals of points that do not count."""
        return self.between(model, fact, {point: one for point, one in self.book.points.get(fact, {}).items() if one not in but})

    def between(self, model: Model, fact: str, points: Mapping[Point, int]) -> Interval:
        """Where these literals of its points put a number, closed."""
        low, high = self.inputs.hard(fact) or EVERYWHERE
        for (threshold, passing), literal in points.items():
            if model[literal]:
                low = max(low, threshold + BESIDE * (passing == ABOVE))
            else:
                high = min(high, threshold - BESIDE * (passing != ABOVE))
        return self._whole(low, high) if self.knowledge.vocabulary[fact].type == "integer" else (low, high)

    def _whole(self, low: float, high: float) -> Interval:
        return float(-(-low // 1)), float(high // 1)

    def _fitting(self, model: Model, facts: list[str], wanted: list[Wanted]) -> dict[str, float] | None:
        box = {fact: self._interval(model, fact) for fact in facts}
        chosen, whole = self._chosen(model, wanted), self._whole_numbers(facts)
        return self._unsurprising(box, chosen, wanted, whole) or fitting(box, chosen, wanted, whole)

    def _excluded(self, model: Model, facts: list[str], wanted: list[Wanted], but: frozenset[int]) -> bool:
        """Whether a few boxes prove that nothing fits, also without these limits."""
        box = {fact: self._interval(model, fact, but) for fact in facts}
        aims = [self._loosened(model, one, but) for one in wanted]
        try:
            return fitting(box, self._chosen(model, wanted), aims, self._whole_numbers(facts), FEW_BOXES) is None
        except Unsettled:
            return False

    def _whole_numbers(self, facts: list[str]) -> frozenset[str]:
        return frozenset(fact for fact in facts if self.knowledge.vocabulary[fact].type == "integer")

    def _unsurprising(self, box: Box, chosen: dict[str, Any], wanted: list[Wanted], whole: frozenset[str]) -> dict[str, float] | None:
        """Values that nobody would ask about again, where a few tries find some."""
        usual = {fact: self._usual(fact, interval) for fact, interval in box.items()}
        aims = [Wanted(w.measure, w.interval and self._usual(w.measure.fact, w.interval)) for w in wanted]
        try:
            return fitting(usual, chosen, aims, whole, FEW_BOXES)
        except Unsettled:
            return None

    def _usual(self, fact: str, interval: Interval) -> Interval:
        """The interval cut to the soft range of the fact, where that leaves something."""
        word = self.knowledge.vocabulary.get(fact)
        soft = (word and word.soft) or interval
        narrow = max(interval[0], soft[0]), min(interval[1], soft[1])
        return narrow if narrow[0] <= narrow[1] else interval

    def _loosened(self, model: Model, one: Wanted, but: frozenset[int]) -> Wanted:
        if one.interval is None or one in self.limits:
            return one
        return Wanted(one.measure, self._interval(model, one.measure.fact, but))

    def _chosen(self, model: Model, wanted: list[Wanted]) -> dict[str, Any]:
        facts = {fact for one in wanted for fact in one.measure.choices}
        return {fact: value for (fact, value), literal in self.book.values.items() if fact in facts and model[literal]}

    def _reasons(self, model: Model, facts: list[str], wanted: list[Wanted]) -> list[int]:
        """Literals, true in the model, that cannot be true together; limits that play no part are left out."""
        measures = [one.measure for one in wanted]
        numbers = {*facts, *(measure.fact for measure in measures)}
        limits = [literal for fact in numbers for literal in self.book.points.get(fact, {}).values()]
        but: frozenset[int] = frozenset()
        for literal in limits:
            if self._excluded(model, facts, wanted, but | {literal}):
                but |= {literal}
        needed = [literal if model[literal] else literal ^ 1 for literal in limits if literal not in but]
        return [*self._given_that(model, facts, wanted), *needed]

    def _given_that(self, model: Model, facts: list[str], wanted: list[Wanted]) -> list[int]:
        """That the numbers are known, the choices made, and the measures made or not."""
        said = [self.book.is_known(fact) for fact in facts]
        for one in wanted:
            absent = [fact for fact in one.measure.asked if not model[self.book.is_known(fact)]]
            said += [self.book.is_known(fact) ^ 1 for fact in absent]
            if one.interval is None:
                said.append(self.inputs.defined[one.measure.fact] ^ 1)
            elif one not in self.limits:
                said.append(self.book.is_known(one.measure.fact))
        return said + [self.book.holds(fact, value) for fact, value in self._chosen(model, wanted).items()]

    def _shown(self, model: Model, numbers: Mapping[str, float]) -> Witness:
        """The profile of a model, once the service has made of it exactly what the clauses say."""
        facts = {**self._lists(model), **numbers}
        profile = profile_of(facts, self.knowledge.vocabulary)
        fired = self.pipeline.fired(profile)
        expected = frozenset(id_ for id_, literal in self.book.fires.items() if model[literal])
        if fired != expected:
            raise Disagreement(f"{sorted(fired ^ expected)} for {profile}")
        return Witness(profile, fired, facts, model)

    def _lists(self, model: Model) -> dict[str, Any]:
        """Every known fact that is not a number."""
        found: dict[str, Any] = {}
        for fact, literal in self.book.known.items():
            kind = self.knowledge.vocabulary[fact].kind
            if model[literal] and kind in ("codes", "choice", "boolean"):
                values = [value for (one, value), holds in self.book.values.items() if one == fact and model[holds]]
                found[fact] = frozenset(values) if kind == "codes" else values[0]
        return found


def limits(knowledge: Knowledge) -> list[Wanted]:
    """What is asked of two numbers together before any rule, as measures that must lie in an interval."""
    words = knowledge.vocabulary.values()
    return [
        Wanted(Measure("pressure", lambda upper, lower: upper - lower, PRESSURE), (BESIDE, FAR)),
        *(Wanted(Measure(f"{word.id} of a body", one.ratio, (word.id, one.other)), one.hard) for word in words for one in word.joint),
    ]
