"""What may be said of a sign: since when it is there, and how it runs. Each is a fact of its own, for those signs of which rules ask it.

The vocabulary says beside a value of the list which details rules ask of it, and beside the list how such a fact is called.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from service.knowledge.conversion import Conversion
from service.knowledge.faults import Findings
from service.knowledge.files.strict_yaml import Entry
from service.knowledge.records import Holds, Word

HOURS_A_DAY = 24.0
LONGEST = 100_000.0  # days


def detail_words(word: Word, entry: Entry, listed: Entry, faults: Findings) -> Iterator[Word]:
    """The facts that may be told of the signs of this list, which counts as the one `listed`."""
    for value, about in listed.get("values", {}).items():
        for detail in about.get("details", ()):
            if detail not in entry["details"]:
                faults.add(listed.place, f"{value!r} asks for {detail!r}, and {word.id!r} does not say how that is called")
            else:
                own = {"question": about["asks"][detail]} if detail in about.get("asks", {}) else {}
                yield detail_word(word, value, detail, {**entry["details"][detail], **own})


def detail_word(word: Word, value: str, detail: str, called: Mapping[str, Any]) -> Word:
    label = called["label"].replace("{sign}", word.value_labels[value])
    plain, question = (called[slot].replace("{sign}", said_plainly(word, value)) for slot in ("plain", "question"))
    return MADE[detail](
        id=f"{detail}.{value}", label=label, plain=plain, question=question, place=word.place, detail_of=Holds(word.counts_as or "", value),
        asked_at=word.input, value_labels={name: made["label"] for name, made in called.get("values", {}).items()},
    )  # fmt: skip


def said_plainly(word: Word, value: str) -> str:
    return word.value_plain.get(value, word.value_labels[value])


def since(**about: Any) -> Word:
    """A length of time, in days."""
    return Word(kind="number", unit="d", units={"h": Conversion(per=HOURS_A_DAY)}, hard=(0.0, LONGEST), digits=1, **about)


def course(**about: Any) -> Word:
    """One of a few words, those that matter most first."""
    return Word(kind="choice", values=tuple(about["value_labels"]), **about)


MADE: Mapping[str, Callable[..., Word]] = {"since": since, "course": course}
