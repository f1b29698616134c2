"""The tables: what the migrations make is what the queries know, up and down again, and a service refuses any other form."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from service.records import form, migrating
from service.records.form import WrongSchema
from service.records.tables import metadata


def test_the_migrations_make_what_the_queries_know(store):
    with store.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_the_forms_are_those_that_the_migrations_make_in_their_order():
    scripts = ScriptDirectory(migrating.MIGRATIONS)
    assert [script.revision for script in scripts.walk_revisions()] == [*reversed(form.FORMS)]


def test_up_down_and_up_again(store):
    migrating.migrate(store.database, "base")
    with pytest.raises(WrongSchema, match="migrate"):
        form.check(store.database)
    migrating.migrate(store.database)
    form.check(store.database)


def test_migrating_twice_changes_nothing(store):
    with store.reading() as connection:
        before = connection.execute(text("SELECT * FROM log")).all()
    migrating.migrate(store.database)
    with store.reading() as connection:
        assert connection.execute(text("SELECT * FROM log")).all() == before


def test_a_newer_form_is_refused(store):
    with store.writing(None) as writing:
        writing.connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(WrongSchema, match="newer"):
        form.check(store.database)
