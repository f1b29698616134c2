"""Workers, the service and the database are killed under load: what was answered is kept, once, and nothing is half-written.

`python -m deploy.faults` does the same for long.
"""

import pytest

from deploy.faults.killing import killed
from deploy.postgresql import PostgreSQL
from tests.thoroughness import some

pytestmark = pytest.mark.long

KILLS = {"sqlite": ["worker", "service"], "postgresql": ["worker", "database", "backend"]}


@pytest.mark.parametrize("kind", some(list(KILLS), 2))
def test_what_was_answered_outlives_what_is_killed(kind, tmp_path):
    if kind == "sqlite":
        done = killed(tmp_path, f"sqlite:///{tmp_path}/attune.db", some(KILLS[kind], 2))
    else:
        with PostgreSQL() as server:  # of its own: after a crash every file of every database is synchronised
            done = killed(tmp_path, server.new(), KILLS[kind], server)
    assert done.faults == []
    assert done.answered > 3
