"""Which way facts can move when one more thing is known of a person: read off the conditions, without a solver.

A conclusion can only come to hold where a test that asks for something comes to hold, or one that excludes something ceases to. What no
chain of such steps reaches does not move, for anybody. What one reaches may move, and is left to the solver.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from service.knowledge.conditions import UPWARDS, leaves
from service.knowledge.program import Atom, Step, Stratum
from service.knowledge.records import Compare, Holds, Known, Leaf, Vocabulary

Subject = Atom | str  # what a test is about: an atom, or a number and whether anything is known


class Move(NamedTuple):
    """That something may come to hold (`rises`: or grow, or become known) or cease to."""

    subject: Subject
    rises: bool


class Polarity:
    """The rules as arrows from what may move to what may move with it."""

    def __init__(self, strata: Iterable[Stratum], vocabulary: Vocabulary):
        self.vocabulary = vocabulary
        self.readers: dict[Subject, list[tuple[Step, bool]]] = defaultdict(list)
        self.counts: dict[str, list[str]] = defaultdict(list)
        self.hindered: dict[Subject, list[tuple[str, bool]]] = defaultdict(list)
        for step in (step for stratum in strata for step in stratum.steps):
            for subject, asked in tests(leaves(step.condition)):
                self.readers[subject].append((step, asked))
        for word in vocabulary.values():
            for member in word.of:
                self.counts[member].append(word.id)
            for subject, asked in tests(leaves(word.unless)) if word.unless is not None else ():
                self.hindered[subject].append((word.id, not asked))

    def moves(self, first: Iterable[Move]) -> frozenset[Move]:
        """Everything that may move when these do, themselves among it."""
        waiting, found = list(first), set[Move]()
        while waiting:
            move = waiting.pop()
            if move not in found:
                found.add(move)
                waiting += self.next(move)
        return frozenset(found)

    def next(self, move: Move) -> Iterable[Move]:
        subject = move.subject
        for step, asked in self.readers.get(subject, ()):
            yield from (Move(atom, move.rises == asked) for atom in step.rule.conclusions if atom[0] in self.vocabulary)
        if not isinstance(subject, str):
            yield from (Move(count, move.rises) for count in self.counts.get(subject[0], ()))
        for measure, asked in self.hindered.get(subject, ()):
            yield from self.made(measure, move.rises == asked)

    def made(self, measure: str, rises: bool) -> Iterable[Move]:
        """A number that is made or not: with it whatever is made of it, which may then be another number."""
        yield Move(measure, rises)
        for word in self.vocabulary.values():
            if measure in (*word.from_, *word.from_any):
                for either in (True, False):
                    yield from self.made(word.id, either)


def tests(found: Iterable[tuple[Leaf, bool]]) -> Iterable[tuple[Subject, bool]]:
    """What each test is about, and whether it is helped or hindered by more of it."""
    for leaf, positive in found:
        if isinstance(leaf, Holds):
            yield (leaf.fact, leaf.value), positive
        elif isinstance(leaf, Known):
            yield leaf.fact, positive
        elif isinstance(leaf, Compare):
            yield leaf.fact, positive
            if leaf.word not in UPWARDS:
                yield leaf.fact, not positive
