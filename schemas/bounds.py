"""A number of which only bounds are known: a laboratory's "> 60", or one that depends on what nobody told."""

from __future__ import annotations


class Bounded(float):
    """All numbers from `low` to `high`, both allowed; as a plain number it is the bound that was told, else the lower one.

    A comparison with a limit holds of it where it holds of all of them; where it does not, the number is as good as unknown.
    """

    low: float
    high: float

    def __new__(cls, low: float, high: float, told: float | None = None) -> Bounded:
        made = super().__new__(cls, low if told is None else told)
        made.low, made.high = low, high
        return made

    def __reduce__(self) -> tuple[type[Bounded], tuple[float, float, float]]:
        return Bounded, (self.low, self.high, float(self))

    def __deepcopy__(self, _: object) -> Bounded:
        return self


def low_of(value: float) -> float:
    return value.low if isinstance(value, Bounded) else value


def high_of(value: float) -> float:
    return value.high if isinstance(value, Bounded) else value


def bounds(value: object) -> dict[str, float]:
    """The least and the greatest that a number can be of which only bounds are known; of any other nothing."""
    return {"low": value.low, "high": value.high} if isinstance(value, Bounded) else {}


def hull(values: list[float]) -> float:
    """What is known of a number that is one of these."""
    low, high = min(map(low_of, values)), max(map(high_of, values))
    return low if low == high else Bounded(low, high)
