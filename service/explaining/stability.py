"""How far each number of a profile can move, the others as they are, before the answer says something else.

Between two switches of tests nothing can change, so each side is walked from switch to switch, and the engine is asked only where a
rule that reads the number has another truth than before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from service.engine.matching import holds
from service.engine.session import EngineFault
from service.engine.trace import Derivation
from service.explaining.outcome import Outcome, Outcomes
from service.explaining.ranges import Range, Readers
from service.explaining.units import Sent, Units, apart, converted, exact
from service.knowledge.records import All, Any_, Compare, Condition, Not, Word

if TYPE_CHECKING:
    from service.explaining.on_demand import Person

PLACES_SHOWN = 9


class Stability:
    """One person's numbers and the ends of their intervals; made for one answer."""

    def __init__(self, person: Person, readers: Readers, outcomes: Outcomes, derive: Callable[[Mapping[str, Any]], Derivation]):
        self.person, self.readers, self.outcomes, self.derive = person, readers, outcomes, derive
        self.values, self.vocabulary = person.observations.values, readers.vocabulary
        self.units = Units(person.observations.given, self.vocabulary)
        self.present = outcomes.of(person.derivation)

    def rows(self) -> list[dict[str, Any]]:
        """A row for each number that was sent, in the order of the vocabulary."""
        numbers = [word for word in self.vocabulary.values() if word.kind == "number" and word.input in self.units.at]
        return [self.row(word, self.units.at[word.input].fact) for word in numbers]

    def row(self, word: Word, fact: str) -> dict[str, Any]:
        sent = self.units.sent(word.id)
        along = Range(self.values, fact, word, sent, self.readers)
        return {
            "input": word.input, "value": sent.value, "unit": sent.unit,
            "usual_variability": usual_variability(word, self.values[fact], sent),
            "low": self.end(along, upwards=False), "high": self.end(along, upwards=True),
        }  # fmt: skip

    def end(self, along: Range, upwards: bool) -> dict[str, Any] | None:
        """Where something changes first on this side; None where nothing does."""
        facts = self.person.derivation.facts
        for step in along.switches(upwards):
            values = along.at(along.number(step, upwards))
            moved = {**{name: value for name, value in facts.items() if name not in along.facts}, **values}
            if any(true(one.condition, moved) != true(one.condition, facts) for one in along.steps):
                derivation = self.derive(values)
                outcome, moved = self.outcomes.of(derivation), derivation.facts
                if outcome != self.present:
                    return self.found(along, step, upwards, outcome)
            facts = moved
        return None

    def found(self, along: Range, step: int, upwards: bool, outcome: Outcome) -> dict[str, Any]:
        inside, outside = along.number(step - 1 if upwards else step + 1, upwards), along.number(step, upwards)
        if not self.same(along, inside):
            raise EngineFault("the answer changes before the end of an interval in which nothing should")
        at, inclusive = self.written(along, inside, outside)
        return {"at": at, "inclusive": inclusive, **changes(self.present, outcome)}

    def same(self, along: Range, number: float) -> bool:
        return self.outcomes.of(self.derive(along.at(number))) == self.present

    def written(self, along: Range, inside: float, outside: float) -> tuple[float, bool]:
        """The end and whether it still belongs inside: a threshold that lies between, else the shorter of the two numbers."""
        between = [number for number in thresholds(along) if min(inside, outside) < number < max(inside, outside)]
        if len(between) == 1:
            return between[0], self.same(along, between[0])
        return (outside, False) if decimals(outside) < decimals(inside) else (inside, True)


def thresholds(along: Range) -> Iterator[float]:
    """What the input itself is compared with, in the caller's unit."""
    for threshold in {test.threshold for test in along.tests.get(along.fact, ()) if isinstance(test, Compare)}:
        yield converted(along.word, threshold, along.sent.unit, along.sent.factor)


def decimals(number: float) -> int:
    return max(0, -Decimal(repr(number)).normalize().as_tuple().exponent)


def true(condition: Condition, facts: Mapping[str, Any]) -> bool:
    if isinstance(condition, Not):
        return not true(condition.test, facts)
    if isinstance(condition, All | Any_):
        return (all if isinstance(condition, All) else any)(true(test, facts) for test in condition.tests)
    return holds(condition, facts)


def changes(before: Outcome, after: Outcome) -> dict[str, list[dict[str, Any]]]:
    """The lines that differ: interventions that move, and everything else."""
    rows = [
        {"kind": kind, "id": id_, "from": before.get((kind, id_)), "to": after.get((kind, id_))}
        for kind, id_ in dict.fromkeys([*before, *after])
        if before.get((kind, id_)) != after.get((kind, id_))
    ]
    moves = [{"intervention": row["id"], "from": row["from"], "to": row["to"]} for row in rows if row["kind"] == "list"]
    return {"moves": moves, "shifts": [row for row in rows if row["kind"] != "list"]}


def usual_variability(word: Word, canonical: float, sent: Sent) -> dict[str, Any] | None:
    """One standard deviation at this value, in the caller's unit; None where the vocabulary has no source for it."""
    found = word.variability
    if found is None:
        return None
    amount = found.absolute
    if amount is None:
        amount = float(exact(canonical) * exact(found.percent) / 100)
    ends = [converted(word, number, sent.unit, sent.factor) for number in (canonical, canonical + amount)]
    return {"amount": round(apart(*ends), PLACES_SHOWN), "percent": found.percent, "source": found.source}
