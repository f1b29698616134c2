"""The rule files, and copies of them with one thing changed."""

from __future__ import annotations

from service.knowledge.loading import read_files
from tests.conftest import RULES

Files = dict[str, bytes]
FILES: Files = read_files(RULES)


def replaced(file: str, old: str, new: str, files: Files = FILES) -> Files:
    text = files[file].decode()
    assert old in text, f"{file} no longer has {old!r}"
    return {**files, file: text.replace(old, new, 1).encode()}
