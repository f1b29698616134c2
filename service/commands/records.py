"""migrate: what an operator does with the store that the settings name."""

from __future__ import annotations

import argparse

from service import settings
from service.records import migrating, opening
from service.records.store import Store


def add(commands: argparse._SubParsersAction) -> None:
    migrate = commands.add_parser("migrate", help="bring the database to this version's form")
    migrate.add_argument("--to", default="head", metavar="REVISION", help="an older form, or `base` for none at all")
    migrate.set_defaults(run=run_migrate)


def run_migrate(chosen: argparse.Namespace) -> int:
    with opened() as store:
        migrating.migrate(store.database, chosen.to)
    return 0


def opened() -> Store:
    """The store that the environment names."""
    found = settings.read()
    return opening.store(found.database_url, found.data, found.checkpoint_every)
