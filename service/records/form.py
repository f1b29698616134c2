"""Whether the tables are in the form that this version knows. Asked at each start and by /readyz, so without the tool that changes them."""

from __future__ import annotations

from sqlalchemy import Connection, column, inspect, select, table

from service.records.store import Database

FORMS = ("0001",)  # the oldest first, each by the revision in migrations/versions that makes it
_VERSION = table("alembic_version", column("version_num"))


class WrongSchema(Exception):
    """The tables are not in the form that this version knows; the text says what to do."""


def check(database: Database) -> None:
    """Raises WrongSchema where the tables are older or newer than this version, or not there."""
    with database.reading() as connection:
        found = revision(connection)
    if found == FORMS[-1]:
        return
    if found is None or found in FORMS:
        raise WrongSchema("The database is not in this version's form: run `python -m service migrate`.")
    raise WrongSchema("The database is in the form of a newer version: run that version.")


def revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table(_VERSION.name):
        return None
    found: str | None = connection.scalar(select(_VERSION.c.version_num))
    return found
