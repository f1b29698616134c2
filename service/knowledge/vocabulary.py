"""Reads rules/vocabulary/: every fact is declared once, before any rule may speak of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import pairwise
from types import MappingProxyType
from typing import Any

from service.knowledge.conditions import COMPARISONS, ConditionReader
from service.knowledge.conversion import Conversion
from service.knowledge.details import detail_words
from service.knowledge.faults import Findings, did_you_mean
from service.knowledge.files.strict_yaml import Entry
from service.knowledge.records import Cites, Code, Compare, Joint, Lasting, Place, Unremarkable, Variability, Word
from service.knowledge.rulebase import Intervention

Labels = Mapping[Any, str]
Codes = Mapping[Any, Mapping[str, Any]]

# Slots of a word that a list made of dates names.
NAMED_BY_LISTS = ("valid_for_days", "fasting", "urgent_for_days", "urgent_on_insulin_for_days", "same_sample_as", "lasting")
AT_ANY_AGE = frozenset({  # numbers made of children too in rule bases that were kept before their words said so
    "fasting_glucose_now", "glucose_not_fasting_now", "random_glucose_now", "ogtt_2h_now", "glucose_highest", "glucose_lowest",
    "glucose_now_highest", "glucose_now_lowest", "egfr_agreed", "egfr_value", "weight_loss_pct",
})  # fmt: skip
ASKED_OF_READINGS = {"units", "valid_for_days", "urgent_for_days"}  # what only a quantity with a unit has
NODE = {"kind": "set", "values": ["raised", "lowered"], "listed": "mechanism"}  # what every node of the causal graph has in common


class VocabularyReader:
    """Builds words, groups and the catalogue of interventions from vocabulary files whose shape is checked."""

    def __init__(self, faults: Findings, with_units: bool):
        self.faults = faults
        self.with_units = with_units
        self.entries: dict[str, Entry] = {}
        self.codes: dict[str, dict[str, Entry]] = {}
        self.listed_groups: dict[str, tuple[str, ...]] = {}
        self.groups: dict[str, tuple[str, ...]] = {}
        self.interventions: dict[str, Intervention] = {}
        self.components: dict[str, Intervention] = {}

    def add_file(self, content: Entry) -> None:
        for key, entry in content.items():
            if key in ("interventions", "components"):
                self._add_to(getattr(self, key), {name: intervention(name, made) for name, made in entry.items()}, entry)
            elif key == "groups":
                self._add_to(self.listed_groups, {name: tuple(members) for name, members in entry.items()}, entry)
            else:
                self._add(key, entry)

    def add_nodes(self, rows: Iterable[Entry]) -> None:
        """The nodes of the causal graph, each a word that may be raised or lowered."""
        for row in rows:
            node = Entry({**NODE, **row})
            node.place, node.lines = row.place, row.lines
            self._add(node.pop("id"), node)

    def add_codes(self, list_: str, rows: Iterable[Entry]) -> None:
        """The values of a list that stand in a table of their own."""
        for row in rows:
            found = self.codes.setdefault(list_, {})
            if row["id"] in found:
                self.faults.add(row.place, f"{row['id']!r} stands twice, first at {found[row['id']].place}")
            found[row["id"]] = row

    def words(self) -> Mapping[str, Word]:
        self.groups = {**self._implied_groups(), **self.listed_groups}
        words = {key: self._word(key, entry) for key, entry in self.entries.items()}
        reader = ConditionReader(words, self.faults, self.with_units)
        self._check_codes()
        for key, entry in self.entries.items():
            self._check_names(key, entry)
            self._check_printed(key, entry, words[key])
            if "unless" in entry:
                words[key] = replace(words[key], unless=reader.group(entry["unless"], entry.place))
            if "counts_as" in entry or "speaks_of" in entry:
                words[key] = self._with_values_of(words[key], words.get(entry.get("counts_as") or entry["speaks_of"]))
            if "details" in entry and entry["counts_as"] in self.entries:
                made = {one.id: one for one in detail_words(words[key], entry, self.entries[entry["counts_as"]], self.faults)}
                words = {**words, **made, key: replace(words[key], details=tuple(made))}
        bounded = maybe_bounded(words)
        at_any_age = {key for key, word in words.items() if word.at_any_age} or AT_ANY_AGE & words.keys()
        marked = {key: replace(word, bounded=key in bounded, at_any_age=key in at_any_age) for key, word in words.items()}
        return MappingProxyType(marked)

    def _add(self, key: str, entry: Entry) -> None:
        if key in self.entries:
            self.faults.add(entry.place, f"{key!r} is declared twice, first at {self.entries[key].place}")
        self.entries[key] = entry

    def _add_to(self, catalogue: dict[str, Any], made: Mapping[str, Any], entry: Entry) -> None:
        for name in made.keys() & catalogue.keys():
            self.faults.add(Place(entry.place.file, entry.lines[name]), f"{name!r} is declared twice")
        catalogue.update(made)

    def _implied_groups(self) -> dict[str, tuple[str, ...]]:
        """The groups whose members say themselves that they belong to them."""
        having = {slot: tuple(key for key, entry in self.entries.items() if slot in entry) for slot in NAMED_BY_LISTS}
        by_group: dict[str, tuple[str, ...]] = {}
        for made in self.interventions.values():
            by_group[made.group.upper()] = (*by_group.get(made.group.upper(), ()), made.id)
        return {
            "red_flags": tuple(key for key, entry in self.entries.items() if entry.get("listed") == "red_flag"),
            "with_validity": having["valid_for_days"],
            "measured": tuple(key for key, entry in self.entries.items() if is_reading(entry)),
            "taken_fasting": having["fasting"],
            "with_urgency": having["urgent_for_days"],
            "with_urgency_on_insulin": having["urgent_on_insulin_for_days"],
            "with_a_factor": tuple(key for key, entry in self.entries.items() if has_factor(entry)),
            "of_one_sample": having["same_sample_as"],
            "with_a_lasting_limit": having["lasting"],
            "interventions": tuple(self.interventions),
            "components": tuple(self.components),
            "ALL": (*self.interventions, *self.components),
            **by_group,
        }

    def _word(self, key: str, entry: Entry) -> Word:
        table = self.codes.get(key, {})
        values, labels, plains, codes = self._values(entry.get("values", table), entry)
        return Word(
            id=key, kind=entry["kind"], label=entry["label"], plain=entry.get("plain", entry["label"]),
            place=entry.place, values=values, value_labels=labels, value_plain=plains, value_codes=codes,
            table={name: code(row) for name, row in table.items()},
            input=entry.get("input"), unit=entry.get("unit"), units=conversions(entry.get("units", {})),
            hard=pair(entry.get("hard")), joint=joints(entry.get("joint", {})), soft=pair(entry.get("soft")), digits=entry.get("digits"),
            lasting=lasting(entry.get("lasting")),
            valid_for_days=entry.get("valid_for_days"), urgent_for_days=entry.get("urgent_for_days"),
            urgent_on_insulin_for_days=entry.get("urgent_on_insulin_for_days"),
            same_sample_as=entry.get("same_sample_as"), recent_as=entry.get("recent_as"), end=entry.get("end"),
            each_of={fact: tuple(values) for fact, values in entry.get("each_of", {}).items()},
            at_any_age=entry.get("at_any_age", False), fasting=entry.get("fasting", False), changeable=entry.get("changeable", "no"),
            codes=dict(entry.get("codes", {})) | ({"mark": entry["mark"]} if "mark" in entry else {}), question=entry.get("question"),
            formula=entry.get("formula"), from_=tuple(entry.get("from", ())), from_any=tuple(entry.get("from_any", ())),
            of=tuple(entry.get("of", ())), listed=entry.get("listed"), type=entry.get("type"),
            counts_as=entry.get("counts_as"), understands=entry.get("understands"), speaks_of=entry.get("speaks_of"),
            cites=cites(entry["cites"]) if "cites" in entry else None,
            variability=Variability(**entry["variability"]) if "variability" in entry else None,
            unread=reasons(key, entry.get("unread", {})),
            unremarkable=tuple(unremarkable(key, one) for one in entry.get("unremarkable", ())),
        )  # fmt: skip

    def _values(self, values: Any, entry: Entry) -> tuple[tuple[Any, ...], Labels, Labels, Codes]:
        if isinstance(values, str):
            if values not in self.groups:
                self.faults.add(entry.place, f"there is no group {values!r}{did_you_mean(values, self.groups)}")
            return self.groups.get(values, ()), {}, {}, {}
        if isinstance(values, Mapping):
            labels = {key: value["label"] for key, value in values.items()}
            plains = {key: value["plain"] for key, value in values.items() if "plain" in value}
            codes = {key: {k: v for k, v in value.items() if k in ("codes", "mark")} for key, value in values.items()}
            return tuple(values), labels, plains, codes
        return tuple(values), {}, {}, {}

    def _with_values_of(self, word: Word, other: Word | None) -> Word:
        """A list whose entries count as those of another, or that speaks of them, has its values."""
        if other is None or other.kind != "codes" or other.counts_as:
            named = word.counts_as or word.speaks_of
            self.faults.add(word.place, f"{word.id!r} counts as or speaks of {named!r}, which is no list with values of its own")
            return word
        return replace(
            word, values=other.values, value_labels=other.value_labels, value_plain=other.value_plain, value_codes=other.value_codes
        )

    def _check_codes(self) -> None:
        """The values of a list stand in one place."""
        for list_, table in self.codes.items():
            if list_ not in self.entries:
                self.faults.add(next(iter(table.values())).place, f"there is no list {list_!r} for this table")
        for key, entry in self.entries.items():
            written = [name for name in ("values", "counts_as", "speaks_of") if name in entry]
            places = [*written, *(["a table of its own"] if key in self.codes else [])]
            if entry["kind"] == "codes" and len(places) != 1:
                self.faults.add(entry.place, f"{key!r} has its values in {' and in '.join(places) or 'no place'}: one place is expected")

    def _check_printed(self, key: str, entry: Entry, word: Word) -> None:
        """A pair of printed limits lies where the line may bend: higher is higher, and one bend ends before the next begins."""
        for unit, made in word.units.items():
            ends = [point for bend in made.bends for point in bend]
            if any(earlier[0] > later[0] or earlier[1] >= later[1] for earlier, later in pairwise(ends) if earlier != later):
                reason = f"{key!r}: the limits printed in {unit} do not rise as its factor does, or are too near each other"
                self.faults.add(entry.place, reason)

    def _check_names(self, key: str, entry: Entry) -> None:
        sample = [entry[slot] for slot in ("same_sample_as", "recent_as") if slot in entry]
        for other in (*entry.get("from", ()), *entry.get("from_any", ()), *entry.get("of", ()), *entry.get("joint", ()), *sample):
            if other not in self.entries:
                self.faults.add(entry.place, f"{key!r} names {other!r}, which is not in the vocabulary{did_you_mean(other, self.entries)}")


def has_factor(entry: Entry) -> bool:
    return any(unit.get("factor") for unit in entry.get("units", {}).values())


def reasons(key: str, unread: str | Mapping[str, str]) -> dict[str, str]:
    """Why no rule reads a fact, or some of its values."""
    return {key: unread} if isinstance(unread, str) else dict(unread)


def is_reading(entry: Entry) -> bool:
    """Whether it is measured with a unit; the outcome of a test has a day too."""
    return entry["kind"] == "number" and not ASKED_OF_READINGS.isdisjoint(entry)


def maybe_bounded(words: Mapping[str, Word]) -> set[str]:
    """The numbers that may be known within bounds only: laboratory values, what is made of them, and what depends on an untold answer."""
    found = {key for key, word in words.items() if (word.input or "").startswith("/labs/") or word.each_of}
    found |= {key for key, word in words.items() if word.kind == "number" and word.input is None and word.formula is None}
    made = set(found)
    while made:
        made = {key for key, word in words.items() if word.end is None and not found.isdisjoint((*word.from_, *word.from_any))} - found
        found |= made
    return found


def intervention(key: str, entry: Entry) -> Intervention:
    return Intervention(
        id=key, title=entry.get("title", entry["label"]), label=entry["label"], plain=entry.get("plain", entry["label"]),
        group=entry.get("group", "component"), node=entry["node"], claims=tuple(entry.get("claims", ())),
        components=tuple(entry.get("components", ())), place=entry.place,
    )  # fmt: skip


def code(row: Entry) -> Code:
    return Code(row["id"], names(row, "groups"), row.get("because"), names(row, "sources"), row.place)


def names(row: Entry, column: str) -> tuple[str, ...]:
    return tuple(row.get(column, "").split())


def conversions(units: Mapping[str, Any]) -> Mapping[str, Conversion]:
    return {unit: Conversion(**{**entry, "printed": tuple(map(tuple, entry.get("printed", ())))}) for unit, entry in units.items()}


def unremarkable(key: str, entry: Mapping[str, Any]) -> Unremarkable:
    return Unremarkable(tuple(Compare(key, word, float(entry[word])) for word in COMPARISONS if word in entry), entry["because"])


def joints(entry: Mapping[str, Any]) -> tuple[Joint, ...]:
    return tuple(Joint(other, **{**joint, "hard": (float(joint["hard"][0]), float(joint["hard"][1]))}) for other, joint in entry.items())


def lasting(entry: Mapping[str, Any] | None) -> Lasting | None:
    return Lasting(float(entry["below"]), entry["days"]) if entry else None


def pair(bounds: list[float] | None) -> tuple[float, float] | None:
    return (float(bounds[0]), float(bounds[1])) if bounds else None


def cites(entry: Mapping[str, Any]) -> Cites:
    return Cites(tuple(entry.get("article", ())), tuple(entry.get("outside", ())), entry.get("design"))
