"""Loads the rule base: every file below rules/, checked as one, frozen, and named by a digest of its content."""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

from service.knowledge import bands, checking, lock
from service.knowledge.actions import check_actions
from service.knowledge.branching import check_branching
from service.knowledge.conditions import ConditionReader
from service.knowledge.faults import Findings
from service.knowledge.files import csv_table, layout, strict_yaml
from service.knowledge.files.layout import takes_part
from service.knowledge.files.shapes import check_shape
from service.knowledge.files.strict_yaml import Entry
from service.knowledge.files.unfilled import check_filled
from service.knowledge.foods import read_foods
from service.knowledge.forbidding import read_phrases
from service.knowledge.freshness import check_freshness
from service.knowledge.graph import chains, edge_rules, edges
from service.knowledge.records import All, Place, Rule
from service.knowledge.rulebase import Case, Claim, Classes, Edge, Evidence, Family, Graded, Knowledge, Source, Sourced
from service.knowledge.rules import RuleReader
from service.knowledge.terms import with_spellings, with_thesauri
from service.knowledge.vocabulary import VocabularyReader

# How rule files are written: in form 1 thresholds had no unit, in forms 1 and 2 the arrows of the graph were rules that inferred molecules,
# in forms 1 to 3 what the article says was told whatever food it names. Kept rule bases of every form load, only the newest serves.
FORM = 4


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """Hundreds of thousands of objects are made and all of them stay: to look for garbage among them takes a fifth of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def load(folder: Path) -> Knowledge:
    """The rule base in `folder`, as its lock has it; raises RuleBaseFaults with the faults found."""
    return load_locked(read_files(folder))


@collector_at_rest()
def load_locked(files: Mapping[str, bytes]) -> Knowledge:
    """The rule base of these files, in the form that serves and as the lock among them has it; raises RuleBaseFaults."""
    knowledge = load_files(files)
    faults = Findings()
    check_serving(knowledge, faults)
    lock.check(knowledge, files.get(layout.LOCK), faults)
    faults.raise_if_any()
    return knowledge


def check_serving(knowledge: Knowledge, faults: Findings) -> None:
    """What a rule base that serves must have, and one that is kept for its records need not."""
    check_form(knowledge, faults)
    bands.check(knowledge, faults)
    check_freshness(knowledge, faults)
    check_branching(knowledge, faults)
    check_actions(knowledge, faults)


@collector_at_rest()
def load_files(files: Mapping[str, bytes]) -> Knowledge:
    """The rule base of these files, each by its name below the folder; raises RuleBaseFaults with the faults found.

    Shapes are checked first, then what one file says of another, then the rule base as a whole; all faults of one kind are found together.
    """
    faults = Findings()
    check_filled(files, faults)
    faults.raise_if_any()
    layout.check_files(files, faults)
    contents = {name: read_content(content, name, faults) for name, content in files.items() if name != layout.LOCK}
    faults.raise_if_any()
    knowledge = Assembly(contents, faults).knowledge(digest(files))
    faults.raise_if_any()
    checking.check(knowledge, faults)
    faults.raise_if_any()
    return knowledge


def read_files(folder: Path) -> dict[str, bytes]:
    """The files of a rule base by name; raises RuleBaseFaults where there is no such folder."""
    faults = Findings()
    if not folder.is_dir():
        faults.add(Place(str(folder), 1), "there is no such folder")
    faults.raise_if_any()
    files = {name: read_file(folder / name, name, faults) for name in files_of(folder)}
    faults.raise_if_any()
    return files


def read_file(path: Path, name: str, faults: Findings) -> bytes:
    try:
        if path.is_file():
            return path.read_bytes()
        faults.add(Place(name, 1), "not readable: no file, or a link to none")
    except OSError as error:
        faults.add(Place(name, 1), f"not readable: {error.strerror}")
    return b""


def files_of(folder: Path) -> list[str]:
    """Everything below the folder that is not for readers only; what begins with a dot belongs to editors and mounts."""
    below = (path.relative_to(folder) for path in folder.rglob("*") if not path.is_dir())
    shown = (str(path) for path in below if not any(part.startswith(".") for part in path.parts))
    return sorted(name for name in shown if name not in layout.FOR_READERS)


def read_content(content: bytes, name: str, faults: Findings) -> Any:
    """What a file holds, with everything about its shape checked; None where nothing can be read."""
    expected = layout.expected_in(name)
    if expected is None:
        return None
    table = layout.TABLES.get(name)
    found = strict_yaml.read(content, name, faults) if table is None else csv_table.read(content, name, table, faults)
    if found is not None:
        check_shape(found, expected, name, faults)
    return found


def digest(files: Mapping[str, bytes]) -> str:
    """SHA-256 over name and content of every file that takes part in an answer."""
    whole = hashlib.sha256()
    for name in sorted(filter(takes_part, files)):
        whole.update(f"{name}\0".encode() + hashlib.sha256(files[name]).digest())
    return whole.hexdigest()


def check_form(knowledge: Knowledge, faults: Findings) -> None:
    form = knowledge.about.get("form", 1)
    if form != FORM:
        faults.add(Place(layout.ABOUT, 1), f"the rule base is written in form {form}; rules that serve are in form {FORM}")


class Assembly:
    """Puts the files together in the order in which they depend on each other."""

    def __init__(self, contents: Mapping[str, Any], faults: Findings):
        self.contents = contents
        self.faults = faults

    def knowledge(self, digest: str) -> Knowledge:
        about = self.contents[layout.ABOUT]
        form = about.get("form", 1)
        words = VocabularyReader(self.faults, with_units=form >= 2)
        for list_, table in layout.CODES.items():
            words.add_codes(list_, self.contents.get(table, ()))
        for content in self._below(layout.VOCABULARY):
            words.add_file(content)
        words.add_nodes(self.contents.get(layout.NODES, ()))
        spelt = with_spellings(words.words(), self.contents.get(layout.SPELLINGS, []), self.faults)
        vocabulary = with_thesauri(spelt, self._tables(), self.faults)
        foods = read_foods(self.contents.get(layout.FOODS, ()), vocabulary, self.faults)
        reader = RuleReader(vocabulary, words.groups, foods, self.faults, form)
        arrows = tuple(edges(self.contents[layout.GRAPH], vocabulary, self.faults))
        written = [rule for file, content in self.contents.items() if layout.holds_rules(file) for rule in reader.rules(content)]
        rules = self._unique([*written, *self._inferring(about, arrows, written)])
        return Knowledge(
            version=about["version"], digest=digest, vocabulary=vocabulary, groups=MappingProxyType(words.groups),
            rules=MappingProxyType(rules), cases=tuple(self._cases(reader)), claims=self._claims(), sources=self._sources(),
            edges=arrows, chains=tuple(chains(self.contents[layout.CHAINS])),
            interventions=MappingProxyType(words.interventions), components=MappingProxyType(words.components),
            evidence=self._evidence(), classes=tuple(self._classes(reader.conditions)),
            families=tuple(self._families(reader)), foods=MappingProxyType(foods),
            forbidding=read_phrases(self.contents.get(layout.FORBIDDING, ()), words.groups, self.faults),
            policy=self.contents[layout.RANKING]["policy"], about=about,
        )  # fmt: skip

    def _inferring(self, about: Mapping[str, Any], arrows: Iterable[Edge], written: Iterable[Rule]) -> Iterator[Rule]:
        """The rules that the arrows of the graph were in older forms."""
        if about.get("form", 1) >= 3:
            return iter(())
        seeds = dict.fromkeys(atom for rule in written if "tendency" in rule.then for atom in rule.conclusions)
        return edge_rules(arrows, seeds)

    def _tables(self) -> dict[str, list[Entry]]:
        """The tables of terms: of the words they belong to, of products, of forms."""
        files = {**layout.TERMS, "products": layout.PRODUCTS, "forms": layout.FORMS}
        return {name: self.contents.get(file, []) for name, file in files.items()}

    def _below(self, folder: str) -> list[Any]:
        return [content for file, content in self.contents.items() if file.startswith(f"{folder}/") and file not in layout.TABLES]

    def _cases(self, reader: RuleReader) -> list[Case]:
        return [case for file, content in self.contents.items() if file.endswith(layout.CASES) for case in reader.cases(content)]

    def _families(self, reader: RuleReader) -> Iterator[Family]:
        for file, content in self.contents.items():
            if layout.holds_rules(file):
                where = All(reader.conditions.tests(content.get("applies", []), content.place))
                yield from (Family(tuple(names), where, Place(file, content.lines["families"])) for names in content.get("families", ()))

    def _unique(self, rules: list[Rule]) -> dict[str, Rule]:
        return self._by_name((rule.id, rule) for rule in rules)

    def _claims(self) -> Mapping[str, Claim]:
        return MappingProxyType(self._by_name((entry["id"], claim(entry)) for entry in self.contents[layout.CLAIMS]))

    def _sources(self) -> Mapping[str, Source]:
        entries = [(key, entry) for content in self._below(layout.SOURCES) for key, entry in content.items()]
        return MappingProxyType(self._by_name((key, Source(key, entry["citation"], dict(entry), entry.place)) for key, entry in entries))

    def _by_name(self, things: Iterable[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, thing in things:
            if name in found:
                self.faults.add(thing.place, f"the {type(thing).__name__.lower()} {name!r} stands twice, first at {found[name].place}")
            found[name] = thing
        return found

    def _classes(self, conditions: ConditionReader) -> Iterator[Classes]:
        for entry in self.contents[layout.ABOUT]["classes"]:
            where = conditions.group(entry["where"], entry.place)
            yield Classes(tuple(entry["measures"]), tuple(entry["classes"]), where, entry.get("unclassed"), entry.place)

    def _evidence(self) -> Mapping[str, Evidence]:
        return MappingProxyType({key: evidence(entry) for key, entry in self.contents[layout.EVIDENCE].items()})


def claim(entry: Entry) -> Claim:
    return Claim(
        id=entry["id"], section=entry["section"], paragraph=entry["paragraph"], kind=entry["kind"], asserted=entry["asserted"],
        paraphrase=entry["paraphrase"], edges=tuple(entry["edges"]), inferred=entry.get("inferred", False),
        context_only=entry.get("context_only"), place=entry.place,
    )  # fmt: skip


def evidence(entry: Entry) -> Evidence:
    graded = tuple(Graded(one["outcome"], one["grade"], tuple(one["sources"])) for one in entry["outcomes"])
    leptin, harm = (Sourced(entry[name]["says"], tuple(entry[name]["sources"])) for name in ("leptin", "harm"))
    return Evidence(entry["id"], graded, leptin, harm, entry.get("note"), entry.place)
