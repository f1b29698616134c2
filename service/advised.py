"""One person, and everything that follows: what the pipeline makes and every question about it begins with."""

from __future__ import annotations

from typing import NamedTuple

from service.engine.trace import Derivation
from service.measures import Observations
from service.ranking import Ranked


class Advised(NamedTuple):
    """What is known of one person, what follows from it, and in which order it is recommended."""

    observations: Observations
    derivation: Derivation
    ranked: list[Ranked]
