"""What the engine leaves behind: facts, and for each conclusion every set of premises that made it true."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from schemas.bounds import Bounded
from service.knowledge.records import Rule, Word

Facts = Mapping[str, Any]  # by name: a number, a word, yes or no; of codes and of sets all that are there


class Mentioned(frozenset[str]):
    """What is known of a list that was not answered, from words of it that stand in another: they hold, and the list is not known."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Mentioned) and frozenset.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = frozenset.__hash__


def answered(fact: str, facts: Facts) -> bool:
    """Whether the person, or a computation, gave this fact a value: nobody who names a vitamin has said which medicines they take."""
    return fact in facts and not isinstance(facts[fact], Mentioned)


def plain(value: Any) -> Any:
    """The value of a fact as JSON has it."""
    if isinstance(value, Bounded):
        return float(value)
    return sorted(value) if isinstance(value, set | frozenset) else value


class Premise(NamedTuple):
    """A fact with the value read, or, where `present` is false, its absence."""

    fact: str
    value: Any
    present: bool = True


class Conclusion(NamedTuple):
    """A fact that a firing concludes, and the id under which the trace shows it."""

    id: str
    fact: str
    value: Any
    firing: Firing


@dataclass(slots=True, eq=False)
class Firing:
    """One rule fired for one set of premises; `way` numbers the sets of one rule, from 0."""

    rule: Rule
    premises: tuple[Premise, ...]
    way: int = 0
    conclusions: tuple[Conclusion, ...] = ()


def firing(rule: Rule, premises: tuple[Premise, ...], way: int) -> Firing:
    """The firing of a rule's first (0), second, ... way; from the second on the way stands in the ids."""
    name = rule.id if way == 0 else f"{rule.id}~{way + 1}"
    several = len(rule.conclusions) > 1
    fired = Firing(rule, premises, way)
    fired.conclusions = tuple(
        Conclusion(f"{name}:{fact}:{value}" if several else name, fact, value, fired) for fact, value in rule.conclusions
    )
    return fired


class Counted(NamedTuple):
    """A count made between strata: which of its members held."""

    word: Word
    value: float
    members: tuple[str, ...]


@dataclass
class Derivation:
    """Facts by name (sets for codes and sets), and the firings and counts in an order in which premises come first."""

    facts: dict[str, Any]
    steps: list[Firing | Counted] = field(default_factory=list)

    def holds(self, fact: str, value: Any = True) -> bool:
        found = self.facts.get(fact)
        return value in found if isinstance(found, set | frozenset) else found == value

    def conclude(self, fact: str, value: Any, in_set: bool) -> None:
        if in_set:
            self.facts.setdefault(fact, set()).add(value)
        else:
            self.facts[fact] = value

    def firings(self) -> list[Firing]:
        return [step for step in self.steps if isinstance(step, Firing)]

    def rules(self) -> list[Rule]:
        """What fired, each rule once."""
        return list({firing.rule.id: firing.rule for firing in self.firings()}.values())


def count(word: Word, facts: dict[str, Any]) -> Counted:
    members = tuple(member for member in word.of if facts.get(member) is True)
    return Counted(word, float(len(members)), members)


def justifications(derivation: Derivation) -> set[tuple[str, frozenset[Premise]]]:
    """Why everything was concluded: each rule that fired with each set of its premises, in no order."""
    return {(firing.rule.id, frozenset(firing.premises)) for firing in derivation.firings()}
