"""Whether stability is true, by the engine alone: inside an interval nothing changes, beyond its end what was said does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from copy import deepcopy
from decimal import Decimal
from typing import Any

from marshmallow import ValidationError

from schemas.profile import profile_schema
from service.advising import Advisor
from service.analysis.outcome import Outcome, Outcomes
from service.analysis.solving import STEPS
from service.measures import observe
from tests.conftest import TODAY
from tests.explaining.asked import KNOWLEDGE

WORDS = KNOWLEDGE.vocabulary
SCHEMA = profile_schema(WORDS)()
OUTCOMES = Outcomes(KNOWLEDGE)
INPUTS = {word.input: word for word in WORDS.values() if word.input}
SIDES = {"low": -1, "high": 1}

Said = Callable[[dict[str, Any]], Outcome | None]


def reader(advisor: Advisor) -> Said:
    """What an answer says, read off the engine; None for a profile that is refused."""

    def said(profile: dict[str, Any]) -> Outcome | None:
        try:
            loaded = SCHEMA.load(deepcopy(profile))
        except ValidationError:
            return None
        return OUTCOMES.of(advisor.session.derive(observe(loaded, WORDS, TODAY.date()).values))

    return said


def check(profile: dict[str, Any], rows: Mapping[str, dict[str, Any]], said: Said) -> Counter[str]:
    """How many ends were tried on both sides; raises AssertionError at the first that is not where it is said to be."""
    before = said(profile)
    ends = [(row, row[name], side) for row in rows.values() for name, side in SIDES.items() if row[name] is not None]
    for row, end, side in ends:
        check_end(profile, row, end, side, before, said)
    return Counter(numbers=len(rows), ends=len(ends))


def check_end(profile: dict[str, Any], row: dict[str, Any], end: dict[str, Any], side: int, before: Outcome, said: Said) -> None:
    assert (end["at"] - row["value"]) * side >= 0
    inside, outside, found = grid(row, end, side)
    middle = (row["value"] + inside) / 2
    middle = inside if INPUTS[row["input"]].type == "integer" else middle
    for value in (inside, middle):
        assert said(with_number(profile, row["input"], value)) in (before, None), (row["input"], value)
    after = said(with_number(profile, row["input"], outside))
    assert after is not None and after != before, (row["input"], outside)
    assert (said(with_number(profile, row["input"], found)) == before) == end["inclusive"] or INPUTS[row["input"]].type == "integer"
    told = {("list", move["intervention"]): (move["from"], move["to"]) for move in end["moves"]}
    told |= {(shift["kind"], shift["id"]): (shift["from"], shift["to"]) for shift in end["shifts"]}
    assert told == {key: (before.get(key), after.get(key)) for key in {*before, *after} if before.get(key) != after.get(key)}


def with_number(profile: dict[str, Any], pointer: str, value: float) -> dict[str, Any]:
    """The profile with another number in one place; of several readings one stays."""
    profile = deepcopy(profile)
    *above, last = pointer[1:].split("/")
    holder = profile
    for step in above:
        holder = holder[step]
    sent = holder[last][0] if isinstance(holder[last], list) else holder[last]
    whole = INPUTS[pointer].type == "integer"
    holder[last] = {**sent, "value": value} if isinstance(sent, dict) else int(value) if whole else value
    return profile


def grid(row: dict[str, Any], end: dict[str, Any], side: int) -> tuple[float, float, float]:
    """The last value inside and the first outside, on the grid of six decimals."""
    step, found, exact = step_of(row["input"]), end["at"], Decimal(repr(end["at"]))
    down, up = exact // step * step, -(-exact // step) * step
    if down == up:
        inside, outside = (exact, exact + side * step) if end["inclusive"] else (exact - side * step, exact)
    else:
        inside, outside = (down, up) if side > 0 else (up, down)
    beyond_value = (Decimal(repr(row["value"])) - inside) * side > 0
    return row["value"] if beyond_value else float(inside), float(outside), found


def step_of(pointer: str) -> Decimal:
    return Decimal(1) if INPUTS[pointer].type == "integer" else Decimal(1) / STEPS
