"""migrate, checkpoint, backup: what an operator does with the store that the settings name."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from service import settings
from service.records import backing_up, form, migrating, opening
from service.records.store import Store

_PATIENCE = 600.0  # seconds: a command may wait for locks and read for long, which a request may not


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    migrate = commands.add_parser("migrate", help="bring the database to this version's form")
    migrate.add_argument("--to", default="head", metavar="REVISION", help="an older form, or `base` for none at all")
    migrate.set_defaults(run=run_migrate)
    checkpoint = commands.add_parser("checkpoint", help="sign the log as it ends now")
    checkpoint.set_defaults(run=run_checkpoint)
    backup = commands.add_parser("backup", help="copy an SQLite store while it is written to; for PostgreSQL use pg_dump")
    backup.add_argument("file", type=Path, help="a new file")
    backup.set_defaults(run=run_backup)


def run_migrate(chosen: argparse.Namespace) -> int:
    with opened() as store:
        migrating.migrate(store.database, chosen.to)
    return 0


def run_checkpoint(_: argparse.Namespace) -> int:
    with ready() as store:
        store.checkpoint(datetime.now(UTC))
    return 0


def run_backup(chosen: argparse.Namespace) -> int:
    try:
        with ready() as store:
            backing_up.backup(store.database, chosen.file)
    except FileExistsError:
        print(f"{chosen.file} is there already", file=sys.stderr)
        return 1
    except backing_up.NotSQLite:
        print("This store is not SQLite: copy it with pg_dump", file=sys.stderr)
        return 1
    return 0


@contextmanager
def ready() -> Iterator[Store]:
    """The store that the environment names, in this version's form. Raises WrongSchema."""
    with opened() as store:
        form.check(store.database)
        yield store


def opened() -> Store:
    """The store that the environment names."""
    found = settings.read()
    return opening.store(found.database_url, found.data, found.checkpoint_every, _PATIENCE)
