"""Limits that guidelines print in two units are met in both, and between them a higher number is a higher number."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.quantities import Converter
from service.analysis.units import converted, forth
from service.knowledge.conditions import leaves
from service.knowledge.records import Compare
from tests.failing import failing
from tests.loaded import KNOWLEDGE
from tests.profiles import OPEN, changed

WORDS = KNOWLEDGE.vocabulary
PRINTED = [(word.id, unit, pair) for word in WORDS.values() for unit, made in word.units.items() for pair in made.printed]
BENT = sorted({(fact, unit) for fact, unit, _ in PRINTED})
READ_AS = {"glucose_highest": "random_glucose", "glucose_lowest": "random_glucose"}  # numbers that are one of the measurements


def test_who_is_at_a_printed_limit_is_at_it_in_either_unit():
    assert failing(at_it_in_either, PRINTED) == []


def at_it_in_either(fact, unit, pair):
    here, there = pair
    canonical = Converter(WORDS[fact]).canonical
    step = 10.0 ** -len(repr(here).partition(".")[2])
    assert canonical(here, unit) == there
    assert canonical(round(here - step / 10, 6), unit) < there < canonical(round(here + step / 10, 6), unit)
    made = WORDS[fact].units[unit]
    for beyond in (round(here - step, 6), round(here + step, 6)):
        if not any(abs(beyond - other) < step / 2 for other, _ in made.printed):
            assert canonical(beyond, unit) == round(float(made.line(Decimal(repr(beyond)))), 9), "beyond half a step the factor holds"


@pytest.mark.parametrize(("fact", "unit"), BENT)
def test_a_higher_number_is_a_higher_number(fact, unit):
    word = WORDS[fact]
    low, high = (converted(word, bound, unit) for bound in word.hard)
    numbers = [low + (high - low) * part / 20_000 for part in range(20_001)]
    found = [forth(word, number, unit) for number in numbers]
    assert all(earlier < later for earlier, later in pairwise(found))


@pytest.mark.parametrize(("fact", "unit"), BENT)
@given(data=st.data())
def test_there_and_back_is_the_same_number(fact, unit, data):
    word = WORDS[fact]
    number = round(data.draw(st.floats(*(converted(word, bound, unit) for bound in word.hard))), 4)
    assert converted(word, forth(word, number, unit), unit) == pytest.approx(number, abs=1e-8)


def test_every_limit_of_glucose_stands_in_both_units():
    """The limits that send to a hospital: none of them may be met in one unit only."""
    tests = [leaf for rule in KNOWLEDGE.rules.values() for leaf, _ in leaves(rule.when) if isinstance(leaf, Compare)]
    compared = {(READ_AS.get(leaf.fact, leaf.fact), leaf.threshold) for leaf in tests}
    pairs = {(fact, float(there)) for fact, _, (_, there) in PRINTED}
    glucose = ("fasting_glucose", "random_glucose", "ogtt_2h")
    assert sorted((fact, limit) for fact, limit in compared if fact in glucose and (fact, limit) not in pairs) == []


def test_an_emergency_in_one_unit_is_an_emergency_in_the_other(advise):
    for value, unit in ((200, "mg/dL"), (11.1, "mmol/L")):
        labs = {"fasting_glucose": None, "random_glucose": {"value": value, "unit": unit}}
        answer = advise(changed(OPEN, {"symptoms": ["ketones_moderate_large"], "labs": {k: v for k, v in labs.items() if v}}))
        assert answer["disposition"] == "emergency", unit


def test_diabetes_in_one_unit_is_diabetes_in_the_other(advise):
    found = []
    for value, unit in ((200, "mg/dL"), (11.1, "mmol/L"), (11.0, "mmol/L")):
        answer = advise(changed(OPEN, {"labs": {"ogtt_2h": {"value": value, "unit": unit}}}))
        found.append({row["id"] for row in answer["findings"]} & {"ogtt_diabetes_range", "ogtt_prediabetes"})
    assert found == [{"ogtt_diabetes_range"}, {"ogtt_diabetes_range"}, {"ogtt_prediabetes"}]
