"""A disk that is full or can only be read: nothing is answered, the service stays up and says so, and it is back by itself."""

import os
import subprocess
import time

import pytest

from service import create_app
from tests.faults.door import Door

SIZE = 16 * 2**20
MANY = 400  # more decisions than a log of SQLite has room for


@pytest.fixture(scope="module")
def disk(tmp_path_factory):
    """A small disk of its own."""
    if os.geteuid() != 0:
        pytest.skip("only root mounts a disk")
    folder = tmp_path_factory.mktemp("disk")
    mount("-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", folder)
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture(scope="module")
def door(settings, disk):
    with Door(settings, disk, f"sqlite:///{disk}/attune.db") as door:
        yield door


def test_full(door, disk):
    door.is_open_soon()
    with open(disk / "filler", "wb", buffering=0) as filler:
        fill(filler)
        for _ in range(MANY):
            answer = door.ask()
            if answer.status_code != 201:
                break
        door.is_shut(answer)
        fill(filler)
        door.is_shut_and_says_so()
        create_app(door.settings)  # a worker that starts meanwhile
    (disk / "filler").unlink()
    door.is_open_soon()
    door.has_kept_its_word()


def test_read_only(door, disk):
    door.is_open_soon()
    mount("--bind", disk, disk)
    door.inside.database.close()  # a disk that fails ends what was open, too
    mount("-o", "remount,bind,ro", disk)
    try:
        time.sleep(1)  # readiness is remembered for so long
        door.is_shut_and_says_so()
        door.is_shut(door.ask(**{"Idempotency-Key": "read-only"}))
        mount("-o", "remount,bind,rw", disk)
        door.is_open_soon()
    finally:
        subprocess.run(["umount", "--lazy", disk], check=True)
    door.has_kept_its_word()


def fill(filler):
    """Until not one byte more goes in."""
    for size in (2**20, 2**12, 1):
        try:
            while filler.write(bytes(size)):
                pass
        except OSError:
            continue


def mount(*arguments):
    subprocess.run(["mount", *arguments], check=True)
