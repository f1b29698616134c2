"""From the `when` of a rule file to a condition tree, checked word by word against the vocabulary."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from service.knowledge.faults import Findings
from service.knowledge.reading import Entry
from service.knowledge.records import All, Any_, Compare, Condition, Holds, Known, Not, Place, Word

COMPARISONS = ("at_least", "above", "at_most", "below")
GROUPS = ("all", "any", "none")
WORDS_OF_KIND = {
    "number": {*COMPARISONS, "known"},
    "count": {*COMPARISONS, "known"},
    "choice": {"is", "is_one_of", "known"},
    "boolean": {"is", "known"},
    "level": {"is", "is_one_of"},
    "codes": {"includes", "known"},
    "set": {"includes"},
    "flag": set(),
}


class ConditionReader:
    """Reads conditions; what is wrong goes to `faults` with the place of the rule."""

    def __init__(self, vocabulary: Mapping[str, Word], faults: Findings):
        self.vocabulary = vocabulary
        self.faults = faults

    def group(self, source: Any, place: Place) -> Condition:
        """`{all: [...], any: [...], none: [...]}`: every part must hold."""
        place = getattr(source, "place", place)
        if not isinstance(source, Mapping) or not source or not set(source) <= set(GROUPS):
            self.faults.add(place, f"a condition is a group of {', '.join(GROUPS)}, not {source!r}")
            return All(())
        parts = [self._part(word, source[word], place) for word in GROUPS if word in source]
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def tests(self, sources: Any, place: Place) -> tuple[Condition, ...]:
        if not isinstance(sources, list):
            self.faults.add(place, f"a list of tests is expected, not {sources!r}")
            return ()
        return tuple(self.test(source, place) for source in sources)

    def test(self, source: Any, place: Place) -> Condition:
        place = getattr(source, "place", place)
        if isinstance(source, str):
            return self._flag(source, place)
        if isinstance(source, Mapping) and "fact" in source:
            return self._words(source, place)
        return self.group(source, place)

    def _part(self, word: str, sources: Any, place: Place) -> Condition:
        tests = self.tests(sources, place)
        if not tests:
            self.faults.add(place, f"the group {word!r} is empty")
        if word == "all":
            return All(tests)
        if word == "any":
            return Any_(tests)
        return All(tuple(Not(test) for test in tests))

    def _flag(self, fact: str, place: Place) -> Condition:
        word = self._word(fact, place)
        if word is not None and word.kind != "flag":
            self.faults.add(place, f"{fact!r} is a {word.kind}: a bare name asks for a flag")
        return Holds(fact)

    def _word(self, fact: str, place: Place) -> Word | None:
        if fact not in self.vocabulary:
            self.faults.add(place, f"the word {fact!r} is not in the vocabulary")
        return self.vocabulary.get(fact)

    def _words(self, source: Entry, place: Place) -> Condition:
        word = self._word(source["fact"], place)
        asked = {key: value for key, value in source.items() if key != "fact"}
        if word is None:
            return All(())
        if not asked:
            self.faults.add(place, f"nothing is asked of {word.id!r}")
        for key in asked:
            if key not in WORDS_OF_KIND[word.kind]:
                self.faults.add(place, f"{key!r} cannot be asked of {word.id!r}, which is a {word.kind}")
        parts = tuple(self._one(word, key, value, place) for key, value in asked.items())
        return parts[0] if len(parts) == 1 else All(parts)

    def _one(self, word: Word, key: str, value: Any, place: Place) -> Condition:
        if key in COMPARISONS:
            return self._compare(word, key, value, place)
        if key == "known":
            return Known(word.id) if value is True else Not(Known(word.id))
        if key == "is_one_of":
            return Any_(tuple(self._holds(word, each, place) for each in value))
        return self._holds(word, value, place)

    def _holds(self, word: Word, value: Any, place: Place) -> Condition:
        allowed = (True, False) if word.kind == "boolean" else word.values
        if value not in allowed:
            self.faults.add(place, f"{value!r} is not a value of {word.id!r}")
        return Holds(word.id, value)

    def _compare(self, word: Word, key: str, value: Any, place: Place) -> Condition:
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.faults.add(place, f"the threshold of {word.id!r} must be a number, not {value!r}")
            return All(())
        if word.hard and not word.hard[0] <= value <= word.hard[1]:
            low, high = word.hard
            self.faults.add(place, f"the threshold {value} of {word.id!r} is outside its range {low} to {high}")
        return Compare(word.id, key, float(value))


def leaves(condition: Condition, positive: bool = True) -> list[tuple[Condition, bool]]:
    """Every single test of a condition, with whether it stands under an even number of negations."""
    if isinstance(condition, All | Any_):
        return [leaf for test in condition.tests for leaf in leaves(test, positive)]
    if isinstance(condition, Not):
        return leaves(condition.test, not positive)
    return [(condition, positive)]
