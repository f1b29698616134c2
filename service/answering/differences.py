"""Two answers to one profile, or two documents, side by side: what is said otherwise, where, and which rules it comes from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from schemas.faults import escaped

OF_THE_MOMENT = ("decision_id", "created_at", "rulebase", "trace")
IDS = ("because",)
ABSENT = object()  # what the other document has not got
REASONS = ("sources", "rationale", "article", "evidence", "mechanism")  # not what is answered, but why


@dataclass
class Outcome:
    """What one rule base makes of one profile."""

    answer: dict[str, Any]
    reasons: dict[str, Any] = field(default_factory=dict)  # the answer with its grounds
    steps: frozenset[Any] = frozenset()  # what followed from what by which rule
    fired: frozenset[str] = frozenset()


@dataclass
class Difference:
    """One profile for which the two differ. `answers` maps the changed parts of the answer to [before, after]."""

    profile: int
    kind: str  # another answer | another reason
    answers: dict[str, list[Any]]
    rules: dict[str, list[str]]  # only_old, only_new, changed


def steps_of(nodes: list[dict[str, Any]]) -> frozenset[Any]:
    """Each conclusion with its rule and what it was concluded from, by fact and value: ids may be numbered anew."""
    known = {node["id"]: repr((node["fact"], node["value"])) for node in nodes}
    return frozenset(
        (node["rule"], known[node["id"]], frozenset(known[one] if isinstance(one, str) else repr(one) for one in node["premises"]))
        for node in nodes
    )


def without(document: Any, names: Iterable[str]) -> Any:
    """The document without these keys, at any depth."""
    if isinstance(document, dict):
        return {key: without(value, names) for key, value in document.items() if key not in names}
    return [without(item, names) for item in document] if isinstance(document, list) else document


def differing_places(one: Any, other: Any, at: str = "", whole_lists: bool = False) -> Iterator[tuple[str, Any, Any]]:
    """Where two JSON documents differ: (JSON Pointer, what stands there in the one, in the other).

    Lists are gone through entry by entry; with `whole_lists` those that are not of one length differ as a whole.
    """
    if isinstance(one, dict) and isinstance(other, dict):
        for key in {**one, **other}:
            yield from differing_places(one.get(key, ABSENT), other.get(key, ABSENT), f"{at}/{escaped(key)}", whole_lists)
    elif isinstance(one, list) and isinstance(other, list) and (len(one) == len(other) or not whole_lists):
        for index, pair in enumerate(zip_longest(one, other, fillvalue=ABSENT)):
            yield from differing_places(*pair, f"{at}/{index}", whole_lists)
    elif one != other:
        yield at, one, other


def difference(number: int, before: Outcome, after: Outcome, changed: set[str]) -> Difference | None:
    if before.answer == after.answer and (before.reasons, before.steps) == (after.reasons, after.steps):
        return None
    keys = [key for key in {**before.answer, **after.answer} if before.answer.get(key) != after.answer.get(key)]
    answers = {key: differing(before.answer.get(key), after.answer.get(key)) for key in keys}
    return Difference(number, "another answer" if keys else "another reason", answers, moved(before, after, changed))


def differing(before: Any, after: Any) -> list[Any]:
    """Of two lists only the entries that the other has not got."""
    if isinstance(before, list) and isinstance(after, list):
        pair = [item for item in before if item not in after], [item for item in after if item not in before]
        return list(pair) if any(pair) else [before, after]
    return [before, after]


def moved(before: Outcome, after: Outcome, changed: set[str]) -> dict[str, list[str]]:
    """The rules that fired in one only, and those that fired in both and do not say the same."""
    return {
        "only_old": sorted(before.fired - after.fired),
        "only_new": sorted(after.fired - before.fired),
        "changed": sorted(before.fired & after.fired & changed),
    }
