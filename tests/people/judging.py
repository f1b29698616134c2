"""Judges an answer by what a physician expects of it: everything that is otherwise, each in a line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tests.loaded import KNOWLEDGE
from tests.people.asking import CUTS, EXERCISE, RESTRICT, has_both_steps, placed

GROUPS = {"RESTRICT": RESTRICT, "EXERCISE": EXERCISE, "CUTS": CUTS, "ALL": tuple(KNOWLEDGE.interventions)}
SENTENCE = re.compile(r"(?<=[.:;!?])\s")
FORBIDS = re.compile(r"(?<!\w)(no|not|none|nothing|never|without|avoid|leave out)(?!\w)", re.IGNORECASE)
RECOMMENDED = ("recommend", "maintain")
EXPECTATIONS = {
    "disposition", "plain", "unflagged", "flags", "urgency", "recommended", "not_recommended", "never_says", "says", "refused_at", "note",
}  # fmt: skip


def misses(answer: dict[str, Any], expect: dict[str, Any]) -> list[str]:
    """What is not as expected; the same miss is always the same line."""
    unknown = expect.keys() - EXPECTATIONS
    if unknown:
        raise ValueError(f"no such expectation: {sorted(unknown)}")
    return [f"not served: {name}" for name in answer.get("not_served", ())] + list(found(answer, expect))


def found(answer: dict[str, Any], expect: dict[str, Any]) -> Iterator[str]:
    wanted = ["self_care"] if expect.get("plain") else expect["disposition"]
    if answer["disposition"] not in wanted:
        yield f"disposition {answer['disposition']}, not {' or '.join(wanted)}"
    if answer["disposition"] == "refused":
        yield from refused(answer, expect)
        return
    if expect.get("plain") and not has_both_steps(answer):
        yield "no eating and no moving step together"
    yield from flagged(answer, expect)
    yield from standing(answer, expect)
    yield from said(answer, expect)


def refused(answer: dict[str, Any], expect: dict[str, Any]) -> Iterator[str]:
    pointers = [fault["pointer"] for fault in answer["faults"]]
    if "refused_at" in expect and not any(pointer.startswith(expect["refused_at"]) for pointer in pointers):
        yield f"refused at {', '.join(pointers)}, not at {expect['refused_at']}"
    if "refused_at" not in expect:
        yield f"refused at {', '.join(pointers)}"


def flagged(answer: dict[str, Any], expect: dict[str, Any]) -> Iterator[str]:
    flags = {row["code"]: row["urgency"] for row in answer["red_flags"]}
    if expect.get("plain") or expect.get("unflagged"):
        yield from (f"flag {code} {urgency}" for code, urgency in flags.items() if urgency != "routine")
    for code, urgency in expect.get("flags", {}).items():
        if code not in KNOWLEDGE.vocabulary:
            raise ValueError(f"no such flag: {code}")
        if flags.get(code) != urgency:
            yield f"flag {code} {flags.get(code, 'absent')}, not {urgency}"
    yield from (f"no flag that is {urgency}" for urgency in expect.get("urgency", ()) if urgency not in flags.values())


def standing(answer: dict[str, Any], expect: dict[str, Any]) -> Iterator[str]:
    places = placed(answer)
    for name in members(expect.get("recommended", ())):
        if places[name] not in RECOMMENDED:
            yield f"{name} {places[name]}, not recommended"
    for name in members(expect.get("not_recommended", ())):
        if places[name] in RECOMMENDED:
            yield f"{name} recommended"


def said(answer: dict[str, Any], expect: dict[str, Any]) -> Iterator[str]:
    plans = [sentence for row in answer["recommendations"] for sentence in SENTENCE.split(row["plan"]["text"])]
    for words in expect.get("never_says", ()):
        if any(advises(sentence, words) for sentence in plans):
            yield f"a plan says {words!r}"
    everything = str(answer)
    yield from (f"nothing says {words!r}" for words in expect.get("says", ()) if words not in everything)


def advises(sentence: str, words: str) -> bool:
    """Whether a sentence has a word that begins so, and nothing before it that forbids it."""
    match = re.search(rf"(?<!\w){re.escape(words)}", sentence, re.IGNORECASE)
    return match is not None and not FORBIDS.search(sentence[: match.start()])


def members(names: Any) -> list[str]:
    """The interventions of a list that may name groups."""
    return [one for name in names for one in GROUPS.get(name, (name,))]
