"""Decides whether clauses can hold together: conflict-driven search with watched literals, as every exact solver does it.

A literal is 2 x variable, plus 1 where it is negated; `literal ^ 1` is its negation. What is not asked for stays false, so that
a model says no more of a person than it must.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from heapq import heapify, heappop, heappush

DECAY = 1.05  # each conflict weighs a little more than the one before
LARGEST = 1e100

Clause = list[int]


class Solver:
    """Holds clauses for good; each question is asked under assumptions of its own, and what is learned stays."""

    def __init__(self) -> None:
        self.values: list[bool | None] = []  # by literal
        self.watches: list[list[Clause]] = []  # by literal: the clauses that wait for it to become false
        self.levels: list[int] = []  # by variable, as the next three
        self.reasons: list[Clause | None] = []
        self.weights: list[float] = []
        self.preferred: list[int] = []
        self.trail: list[int] = []
        self.starts: list[int] = []  # where each level of decisions begins in the trail
        self.read = 0
        self.bump = 1.0
        self.heap: list[tuple[float, int]] = []
        self.sound = True
        self.added: list[Clause] | None = None  # clauses added meanwhile

    def variable(self, preferred: bool = False) -> int:
        """A new variable, as its positive literal."""
        literal = len(self.values)
        self.values += [None, None]
        self.watches += [[], []]
        self.levels.append(0)
        self.reasons.append(None)
        self.weights.append(0.0)
        self.preferred.append(literal if preferred else literal ^ 1)
        heappush(self.heap, (0.0, literal >> 1))
        return literal

    def add(self, literals: Iterable[int]) -> None:
        """One more clause; between questions only."""
        self._undo(0)
        clause = list(dict.fromkeys(literals))
        if any(self.values[one] or one ^ 1 in clause for one in clause):
            return
        clause = [one for one in clause if self.values[one] is None]
        if len(clause) > 1:
            self._watch(clause)
        elif clause:
            self._set(clause[0], None)
            self.sound = self.sound and self._propagate() is None
        else:
            self.sound = False

    def solve(self, assumptions: Iterable[int] = ()) -> list[bool] | None:
        """The truth of every literal in one model, or None: there is none."""
        asked = list(assumptions)
        self._undo(0)
        while self.sound:
            conflict = self._propagate()
            if conflict is None:
                decision = self._decide(asked)
                if decision is None:
                    return [value is True for value in self.values]
                if self.values[decision] is False:
                    return None
                self.starts.append(len(self.trail))
                if self.values[decision] is None:
                    self._set(decision, None)
            elif self.starts:
                self._learn(conflict)
            else:
                self.sound = False
        return None

    @contextmanager
    def meanwhile(self) -> Iterator[None]:
        """Variables that are made within are gone afterwards, with every clause about them.

        These clauses may define the new variables, and must not restrict what was there: what is learned of that stays.
        """
        count, outer, self.added = len(self.values), self.added, []
        yield
        self._undo(0)
        self.trail = [literal for literal in self.trail if literal < count]
        self.read = len(self.trail)
        about_new = [clause for clause in self.added if max(clause) >= count]
        gone = set(map(id, about_new))
        for literal in {literal for clause in about_new for literal in clause[:2] if literal < count}:
            self.watches[literal] = [clause for clause in self.watches[literal] if id(clause) not in gone]
        del self.values[count:], self.watches[count:]
        for listed in (self.levels, self.reasons, self.weights, self.preferred):
            del listed[count // 2 :]
        self._rebuild()
        self.added = outer + [clause for clause in self.added if id(clause) not in gone] if outer is not None else None

    def _decide(self, asked: list[int]) -> int | None:
        """The next assumption, then the weightiest open variable; None where all is set."""
        if len(self.starts) < len(asked):
            return asked[len(self.starts)]
        while self.heap:
            _, variable = heappop(self.heap)
            if self.values[2 * variable] is None:
                return self.preferred[variable]
        return None

    def _watch(self, clause: Clause) -> None:
        self.watches[clause[0]].append(clause)
        self.watches[clause[1]].append(clause)
        if self.added is not None:
            self.added.append(clause)

    def _set(self, literal: int, reason: Clause | None) -> None:
        self.values[literal], self.values[literal ^ 1] = True, False
        self.levels[literal >> 1], self.reasons[literal >> 1] = len(self.starts), reason
        self.trail.append(literal)

    def _undo(self, level: int) -> None:
        if len(self.starts) <= level:
            return
        start = self.starts[level]
        for literal in self.trail[start:]:
            self.values[literal] = self.values[literal ^ 1] = None
            heappush(self.heap, (-self.weights[literal >> 1], literal >> 1))
        del self.trail[start:], self.starts[level:]
        self.read = min(self.read, start)
        if len(self.heap) > 4 * len(self.weights):
            self._rebuild()

    def _rebuild(self) -> None:
        self.heap = [(-weight, variable) for variable, weight in enumerate(self.weights) if self.values[2 * variable] is None]
        heapify(self.heap)

    def _propagate(self) -> Clause | None:
        """Sets all that follows; a clause that cannot hold, where there is one."""
        values, watches = self.values, self.watches
        while self.read < len(self.trail):
            false = self.trail[self.read] ^ 1
            self.read += 1
            waiting, watches[false] = watches[false], []
            kept = watches[false]
            for index, clause in enumerate(waiting):
                if clause[0] == false:
                    clause[0], clause[1] = clause[1], false
                first = clause[0]
                if values[first] or not self._moved(clause):
                    kept.append(clause)
                    if values[first] is False:
                        kept.extend(waiting[index + 1 :])
                        return clause
                    if values[first] is None:
                        self._set(first, clause)
        return None

    def _moved(self, clause: Clause) -> bool:
        """Whether another literal that is not false can be watched in place of the second."""
        values = self.values
        for place in range(2, len(clause)):
            literal = clause[place]
            if values[literal] is not False:
                clause[1], clause[place] = literal, clause[1]
                self.watches[literal].append(clause)
                return True
        return False

    def _learn(self, conflict: Clause) -> None:
        """Keeps the first cause of the conflict as a clause, and goes back to where it would have changed the way."""
        clause, back = self._cause(conflict)
        self.bump *= DECAY
        self._undo(back)
        if len(clause) > 1:
            self._watch(clause)
        self._set(clause[0], clause if len(clause) > 1 else None)

    def _cause(self, conflict: Clause) -> tuple[Clause, int]:
        """The clause of the first unique implication point, and the level at which it sets its first literal."""
        here, seen, open_, others = len(self.starts), set(), 0, []
        reason, place, literal = conflict, len(self.trail), None
        while True:
            for one in reason:
                variable = one >> 1
                if one != literal and variable not in seen and self.levels[variable]:
                    seen.add(variable)
                    self._weigh(variable)
                    if self.levels[variable] == here:
                        open_ += 1
                    else:
                        others.append(one)
            while True:
                place -= 1
                literal = self.trail[place]
                if literal >> 1 in seen:
                    break
            open_ -= 1
            if not open_:
                break
            reason = self.reasons[literal >> 1] or []
        others.sort(key=lambda one: -self.levels[one >> 1])
        return [literal ^ 1, *others], self.levels[others[0] >> 1] if others else 0

    def _weigh(self, variable: int) -> None:
        self.weights[variable] += self.bump
        if self.weights[variable] > LARGEST:
            self.weights = [weight / LARGEST for weight in self.weights]
            self.bump /= LARGEST
            self._rebuild()
