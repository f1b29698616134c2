"""What several codes have in common: a row of a list's table names its groups, and a rule that asks for a group asks for all members."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from service.knowledge.conditions import leaves
from service.knowledge.faults import Findings, did_you_mean
from service.knowledge.files.strict_yaml import Entry, Items
from service.knowledge.records import Code, Condition, Holds, Place, Vocabulary, Word
from service.knowledge.rulebase import Knowledge

IN_GROUP = "in_group"
Members = Mapping[str, list[tuple[str, str]]]


def members(vocabulary: Vocabulary) -> Members:
    """The codes of each group, of whatever list, in the order of the tables."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for word, code in rows(vocabulary):
        for group in code.groups:
            found[group].append((word.id, code.id))
    return found


def rows(vocabulary: Vocabulary) -> Iterator[tuple[Word, Code]]:
    return ((word, code) for word in vocabulary.values() for code in word.table.values())


class GroupReader:
    """Writes out the groups that a rule asks for: `{in_group: x}` is any of the codes of x."""

    def __init__(self, vocabulary: Vocabulary, faults: Findings):
        self.members, self.faults = members(vocabulary), faults
        flags = [word.id for word in vocabulary.values() if word.kind == "flag"]
        for word, code in rows(vocabulary):
            for group in (one for one in code.groups if one not in flags):
                faults.add(code.place, f"{word.id}: {code.id} names the group {group!r}, which is not declared{did_you_mean(group, flags)}")

    def written_out(self, rule: Entry) -> Entry:
        made = Entry({**rule, "when": self._test(rule["when"], rule.place)})
        made.place, made.lines = rule.place, rule.lines
        return made

    def _test(self, source: Any, place: Place) -> Any:
        if isinstance(source, list):
            tests = Items(self._test(item, place) for item in source)
            tests.lines = getattr(source, "lines", {})
            return tests
        if not isinstance(source, Entry):
            return source
        if set(source) == {IN_GROUP}:
            return self._members(source[IN_GROUP], source.place)
        made = Entry({key: self._test(item, source.place) for key, item in source.items()})
        made.place, made.lines = source.place, source.lines
        return made

    def _members(self, group: Any, place: Place) -> Entry:
        found = self.members.get(group, []) if isinstance(group, str) else []
        if not found:
            self.faults.add(place, f"nothing is in the group {group!r}{did_you_mean(group, self.members)}")
        tests = [Entry({"fact": fact, "includes": value}).at(place.file, place.line) for fact, value in found]
        return Entry({"any": tests}).at(place.file, place.line)


def check(knowledge: Knowledge, faults: Findings) -> None:
    """Each row of a table is read by some rule or says why none has to; each of its groups is concluded from it, and read by a rule."""
    made_of, read = readings(knowledge)
    for word, code in rows(knowledge.vocabulary):
        for group in code.groups:
            if (word.id, code.id) not in made_of.get(group, ()):
                faults.add(code.place, f"{code.id}: no rule concludes the group {group!r} from its members")
            elif (group, True) not in read:
                faults.add(code.place, f"{code.id}: no rule reads the group {group!r}")
        check_reason(code, (word.id, code.id) in read, faults)
        for source in code.sources:
            if source not in knowledge.sources:
                faults.add(code.place, f"there is no source {source!r}{did_you_mean(source, knowledge.sources)}")


def readings(knowledge: Knowledge) -> tuple[Mapping[str, set[Any]], set[Any]]:
    """For each flag what the rules that conclude it ask for, and all that any rule asks of what was answered or concluded."""
    made_of: dict[str, set[Any]] = defaultdict(set)
    read: set[Any] = set()
    for rule in knowledge.rules.values():
        asked = asked_by(rule.when)
        read |= asked
        for fact, _ in rule.conclusions:
            made_of[fact] |= asked
    return made_of, read


def asked_by(condition: Condition) -> set[Any]:
    return {(leaf.fact, leaf.value) for leaf, _ in leaves(condition) if isinstance(leaf, Holds)}


def check_reason(code: Code, is_read: bool, faults: Findings) -> None:
    if not is_read and not code.because:
        faults.add(code.place, f"{code.id}: it is in no group and no rule reads it; say in `because` why nothing is to be minded")
    if is_read and code.because:
        faults.add(code.place, f"{code.id}: it says why nothing is to be minded, and rules read it")
