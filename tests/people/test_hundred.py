"""The hundred and the twenty: each as a physician expects, save the misses that are known and explained."""

from tests.people.misses import known, today
from tests.people.reading import people

HUNDRED = 100
PLAIN_AT_LEAST = 35


def test_nobody_is_missed_but_those_known():
    found, before = today(), {name: row["misses"] for name, row in known().items()}
    new = {name: lines for name, lines in found.items() if lines != before.get(name)}
    gone = sorted(before.keys() - found.keys())
    lines = [f"{name}: {line}" for name, missed in new.items() for line in missed]
    assert not new, "otherwise than expected, or than known_misses.yaml says:\n" + "\n".join(lines)
    assert not gone, f"right now, take them out with `python -m tests.people.misses`: {gone}"


def test_every_known_miss_is_explained():
    assert [name for name, row in known().items() if not row["reason"].strip()] == []


def test_they_are_a_hundred_and_all_different():
    hundred = [person for person in people() if person.file != "twenty"]
    assert len(hundred) == HUNDRED
    assert len({person.id for person in people()}) == len(people())
    assert len({str(sorted(person.profile.items(), key=str)) for person in people()}) == len(people())
    assert sum(bool(person.expect.get("plain")) for person in hundred) >= PLAIN_AT_LEAST
    assert all(person.source and person.who for person in people())
