"""Every statement and every commit on the way to a decision fails once, over both databases: all of it is kept or nothing, and it goes on."""

from time import monotonic, sleep

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from deploy.serving import PATIENCE
from tests.faults.door import Door

pytestmark = pytest.mark.long

LEASE = 1


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def door(request, settings, tmp_path_factory):
    folder = tmp_path_factory.mktemp("door")
    url = f"sqlite:///{folder}/attune.db" if request.param == "sqlite" else request.getfixturevalue("postgresql")()
    with Door(settings, folder, url, lease=LEASE) as door:
        yield door


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "statement"}], ids=["without-key", "with-key"])
def test_a_statement_that_fails(door, headers):
    failed = 0
    while not answered_despite(door, StatementFails(door, failed + 1), headers, failed):
        failed += 1
    assert failed >= 5  # the caller's key, the end of the log, the entry, the decision, its marks
    door.has_kept_its_word()


@pytest.mark.parametrize("after", [False, True], ids=["before-it-is-kept", "after-it-is-kept"])
def test_a_commit_that_fails(door, after):
    failed = 0
    while not answered_despite(door, CommitFails(door, failed + 1, after), {"Idempotency-Key": f"commit-{after}"}, failed):
        failed += 1
    assert failed == 2  # the key is taken, the decision is kept
    door.has_kept_its_word()


def test_a_commit_that_fails_without_a_key(door):
    before = door.count()
    with CommitFails(door, 1, after=False):
        door.is_shut(door.ask())
    assert door.count() == before
    with CommitFails(door, 1, after=True):
        door.is_shut(door.ask())
    assert door.count() == before + 1
    door.has_kept_its_word(unanswered=1)


def answered_despite(door, fails, headers, turn):
    """Ask while something fails; where that is refused, asking again under the same key gives the one decision there is."""
    headers, before = {name: f"{value}-{turn}" for name, value in headers.items()}, door.count()
    with fails:
        answer = door.ask(**headers)
    if not fails.failed:
        assert answer.status_code == 201
        return True
    door.is_shut(answer)
    assert door.count() <= before + bool(headers)
    again = until_answered(door, headers)
    assert door.count() == before + 1
    if headers:
        assert door.ask(**headers).get_json()["decision_id"] == again
    return False


def until_answered(door, headers):
    deadline = monotonic() + PATIENCE
    while monotonic() < deadline:
        answer = door.ask(**headers)
        if answer.status_code == 201:
            return answer.get_json()["decision_id"]
        assert answer.status_code == 409 and 0 < int(answer.headers["Retry-After"]) <= LEASE
        sleep(0.05)
    raise AssertionError("never answered")


class StatementFails:
    """The nth statement within the block."""

    def __init__(self, door, nth):
        self.engine, self.left, self.failed = door.inside.database.engine, nth, False

    def __enter__(self):
        event.listen(self.engine, "before_cursor_execute", self.fail)

    def __exit__(self, *_):
        event.remove(self.engine, "before_cursor_execute", self.fail)

    def fail(self, *_):
        self.left -= 1
        if self.left == 0:
            self.failed = True
            raise OperationalError("made to fail", None, Exception())


class CommitFails:
    """The nth commit within the block, before or after it reached the disk."""

    def __init__(self, door, nth, after):
        self.dialect, self.left, self.after, self.failed = door.inside.database.engine.dialect, nth, after, False

    def __enter__(self):
        self.dialect.do_commit = self.fail

    def __exit__(self, *_):
        del self.dialect.do_commit

    def fail(self, connection):
        self.left -= 1
        if self.left == 0 and not self.after:
            self.failed = True
            raise self.dialect.dbapi.OperationalError("made to fail")
        type(self.dialect).do_commit(self.dialect, connection)
        if self.left == 0:
            self.failed = True
            raise self.dialect.dbapi.OperationalError("made to fail")
