"""A changed copy of the rules serves only with a lock made anew."""

from __future__ import annotations

from pathlib import Path

from service.__main__ import main


def relock(folder: Path) -> Path:
    """The folder, with its lock made as `make lock-rules` makes it."""
    assert main(["lock", "--rules", str(folder)]) == 0
    return folder
