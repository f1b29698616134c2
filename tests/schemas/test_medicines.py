"""Medicines are understood or kept, never dropped."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.fields import PLAIN
from schemas.medicines import ATC, UNREVIEWED, Classes
from tests.loaded import KNOWLEDGE

WORD = KNOWLEDGE.vocabulary["medications"]
CLASSES = Classes(WORD)


UNDERSTOOD = {
    "insulin": "insulin", "Insulin": "insulin", " METFORMIN ": "metformin", "A10BA02": "metformin", "a10bb12": "sulfonylurea",
    "A10AE04": "insulin", "A10BX16": "glp1_ra", "A10BX02": "glinide", "N05AN01": "lithium", "N05AH03": "antipsychotic",
    "B01AF01": "rivaroxaban doac", "rivaroxaban": "rivaroxaban doac", "B01AF02": "doac", "B01AE07": "doac", "B01AA03": "warfarin",
    "C08CA02": "felodipine ccb", "felodipine": "felodipine ccb", "C08CA01": "ccb", "C09AA02": "ace_arb", "C09BA02": "ace_arb diuretic",
    "C07BB02": "beta_blocker diuretic", "C07FB02": "beta_blocker ccb", "A10BD02": "metformin sulfonylurea", "A10BD20": "metformin sglt2i",
    "A10AE56": "insulin glp1_ra", "C10AA01": "simvastatin_lovastatin_atorvastatin", "C10AX06": "tg_drug", "J01XX08": "maoi",
    "H02AB06": "systemic_steroid", "M01AE01": "nsaid", "C01AA05": "digoxin", "H03AA01": "levothyroxine",
}  # fmt: skip
UNKNOWN = [
    "metoprolol", "A10", "A", "A10BG03", "A10BD99", "B01A", "insulin glargine", "A10BA2", "A10BA02X", "٥", "ıNSULIN",
    "unreviewed_medication",
]  # fmt: skip


@pytest.mark.parametrize("sent", UNDERSTOOD)
def test_classes_and_codes_are_understood(sent):
    assert CLASSES.of(sent) == set(UNDERSTOOD[sent].split())


@pytest.mark.parametrize(
    "sent",
    [
        "metoprolol",
        "A10",
        "A",
        "A10BG03",
        "A10BD99",
        "B01A",
        "insulin glargine",
        "A10BA2",
        "A10BA02X",
        "٥",
        "ıNSULIN",
        "unreviewed_medication",
    ],
)
def test_what_is_not_understood_is_unreviewed(sent):
    assert CLASSES.of(sent) == {UNREVIEWED}


@pytest.mark.parametrize("name", WORD.values)
def test_every_class_is_understood_by_its_name_and_its_codes(name):
    assert name in CLASSES.of(name.upper())
    for prefix in CLASSES.prefixes[name]:
        assert name in CLASSES.of(prefix), prefix


def test_every_class_but_the_unreviewed_has_codes():
    assert [name for name in WORD.values if not CLASSES.prefixes[name]] == [UNREVIEWED]
    assert all(ATC.fullmatch(prefix) for prefixes in CLASSES.prefixes.values() for prefix in prefixes)


@given(st.text(min_size=1, max_size=128).filter(PLAIN.fullmatch) | st.from_regex(ATC, fullmatch=True))
def test_every_medicine_has_a_class(sent):
    assert CLASSES.of(sent) <= set(WORD.values)
    assert CLASSES.of(sent)
