"""Strict YAML: a repeated key is a fault, `no` is a word and not a boolean, and every mapping and list knows its lines."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import yaml

from service.knowledge.faults import Findings
from service.knowledge.records import Place

if TYPE_CHECKING:
    from yaml import SafeLoader as Loader
else:
    Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C parser reads the same language ten times faster

# YAML 1.1 would read NO as false, 012 as ten and 1e3 as text; only what a reader expects is left.
SCALARS = (
    ("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), "tf"),
    ("tag:yaml.org,2002:null", re.compile(r"^(?:null)?$"), ["n", ""]),
    ("tag:yaml.org,2002:int", re.compile(r"^-?(?:0|[1-9][0-9]*)$"), "-0123456789"),
    ("tag:yaml.org,2002:float", re.compile(r"^-?(?:0|[1-9][0-9]*)\.[0-9]+$"), "-0123456789"),
)


DEEPEST = 50  # levels; no rule has more than ten
BRACKETS = re.compile(rb"[\[\]{}]")
INDENTED = re.compile(rb"^[ ?\t\0-]{%d}" % (3 * DEEPEST), re.MULTILINE)
TEXT = "tag:yaml.org,2002:str"


class Entry(dict[Any, Any]):
    """A mapping of a rule file that remembers where it stands, and on which line each of its keys."""

    place: Place
    lines: dict[Any, int]

    def at(self, file: str, line: int) -> Entry:
        self.place, self.lines = Place(file, line), {}
        return self


class Items(list[Any]):
    """A list of a rule file that remembers on which line each of its items stands."""

    lines: dict[int, int]


class StrictLoader(Loader):
    """One file; `faults` collects what is wrong in it."""

    file: str
    faults: Findings


StrictLoader.yaml_implicit_resolvers = {}
for tag, pattern, first in SCALARS:
    StrictLoader.add_implicit_resolver(tag, pattern, list(first))


def construct_entry(loader: StrictLoader, node: yaml.MappingNode) -> Entry:
    entry = Entry().at(loader.file, line_of(node))
    for key_node, value_node in node.value:
        key = value_of(loader, key_node)
        if not isinstance(key, Hashable):
            loader.faults.add(Place(loader.file, line_of(key_node)), "a key must be a word or a number, not a list or a mapping")
            continue
        if key in entry:
            loader.faults.add(Place(loader.file, line_of(key_node)), f"the key {key!r} is repeated")
        entry[key] = value_of(loader, value_node)
        entry.lines[key] = line_of(key_node)
    return entry


def construct_items(loader: StrictLoader, node: yaml.SequenceNode) -> Items:
    items = Items(value_of(loader, item) for item in node.value)
    items.lines = {place: line_of(item) for place, item in enumerate(node.value)}
    return items


def value_of(loader: StrictLoader, node: yaml.Node) -> Any:
    """What a node says; nine of ten are text, for which PyYAML's own way is long."""
    return node.value if node.tag == TEXT and isinstance(node, yaml.ScalarNode) else loader.construct_object(node, deep=True)


def line_of(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


StrictLoader.add_constructor("tag:yaml.org,2002:map", construct_entry)
StrictLoader.add_constructor("tag:yaml.org,2002:seq", construct_items)


def read(content: bytes, file: str, faults: Findings) -> Any:
    """The content of one file; a file that is no YAML, or empty, is a fault and reads as None."""
    if too_deep(content):
        faults.add(Place(file, 1), "not readable as YAML: nested too deeply")
        return None
    try:
        found = constructed(content, file, faults)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        faults.add(Place(file, line), f"not readable as YAML: {error.problem}")
    except (yaml.YAMLError, UnicodeDecodeError, ValueError) as error:  # bytes that are no UTF-8; a tag whose value cannot be
        faults.add(Place(file, 1), f"not readable as YAML: {str(error).splitlines()[0]}")
    else:
        if found is None:
            faults.add(Place(file, 1), "the file is empty")
        return found
    return None


def too_deep(content: bytes) -> bool:
    """Asked before it is read: the C parser has no bound, and some ten thousand levels end the process."""
    levels = accumulate(1 if found[0] in b"[{" else -1 for found in BRACKETS.finditer(content))
    return max(levels, default=0) > DEEPEST or INDENTED.search(content) is not None


def constructed(content: bytes, file: str, faults: Findings) -> Any:
    loader = StrictLoader(content)
    loader.file, loader.faults = file, faults
    try:
        return loader.get_single_data()
    finally:
        loader.dispose()


def line_at(content: Any, path: Iterable[Any], fallback: int) -> int:
    """The line of what stands at the end of a path of keys and indices, or of the last step of it that is there."""
    line = fallback
    for step in path:
        if not isinstance(content, Entry | Items) or step not in content.lines:
            break
        line, content = content.lines[step], content[step]
    return line
