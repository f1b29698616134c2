"""A copy of the whole project in which one file after the other is spoilt, judged and put right again.

Runs inside the copy (`python -m tests.mutation.court`): a mutant a line comes in as JSON, its verdict a line goes out.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.mutation.text import Mutant

COPIED = ("Makefile", "README.md", "pyproject.toml", "deploy", "rules", "schemas", "service", "tests")
LOCK = Path("rules/lock.yaml")
PATIENCE = 900  # seconds, for all judges of one mutant together; ten times what they take, for a machine may be busy
Verdict = list[str] | None  # judge and what it noticed


@contextmanager
def court(root: Path, copy: Path) -> Iterator[Court]:
    """A court over a copy of the project made in the folder `copy`."""
    for name in COPIED:
        if (root / name).is_dir():
            shutil.copytree(root / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(root / name, copy / name)
    command = [sys.executable, "-m", "tests.mutation.court"]
    with subprocess.Popen(command, cwd=copy, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Court(process)
        finally:
            process.stdin.close()
            process.wait(PATIENCE)


class Court:
    """Asks the process in the copy."""

    def __init__(self, process: subprocess.Popen):
        self.process = process

    def judge(self, mutant: Mutant | None) -> Verdict:
        """What notices the mutant; None for the rules as they are."""
        self.process.stdin.write(json.dumps(mutant) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


def sit() -> None:
    """Reads mutants, writes verdicts, until there are no more."""
    from tests.mutation import judges  # of the copy, and only here

    judges.prepare()
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what tests print is nobody's verdict
    os.dup2(1, 2)
    for line in sys.stdin:
        given = json.loads(line)
        found = judged(Mutant(*given) if given else None, judges.verdict)
        answers.write(json.dumps(found) + "\n")
        answers.flush()


def judged(mutant: Mutant | None, verdict) -> Verdict:
    if mutant is None:
        return in_a_child(lambda: verdict("vocabulary/"))
    path = Path("rules") / mutant.file
    text, locked = path.read_text(encoding="utf-8"), LOCK.read_bytes()
    try:
        path.write_text(mutant.applied(text), encoding="utf-8")
        return in_a_child(lambda: verdict(mutant.file))
    finally:
        path.write_text(text, encoding="utf-8")
        LOCK.write_bytes(locked)


def in_a_child(verdict) -> Verdict:
    """A process of its own for each judgement: nothing of a mutant stays."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.setsid()
        try:
            found = verdict()
        except BaseException as error:
            found = "loading and check", f"{type(error).__name__}: {error}"
        os.write(writing, json.dumps(found).encode()[:60_000])
        os._exit(0)
    os.close(writing)
    try:
        if not select.select([reading], [], [], PATIENCE)[0]:
            os.killpg(child, signal.SIGKILL)
            return ["time", "no answer"]
        with os.fdopen(reading, "rb") as answer:
            return json.loads(answer.read() or b'["loading and check", "the process ends"]')
    finally:
        os.waitpid(child, 0)


if __name__ == "__main__":
    sit()
