"""A store that does not answer at the start is waited for, and one in another form is refused."""

from dataclasses import replace

import pytest

from deploy.serving import AUTHORIZATION
from service import create_app
from service.records import migrating, opening
from service.records.form import WrongSchema


@pytest.fixture
def unreachable(settings, tmp_path):
    """Settings whose database cannot be opened yet."""
    return replace(settings, database_url=f"sqlite:///{tmp_path}/later/attune.db")


def test_it_starts_without_its_store_and_answers_once_that_is_there(unreachable, tmp_path, body):
    caller = create_app(unreachable).test_client()
    assert caller.get("/healthz").status_code == 200
    for refused in (caller.get("/readyz"), caller.post("/v1/recommendations", json=body, headers=AUTHORIZATION)):
        assert refused.status_code == 503
        assert int(refused.headers["Retry-After"]) > 0
    (tmp_path / "later").mkdir()
    with opening.store(unreachable.database_url, unreachable.data, 64) as store:
        migrating.migrate(store.database)
    assert caller.get("/readyz").status_code == 200
    assert caller.post("/v1/recommendations", json=body, headers=AUTHORIZATION).status_code == 201


def test_a_store_that_was_never_prepared_is_refused(unreachable, tmp_path):
    (tmp_path / "later").mkdir()
    with pytest.raises(WrongSchema, match="migrate"):
        create_app(unreachable)
