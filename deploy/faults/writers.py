"""Processes that write decisions at once, as many workers on many machines would.

usage: python -m deploy.faults.writers FOLDER COUNT URL...      one of the processes; prints the id of every decision
"""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
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
    command = [sys.executable, "-m", __name__, str(folder), str(count), *urls]
    with ThreadPoolExecutor(processes) as threads:
        runs = [threads.submit(subprocess.run, command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True) for _ in range(processes)]
        return [id_ for run in runs for id_ in run.result().stdout.split()]


def main(folder: Path, count: int, *urls: str) -> None:
    knowledge = load(ROOT / "rules")
    advisor, schema = Advisor(knowledge), request_schema(knowledge.vocabulary)()
    caller = Caller("writers", "none", frozenset({"advise"}))
    for url in urls:
        with opening.store(url, folder, CHECKPOINT_EVERY, PATIENCE) as store:  # to wait is no fault, to be lost or doubled is
            with store.writing(datetime.now(UTC)) as writing:
                rulebases.keep(writing, knowledge, ROOT / "rules")
            decider = Decider(advisor, store, Recaller(advisor, store), timedelta(seconds=30))
            for number in range(count):
                body = person(number)
                asked = Asked(body, schema.load(body)["profile"])
                print(decider.decide(asked, caller, datetime.now(UTC))["decision_id"], flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:])
