"""The counts of a process, under many threads."""

import time
from concurrent.futures import ThreadPoolExecutor

from limits.storage import storage_from_string

from service.api.guard import Counts


class Busy(Counts):
    """On a machine so busy that another thread runs between any two looks at the timer."""

    STORAGE_SCHEME = ("busy",)

    @property
    def timer(self):
        time.sleep(0.001)
        return self.__dict__["timer"]

    @timer.setter
    def timer(self, made):
        self.__dict__["timer"] = made


def test_many_threads_count_without_a_fault():
    with ThreadPoolExecutor(16) as pool:
        counts = Busy()
        found = list(pool.map(lambda _: counts.incr("a client", 60), range(200)))
    assert sorted(found) == list(range(1, 201))


def test_the_counts_of_a_process_are_these():
    assert isinstance(storage_from_string("memory://"), Counts)
