"""Units as UCUM means them: two spellings are one unit where they have the same size and dimension (https://ucum.org/ucum, 2.2).

Only the atoms that measurements of this service are given in; an expression with another atom has no meaning here, and is refused.
Annotations in braces say nothing, but for the body surface to which a filtration rate is related: it makes another quantity.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

PREFIXES = {"k": 3, "d": -1, "c": -2, "m": -3, "u": -6, "n": -9, "p": -12, "M": 6}
METRIC: Mapping[str, tuple[str, Decimal]] = {  # atom: dimension, size; those that take prefixes
    "m": ("length", Decimal(1)), "g": ("mass", Decimal(1)), "l": ("volume", Decimal(1)), "L": ("volume", Decimal(1)),
    "mol": ("substance", Decimal(1)), "eq": ("equivalents", Decimal(1)), "U": ("enzyme", Decimal(1)), "kat": ("catalysis", Decimal(1)),
    "[IU]": ("arbitrary", Decimal(1)), "[iU]": ("arbitrary", Decimal(1)), "Pa": ("pressure", Decimal(1)), "s": ("time", Decimal(1)),
}  # fmt: skip
PLAIN: Mapping[str, tuple[str, Decimal]] = {  # those that take none
    "[in_i]": ("length", Decimal("0.0254")), "[ft_i]": ("length", Decimal("0.3048")), "mm[Hg]": ("pressure", Decimal("133.322387415")),
    "[oz_av]": ("mass", Decimal("28.349523125")), "[lb_av]": ("mass", Decimal("453.59237")), "[stone_av]": ("mass", Decimal("6350.29318")),
    "%": ("share", Decimal(1)), "min": ("time", Decimal(60)), "h": ("time", Decimal(3600)), "d": ("time", Decimal(86400)),
}  # fmt: skip
SURFACE = re.compile(r"\{1[.,_]?73[._ ]?m2\}")
TOKEN = re.compile(r"\{[^{}]*\}|\d+|[()./]|mm\[Hg\]|[a-zA-Z%]*\[[a-zA-Z_]+\]|[a-zA-Z%]+|-\d+")
LONGEST = 64


class Meaning(NamedTuple):
    """A unit without its spelling: its size, and its dimensions with their exponents."""

    size: Decimal
    dimensions: tuple[tuple[str, int], ...]


@lru_cache(maxsize=1024)
def meaning(text: str) -> Meaning | None:
    """What an expression means; None where it is none that is known here."""
    if len(text) > LONGEST or not text.isascii():
        return None
    tokens = TOKEN.findall(text)
    if "".join(tokens) != text:
        return None
    try:
        size, dimensions = Expression(iter([*tokens, ""])).whole()
    except (KeyError, ValueError, ArithmeticError):
        return None
    return Meaning(size.normalize(), tuple(sorted((name, power) for name, power in dimensions.items() if power)))


class Expression:
    """Reads terms from left to right: `.` multiplies, `/` divides by the component behind it."""

    def __init__(self, tokens: Iterator[str]):
        self.rest = tokens
        self.head = next(tokens)

    def whole(self) -> tuple[Decimal, dict[str, int]]:
        found = self.term()
        if self.head:
            raise ValueError
        return found

    def term(self) -> tuple[Decimal, dict[str, int]]:
        size, dimensions, power = Decimal(1), dict[str, int](), 1
        if self.head == "/":
            power = self.operator()
        while True:
            factor, parts = self.component()
            size = size * factor if power > 0 else size / factor
            for name, exponent in parts.items():
                dimensions[name] = dimensions.get(name, 0) + power * exponent
            if self.head not in (".", "/"):
                return size, dimensions
            power = self.operator()

    def operator(self) -> int:
        power = -1 if self.head == "/" else 1
        self.head = next(self.rest)
        return power

    def component(self) -> tuple[Decimal, dict[str, int]]:
        if self.head.startswith("{"):
            return Decimal(1), self.annotations()
        if self.head == "(":
            self.head = next(self.rest)
            size, dimensions = self.term()
            if self.head != ")":
                raise ValueError
            self.head = next(self.rest)
        elif self.head.isdigit():
            size, dimensions = Decimal(self.head), {}
            self.head = next(self.rest)
        else:
            size, dimensions = self.atom()
        return size, {**dimensions, **self.annotations()}

    def atom(self) -> tuple[Decimal, dict[str, int]]:
        dimension, size = atom(self.head)
        self.head = next(self.rest)
        exponent = 1
        if re.fullmatch(r"-?\d+", self.head):
            exponent = int(self.head)
            self.head = next(self.rest)
        if not 0 < abs(exponent) < 4:
            raise ValueError
        return size**exponent, {dimension: exponent}

    def annotations(self) -> dict[str, int]:
        found: dict[str, int] = {}
        while self.head.startswith("{"):
            if SURFACE.fullmatch(self.head):
                found["surface"] = 1
            self.head = next(self.rest)
        return found


def atom(text: str) -> tuple[str, Decimal]:
    """Dimension and size of an atom, with its prefix. Raises KeyError."""
    if text in PLAIN:
        return PLAIN[text]
    if text in METRIC:
        return METRIC[text]
    dimension, size = METRIC[text[1:]]
    return dimension, size.scaleb(PREFIXES[text[0]])


def same(one: str, other: str) -> bool:
    """Whether two expressions are one unit."""
    found = meaning(one)
    return found is not None and found == meaning(other)
