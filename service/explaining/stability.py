"""How far each number of a profile can move, the others as they are, before the answer says something else.

Between two switches of tests nothing can change, so each side is walked from switch to switch; what follows at one is revised from what
follows now. A share of the questions is checked: there the engine too has to find every end.
"""

from __future__ import annotations

import random
from typing import Any

from service.advised import Advised
from service.advising import Advisor
from service.analysis.outcome import Outcome
from service.analysis.ranges import Range, ranges
from service.analysis.units import usual_variability
from service.engine.revising import Revisable
from service.engine.session import EngineFault


class Stability:
    """One person's numbers and the ends of their intervals; made for one answer."""

    def __init__(self, advised: Advised, advisor: Advisor):
        indexes = advisor.indexes
        self.advised, self.readers, self.outcomes = advised, indexes.readers, indexes.outcomes
        self.now = Revisable(indexes.program, advised.observations.values, advised.derivation)
        self.present = self.outcomes.of(advised.derivation)
        self.derive = advisor.session.derive if random.random() < advisor.oracle_share else None  # noqa: S311 - a sample, not a secret

    def rows(self) -> list[dict[str, Any]]:
        """A row for each number that was sent, in the order of the vocabulary."""
        return [self.row(along) for along in ranges(self.advised.observations, self.readers)]

    def row(self, along: Range) -> dict[str, Any]:
        word, sent = along.word, along.sent
        return {
            "input": word.input, "value": sent.value, "unit": sent.unit,
            "usual_variability": usual_variability(word, along.values[along.fact], sent),
            "low": self.end(along, upwards=False), "high": self.end(along, upwards=True),
        }  # fmt: skip

    def end(self, along: Range, upwards: bool) -> dict[str, Any] | None:
        """Where something changes first on this side; None where nothing does."""
        for step in along.switches(upwards):
            number = along.number(step, upwards)
            outcome = self.outcome(along, number)
            if outcome != self.present:
                self.check(along, number, outcome)
                inside = along.number(step - 1 if upwards else step + 1, upwards)
                at, inclusive = along.written(inside, number, lambda between: self.outcome(along, between) == self.present)
                return {"at": at, "inclusive": inclusive, **changes(self.present, outcome)}
        return None

    def outcome(self, along: Range, number: float) -> Outcome:
        revision = self.now.revised(along.at(number))
        return self.outcomes.of(revision) if self.outcomes.touched(revision) else self.present

    def check(self, along: Range, number: float, outcome: Outcome) -> None:
        """Raises EngineFault where the engine finds something else beyond an end."""
        if self.derive is not None and self.outcomes.of(self.derive(along.at(number))) != outcome:
            raise EngineFault("what was revised is not what the engine derives")


def changes(before: Outcome, after: Outcome) -> dict[str, list[dict[str, Any]]]:
    """The lines that differ: interventions that move, and everything else."""
    rows = [
        {"kind": kind, "id": id_, "from": before.get((kind, id_)), "to": after.get((kind, id_))}
        for kind, id_ in dict.fromkeys([*before, *after])
        if before.get((kind, id_)) != after.get((kind, id_))
    ]
    moves = [{"intervention": row["id"], "from": row["from"], "to": row["to"]} for row in rows if row["kind"] == "list"]
    return {"moves": moves, "shifts": [row for row in rows if row["kind"] != "list"]}
