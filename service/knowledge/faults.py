"""What is wrong with the rule files: every fault with its file, line and reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from service.knowledge.records import Place


@dataclass(frozen=True)
class Fault:
    place: Place
    reason: str

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}"


class RuleBaseFaults(Exception):
    """The rule base cannot be used; `faults` holds all that was found, not only the first."""

    def __init__(self, faults: list[Fault]):
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


class Findings:
    """Collects faults while the files are read, so that all are reported at once."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def add(self, place: Place, reason: str) -> None:
        self.faults.append(Fault(place, reason))

    def raise_if_any(self) -> None:
        if self.faults:
            raise RuleBaseFaults(self.sorted())

    def sorted(self) -> list[Fault]:
        return sorted(self.faults, key=lambda fault: (fault.place.file, fault.place.line))


def did_you_mean(written: object, known: Iterable[object]) -> str:
    """The end of a sentence that names what is nearest to a word that is not known; empty where nothing is near."""
    near = get_close_matches(str(written), [str(word) for word in known], n=1)
    return f". Did you mean {near[0]!r}?" if near else ""
