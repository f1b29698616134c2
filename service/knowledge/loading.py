"""Loads the rule base: every file below rules/, checked as one, frozen, and named by a digest of its content."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from service.knowledge import checking
from service.knowledge.faults import Findings
from service.knowledge.graph import chains, edge_rules, edges
from service.knowledge.reading import Entry, read
from service.knowledge.records import Case, Claim, Evidence, Knowledge, Place, Rule, Source
from service.knowledge.rules import RuleReader
from service.knowledge.vocabulary import VocabularyReader


def load(folder: Path) -> Knowledge:
    """The rule base in `folder`; raises RuleBaseFaults with every fault found."""
    return load_files({name: (folder / name).read_bytes() for name in files_of(folder)})


def load_files(files: Mapping[str, bytes]) -> Knowledge:
    """The rule base of these files, each by its name below the folder; raises RuleBaseFaults with every fault found."""
    faults = Findings()
    contents = {name: read(content, name, faults) for name, content in files.items()}
    faults.raise_if_any()
    knowledge = Assembly(contents, faults).knowledge(digest(files))
    checking.check(knowledge, faults)
    faults.raise_if_any()
    return knowledge


def files_of(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*.yaml"))


def takes_part(file: str) -> bool:
    """Whether an answer can depend on this file; on cases none does."""
    return not file.endswith(".cases.yaml")


def digest(files: Mapping[str, bytes]) -> str:
    """SHA-256 over name and content of every file that takes part in an answer."""
    whole = hashlib.sha256()
    for name in sorted(filter(takes_part, files)):
        whole.update(f"{name}\0".encode() + hashlib.sha256(files[name]).digest())
    return whole.hexdigest()


class Assembly:
    """Puts the files together in the order in which they depend on each other."""

    def __init__(self, contents: Mapping[str, Any], faults: Findings):
        self.contents = contents
        self.faults = faults

    def knowledge(self, digest: str) -> Knowledge:
        words = VocabularyReader(self.faults)
        for content in self._below("vocabulary/"):
            words.add_file(content)
        vocabulary = words.words()
        reader = RuleReader(vocabulary, words.groups, self.faults)
        graph = self.contents.get("mechanisms/graph.yaml") or Entry().at("mechanisms/graph.yaml", 1)
        arrows = tuple(edges(graph, vocabulary, self.faults))
        written = self._rules(reader)
        seeds = dict.fromkeys(atom for rule in written if "tendency" in rule.then for atom in rule.conclusions)
        rules = self._unique([*written, *edge_rules(arrows, seeds)])
        about = self.contents.get("rulebase.yaml") or {}
        return Knowledge(
            version=str(about.get("version", "0")), digest=digest, vocabulary=vocabulary, groups=MappingProxyType(words.groups),
            rules=MappingProxyType(rules), cases=tuple(self._cases(reader)), claims=self._claims(), sources=self._sources(),
            edges=arrows, chains=tuple(chains((self.contents.get("mechanisms/chains.yaml") or {}).get("chains", []))),
            interventions=MappingProxyType(words.interventions), components=MappingProxyType(words.components),
            evidence=self._evidence(), policy=(self.contents.get("ranking.yaml") or {}).get("policy", {}), about=about,
        )  # fmt: skip

    def _below(self, folder: str) -> list[Any]:
        return [content for file, content in self.contents.items() if file.startswith(folder)]

    def _rules(self, reader: RuleReader) -> list[Rule]:
        with_rules = [c for c in self.contents.values() if isinstance(c, Entry) and isinstance(c.get("rules"), list)]
        return [rule for content in with_rules for rule in reader.rules(content)]

    def _cases(self, reader: RuleReader) -> list[Case]:
        return [case for file, content in self.contents.items() if file.endswith(".cases.yaml") for case in reader.cases(content)]

    def _unique(self, rules: list[Rule]) -> dict[str, Rule]:
        by_id: dict[str, Rule] = {}
        for rule in rules:
            if rule.id in by_id:
                self.faults.add(rule.place, f"the rule {rule.id!r} stands twice, first at {by_id[rule.id].place}")
            by_id[rule.id] = rule
        return by_id

    def _claims(self) -> Mapping[str, Claim]:
        entries = self.contents.get("claims.yaml") or []
        return MappingProxyType({entry["id"]: claim(entry) for entry in entries})

    def _sources(self) -> Mapping[str, Source]:
        found: dict[str, Source] = {}
        for content in self._below("sources/"):
            for key, entry in (content or {}).items():
                if key in found:
                    self.faults.add(entry.place, f"the source {key!r} stands twice, first at {found[key].place}")
                if "withdrawn" in entry and not (isinstance(entry["withdrawn"], str) and entry["withdrawn"].strip()):
                    self.faults.add(entry.place, f"the source {key!r} is withdrawn without saying why")
                found[key] = Source(key, entry.get("citation", ""), dict(entry), entry.place)
        return MappingProxyType(found)

    def _evidence(self) -> Mapping[str, Evidence]:
        entries = self.contents.get("evidence.yaml") or {}
        return MappingProxyType({key: evidence(entry) for key, entry in entries.items()})


def claim(entry: Entry) -> Claim:
    return Claim(
        id=entry["id"], section=entry["section"], paragraph=entry["paragraph"], kind=entry["kind"], asserted=entry["asserted"],
        paraphrase=entry["paraphrase"], edges=tuple(entry.get("edges") or ()), inferred=entry.get("inferred", False),
        context_only=entry.get("context_only"), place=getattr(entry, "place", Place("claims.yaml", 1)),
    )  # fmt: skip


def evidence(entry: Entry) -> Evidence:
    return Evidence(
        entry["id"], entry["grade"], entry["outcome"], entry.get("leptin"), tuple(entry.get("sources") or ()), entry.get("note")
    )
