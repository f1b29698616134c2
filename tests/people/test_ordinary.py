"""The ordinary thousand: what clinical_review 10.20 tolerates, save what is known to lie outside; a fifth of it in a run that a person waits for."""

from __future__ import annotations

from typing import Any

import pytest

from tests.people.ordinary import PEOPLE, THOUSAND, ordinary
from tests.people.usefulness import Asked, asked, known, outside, room
from tests.thoroughness import whole

PART = 200
ERRORS = 2  # standard errors by which a part may lie outside for being a part
FIRST = 50


@pytest.fixture(scope="module")
def people() -> list[Asked]:
    return asked(ordinary(THOUSAND if whole() else PART))


def test_no_more_lies_outside_than_is_known(people):
    """A part of the thousand may lie further outside by chance, as far as its size allows."""
    errors, before = 0 if whole() else ERRORS, known()
    assert {name: by for name, by in outside(people, errors).items() if by > further(name, before, errors, people)} == {}


def further(name: str, before: dict[str, Any], errors: float, people: list[Asked]) -> float:
    if name not in before:
        return 0
    by, of = before[name]["by"], 1000 if name.startswith("disposition") else 100
    return by + room(by, of, errors, people)


def test_what_has_become_right_is_taken_out(people):
    """Only the whole thousand can tell; `python -m tests.people.ordinary write` takes it out."""
    if whole():
        assert known().keys() - outside(people).keys() == set()
    assert all(row["reason"].strip() for row in known().values())


def test_nobody_ordinary_is_refused(people):
    assert [one.answer["faults"] for one in people if one.disposition == "refused"] == []
    assert not [one.answer["not_served"] for one in people if "not_served" in one.answer]


def test_the_population_is_the_one_described():
    profiles = ordinary()
    shares = {
        "women": [profile["sex"] == "female" for profile in profiles],
        "on_a_medicine": [bool(profile.get("medications")) for profile in profiles],
        "with_a_symptom": [bool(profile.get("symptoms") or profile.get("signs_now")) for profile in profiles],
        "blood_values_known": ["labs" in profile for profile in profiles],
        "pressure_known": ["blood_pressure" in profile for profile in profiles],
    }
    for name, holds in shares.items():
        assert sum(holds) / THOUSAND == pytest.approx(PEOPLE[name]["share"], abs=PEOPLE[name].get("within", 0.04)), name
    bmi = [profile["weight"]["value"] / (profile["height"]["value"] / 100) ** 2 for profile in profiles if "weight" in profile]
    assert sum(bmi) / len(bmi) == pytest.approx(PEOPLE["bmi"]["mean"], abs=0.5)
    assert sum(profile["age"] for profile in profiles) / THOUSAND == pytest.approx(PEOPLE["age"]["mean"], abs=1)


def test_they_are_the_same_each_time():
    assert ordinary(FIRST) == ordinary(THOUSAND)[:FIRST]
