"""The same person with one thing more: the rules a second time, as far as what is added reaches."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple, cast

from service.knowledge.actions import STOPPING
from service.knowledge.program import Atom
from service.knowledge.records import All, Any_, Compare, Condition, Holds, Known, Lookup, Not, Place, Rule, Vocabulary, Word
from service.measures import NOT_NOW
from service.workbench.clauses import BOUND, Point
from service.workbench.explained import SIGNS
from service.workbench.numbers import Unsettled
from service.workbench.polarity import Move
from service.workbench.searching import Model, Search


class Addition(NamedTuple):
    """What a person names besides: a word, and all that it is to the rules."""

    word: str
    atoms: frozenset[Atom]
    place: Place


def values(search: Search) -> Iterator[Addition]:
    """Each value of each list by itself, those for what nobody knows among them."""
    for word in lists(search):
        for value in word.values:
            place = word.table[value].place if value in word.table else word.place
            yield Addition(f"{word.id}: {value}", frozenset({(word.id, value)}), place)


def terms(search: Search) -> Iterator[Addition]:
    """Each word that is several values; of those that are the same the first."""
    seen = set[frozenset[Atom]]()
    for word in lists(search):
        thesaurus = cast("Lookup", word.thesaurus)
        owner = {value: fact for fact, others in thesaurus.elsewhere.items() for value in others}
        for term in thesaurus.terms:
            atoms = frozenset((owner.get(value, word.id), value) for value in thesaurus.find(term.id).values)
            if len(atoms) > 1 and atoms not in seen:
                seen.add(atoms)
                yield Addition(f"{word.id}: {term.id}", atoms, term.place)


def lists(search: Search) -> Iterator[Word]:
    return (word for word in search.knowledge.vocabulary.values() if word.thesaurus is not None and not word.counts_as)


def moves(search: Search, atoms: frozenset[Atom]) -> frozenset[Move]:
    """All that may be otherwise once these are added."""
    return search.polarity.moves(first(atoms, search.knowledge.vocabulary))


def first(atoms: frozenset[Atom], vocabulary: Vocabulary) -> Iterator[Move]:
    """What is otherwise of what is given: details may be told of a sign, and it may be past; one not understood leaves no other past."""
    yield from (Move(atom, rises=True) for atom in atoms)
    yield from (Move((NOT_NOW, sign), rises=True) for sign in signs(atoms))
    for word in details(atoms, vocabulary):
        yield Move(word.id, rises=True)
        yield from (Move((word.id, value), rises=True) for value in word.values)
    if unreviewed_sign(atoms, vocabulary):
        yield from (Move((NOT_NOW, value), rises=False) for value in vocabulary[NOT_NOW].values)


def signs(atoms: frozenset[Atom]) -> list[str]:
    return sorted(str(value) for fact, value in atoms if fact == SIGNS)


def details(atoms: frozenset[Atom], vocabulary: Vocabulary) -> list[Word]:
    return [word for word in vocabulary.values() if word.detail_of is not None and (word.detail_of.fact, word.detail_of.value) in atoms]


def unreviewed_sign(atoms: frozenset[Atom], vocabulary: Vocabulary) -> str | None:
    """The value of the signs for what was not understood, where it is among these."""
    thesaurus = vocabulary[SIGNS].thesaurus if SIGNS in vocabulary else None
    return thesaurus.unreviewed if thesaurus is not None and thesaurus.unreviewed in signs(atoms) else None


def lifted(search: Search, atoms: frozenset[Atom]) -> list[str]:
    """The interventions on which a gate may cease to hold once these are added."""
    moved = moves(search, atoms)
    return [one for one in search.knowledge.interventions if any(Move((gate, one), rises=False) in moved for gate in STOPPING)]


class Added:
    """Literals of what holds of a person once something is added; of what that does not reach they are those of the person before."""

    def __init__(self, search: Search, addition: Addition):
        self.search, self.book, self.addition = search, search.book, addition
        self.atoms, self.vocabulary = addition.atoms, search.knowledge.vocabulary
        self.signs, self.details = signs(addition.atoms), details(addition.atoms, self.vocabulary)
        self.unreviewed = unreviewed_sign(addition.atoms, self.vocabulary)
        self.told: dict[str, int] = {}  # details of an added sign, which may be told with it
        self.values: dict[Atom, int] = dict.fromkeys(addition.atoms, self.book.true)
        self.points: dict[str, dict[Point, int]] = {}
        self.parts: dict[Condition, int] = {}
        self.making: set[Atom] = set()
        self.moved = moves(search, addition.atoms)
        self.reached = frozenset(move.subject for move in self.moved)
        self._tell()

    def before(self) -> list[int]:
        """Of whom it is asked: who has named none of its signs yet. Who named some of them names the others only."""
        return [self.book.holds(SIGNS, sign) ^ 1 for sign in self.signs]

    def silenced(self, rule: Rule) -> int:
        """That the condition of a rule held, and holds no longer."""
        return self.book.both([self.book.condition(rule.when), self.condition(rule.when) ^ 1])

    def condition(self, condition: Condition) -> int:
        if condition not in self.parts:
            self.parts[condition] = self._made(condition)
        return self.parts[condition]

    def _made(self, condition: Condition) -> int:
        if isinstance(condition, Not):
            return self.condition(condition.test) ^ 1
        if isinstance(condition, All | Any_):
            parts = [self.condition(test) for test in condition.tests]
            return self.book.both(parts) if isinstance(condition, All) else self.book.either(parts)
        if isinstance(condition, Known):
            return self.is_known(condition.fact)
        if isinstance(condition, Holds):
            return self.holds(condition.fact, condition.value)
        return self._compared(condition)

    def holds(self, fact: str, value: Any = True) -> int:
        atom = (fact, value)
        if atom not in self.values:
            self.values[atom] = self._concluded(atom) if atom in self.reached else self.book.holds(fact, value)
        return self.values[atom]

    def _concluded(self, atom: Atom) -> int:
        if atom in self.making:
            raise Unsettled(f"{atom[0]} holds itself up")
        self.making.add(atom)
        literal = self.book.either(self.condition(self.book.steps[rule.id].condition) for rule in self.book.makers[atom])
        self.making.remove(atom)
        return literal

    def is_known(self, fact: str) -> int:
        if fact in self.told:
            return self.told[fact]
        known = self.book.is_known(fact)
        return self.book.both([known, self._still_made(fact)]) if fact in self.reached else known

    def _still_made(self, fact: str) -> int:
        """That a computed number is made as it was: what is added can only forbid to make it."""
        if Move(fact, rises=True) in self.moved:
            raise Unsettled(f"{fact} may become another number")
        unless = self.vocabulary[fact].unless
        return self.book.true if unless is None else self.condition(unless) ^ 1

    def _compared(self, leaf: Compare) -> int:
        passing, upwards = BOUND[leaf.word]
        literal = self.point(leaf.fact, (leaf.threshold, passing))
        if upwards:
            return literal
        return literal ^ 1 if self.vocabulary[leaf.fact].kind == "count" else self.book.both([self.is_known(leaf.fact), literal ^ 1])

    def point(self, fact: str, point: Point) -> int:
        points = self.points.setdefault(fact, {})
        if point not in points:
            points[point] = self._point(fact, point) if fact in self.reached else self.book.point(fact, *point)
        return points[point]

    def _point(self, fact: str, point: Point) -> int:
        word = self.vocabulary[fact]
        if word.kind == "count":
            return self.book.as_many(self.book.tally(self.holds(member) for member in word.of), point)
        return self.book.both([self.book.point(fact, *point), self._still_made(fact)])

    def _tell(self) -> None:
        """What may be told of an added sign: that it is past, or since when and how; one not understood leaves no other past."""
        past = {sign: self.book.solver.variable() for sign in self.signs}
        self.values |= {(NOT_NOW, sign): literal for sign, literal in past.items()}
        if self.unreviewed:
            for value in set(self.vocabulary[NOT_NOW].values) - set(past):
                self.values[NOT_NOW, value] = self.book.both([self.book.holds(NOT_NOW, value), past[self.unreviewed]])
            past = {self.unreviewed: past[self.unreviewed]}
        else:
            self._past_only_beside_what_is_known(past.values())
        for word in self.details:
            self._detail(word)

    def _past_only_beside_what_is_known(self, past: Any) -> None:
        thesaurus = self.vocabulary[SIGNS].thesaurus if SIGNS in self.vocabulary else None
        for literal in past:
            if thesaurus is not None:
                doubt = [self.book.holds(SIGNS, thesaurus.unreviewed) ^ 1, self.book.holds(NOT_NOW, thesaurus.unreviewed)]
                self.book.solver.add([literal ^ 1, *doubt])

    def _detail(self, word: Word) -> None:
        """A detail that may be told, with any value that it can have."""
        add, variable = self.book.solver.add, self.book.solver.variable
        known = self.told[word.id] = variable()
        sign = word.detail_of.value if word.detail_of else None
        add([known ^ 1, self.values[NOT_NOW, sign] ^ 1])
        self.points[word.id] = {point: variable() for point in sorted(self.book.points.get(word.id, {}))}
        for lower, higher in pairwise([known, *self.points[word.id].values()]):
            add([higher ^ 1, lower])
        values = {value: variable() for value in word.values}
        self.values |= {(word.id, value): literal for value, literal in values.items()}
        if values:
            add([known ^ 1, *values.values()])
        for place, one in enumerate(values.values()):
            add([one ^ 1, known])
            for other in [*values.values()][:place]:
                add([one ^ 1, other ^ 1])

    def facts(self, before: dict[str, Any], model: Model) -> dict[str, Any]:
        """What is known of the person of a model once it is added."""
        facts = dict(before)
        for fact in {fact for fact, _ in self.atoms} | ({NOT_NOW} if self.signs else set()):
            now = {value for (one, value), literal in self.values.items() if one == fact and model[literal]}
            gone = {value for (one, value), literal in self.values.items() if one == fact and not model[literal]}
            facts[fact] = frozenset(before.get(fact, ())) - gone | now
        for fact, literal in self.told.items():
            if model[literal]:
                facts[fact] = self._told(fact, model)
        return {fact: value for fact, value in facts.items() if fact != NOT_NOW or value}

    def _told(self, fact: str, model: Model) -> Any:
        if self.vocabulary[fact].kind == "number":
            low, high = self.search.between(model, fact, self.points[fact])
            return round(min(high, low + 1), 3)
        return next(value for (one, value), literal in self.values.items() if one == fact and model[literal])
