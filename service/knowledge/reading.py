"""Strict YAML: a repeated key is a fault, `no` is a word and not a boolean, and every mapping knows its line."""

from __future__ import annotations

import re
from typing import Any

import yaml

from service.knowledge.faults import Findings
from service.knowledge.records import Place

Loader: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C parser reads the same language ten times faster

# YAML 1.1 would read NO as false, 012 as ten and 1e3 as text; only what a reader expects is left.
SCALARS = (
    ("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), "tf"),
    ("tag:yaml.org,2002:null", re.compile(r"^(?:null)?$"), ["n", ""]),
    ("tag:yaml.org,2002:int", re.compile(r"^-?(?:0|[1-9][0-9]*)$"), "-0123456789"),
    ("tag:yaml.org,2002:float", re.compile(r"^-?(?:0|[1-9][0-9]*)\.[0-9]+$"), "-0123456789"),
)


class Entry(dict):
    """A mapping of a rule file that remembers where it stands."""

    place: Place

    def at(self, file: str, line: int) -> Entry:
        self.place = Place(file, line)
        return self


class StrictLoader(Loader):
    """One file; `faults` collects what is wrong in it."""

    file: str
    faults: Findings


StrictLoader.yaml_implicit_resolvers = {}
for tag, pattern, first in SCALARS:
    StrictLoader.add_implicit_resolver(tag, pattern, list(first))


def construct_entry(loader: StrictLoader, node: yaml.MappingNode) -> Entry:
    entry = Entry().at(loader.file, node.start_mark.line + 1)
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in entry:
            loader.faults.add(Place(loader.file, key_node.start_mark.line + 1), f"the key {key!r} is repeated")
        entry[key] = loader.construct_object(value_node, deep=True)
    return entry


StrictLoader.add_constructor("tag:yaml.org,2002:map", construct_entry)


def read(content: bytes, file: str, faults: Findings) -> Any:
    """The content of one file; a file that is no YAML is a fault and reads as None."""
    loader = StrictLoader(content)
    loader.file, loader.faults = file, faults
    try:
        return loader.get_single_data()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        faults.add(Place(file, line), f"not readable as YAML: {error.problem}")
        return None
    finally:
        loader.dispose()
