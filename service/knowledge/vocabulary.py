"""Reads rules/vocabulary/: every fact is declared once, before any rule may speak of it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from service.knowledge.conditions import ConditionReader
from service.knowledge.faults import Findings
from service.knowledge.reading import Entry
from service.knowledge.records import Cites, Conversion, Intervention, Variability, Word

KINDS = ("number", "choice", "boolean", "codes", "flag", "level", "set", "count")
CATALOGUES = ("interventions", "components", "groups")
KEYS = {
    "label", "plain", "kind", "input", "unit", "units", "hard", "soft", "digits", "valid_for_days", "fasting", "changeable",
    "codes", "mark", "question", "formula", "from", "from_any", "unless", "cites", "listed", "values", "of", "type", "note",
    "variability",
}  # fmt: skip


class VocabularyReader:
    """Builds words, groups and the catalogue of interventions from the mappings of the vocabulary files."""

    def __init__(self, faults: Findings):
        self.faults = faults
        self.entries: dict[str, Entry] = {}
        self.groups: dict[str, tuple[str, ...]] = {}
        self.interventions: dict[str, Intervention] = {}
        self.components: dict[str, Intervention] = {}

    def add_file(self, content: Any) -> None:
        if not isinstance(content, Entry):
            return
        for key, entry in content.items():
            if key in CATALOGUES:
                getattr(self, f"_add_{key}")(entry)
            elif key in self.entries:
                self.faults.add(entry.place, f"{key!r} is declared twice, first at {self.entries[key].place}")
            else:
                self.entries[key] = entry

    def words(self) -> Mapping[str, Word]:
        self.groups["red_flags"] = tuple(k for k, e in self.entries.items() if e.get("listed") == "red_flag")
        words = {key: self._word(key, entry) for key, entry in self.entries.items()}
        reader = ConditionReader(words, self.faults)
        for key, entry in self.entries.items():
            self._check_names(key, entry)
            if "unless" in entry:
                words[key] = replace_unless(words[key], reader.group(entry["unless"], entry.place))
        return MappingProxyType(words)

    def _add_interventions(self, entries: Entry) -> None:
        self.interventions = {key: intervention(key, entry) for key, entry in entries.items()}

    def _add_components(self, entries: Entry) -> None:
        self.components = {key: intervention(key, entry) for key, entry in entries.items()}

    def _add_groups(self, entries: Entry) -> None:
        self.groups.update({key: tuple(members) for key, members in entries.items()})

    def _word(self, key: str, entry: Entry) -> Word:
        for unknown in sorted(set(entry) - KEYS):
            self.faults.add(entry.place, f"{key!r}: the vocabulary has no slot {unknown!r}")
        if entry.get("kind") not in KINDS:
            self.faults.add(entry.place, f"{key!r}: kind must be one of {', '.join(KINDS)}")
        if "label" not in entry:
            self.faults.add(entry.place, f"{key!r} has no label")
        values, labels, plains, codes = self._values(entry)
        return Word(
            id=key, kind=entry.get("kind", "flag"), label=entry.get("label", key), plain=entry.get("plain", entry.get("label", key)),
            place=entry.place, values=values, value_labels=labels, value_plain=plains, value_codes=codes,
            input=entry.get("input"), unit=entry.get("unit"), units=conversions(entry.get("units", {})),
            hard=pair(entry.get("hard")), soft=pair(entry.get("soft")), digits=entry.get("digits"),
            valid_for_days=entry.get("valid_for_days"), fasting=entry.get("fasting", False), changeable=entry.get("changeable", "no"),
            codes=dict(entry.get("codes", {})) | ({"mark": entry["mark"]} if "mark" in entry else {}), question=entry.get("question"),
            formula=entry.get("formula"), from_=tuple(entry.get("from", ())), from_any=tuple(entry.get("from_any", ())),
            of=tuple(entry.get("of", ())), listed=entry.get("listed"), type=entry.get("type"), cites=cites(entry.get("cites")),
            variability=self._variability(key, entry),
        )  # fmt: skip

    def _variability(self, key: str, entry: Entry) -> Variability | None:
        given = entry.get("variability")
        if given is None:
            return None
        if set(given) not in ({"percent", "source"}, {"absolute", "source"}):
            self.faults.add(entry.place, f"{key!r}: variability has a source and one of percent and absolute")
            return None
        return Variability(**given)

    def _values(self, entry: Entry) -> tuple[tuple, dict, dict, dict]:
        values = entry.get("values", ())
        if isinstance(values, str):
            if values not in self.groups:
                self.faults.add(entry.place, f"there is no group {values!r}")
            return self.groups.get(values, ()), {}, {}, {}
        if isinstance(values, Mapping):
            details = {key: value or {} for key, value in values.items()}
            labels = {key: value["label"] for key, value in details.items() if "label" in value}
            plains = {key: value["plain"] for key, value in details.items() if "plain" in value}
            codes = {key: {k: v for k, v in value.items() if k in ("codes", "mark")} for key, value in details.items()}
            return tuple(values), labels, plains, codes
        return tuple(values), {}, {}, {}

    def _check_names(self, key: str, entry: Entry) -> None:
        for other in (*entry.get("from", ()), *entry.get("from_any", ()), *entry.get("of", ())):
            if other not in self.entries:
                self.faults.add(entry.place, f"{key!r} names {other!r}, which is not in the vocabulary")


def intervention(key: str, entry: Entry) -> Intervention:
    return Intervention(
        id=key, title=entry.get("title", entry["label"]), label=entry["label"], plain=entry.get("plain", entry["label"]),
        group=entry.get("group", "component"), node=entry["node"], claims=tuple(entry.get("claims", ())),
        components=tuple(entry.get("components", ())),
    )  # fmt: skip


def conversions(units: Mapping[str, Any]) -> Mapping[str, Conversion]:
    return {unit: Conversion(**dict(entry)) for unit, entry in units.items()}


def pair(bounds: Any) -> tuple[float, float] | None:
    return (float(bounds[0]), float(bounds[1])) if bounds else None


def cites(entry: Mapping[str, Any] | None) -> Cites | None:
    if not entry:
        return None
    return Cites(tuple(entry.get("article", ())), tuple(entry.get("outside", ())), entry.get("design"))


def replace_unless(word: Word, condition: Any) -> Word:
    return Word(**{**word.__dict__, "unless": condition})
