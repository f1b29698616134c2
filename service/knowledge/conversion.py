"""From a unit to the canonical one of its word and back, in decimals; limits that are printed in both units are met in both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import pairwise


def exact(number: float) -> Decimal:
    """A number as it is written, without the noise of floats."""
    return Decimal(repr(number))


def along(value: Decimal, points: Sequence[tuple[Decimal, Decimal]]) -> Decimal:
    """The value on the line through these points, between the first and the last."""
    (start, low), (end, high) = next(pair for pair in pairwise(points) if value <= pair[1][0])
    return low + (value - start) * (high - low) / (end - start)


@dataclass(frozen=True)
class Conversion:
    """canonical = value * times / per + plus; where `factor` is set the caller's own factor replaces `per`.

    `printed` are limits that guidelines print in both units, (here, canonical), as 11.1 mmol/L and 200 mg/dL of glucose, which no factor
    makes of each other. Who is at one is at the other: within half a step of the printed number the line bends, so that it goes through
    the pair and still rises everywhere; beyond, the factor alone holds. Computed in decimals, without rounding.
    """

    times: float = 1.0
    per: float = 1.0
    plus: float = 0.0
    factor: bool = False
    printed: tuple[tuple[float, float], ...] = ()

    def forth(self, value: Decimal, factor: float | None = None) -> Decimal:
        """The canonical number of one in this unit."""
        return next((along(value, bend) for bend in self.bends if bend[0][0] < value < bend[2][0]), self.line(value, factor))

    def back(self, canonical: Decimal, factor: float | None = None) -> Decimal:
        """The number in this unit of a canonical one."""
        turned = ([(there, here) for here, there in bend] for bend in self.bends if bend[0][1] < canonical < bend[2][1])
        per = exact(self.per if factor is None else factor)
        return next((along(canonical, bend) for bend in turned), (canonical - exact(self.plus)) * per / exact(self.times))

    def line(self, value: Decimal, factor: float | None = None) -> Decimal:
        return value * exact(self.times) / exact(self.per if factor is None else factor) + exact(self.plus)

    @cached_property
    def bends(self) -> list[list[tuple[Decimal, Decimal]]]:
        """The three points of the line at each printed pair: half a step of the printed number before it, it, and half a step behind it."""
        found = []
        for here, there in ((exact(here), exact(there)) for here, there in self.printed):
            half = Decimal(5).scaleb(int(here.as_tuple().exponent) - 1)
            found.append([(here - half, self.line(here - half)), (here, there), (here + half, self.line(here + half))])
        return found
