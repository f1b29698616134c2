"""Reads rules/words/: what a person may name, in tables; and gives each word of the vocabulary the thesaurus made from its tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from service.knowledge.faults import Findings, did_you_mean
from service.knowledge.files.strict_yaml import Entry
from service.knowledge.records import Term, Vocabulary, Word
from service.knowledge.thesaurus import Thesaurus

PACKED = "medications"  # the list whose names stand on packages
UNREVIEWED = "unreviewed_"  # how the value begins that stands for what no rule knows
CODE_SYSTEMS = ("atc", "rxnorm", "icd10", "snomed")
Rows = Iterable[Entry]


class TermReader:
    """Builds the terms of one word from its tables; `lent` are values of the list whose words are understood here too."""

    def __init__(self, word: Word, faults: Findings, lent: Iterable[str] = ()):
        self.word, self.faults = word, faults
        self.allowed = dict.fromkeys([*map(str, word.values), *lent])
        self.unreviewed = next((str(value) for value in word.values if str(value).startswith(UNREVIEWED)), "")
        self.terms: dict[str, Term] = {}

    def thesaurus(self, rows: Rows, products: Rows, forms: Rows) -> Thesaurus:
        for row in rows:
            self.add(self.term(row), row)
        single = dict(self.terms)
        for row in products:
            self.add(self.product(row, single), row)
        terms = [*self.terms.values(), *self.values_alone()]
        freed = {row["word"]: frozenset(self.values(row, "frees")) for row in forms}
        return Thesaurus(terms, MappingProxyType(freed), self.unreviewed)

    def add(self, term: Term, row: Entry) -> None:
        if term.id in self.terms:
            self.faults.add(row.place, f"{term.id!r} stands twice, first at {self.terms[term.id].place}")
        self.terms[term.id] = term

    def term(self, row: Entry) -> Term:
        codes = {system: tuple(row[system].split()) for system in CODE_SYSTEMS if system in row}
        values = tuple(self.values(row, "values"))
        if row["outcome"] == "rules" and not values:
            self.faults.add(row.place, f"{row['id']!r} has rules, and no value that they read")
        return Term(row["id"], listed(row, "names"), codes, values, row["outcome"], row.place, tuple(row.get("broader", "").split()))

    def product(self, row: Entry, single: Mapping[str, Term]) -> Term:
        """What a product of several ingredients is: all that each of them is."""
        names = listed(row, "names")
        parts = [self.part(name, single, row) for name in row["ingredients"].split(" + ")]
        adds = self.values(row, "adds")
        values = dict.fromkeys([*(value for part in parts for value in part.values), *adds])
        doubtful = "unnamed" in row or any(part.outcome == "not_reviewed" for part in parts)
        outcome = "not_reviewed" if doubtful else "rules" if values else "reviewed"
        codes = {"atc": tuple(row.get("atc", "").split())}
        id_ = names[0] if names else row.get("atc", "")
        return Term(id_, names, codes, tuple(values), outcome, row.place, parts=tuple(part.id for part in parts))

    def part(self, name: str, single: Mapping[str, Term], row: Entry) -> Term:
        if name not in single:
            self.faults.add(row.place, f"there is no row for {name!r}{did_you_mean(name, single)}")
        return single.get(name) or Term(name, (), {}, (), "not_reviewed", row.place)

    def values(self, row: Entry, column: str) -> list[str]:
        values: list[str] = row.get(column, "").split()
        for value in values:
            if value not in self.allowed:
                self.faults.add(row.place, f"{self.word.id} has no value {value!r}{did_you_mean(value, self.allowed)}")
        return values

    def values_alone(self) -> Iterator[Term]:
        """The values of the word that no row has for its name, each understood by its own and by the codes beside it."""
        for value in map(str, self.word.values):
            if value not in self.terms:
                outcome = "not_reviewed" if value == self.unreviewed else "rules"
                codes = beside(self.word, value)
                yield Term(value, (), codes, (value, *wider(self.word, value)), outcome, self.word.place)


def with_thesauri(vocabulary: Vocabulary, tables: Mapping[str, Rows], faults: Findings) -> Vocabulary:
    """The vocabulary in which every list of words that may hold what no rule knows has its thesaurus."""
    made: dict[str, Thesaurus] = {}
    for word in vocabulary.values():
        own = word.kind == "codes" and not word.counts_as and not word.speaks_of
        if own and any(str(value).startswith(UNREVIEWED) for value in word.values):
            lent = lent_to(word, vocabulary, faults)
            packed = tables.get("forms", ()) if PACKED in (word.id, word.understands) else ()
            products, forms = (tables.get("products", ()), packed) if word.id == PACKED else ((), without_salts(packed))
            made[word.id] = TermReader(word, faults, lent).thesaurus(tables.get(word.id, ()), products, forms)
    for word in vocabulary.values():
        if word.id in made and word.understands in made:
            made[word.id].beside(word.understands, made[word.understands], frozenset(map(str, vocabulary[word.understands].values)))
    words = {word.id: (word, made.get(word.counts_as or word.id)) for word in vocabulary.values()}
    return MappingProxyType({id_: replace(word, thesaurus=found) if found else word for id_, (word, found) in words.items()})


def lent_to(word: Word, vocabulary: Vocabulary, faults: Findings) -> tuple[str, ...]:
    """The values of the list whose words this one understands too; no value may be of both, as then nobody could tell where it counts."""
    if word.understands is None:
        return ()
    other = vocabulary.get(word.understands)
    if other is None or other.kind != "codes" or other.counts_as or set(other.values) & set(word.values):
        faults.add(word.place, f"{word.id!r} understands {word.understands!r}, which is no list, or shares values with it")
        return ()
    return tuple(map(str, other.values))


def without_salts(forms: Rows) -> Rows:
    """What a package adds to the name of a supplement: calcium and magnesium are what is taken there, and no part of another name."""
    kept = (row for row in forms if row["kind"] != "salt")
    return [Entry({"word": row["word"], "kind": row["kind"]}).at(row.place.file, row.place.line) for row in kept]


def with_spellings(vocabulary: Vocabulary, rows: Rows, faults: Findings) -> Vocabulary:
    """The vocabulary in which every word knows how people write its units."""
    units = {unit for word in vocabulary.values() for unit in (word.unit, *word.units) if unit}
    by_unit: dict[str, dict[str, str]] = {}
    for row in rows:
        if row["unit"] not in units:
            faults.add(row.place, f"no word has the unit {row['unit']!r}{did_you_mean(row['unit'], units)}")
        if any(row["spelling"] in spellings for spellings in by_unit.values()):
            faults.add(row.place, f"{row['spelling']!r} stands twice")
        by_unit.setdefault(row["unit"], {})[row["spelling"]] = row["unit"]
    return MappingProxyType({word.id: spelt(word, by_unit) for word in vocabulary.values()})


def spelt(word: Word, by_unit: Mapping[str, Mapping[str, str]]) -> Word:
    own = [by_unit[unit] for unit in (word.unit or "", *word.units) if unit in by_unit]
    return replace(word, spellings={spelling: unit for spellings in own for spelling, unit in spellings.items()}) if own else word


def listed(row: Entry, column: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in row.get(column, "").split(";") if name.strip())


def beside(word: Word, value: str) -> dict[str, tuple[str, ...]]:
    """The codes that stand beside a value in the vocabulary, which kept rule bases without tables are read by."""
    codes = word.value_codes.get(value, {})
    return {system: tuple(found) for system, found in codes.get("codes", codes).items() if system in CODE_SYSTEMS}


def wider(word: Word, value: str) -> list[str]:
    """The values under which all ATC codes of this one stand as well: rivaroxaban is a DOAC."""
    own = set(beside(word, value).get("atc", ()))
    others = (other for other in map(str, word.values) if other != value)
    return [other for other in others if own and own <= set(beside(word, other).get("atc", ()))]
