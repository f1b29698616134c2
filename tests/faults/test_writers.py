"""Many processes write at once, over both databases: the chain holds, no decision is lost or doubled, and nobody is turned away."""

from collections import Counter

import pytest

from deploy.faults import checks, writers
from service.records import opening
from tests.thoroughness import whole

pytestmark = pytest.mark.long

PROCESSES, EACH = (8, 12) if whole() else (4, 8)


def test_eight_processes_at_once(tmp_path, postgresql):
    urls = [f"sqlite:///{tmp_path}/attune.db", postgresql()]
    made = writers.written(tmp_path, urls, PROCESSES, EACH)
    assert len(made) == PROCESSES * EACH * len(urls) and max(Counter(made).values()) == 1
    kept = set()
    for url in urls:
        with opening.store(url, tmp_path, writers.CHECKPOINT_EVERY, writers.PATIENCE) as store:
            here = checks.kept(store)
            assert len(here) == PROCESSES * EACH
            assert checks.faults(store, here) == []
            kept |= here
    assert kept == set(made)
