"""Reads rule files: topic, layer and rules, each with its citation, its condition and what it concludes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from service.knowledge.conditions import ConditionReader
from service.knowledge.faults import Findings
from service.knowledge.reading import Entry
from service.knowledge.records import All, Case, Condition, Place, Rule, Word
from service.knowledge.vocabulary import cites

LAYERS = (
    "findings", "red_flags", "states", "mechanisms", "indications", "gates", "placement", "plans", "interactions", "monitoring", "ranking",
)  # fmt: skip
STATUSES = ("draft", "approved", "retired")
FILE_KEYS = {"topic", "layer", "title", "applies", "each", "rules", "policy"}
RULE_KEYS = {"id", "title", "status", "cites", "when", "then", "says", "each", "confidence", "note"}
GATE_LEVELS = ("withhold", "clinician_first", "modify")

# The first key of `then` names the form; the others are what it may carry beside it.
FORMS: Mapping[str, frozenset[str]] = {
    "finding": frozenset(),
    "holds": frozenset(),
    "red_flag": frozenset({"urgency"}),
    "state": frozenset({"level"}),
    "tendency": frozenset({"is"}),
    "offer": frozenset(),
    "maintain": frozenset(),
    "defer": frozenset({"code", "until"}),
    "decline": frozenset({"code"}),
    "gate": frozenset({"code", "interventions", "clearable"}),
    "place": frozenset({"in"}),
    "disposition": frozenset(),
    "plan": frozenset({"step"}),
    "interaction": frozenset({"interventions"}),
    "monitor": frozenset({"at"}),
    "notice": frozenset(),
    "position": frozenset({"at"}),
    "phase": frozenset({"at"}),
}
# Conclusions of these forms are for the answer only: no rule may read them, so no word declares them.
FOR_THE_ANSWER = ("plan", "interaction", "monitor", "notice", "position", "phase")


class RuleReader:
    """Builds rules and cases; what is wrong goes to `faults`."""

    def __init__(self, vocabulary: Mapping[str, Word], groups: Mapping[str, tuple[str, ...]], faults: Findings):
        self.vocabulary = vocabulary
        self.groups = groups
        self.faults = faults
        self.conditions = ConditionReader(vocabulary, faults)

    def rules(self, content: Entry) -> Iterator[Rule]:
        for unknown in sorted(set(content) - FILE_KEYS):
            self.faults.add(content.place, f"a rule file has no slot {unknown!r}")
        if content.get("layer") not in LAYERS:
            self.faults.add(content.place, f"layer must be one of {', '.join(LAYERS)}")
        for entry in content["rules"]:
            for value in self._each(entry.get("each", content.get("each")), entry.place):
                yield self._rule(content, filled(entry, value))

    def cases(self, content: Any) -> Iterator[Case]:
        for entry in content or ():
            if not {"name", "rule", "given", "fires"} <= set(entry):
                self.faults.add(entry.place, "a case has a name, a rule, what is given and whether the rule fires")
                continue
            for fact in entry["given"]:
                if fact not in self.vocabulary:
                    self.faults.add(entry.place, f"the case gives {fact!r}, which is not in the vocabulary")
            yield Case(entry["name"], entry["rule"], entry["given"], entry["fires"], entry.place)

    def _each(self, each: Any, place: Place) -> tuple[str | None, ...]:
        if each is None:
            return (None,)
        if isinstance(each, list):
            return tuple(each)
        if each not in self.groups:
            self.faults.add(place, f"there is no group {each!r}")
        return self.groups.get(each, ())

    def _rule(self, content: Entry, entry: Entry) -> Rule:
        place = entry.place
        for unknown in sorted(set(entry) - RULE_KEYS):
            self.faults.add(place, f"a rule has no slot {unknown!r}")
        for required in ("id", "title", "cites", "when", "then"):
            if not entry.get(required):
                self.faults.add(place, f"the rule {entry.get('id', '')!r} has no {required!r}")
        if entry.get("status", "draft") not in STATUSES:
            self.faults.add(place, f"status must be one of {', '.join(STATUSES)}")
        ground = cites(entry.get("cites"))
        if ground is None or not (ground.article or ground.outside or ground.design):
            self.faults.add(place, f"the rule {entry.get('id')!r} cites nothing: the article, an outside source or our design choice")
        return Rule(
            id=entry.get("id", ""), title=entry.get("title", ""), layer=content.get("layer", ""), topic=content.get("topic", ""),
            status=entry.get("status", "draft"), cites=ground, when=self._when(content, entry), then=entry.get("then") or {},
            conclusions=self._conclusions(entry.get("then") or {}, place), place=place, hash=content_hash(content, entry),
            says=entry.get("says"), confidence=entry.get("confidence"), source=entry,
        )  # fmt: skip

    def _when(self, content: Entry, entry: Entry) -> Condition:
        condition = self.conditions.group(entry.get("when"), entry.place)
        if "applies" not in content:
            return condition
        return All((*self.conditions.tests(content["applies"], entry.place), condition))

    def _conclusions(self, then: Mapping[str, Any], place: Place) -> tuple[tuple[str, Any], ...]:
        form = next(iter(then), None)
        if form not in FORMS:
            self.faults.add(place, f"`then` must begin with one of {', '.join(FORMS)}")
            return ()
        for unknown in sorted(set(then) - {form} - FORMS[form]):
            self.faults.add(place, f"`then` of a {form} has no slot {unknown!r}")
        concluded = tuple(self._concluded(form, then, place))
        if form not in FOR_THE_ANSWER:
            for fact, value in concluded:
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
        elif form in ("plan", "position", "phase"):
            yield form, f"{subject}.{then.get('step', then.get('at'))}"
        else:
            yield form, subject

    def _gated(self, level: str, then: Mapping[str, Any], place: Place) -> Iterator[tuple[str, Any]]:
        if level not in GATE_LEVELS or "code" not in then:
            self.faults.add(place, f"a gate has a code and is one of {', '.join(GATE_LEVELS)}")
            return
        for target in self._targets(then.get("interventions"), place):
            yield level, target
            if level == "clinician_first" and not then.get("clearable", False):
                yield "not_clearable", target

    def _targets(self, interventions: Any, place: Place) -> tuple[str, ...]:
        return self._each(interventions if interventions is not None else [], place)

    def _check_conclusion(self, fact: str, value: Any, place: Place) -> None:
        word = self.vocabulary.get(fact)
        if word is None:
            self.faults.add(place, f"the rule concludes {fact!r}, which is not in the vocabulary")
        elif word.kind not in ("flag", "level", "set"):
            self.faults.add(place, f"the rule concludes {fact!r}, which is a {word.kind}: only flags, levels and sets are concluded")
        elif word.kind != "flag" and value not in word.values:
            self.faults.add(place, f"{value!r} is not a value of {fact!r}")


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
        entry.place = source.place
        return entry
    return source


def content_hash(content: Entry, entry: Entry) -> str:
    """SHA-256 over the rule as written, with what its file adds to it."""
    whole = {"layer": content.get("layer"), "applies": content.get("applies"), "rule": entry}
    return hashlib.sha256(json.dumps(whole, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
