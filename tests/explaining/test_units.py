"""Numbers of the rules in the caller's units: there and back they are the same."""

from __future__ import annotations

from schemas.quantities import Converter
from service.analysis.units import apart, converted, forth
from service.answering.sentences import printed
from tests.explaining.asked import KNOWLEDGE
from tests.failing import failing
from tests.strategies import thresholds

LIMITS = thresholds(KNOWLEDGE)
QUANTITIES = [(word, unit) for word in KNOWLEDGE.vocabulary.values() if word.input for unit in word.units]


def test_every_threshold_comes_back_as_it_was():
    assert failing(comes_back, QUANTITIES) == []


def comes_back(word, unit):
    factors = [None, 6.945] if word.units[unit].factor else [None]
    for factor in factors:
        for threshold in (*LIMITS.get(word.id, ()), *word.hard):
            there = converted(word, threshold, unit, factor)
            assert Converter(word).canonical(there, unit, factor) == forth(word, there, unit, factor) == threshold


def test_distances_have_no_noise():
    assert apart(0.3, 0.1) == 0.2
    assert apart(5.5, 5.7) == 0.2


def test_units_are_printed_as_people_write_them():
    assert printed(5.5, "mmol/L") == "5.5 mmol/L"
    assert printed(12, "u[IU]/mL") == "12 µIU/mL"
    assert printed(0.5, "1") == printed(0.5, None) == "0.5"
