"""Workers, the service and the database are killed under load: what was answered is kept, once, and nothing is half-written.

`python -m deploy.faults` does the same for long.
"""

import pytest

from deploy.faults.killing import killed
from deploy.postgresql import PostgreSQL
from tests.thoroughness import some


@pytest.mark.parametrize("kind", some(["sqlite", "postgresql"], 2))
def test_killed_workers_and_a_killed_service(kind, tmp_path, postgresql):
    url = f"sqlite:///{tmp_path}/attune.db" if kind == "sqlite" else postgresql()
    done = killed(tmp_path, url, ["worker", "service"] if kind == "sqlite" else ["worker"])
    assert done.faults == []
    assert done.answered > 3


def test_a_killed_database(tmp_path):
    with PostgreSQL() as server:  # of its own: after a crash every file of every database is synchronised
        done = killed(tmp_path, server.new(), some(["database", "backend"], 2), server)
    assert done.faults == []
    assert done.answered > 2
