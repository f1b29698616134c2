"""Reads rule files: topic, layer and rules, each with its citation, its condition and what it concludes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from service.knowledge.actions import STOPPED, not_stopped
from service.knowledge.branching import WHATEVER, of_every_branch, whatever
from service.knowledge.conditions import ConditionReader
from service.knowledge.faults import Findings, did_you_mean
from service.knowledge.files.rule_schemas import GATE_LEVELS
from service.knowledge.files.strict_yaml import Entry
from service.knowledge.foods import RULED_OUT, Menu, allowed, is_told_to_do
from service.knowledge.freshness import fresh, later
from service.knowledge.grouping import GroupReader
from service.knowledge.records import CONCLUDED, NUMBERS, All, Condition, Place, Rule, Word
from service.knowledge.rulebase import Case, Food
from service.knowledge.vocabulary import cites

# Conclusions of these forms are for the answer only: no rule may read them, so no word declares them.
FOR_THE_ANSWER = ("plan", "habit", "interaction", "told", "monitor", "notice", "conflict", "position", "phase")
CONCLUDES = {"stop": STOPPED, "rule_out": RULED_OUT}


Shaped = Callable[[Condition], Condition]


def as_written(condition: Condition) -> Condition:
    return condition


class RuleReader:
    """Builds rules and cases from files whose shape is checked; what is wrong goes to `faults`."""

    def __init__(
        self, vocabulary: Mapping[str, Word], groups: Mapping[str, tuple[str, ...]], foods: Mapping[str, Food], faults: Findings,
        form: int,
    ):  # fmt: skip
        self.vocabulary = vocabulary
        self.groups = groups
        self.menu = Menu(foods)
        self.faults = faults
        self.conditions = ConditionReader(vocabulary, faults, with_units=form >= 2)
        self.article_names_any_food = form < 4
        self.members = GroupReader(vocabulary, faults)

    def rules(self, content: Entry) -> Iterator[Rule]:
        stem = content.place.file.rpartition("/")[2].removesuffix(".yaml")
        if content["topic"] != stem:
            self.faults.add(content.place, f"the topic is {content['topic']!r}, and the file's name says {stem!r}")
        for entry in content["rules"]:
            for value in self._each(entry.get("each"), entry.place):
                made = self.members.written_out(filled(entry, value))
                named = tuple(made.get("fresh", ()))
                yield self._rule(content, made, partial(fresh, named=named, vocabulary=self.vocabulary), named)
                if named:
                    yield self._rule(content, later(made, content["later"]))
                if WHATEVER in made:
                    yield self._rule(content, of_every_branch(made), partial(whatever, fact=made[WHATEVER]))

    def cases(self, content: list[Entry]) -> Iterator[Case]:
        for entry in content:
            for fact, value in entry["given"].items():
                self._check_given(fact, value, entry.place)
            yield Case(entry["name"], entry["rule"], entry["given"], entry["fires"], entry.place)

    def _check_given(self, fact: Any, value: Any, place: Place) -> None:
        word = self.vocabulary.get(fact)
        if word is None:
            self.faults.add(place, f"the case gives {fact!r}, which is not in the vocabulary{did_you_mean(fact, self.vocabulary)}")
        elif not is_value(value, word):
            self.faults.add(place, f"the case gives {fact!r} a value that no {word.kind} of this name has: {value!r}")

    def _each(self, each: Any, place: Place) -> tuple[str | None, ...]:
        if each is None:
            return (None,)
        return tuple(each) if isinstance(each, list) else self._group(each, place)

    def _group(self, name: str, place: Place) -> tuple[str, ...]:
        if name not in self.groups:
            self.faults.add(place, f"there is no group {name!r}{did_you_mean(name, self.groups)}")
        return self.groups.get(name, ())

    def _rule(self, content: Entry, entry: Entry, shaped: Shaped = as_written, named: tuple[str, ...] = ()) -> Rule:
        own = shaped(self.conditions.group(entry["when"], entry.place))
        return Rule(
            id=entry["id"], title=entry["title"], layer=content["layer"], topic=content["topic"], status=entry.get("status", "draft"),
            cites=cites(entry["cites"]), when=self._when(content, entry, own), own=own, then=entry["then"],
            conclusions=self._conclusions(entry["then"], entry.place), place=entry.place, hash=content_hash(content, entry),
            says=entry.get("says"), confidence=entry.get("confidence"), does=tuple(entry.get("does", ())),
            avoids=tuple(entry.get("avoids", ())), fresh=named, undated=content.get("undated") if named else None,
            source=entry,
        )  # fmt: skip

    def _when(self, content: Entry, entry: Entry, own: Condition) -> Condition:
        beside = self._unhindered(entry)
        if "applies" not in content:
            return All((own, *beside)) if beside else own
        return All((*self.conditions.tests(content["applies"], content.place), own, *beside))

    def _unhindered(self, entry: Entry) -> list[Condition]:
        """That a person may do and eat what the rule's sentence tells people to."""
        if not is_told_to_do(entry["then"]) or (self.article_names_any_food and "told" in entry["then"]):
            return []
        actions = self.vocabulary[STOPPED].values if STOPPED in self.vocabulary else ()
        for slot, known in (("does", actions), ("avoids", tuple(self.menu.foods))):
            for name in entry.get(slot, ()):
                if name not in known:
                    self.faults.add(entry.place, f"{slot}: there is no {name!r}{did_you_mean(name, known)}")
        return [*not_stopped(entry.get("does", ())), *allowed(entry.get("says", ""), self.menu, entry.get("avoids", ()))]

    def _conclusions(self, then: Mapping[str, Any], place: Place) -> tuple[tuple[str, Any], ...]:
        form = next(iter(then))
        concluded = tuple(self._concluded(form, then, place))
        for fact, value in concluded:
            if fact not in FOR_THE_ANSWER:
                self._check_conclusion(fact, value, place)
        return concluded

    def _concluded(self, form: str, then: Mapping[str, Any], place: Place) -> Iterator[tuple[str, Any]]:
        subject = then[form]
        if form in ("finding", "holds"):
            yield subject, True
        elif form in ("red_flag", "state", "tendency", "place"):
            fact = f"placement.{subject}" if form == "place" else subject
            yield fact, then.get({"red_flag": "urgency", "state": "level", "tendency": "is", "place": "in"}[form])
        elif form == "gate":
            yield from self._gated(subject, then, place)
        elif form == "conflict":
            yield form, subject
            yield from (("unconfirmed", fact) for fact in then.get("unconfirmed", ()))
        elif form in ("plan", "position", "phase"):
            yield form, f"{subject}.{then.get('step', then.get('at'))}"
        elif form in CONCLUDES:
            yield CONCLUDES[form], subject
        else:
            yield form, subject

    def _gated(self, level: str, then: Mapping[str, Any], place: Place) -> Iterator[tuple[str, Any]]:
        if level not in GATE_LEVELS:
            self.faults.add(place, f"a gate is one of {', '.join(GATE_LEVELS)}{did_you_mean(level, GATE_LEVELS)}")
            return
        for target in self._each(then["interventions"], place):
            yield level, target
            if level == "clinician_first" and not then.get("clearable", False):
                yield "not_clearable", target
        if level == "modify" and "actions" in then:
            self.faults.add(place, "a gate that changes something stops no action")
        yield from ((STOPPED, action) for action in then.get("actions", ()))

    def _check_conclusion(self, fact: str, value: Any, place: Place) -> None:
        word = self.vocabulary.get(fact)
        if word is None:
            self.faults.add(place, f"the rule concludes {fact!r}, which is not in the vocabulary{did_you_mean(fact, self.vocabulary)}")
        elif word.kind not in CONCLUDED:
            self.faults.add(place, f"the rule concludes {fact!r}, which is a {word.kind}: only flags, levels and sets are concluded")
        elif word.kind != "flag" and value not in word.values:
            self.faults.add(place, f"{value!r} is not a value of {fact!r}{did_you_mean(value, word.values)}")


def is_value(value: Any, word: Word) -> bool:
    """Whether a fact of this word can have the value."""
    if word.kind in NUMBERS:
        return type(value) in (int, float)
    if word.kind in ("codes", "set"):
        return isinstance(value, list) and all(item in word.values for item in value)
    if word.kind in ("choice", "level"):
        return value in word.values
    return value is True or (word.kind == "boolean" and value is False)


def filled(source: Any, value: str | None) -> Any:
    """The same with `{each}` replaced; lines are kept."""
    if value is None:
        return source
    if isinstance(source, str):
        return source.replace("{each}", value)
    if isinstance(source, list):
        return [filled(item, value) for item in source]
    if isinstance(source, Entry):
        entry = Entry({filled(key, value): filled(item, value) for key, item in source.items() if key != "each"})
        entry.place, entry.lines = source.place, source.lines
        return entry
    return source


def content_hash(content: Entry, entry: Entry) -> str:
    """SHA-256 over the rule as written, with what its file adds to it."""
    whole = {"layer": content.get("layer"), "applies": content.get("applies"), "rule": entry}
    return hashlib.sha256(json.dumps(whole, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
