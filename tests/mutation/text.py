"""A rule file as text: where each node of it stands, and what the text becomes when one node is changed or taken out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import yaml

from service.knowledge.files.strict_yaml import StrictLoader

Node = yaml.Node


class Mutant(NamedTuple):
    """One change: the characters from `start` to `end` of `file` become `after`; `owner` is the entry in which it stands."""

    kind: str
    file: str
    owner: str
    line: int
    start: int
    end: int
    before: str
    after: str

    def applied(self, text: str) -> str:
        return text[: self.start] + self.after + text[self.end :]

    def __str__(self) -> str:
        return f"{self.file}:{self.line} {self.owner}: {short(self.before)} -> {short(self.after) or 'nothing'}"


def short(text: str) -> str:
    return " ".join(text.split())


class RuleText:
    """One file, with its nodes; nodes are scalars, sequences and mappings that know their place."""

    def __init__(self, folder: Path, file: str):
        self.file = file
        self.text = (folder / file).read_text(encoding="utf-8")
        self.root = StrictLoader(self.text).get_single_node()

    def changed(self, kind: str, owner: str, node: Node, after: str) -> Mutant:
        return self.cut(kind, owner, node.start_mark.index, end_of(node, self.text), after)

    def cut(self, kind: str, owner: str, start: int, end: int, after: str = "") -> Mutant:
        return Mutant(kind, self.file, owner, self.text.count("\n", 0, start) + 1, start, end, self.text[start:end], after)

    def without_item(self, kind: str, owner: str, sequence: yaml.SequenceNode, place: int) -> Mutant | None:
        """The list without one of its items; None where it has no other."""
        if len(sequence.value) < 2:
            return None
        return self._without(kind, owner, [(node, node) for node in sequence.value], place, sequence.flow_style)

    def without_key(self, kind: str, owner: str, mapping: yaml.MappingNode, key: str) -> Mutant | None:
        """The mapping without one of its keys; None where it has no other, or where the key shares its line with a dash."""
        place = [name for name, _ in items(mapping)].index(key)
        if len(mapping.value) < 2 or (not mapping.flow_style and self._after_a_dash(mapping.value[place][0])):
            return None
        return self._without(kind, owner, mapping.value, place, mapping.flow_style)

    def _without(self, kind: str, owner: str, pairs: list[tuple[Node, Node]], place: int, flow: bool) -> Mutant:
        first, last = pairs[place]
        start, end = first.start_mark.index, end_of(last, self.text)
        if not flow:
            return self.cut(kind, owner, self.text.rfind("\n", 0, start) + 1, self.text.find("\n", end) + 1)
        if place + 1 < len(pairs):
            return self.cut(kind, owner, start, pairs[place + 1][0].start_mark.index)
        return self.cut(kind, owner, end_of(pairs[place - 1][1], self.text), end)

    def _after_a_dash(self, node: Node) -> bool:
        return "-" in self.text[self.text.rfind("\n", 0, node.start_mark.index) + 1 : node.start_mark.index]


def end_of(node: Node, text: str) -> int:
    """Where the characters of a node end; a block ends with its last member, not with the blank lines behind it."""
    if isinstance(node, yaml.ScalarNode) or node.flow_style:
        return node.start_mark.index + len(text[node.start_mark.index : node.end_mark.index].rstrip())
    last = node.value[-1]
    return end_of(last[1] if isinstance(last, tuple) else last, text)


def items(mapping: Node) -> Iterator[tuple[str, Node]]:
    if isinstance(mapping, yaml.MappingNode):
        yield from ((key.value, value) for key, value in mapping.value)


def value_of(mapping: Node, key: str) -> Node | None:
    return dict(items(mapping)).get(key)


def words(mapping: Node, key: str, default: str = "") -> str:
    node = value_of(mapping, key)
    return node.value if isinstance(node, yaml.ScalarNode) else default


def members(node: Node | None) -> list[Node]:
    return node.value if isinstance(node, yaml.SequenceNode) else []
