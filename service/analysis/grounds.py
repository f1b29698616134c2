"""On which open inputs an undecided result rests."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property
from typing import Any

from service.analysis.unknown import Outlook
from service.given import READING_OF
from service.knowledge.program import Atom, Makers
from service.knowledge.records import CONCLUDED, Holds, Leaf, Word
from service.measures import all_forbidding, inputs_of

Inputs = dict[str, None]  # in the order in which they are met


class Grounds:
    """Follows what is undecided in an outlook down to the inputs that are open.

    Of facts listed as `passed_over` only what rests on details of a sign is followed: who has named it can be asked for them.
    """

    def __init__(self, outlook: Outlook, makers: Makers, passed_over: tuple[str, ...] = ()):
        self.outlook, self.makers, self.passed_over = outlook, makers, passed_over
        self.vocabulary, self.uncertain = outlook.vocabulary, outlook.open | outlook.loose
        self.found: dict[Atom, Inputs] = {}
        self.asked: dict[tuple[str, Any], list[str]] = {}  # by fact and value of a test
        self.readers: dict[str, dict[str, None]] = defaultdict(dict)

    def behind(self, atom: Atom) -> Inputs:
        """The open inputs on which a fact rests; what is decided rests on none."""
        found = self.found.get(atom)
        if found is None:
            found = self.found[atom] = {}
            if self.outlook.atoms.get(atom, False) is None:
                only_details = self.vocabulary[atom[0]].listed in self.passed_over
                for step in self.makers.get(atom, ()) if not only_details or self.details_open else ():
                    self._add(self.outlook.undecided[step.rule.id], step.rule.id, found)
                if only_details:
                    self.found[atom] = found = {fact: None for fact in found if self.vocabulary[fact].detail_of is not None}
        return found

    @cached_property
    def details_open(self) -> bool:
        return any(self.vocabulary[fact].detail_of is not None for fact in self.uncertain)

    def _add(self, undecided: Iterable[Leaf], rule: str, found: Inputs) -> None:
        """What the undecided tests of a rule rest on."""
        for leaf in undecided:
            word = self.vocabulary[leaf.fact]
            if word.kind in CONCLUDED and isinstance(leaf, Holds):
                found.update(self.behind((word.id, leaf.value)))
            elif word.kind == "count":
                for member in word.of:
                    found.update(self.behind((member, True)))
            else:
                for fact in self._asked(word, getattr(leaf, "value", None)):
                    found[fact] = self.readers[fact][rule] = None

    def _asked(self, word: Word, named: Any) -> list[str]:
        """The open inputs that a test asks for; the same test comes up again and again."""
        asked = self.asked.get((word.id, named))
        if asked is None:
            asked = self.asked[word.id, named] = self._ask(word, named)
        return asked

    def _ask(self, word: Word, named: Any) -> list[str]:
        """Those that make a number or forbid it, or, where dates make the word, the one named."""
        if word.speaks_of is not None:
            return self._open([word.speaks_of])
        if word.formula is None:
            return self._open([named if word.input is None and word.kind == "codes" else READING_OF.get(word.id, word.id)])
        return self._open([*inputs_of(word.id, self.vocabulary), *all_forbidding(word.id, self.vocabulary)])

    def _open(self, facts: list[Any]) -> list[str]:
        return [fact for fact in facts if fact in self.uncertain and (self.vocabulary[fact].input or self.vocabulary[fact].asked_at)]
