"""From the `when` of a rule file to a condition tree, checked word by word against the vocabulary."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from operator import ge, gt, le, lt
from typing import Any

from service.knowledge.faults import Findings, did_you_mean
from service.knowledge.files.strict_yaml import Entry
from service.knowledge.records import All, Any_, Compare, Condition, Holds, Known, Leaf, Not, Place, Word

COMPARE: Mapping[str, Callable[[float, float], bool]] = {"at_least": ge, "above": gt, "at_most": le, "below": lt}
COMPARISONS = tuple(COMPARE)
UPWARDS = ("at_least", "above")
GROUPS = ("all", "any", "none")
QUANTITY = re.compile(r"(-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?) (\S+)")
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
    """Reads conditions; what is wrong goes to `faults` with the place of the rule. `with_units`: a threshold says its unit."""

    def __init__(self, vocabulary: Mapping[str, Word], faults: Findings, with_units: bool):
        self.vocabulary = vocabulary
        self.faults = faults
        self.with_units = with_units

    def group(self, source: Any, place: Place) -> Condition:
        """`{all: [...], any: [...], none: [...]}`: every part must hold."""
        place = getattr(source, "place", place)
        if not isinstance(source, Mapping) or not source or not set(source) <= set(GROUPS):
            wrong = next((key for key in source if key not in GROUPS), None) if isinstance(source, Mapping) else None
            self.faults.add(place, f"a condition is a group of {', '.join(GROUPS)}, not {source!r}{did_you_mean(wrong, (*GROUPS, 'fact'))}")
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
        if isinstance(source, Entry) and "fact" in source:
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

    def _word(self, fact: Any, place: Place) -> Word | None:
        if not isinstance(fact, str) or fact not in self.vocabulary:
            self.faults.add(place, f"the word {fact!r} is not in the vocabulary{did_you_mean(fact, self.vocabulary)}")
            return None
        return self.vocabulary[fact]

    def _words(self, source: Entry, place: Place) -> Condition:
        word = self._word(source["fact"], place)
        asked = {key: value for key, value in source.items() if key != "fact"}
        if word is None:
            return All(())
        if not asked:
            self.faults.add(place, f"nothing is asked of {word.id!r}")
        for key in asked:
            if key not in WORDS_OF_KIND[word.kind]:
                near = did_you_mean(key, WORDS_OF_KIND[word.kind])
                self.faults.add(place, f"{key!r} cannot be asked of {word.id!r}, which is a {word.kind}{near}")
        parts = tuple(self._one(word, key, value, place) for key, value in asked.items())
        return parts[0] if len(parts) == 1 else All(parts)

    def _one(self, word: Word, key: str, value: Any, place: Place) -> Condition:
        if key in COMPARISONS:
            return self._compare(word, key, value, place)
        if key == "known":
            return self._known(word, value, place)
        if key == "is_one_of":
            return self._one_of(word, value, place)
        return self._holds(word, value, place)

    def _known(self, word: Word, value: Any, place: Place) -> Condition:
        if value is not True and value is not False:
            self.faults.add(place, f"whether {word.id!r} is known is true or false, not {value!r}")
        return Known(word.id) if value is True else Not(Known(word.id))

    def _one_of(self, word: Word, values: Any, place: Place) -> Condition:
        if not isinstance(values, list) or not values:
            self.faults.add(place, f"is_one_of {word.id!r} needs a list of values, not {values!r}")
            return All(())
        return Any_(tuple(self._holds(word, value, place) for value in values))

    def _holds(self, word: Word, value: Any, place: Place) -> Condition:
        allowed = (True, False) if word.kind == "boolean" else word.values
        if not any(value == known and type(value) is type(known) for known in allowed):
            self.faults.add(place, f"{value!r} is not a value of {word.id!r}{did_you_mean(value, allowed)}")
            return All(())
        return Holds(word.id, value)

    def _compare(self, word: Word, key: str, value: Any, place: Place) -> Condition:
        threshold = self._threshold(word, value, place)
        if threshold is None:
            return All(())
        if word.hard and not word.hard[0] <= threshold <= word.hard[1]:
            low, high = word.hard
            self.faults.add(place, f"the threshold {value} of {word.id!r} is outside its range {low} to {high}")
        return Compare(word.id, key, threshold)

    def _threshold(self, word: Word, value: Any, place: Place) -> float | None:
        """`126 mg/dL` where the fact has a unit, `2.5` where it has none."""
        number, unit = split(value) if self.with_units and word.unit else (value, word.unit)
        if isinstance(number, bool) or not isinstance(number, int | float):
            expected = f"a number with its unit, as in 1 {word.unit}" if self.with_units and word.unit else "a number"
            self.faults.add(place, f"the threshold of {word.id!r} must be {expected}, not {value!r}")
            return None
        if unit != word.unit:
            self.faults.add(place, f"the threshold {value} of {word.id!r} must be in {word.unit}, the unit of the fact")
            return None
        return float(number)


def split(value: Any) -> tuple[float | None, str | None]:
    """A quantity as number and unit; no number where it is not written so."""
    found = QUANTITY.fullmatch(value) if isinstance(value, str) else None
    return (float(found[1]), found[2]) if found else (None, None)


def leaves(condition: Condition, positive: bool = True) -> list[tuple[Leaf, bool]]:
    """Every single test of a condition, with whether it stands under an even number of negations."""
    if isinstance(condition, All | Any_):
        return [leaf for test in condition.tests for leaf in leaves(test, positive)]
    if isinstance(condition, Not):
        return leaves(condition.test, not positive)
    return [(condition, positive)]
