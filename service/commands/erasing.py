"""erase, retain: remove what is on record about a person, or what is older than the retention period."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from service import settings
from service.commands.checking import Operator
from service.commands.records import ready
from service.records import erasing
from service.records.erasing import Erasure


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    erase = commands.add_parser("erase", help="remove the content of every decision about a client's subject")
    erase.add_argument("client", nargs="?")
    erase.add_argument("subject", nargs="?", help="- reads it from standard input, so that no history of commands keeps it")
    erase.add_argument("--again", type=Path, metavar="FILE", help="instead: what a list says was erased, once a backup was restored")
    erase.set_defaults(run=run_erase)
    retain = commands.add_parser("retain", help="remove the content of decisions older than ATTUNE_RETENTION_DAYS; for a daily job")
    retain.set_defaults(run=run_retain)


def run_erase(chosen: argparse.Namespace) -> int:
    if (chosen.again is None) == (chosen.subject is None):
        print("name a client and a subject, or --again FILE", file=sys.stderr)
        return 1
    now, by = datetime.now(UTC), Operator().key
    with ready() as store:
        if chosen.again is None:
            subject = sys.stdin.read().removesuffix("\n") if chosen.subject == "-" else chosen.subject
            return told(erasing.erase_subject(store, chosen.client, subject, by, now))
        try:
            return told(erasing.erase_again(store, chosen.again.read_bytes().splitlines(), by, now))
        except (OSError, ValueError) as error:
            print(f"{chosen.again} cannot be used: {error}", file=sys.stderr)
            return 1


def run_retain(_: argparse.Namespace) -> int:
    days, now = settings.read().retention_days, datetime.now(UTC)
    if days is None:
        print("ATTUNE_RETENTION_DAYS is not set: nothing is removed for its age", file=sys.stderr)
        return 1
    with ready() as store:
        return told(erasing.erase_older(store, now - timedelta(days=days), Operator().key, now))


def told(erasure: Erasure) -> int:
    print(f"{erasure.decisions} decisions erased at {erasure.at}")
    if not erasure.overwritten:
        print("The database's own files may hold what was there for a while: see service/records/README.md", file=sys.stderr)
    return 0
