"""The long runs: parts of the service killed under load, and many processes writing at once, over SQLite and a real PostgreSQL.

usage: python -m deploy.faults [--kills 50] [--writers 8] [--each 5000]
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from deploy.faults import checks, writers
from deploy.faults.killing import killed
from deploy.postgresql import PostgreSQL
from service.records import opening

ON_SQLITE = ("worker", "worker", "worker", "worker", "service")
ON_POSTGRESQL = (*ON_SQLITE, "backend", "backend", "database")


def main(kills: int, processes: int, each: int) -> int:
    with PostgreSQL() as database:
        found = [fault for server in (None, database) for fault in killing(server, kills) + writing(server, processes, each)]
    print("\n".join(found[:20]) or "all of it holds")
    return 1 if found else 0


def killing(database: PostgreSQL | None, kills: int) -> list[str]:
    if not kills:
        return []
    with TemporaryDirectory() as folder:
        url = database.new() if database else f"sqlite:///{folder}/attune.db"
        chosen = random.choices(ON_POSTGRESQL if database else ON_SQLITE, k=kills)
        done = killed(Path(folder), url, chosen, database)
    counts = ", ".join(f"{chosen.count(part)} x {part}" for part in sorted(set(chosen)))
    print(
        f"{name(database)}: killed {counts}; {done.answered} decisions answered, {done.lost} requests broken off, "
        f"{done.refused} asked to come again, {len(done.faults)} faults",
        flush=True,
    )
    return done.faults


def writing(database: PostgreSQL | None, processes: int, each: int) -> list[str]:
    if not each:
        return []
    with TemporaryDirectory() as folder:
        url, began = database.new() if database else f"sqlite:///{folder}/attune.db", time.monotonic()
        made = writers.written(Path(folder), [url], processes, each)
        seconds = time.monotonic() - began
        with opening.store(url, Path(folder), writers.CHECKPOINT_EVERY, patience=600) as store:
            faults, kept = checks.faults(store, made), checks.kept(store)
    if kept != set(made) or len(made) != processes * each:
        faults.append(f"{len(made)} decisions were made and {len(kept)} are kept")
    print(f"{name(database)}: {processes} processes made {len(made)} decisions in {seconds:.0f} s, {len(faults)} faults", flush=True)
    return faults


def name(database: PostgreSQL | None) -> str:
    return "PostgreSQL" if database else "SQLite"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--writers", type=int, default=8)
    parser.add_argument("--each", type=int, default=5000)
    chosen = parser.parse_args()
    sys.exit(main(chosen.kills, chosen.writers, chosen.each))
