"""What verification finds: which record, and what is wrong with it; never a word of what is in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple


class Fault(NamedTuple):
    """`record` names it by number or id, as `entry 17` or `decision dec_01…`."""

    record: str
    what: str

    def __str__(self) -> str:
        return f"{self.record}: {self.what}"


@dataclass
class Faults:
    """The first faults up to a limit, in the order in which they were found, and how many there are."""

    limit: int
    found: list[Fault] = field(default_factory=list)
    count: int = 0

    def add(self, record: str, what: str) -> None:
        self.count += 1
        if len(self.found) < self.limit:
            self.found.append(Fault(record, what))

    def unless_equal(self, record: str, columns: dict[str, tuple[object, object]]) -> None:
        """`columns` maps each to what stands there and what must stand there."""
        for name, (stands, must) in columns.items():
            if not same(stands, must):
                self.add(record, f"the column `{name}` is not what it repeats")


def same(stands: object, must: object) -> bool:
    """Equal and of one kind; a truth may be kept as 0 or 1."""
    if isinstance(must, bool):
        return stands in (0, 1) and bool(stands) is must
    return type(stands) is type(must) and stands == must
