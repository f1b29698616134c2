"""All that changes of a few inputs can do, found by trying every point of a grid; shares nothing with the search but rules and engine.

The grid of a number are all its thresholds, those of numbers computed from it, a step on either side, and the middles between. It is laid
anew for each value of the inputs before it, those that stand in most formulas first. Points at which every test of every rule has the same
truth are asked of the engine once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import pairwise, product
from typing import Any

from marshmallow import ValidationError

from service.formulas import FORMULAS
from tests.explaining.asked import KNOWLEDGE, at
from tests.explaining.checking_counterfactuals import INPUTS, QUESTIONS, WORDS, Asked, put
from tests.strategies import thresholds

STEP = 1e-6
LIMITS = thresholds(KNOWLEDGE)
COMPUTED = [word for word in WORDS.values() if word.formula and word.id in LIMITS]

Values = dict[str, Any]
Sets = set[frozenset[str]]


def smallest_sets(asked: Asked, profile: dict[str, Any]) -> dict[tuple[str, str], Sets]:
    """For each question the sets of inputs with which some point reaches the goal, none of which holds another."""
    given = {word.id: sent(profile, word.input) for word in INPUTS.values() if at(profile, word.input) is not None}
    moving = sorted((fact for fact in given if WORDS[fact].changeable != "no"), key=lambda fact: -sum(fact in asked_by(word) for word in COMPUTED))
    reached: dict[tuple[str, str], Sets] = {question: set() for question in QUESTIONS}
    known: dict[Any, Any] = {}
    for point in points(moving, given):
        changed = frozenset(fact for fact in moving if point[fact] != given[fact])
        alike = signature(point)
        if alike not in known:
            known[alike] = placed(asked, profile, {fact: point[fact] for fact in changed})
        for intervention, wanted in known[alike].items():
            reached[intervention, "recommend" if wanted else "not_recommend"].add(changed)
    return {question: {named(one) for one in sets if not any(other < one for other in sets)} for question, sets in reached.items()}


def compare(asked: Asked, profile: dict[str, Any]) -> None:
    """Raises AssertionError where the search, given all the inputs at once, finds other sets than brute force."""
    for (intervention, goal), sets in smallest_sets(asked, profile).items():
        answer = asked.counterfactuals(profile, intervention, goal, at_most=4)
        assert answer["exhausted"]
        assert {frozenset(change["input"] for change in one["changes"]) for one in answer["sets"]} == sets, (profile, intervention, goal)


def placed(asked: Asked, profile: dict[str, Any], changed: Values) -> dict[str, bool]:
    try:
        return asked.recommended(put(profile, [{"input": WORDS[fact].input, "to": value} for fact, value in changed.items()]))
    except ValidationError:
        return {}


def named(facts: Iterable[str]) -> frozenset[str]:
    return frozenset(WORDS[fact].input for fact in facts)


def sent(profile: dict[str, Any], pointer: str) -> Any:
    found = at(profile, pointer)
    return found["value"] if isinstance(found, dict) else tuple(found) if isinstance(found, list) else found


def signature(values: Values) -> tuple[Any, ...]:
    """The truth of every threshold of every rule, what is no number as it is, and whether the schema would take it."""
    truths = [(value > limit, value < limit) for fact, limits in LIMITS.items() if (value := number(fact, values)) is not None for limit in limits]
    others = [(fact, value) for fact, value in values.items() if WORDS[fact].kind != "number"]
    pulse = values.get("systolic", 1) > values.get("diastolic", 0)
    pairs = ((word.id, joint) for word in WORDS.values() for joint in word.joint if word.id in values and joint.other in values)
    body = all(joint.fits(values[fact], values[joint.other]) for fact, joint in pairs)
    return (*truths, *others, pulse, body)


def number(fact: str, values: Mapping[str, Any]) -> float | None:
    word = WORDS[fact]
    if not word.formula:
        return values.get(fact)
    arguments = [number(part, values) if WORDS[part].kind == "number" else values.get(part) for part in asked_by(word)]
    missing = [part for part, value in zip(asked_by(word), arguments, strict=True) if value is None]
    if set(missing) & set(word.from_) or len(missing) == len(arguments):
        return None
    made = FORMULAS[word.formula](*arguments)
    return None if made is None else round(made, 9)


def asked_by(word: Any) -> tuple[str, ...]:
    return (*word.from_, *word.from_any)


def points(moving: list[str], given: Values) -> Iterator[Values]:
    if not moving:
        yield given
        return
    fact, *others = moving
    for value in axis(WORDS[fact], given, others):
        yield from points(others, {**given, fact: value})


def axis(word: Any, given: Values, others: list[str]) -> list[Any]:
    """What one input is tried with, in the directions that are allowed."""
    now = given[word.id]
    if word.kind == "codes":
        return list(dict.fromkeys([now, (), tuple(word.values), *(tuple(sorted({*now} ^ {code})) for code in word.values)]))
    if word.kind != "number":
        order = list(word.values) or [False, True]
        return [value for value in order if allowed(word.changeable, order.index(value), order.index(now))]
    low, high = word.hard
    beside = own(word.id, now) | {round(root + step, 6) for root in crossings(word.id, given, others) for step in (-STEP, 0, STEP)}
    between = {round((one + other) / 2, 6) for one, other in pairwise(sorted(beside)) if other - one > 3 * STEP}
    return [value for value in sorted({now} | beside | between) if low <= value <= high and allowed(word.changeable, value, now)]


def own(fact: str, now: float) -> set[float]:
    """The ends of the cells that a number's own thresholds make."""
    return {round(value + step, 6) for value in (*LIMITS.get(fact, ()), *WORDS[fact].hard) for step in (-STEP, 0, STEP)} | {now}


def crossings(fact: str, given: Values, others: list[str]) -> Iterator[float]:
    """Where a computed number meets a threshold, with each input still to come at the ends of its own cells."""
    for word in COMPUTED:
        if fact in asked_by(word):
            beside = [part for part in others if part in asked_by(word)]
            for values in product(*(own(part, given[part]) for part in beside)):
                fixed = {**given, **dict(zip(beside, values, strict=True))}
                for limit in LIMITS[word.id]:
                    yield from solved(lambda x, fixed=fixed, word=word: number(word.id, {**fixed, fact: x}), limit, *WORDS[fact].hard)


def solved(function: Callable[[float], float | None], limit: float, low: float, high: float) -> Iterator[float]:
    """By halving; nothing where the ends lie on one side, or there is nothing to compute."""
    ends = (function(low), function(high))
    if None in ends or (ends[0] > limit) == (ends[1] > limit):
        return
    rising = ends[1] > limit
    while high - low > STEP / 10:
        middle = (low + high) / 2
        low, high = (low, middle) if (function(middle) > limit) == rising else (middle, high)
    yield (low + high) / 2


def allowed(changeable: str, value: float, now: float) -> bool:
    return {"up": value >= now, "down": value <= now}.get(changeable, True)
