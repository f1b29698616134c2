"""PostgreSQL gone, slow, frozen, restarted, in another form: refused in bounded time with word when to come again, and back by itself."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import event

from tests.faults.door import Door
from tests.faults.proxy import Proxy

pytestmark = pytest.mark.long

CALLERS = 6


@pytest.fixture(scope="module")
def proxy(postgresql_server):
    with Proxy(postgresql_server.port) as proxy:
        yield proxy


@pytest.fixture(scope="module")
def door(settings, proxy, postgresql_server, tmp_path_factory):
    direct = postgresql_server.new()
    through = direct.replace(f":{postgresql_server.port}/", f":{proxy.port}/")
    with Door(settings, tmp_path_factory.mktemp("door"), through, direct, lease=1) as door:
        yield door


def test_gone_and_back(door, postgresql_server):
    door.is_open_soon()
    postgresql_server.stop()
    try:
        door.is_shut_and_says_so()
        with ThreadPoolExecutor(CALLERS) as callers:
            for answer in callers.map(lambda _: door.ask(), range(10 * CALLERS)):
                door.is_shut(answer)
    finally:
        postgresql_server.start()
    door.is_open_soon()
    door.has_kept_its_word()


def test_too_slow(door, proxy):
    door.is_open_soon()
    proxy.delay = 2
    try:
        door.is_shut(door.ask())
    finally:
        proxy.delay = 0
    door.is_open_soon()
    door.has_kept_its_word(unanswered=1)


def test_frozen_with_many_asking(door, proxy):
    door.is_open_soon()
    proxy.freeze()
    try:
        with ThreadPoolExecutor(CALLERS) as callers:
            for answer in callers.map(lambda _: door.ask(), range(CALLERS)):
                door.is_shut(answer)
        door.is_shut(door.get("/readyz"))
        assert door.get("/healthz").status_code == 200
    finally:
        proxy.thaw()
    door.is_open_soon()
    door.has_kept_its_word(unanswered=1)


def test_frozen_at_the_very_end(door, proxy):
    """Whether the decision is kept cannot be known then; asked again under the same key there is one."""
    door.is_open_soon()
    before, commits = door.count(), []

    def freeze_at_the_second(_):
        commits.append(1)
        if len(commits) == 2:  # the first takes the key
            proxy.freeze()

    event.listen(door.inside.database.engine, "commit", freeze_at_the_second)
    try:
        door.is_shut(door.ask(**{"Idempotency-Key": "frozen"}))
    finally:
        event.remove(door.inside.database.engine, "commit", freeze_at_the_second)
        proxy.thaw()
    door.is_open_soon()
    again = door.ask(**{"Idempotency-Key": "frozen"})
    assert again.status_code == 201
    assert door.ask(**{"Idempotency-Key": "frozen"}).get_json()["decision_id"] == again.get_json()["decision_id"]
    assert door.count() == before + 2
    door.has_kept_its_word(unanswered=1)


def test_every_connection_ended(door, postgresql_server):
    door.is_open_soon()
    postgresql_server.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()")
    assert door.ask().status_code == 201
    door.has_kept_its_word(unanswered=1)


def test_in_another_form_it_is_not_ready(door, postgresql_server):
    door.is_open_soon()
    database = door.direct.rpartition("/")[2]
    ((form,),) = postgresql_server.run("SELECT version_num FROM alembic_version", database)
    postgresql_server.run("UPDATE alembic_version SET version_num = '9999'", database)
    try:
        door.is_shut(door.get("/readyz"))
    finally:
        postgresql_server.run(f"UPDATE alembic_version SET version_num = '{form}'", database)
    assert door.get("/readyz").status_code == 200


def test_what_is_committed_is_on_the_disk(postgresql_server, door):
    """The service asks for it on every connection, whatever the server's own default is."""
    postgresql_server.run("ALTER SYSTEM SET synchronous_commit = off")
    postgresql_server.run("SELECT pg_reload_conf()")
    try:
        with door.inside.database.engine.connect() as connection:
            assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"
            assert connection.exec_driver_sql("SHOW fsync").scalar() == "on"
    finally:
        postgresql_server.run("ALTER SYSTEM RESET synchronous_commit")
        postgresql_server.run("SELECT pg_reload_conf()")
