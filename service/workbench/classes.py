"""Whether classes of one measure exclude each other and leave no value out. Which classes belong together stands in rulebase.yaml:

- measures: the numbers that are classed; one is the rule
  classes: the findings
  where: a condition under which the classes are made at all
  unclassed: below | above, where values below the lowest (above the highest) class are meant to have none
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from service.knowledge.records import Place
from service.knowledge.rulebase import Classes
from service.workbench.failures import Failure
from service.workbench.searching import Search

FILE = "rulebase.yaml"


def overlaps(search: Search) -> Iterator[Failure]:
    """Classes of one family that somebody may have at once."""
    for family in search.knowledge.classes:
        for one, other in combinations(family.classes, 2):
            witness = search.find([search.book.holds(one), search.book.holds(other)])
            if witness:
                yield Failure(made_at(search, other), f"{one} and {other} are meant to exclude each other", witness.profile)


def gaps(search: Search) -> Iterator[Failure]:
    """Values of a measure for which a family has no class and is meant to have one."""
    for family in search.knowledge.classes:
        for cell in wrong_cells(search, family):
            witness = search.find([*without_class(search, family), *cell])
            if witness is not None:
                yield Failure(family.place, f"a value of {' and '.join(family.measures)} is in none of its classes", witness.profile)


def wrong_cells(search: Search, family: Classes) -> list[list[int]]:
    """The cells between thresholds, lowest first, in which somebody has no class, less those that are meant to have none."""
    if family.unclassed is None:
        return [[]] if search.find(without_class(search, family)) else []
    cells = cells_of(search, family.measures[0])
    if family.unclassed == "above":
        cells.reverse()
    empty = [search.find([*without_class(search, family), *cell]) is not None for cell in cells]
    classed = empty.index(False) if False in empty else len(empty)
    return [cell for cell, gap in zip(cells[classed:], empty[classed:], strict=True) if gap]


def without_class(search: Search, family: Classes) -> list[int]:
    """The measures are known, the condition of the family holds, and no class does."""
    book = search.book
    known = [book.is_known(fact) for fact in family.measures]
    return [*known, book.condition(family.where), *(book.holds(one) ^ 1 for one in family.classes)]


def cells_of(search: Search, fact: str) -> list[list[int]]:
    points = search.book.points[fact]
    literals = [points[key] for key in sorted(points)]
    lower, upper = [[], *([one] for one in literals)], [*([one ^ 1] for one in literals), []]
    return [low + high for low, high in zip(lower, upper, strict=True)]


def made_at(search: Search, flag: str) -> Place:
    return next((rule.place for rule in search.book.makers.get((flag, True), ())), Place(FILE, 1))
