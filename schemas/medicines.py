"""Medicines: names of classes, ATC codes, and names that nobody knows, which are kept and never dropped."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from marshmallow import fields

from schemas.fields import Strict, StrictText, read_each, read_list, read_text

UNREVIEWED = "unreviewed_medication"
ATC = re.compile(r"[A-Z][0-9]{2}([A-Z]([A-Z]([0-9]{2})?)?)?")
LONGEST_NAME = 128
MOST_MEDICINES = 100


@dataclass(frozen=True)
class Medicine:
    """A medicine as sent, and the classes it belongs to; an unknown one has the class unreviewed_medication."""

    sent: str
    classes: frozenset[str]


class Classes:
    """The classes of the vocabulary, found by their own name or by the longest ATC prefix that fits."""

    def __init__(self, word: Any):
        self.prefixes = {name: tuple(prefixes_of(word.value_codes.get(name, {}))) for name in word.values}
        self.by_name = {name: frozenset({name, *self.wider(name)}) for name in word.values}

    def wider(self, name: str) -> list[str]:
        """The classes under which all prefixes of this one stand as well: rivaroxaban is a DOAC."""
        own = set(self.prefixes[name])
        return [other for other, prefixes in self.prefixes.items() if own and other != name and own <= set(prefixes)]

    def of(self, sent: str) -> frozenset[str]:
        asked = sent.strip()
        return self.by_name.get(asked.lower()) or self.of_atc(asked.upper()) or frozenset({UNREVIEWED})

    def of_atc(self, code: str) -> frozenset[str]:
        if not ATC.fullmatch(code):
            return frozenset()
        fitting = {prefix for prefixes in self.prefixes.values() for prefix in prefixes if code.startswith(prefix)}
        longest = max(fitting, key=len, default=None)
        return frozenset(name for name, prefixes in self.prefixes.items() if longest in prefixes)


def prefixes_of(codes: Mapping[str, Any]) -> list[str]:
    """The ATC prefixes of one value of the vocabulary, which stands there as {codes: {atc: [...]}} or {atc: [...]}."""
    return list(codes.get("codes", codes).get("atc", ()))


class Medicines(Strict, fields.List[Any]):
    """A list of names of classes, ATC codes or names of medicines. Loads as a list of Medicine; `[]` means none."""

    def __init__(self, word: Any, *, metadata: Mapping[str, Any] | None = None, **kwargs: Any):
        self.classes = Classes(word)
        super().__init__(StrictText(LONGEST_NAME), metadata={"maxItems": MOST_MEDICINES, **(metadata or {})}, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> list[Any]:
        names = read_each(read_list(self.name, value, MOST_MEDICINES), partial(read_text, self.name, longest=LONGEST_NAME))
        return [Medicine(name, self.classes.of(name)) for name in names]
