"""One test over many cases that names all that fail: a test for each of hundreds costs more than what it tests."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any


def failing(check: Callable[..., None], cases: Iterable[tuple[Any, ...]]) -> list[str]:
    """The cases of which the check does not hold, each with the assertion that fails first; there must be some to check."""
    tried, failed = 0, []
    for case in cases:
        tried += 1
        try:
            check(*case)
        except AssertionError as error:
            failed.append(f"{', '.join(str(getattr(one, 'id', one)) for one in case)}: {error}")
    return failed if tried else ["there is nothing to check"]
