"""From a profile to what the rules may read: facts in canonical units, and the numbers computed from them.

The formulas themselves stand in service/formulas.py; which is made from what stands in rules/vocabulary/computed.yaml.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from graphlib import TopologicalSorter
from itertools import product
from typing import Any, NamedTuple

from schemas.bounds import Bounded, high_of, hull, low_of
from schemas.profile import Profile, by_place
from schemas.repeats import PLACES
from service.engine.matching import support, true
from service.engine.trace import Facts, Premise
from service.formulas import FORMULAS, Formula, formula_of
from service.given import TODAY, Given, ProfileFault, ProfileReader, check_dates, check_none, facts_given
from service.knowledge.faults import Findings, did_you_mean
from service.knowledge.reach import forbidding
from service.knowledge.records import Word
from service.readings import (
    Named,
    confirmed,
    factor_assumed,
    lasting,
    not_fasting,
    not_recent,
    not_recent_on_insulin,
    other_sample,
    stale,
)  # fmt: skip

__all__ = ["PLACES", "Computed", "Given", "Observations", "Profile", "ProfileFault", "compute", "observe"]

ADULT = 18
NOT_NOW = "not_now"


class Computed(NamedTuple):
    """A fact made by a formula from premises; an input that was asked for and is absent is a premise too."""

    fact: str
    value: Any
    formula: str
    premises: tuple[Premise, ...]


@dataclass
class Observations:
    """What is known before any rule fires. `values` goes to the engine; `notes` are facts outside their soft range."""

    values: dict[str, Any] = field(default_factory=dict)
    given: list[Given] = field(default_factory=list)
    computed: list[Computed] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class Observer:
    """Knows what to read and what to compute, worked out once from a vocabulary."""

    def __init__(self, vocabulary: Mapping[str, Word]):
        self.vocabulary = vocabulary
        self.inputs = by_place(vocabulary)
        self.measures = {word.id: Measure(word) for word in in_order(vocabulary)}
        self.soft = {word.id: word.soft for word in vocabulary.values() if word.soft is not None}

    def observe(self, profile: Profile, today: date) -> Observations:
        check_dates(profile, today)
        check_none(profile, self.inputs)
        reader = ProfileReader(today)
        for top, words in self.inputs.items():
            if top in profile:
                reader.read_part(words, profile[top])
        observations = Observations(facts_given(reader.given), reader.given)
        conclude_from_readings(observations, reader, self.vocabulary)
        if NOT_NOW in self.vocabulary:
            conclude_list(observations, NOT_NOW, not_now(reader))
        self.compute(observations)
        observations.notes.extend(self.unusual(observations.values))
        return observations

    def compute(self, observations: Observations) -> None:
        values = observations.values
        for measure in self.measures.values():
            made = measure.of(values) if measure.fact not in values and measure.of_age(values) else None
            if made is not None:
                conclude(observations, made)

    def unusual(self, values: Facts) -> list[str]:
        """The facts outside their soft range: accepted, and to be confirmed where nobody has."""
        looked_at = values.get("confirmed", ())
        asked = {fact: soft for fact, soft in self.soft.items() if fact in values and fact not in looked_at}
        return [fact for fact, (low, high) in asked.items() if not low <= values[fact] <= high]


class Measure:
    """One computed word: its formula, what it asks for, and what forbids it."""

    def __init__(self, word: Word):
        self.fact, self.name, self.unless = word.id, word.formula or "", word.unless
        self.formula = made_by(word)
        self.each_of, self.end, self.at_any_age = word.each_of, word.end, word.at_any_age
        self.asked = (*word.from_, *word.from_any)
        self.needed = frozenset(word.from_).difference(word.each_of)
        self.needed_at = tuple(place for place, fact in enumerate(self.asked) if fact in self.needed)

    def value(self, values: Facts) -> float | None:
        """The measure, rounded to 9 decimals against the noise of floats; None where it cannot be made."""
        arguments = tuple(map(values.get, self.asked))
        if not self.enough(arguments) or (self.unless is not None and true(self.unless, values)):
            return None
        return self.made(arguments)

    def of_age(self, values: Facts) -> bool:
        """Whether it is made for somebody of this age: most measures are for adults only."""
        return self.at_any_age or is_adult(values)

    def enough(self, arguments: Sequence[Any]) -> bool:
        """Whether the number can be made of these, where None stands for what is not known."""
        if self.needed_at:
            return None not in [arguments[place] for place in self.needed_at]
        return arguments.count(None) < len(arguments)

    def made(self, arguments: Sequence[Any]) -> float | None:
        """The number for these arguments, rounded; of arguments known within bounds, or of an answer that could be several, its bounds."""
        if not self.each_of and Bounded not in map(type, arguments):
            value = self.formula(*arguments)
            return None if value is None else round(float(value), PLACES)
        ends = [self.ends(fact, value) for fact, value in zip(self.asked, arguments, strict=True)]
        found = [self.formula(*choice) for choice in product(*ends)]
        rounded = [round(float(one), PLACES) for one in found if one is not None]
        if len(rounded) < len(found):
            return None
        return END[self.end](rounded[0] if len(rounded) == 1 else hull(rounded))

    def ends(self, fact: str, value: Any) -> tuple[Any, ...]:
        """The values of an argument at which the formula is looked at; it moves one way as a number does."""
        if isinstance(value, Bounded):
            return value.low, value.high
        return self.each_of[fact] if fact in self.each_of and value not in self.each_of[fact] else (value,)

    def of(self, values: Facts) -> Computed | None:
        """The measure with its premises; None where it cannot be made."""
        value = self.value(values)
        if value is None:
            return None
        absences = support(self.unless, values, wanted=False)[0] if self.unless is not None else ()
        read = [Premise(fact, values.get(fact), fact in values) for fact in self.asked]
        return Computed(self.fact, value, self.name, (*read, *sorted(absences, key=repr)))


def inputs_of(fact: str, vocabulary: Mapping[str, Word]) -> tuple[str, ...]:
    """The inputs that a number is made from, through whatever stands between; of an input itself."""
    word = vocabulary[fact]
    return tuple(dict.fromkeys(found for part in (*word.from_, *word.from_any) for found in inputs_of(part, vocabulary))) or (fact,)


def all_forbidding(fact: str, vocabulary: Mapping[str, Word]) -> list[str]:
    """The facts that forbid a number, or one that it is made from."""
    word = vocabulary[fact]
    below = [found for part in (*word.from_, *word.from_any) for found in all_forbidding(part, vocabulary)]
    return list(dict.fromkeys([*forbidding(word), *below]))


def is_adult(values: Facts) -> bool:
    """Nobody whose age is not known."""
    return bool(values.get("age", 0) >= ADULT)


def made_by(word: Word) -> Formula:
    """The formula of a computed word, by its name and the facts that it is made from."""
    found = formula_of(word.formula or "", (*word.from_, *word.from_any))
    if found is None:
        raise KeyError(f"{word.id}: there is no formula {word.formula} of these facts")
    return found


def itself(value: float) -> float:
    return value


END: Mapping[str | None, Callable[[float], float]] = {"low": low_of, "high": high_of, None: itself}  # of what is known within bounds


class Same:
    """Makes one vocabulary a key: it is equal to itself only."""

    def __init__(self, vocabulary: Mapping[str, Word]):
        self.vocabulary = vocabulary

    def __hash__(self) -> int:
        return id(self.vocabulary)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and other.vocabulary is self.vocabulary


@lru_cache(maxsize=4)
def observer(same: Same) -> Observer:
    return Observer(same.vocabulary)


def observe(profile: Profile, vocabulary: Mapping[str, Word], today: date) -> Observations:
    """Facts and computed numbers of a profile that the schema has accepted. Raises ProfileFault for dates that cannot be."""
    return observer(Same(vocabulary)).observe(profile, today)


def compute(observations: Observations, vocabulary: Mapping[str, Word]) -> None:
    """Add every measure that can be made and is not there yet, inputs first; nothing unknown is guessed.

    Under 18, or with age unknown, only what danger levels need is made.
    """
    observer(Same(vocabulary)).compute(observations)


def conclude(observations: Observations, made: Computed) -> None:
    observations.computed.append(made)
    observations.values[made.fact] = made.value


def conclude_from_readings(observations: Observations, reader: ProfileReader, vocabulary: Mapping[str, Word]) -> None:
    """The lists that dates, hours and marks beside readings make, and the day itself where an answer depends on it."""
    conclude_list(observations, "not_fasting", not_fasting(reader.measured))
    old, past = stale((*reader.measured, *reader.tested), reader.today), not_recent(reader.measured, reader.today)
    if old or past or "cleared" in observations.values:
        observations.given.append(Given(TODAY, reader.today.isoformat(), TODAY))
    day = Premise(TODAY, reader.today.isoformat())
    conclude_list(observations, "stale", old, day)
    conclude_list(observations, "not_recent", past, day)
    if "not_recent_on_insulin" in vocabulary:  # rule bases that are kept have it or not
        conclude_list(observations, "not_recent_on_insulin", not_recent_on_insulin(reader.measured, reader.today), day)
    conclude_list(observations, "other_sample", other_sample(reader.measured))
    conclude_list(observations, "confirmed", confirmed(reader.measured))
    if "factor_assumed" in vocabulary:  # as above
        conclude_list(observations, "factor_assumed", factor_assumed(reader.measured))
    if "lasting" in vocabulary:
        conclude_list(observations, "lasting", lasting(reader.measured))


def not_now(reader: ProfileReader) -> Named:
    """The signs that were named, and not among those of now although these were told."""
    if reader.signs_now is None:
        return {}
    named = [one for one in reader.given if one.fact == reader.signs_now.fact]
    values = sorted({value for one in named for value in one.value} - reader.signs_now.value)
    return {value: (*(one for one in named if value in one.value), reader.signs_now) for value in values}


def conclude_list(observations: Observations, fact: str, named: Named, *besides: Premise) -> None:
    if named:
        premises = dict.fromkeys(premise for given in named.values() for premise in said(given))
        conclude(observations, Computed(fact, frozenset(named), fact, (*premises, *besides)))


def said(given: Iterable[Given]) -> tuple[Premise, ...]:
    return tuple(Premise(one.fact, one.value) for one in given)


def check_formulas(vocabulary: Mapping[str, Word]) -> None:
    """Raises RuleBaseFaults where a computed word names no formula, or other facts than the formula asks for, or in another order."""
    faults = Findings()
    for word in vocabulary.values():
        if word.formula is None:
            continue
        if word.formula not in FORMULAS:
            faults.add(word.place, f"{word.id!r}: there is no formula {word.formula!r}{did_you_mean(word.formula, FORMULAS)}")
        elif formula_of(word.formula, (*word.from_, *word.from_any)) is None:
            faults.add(word.place, f"{word.id!r} is not made from the facts that the formula {word.formula!r} asks for, in its order")
    faults.raise_if_any()


def in_order(vocabulary: Mapping[str, Word]) -> list[Word]:
    """The computed words, each after those it is made from."""
    sources = {word.id: (*word.from_, *word.from_any) for word in vocabulary.values() if word.formula}
    return [vocabulary[fact] for fact in TopologicalSorter(sources).static_order() if fact in sources]
