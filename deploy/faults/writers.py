"""Processes that write decisions at once, as many workers on many machines would.

usage: python -m deploy.faults.writers FOLDER PROCESSES COUNT URL...      prints the id of every decision
"""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

from deploy.faults.clients import person
from deploy.serving import PATIENCE, ROOT
from schemas.profile import request_schema
from service.access.callers import Caller
from service.advising import Advisor
from service.decisions.deciding import Asked, Decider
from service.decisions.recalling import Recaller
from service.knowledge.loading import load
from service.records import migrating, opening, rulebases

CHECKPOINT_EVERY = 64


def written(folder: Path, urls: list[str], processes: int, count: int) -> list[str]:
    """The decisions that so many processes wrote, `count` each into every store. Raises CalledProcessError where one failed."""
    for url in urls:
        with opening.store(url, folder, CHECKPOINT_EVERY) as store:
            migrating.migrate(store.database)
    command = [sys.executable, "-m", __name__, str(folder), str(processes), str(count), *urls]
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout.split()


def main(folder: Path, processes: int, count: int, *urls: str) -> int:
    """The rules are read once: the processes part before any of them opens a store."""
    start = get_context("fork")
    advisor = Advisor(load(ROOT / "rules"))
    writers = [start.Process(target=write, args=(advisor, folder, count, urls)) for _ in range(processes)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    return sum(writer.exitcode != 0 for writer in writers)


def write(advisor: Advisor, folder: Path, count: int, urls: tuple[str, ...]) -> None:
    """One process: so many decisions in every store."""
    schema = request_schema(advisor.knowledge.vocabulary)()
    caller = Caller("writers", "none", frozenset({"advise"}))
    for url in urls:
        with opening.store(url, folder, CHECKPOINT_EVERY, PATIENCE) as store:  # to wait is no fault, to be lost or doubled is
            with store.writing(datetime.now(UTC)) as writing:
                rulebases.keep(writing, advisor.knowledge, ROOT / "rules")
            decider = Decider(advisor, store, Recaller(advisor, store), timedelta(seconds=30))
            for number in range(count):
                body = person(number)
                asked = Asked(body, schema.load(body)["profile"])
                sys.stdout.write(f"{decider.decide(asked, caller, datetime.now(UTC))['decision_id']}\n")  # at once: print may write twice
                sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), *sys.argv[4:]))
