"""Most of a load is reading 200 files, all but one of which are as they were: those are read once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from service.knowledge import loading
from service.knowledge.faults import Findings
from tests.knowledge.spoiling import FILES


@pytest.fixture(scope="session", autouse=True)
def unspoilt_files_are_read_once() -> Iterator[None]:
    read, kept = loading.read_content, {}

    def remembered(content: bytes, name: str, faults: Findings) -> Any:
        if content is not FILES.get(name):
            return read(content, name, faults)
        if name not in kept:
            kept[name] = read(content, name, faults)
        return kept[name]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loading, "read_content", remembered)
        yield
