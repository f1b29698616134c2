"""What must be known before fasting, a deficit, a weight goal, hard intervals or strength training: each answer taken away opens nothing."""

from __future__ import annotations

from typing import Any

import pytest

from tests.asking import placements
from tests.profiles import OPEN, changed

RESTRICT_AND_HARD = ("intermittent_fasting", "caloric_reduction", "weight_loss_goal", "hiit")
ALL_FIVE = (*RESTRICT_AND_HARD, "strength_training")
WOMAN = {"sex": "female", "pregnancy": "none"}
HYPERTENSIVE = {"conditions": ["hypertension"]}
TAKEN_AWAY = {  # the person, what is not answered, what it stops, and whether an answer alone is lacking
    "complaints": ({}, {"symptoms": None}, ALL_FIVE, ALL_FIVE),
    "illnesses": ({}, {"conditions": None}, ALL_FIVE, ("strength_training",)),
    "medicines": ({}, {"medications": None}, ALL_FIVE, ("strength_training",)),
    "eating disorder": ({}, {"eating_disorder": None}, ALL_FIVE, ("strength_training",)),
    "pregnancy": (WOMAN, {"pregnancy": None}, ALL_FIVE, ("strength_training",)),
    "pregnancy, the sex not told": ({}, {"sex": None}, ALL_FIVE, ("strength_training",)),
    "screening": ({}, {"activity": {"parq_positive": None}}, ("hiit",), ("hiit",)),
    "blood pressure": (HYPERTENSIVE, {"blood_pressure": None}, ("hiit",), ("hiit",)),
}
HABITS = {"diet": {"eating_window_h": 8}, "activity": {"hiit_sessions": 2, "strength_sessions": 3}}


def lists(answer: dict[str, Any]) -> dict[str, str]:
    """The list in which each intervention stands; what is recommended and what is kept told apart."""
    return placements(answer) | {row["intervention"]: row["status"] for row in answer["recommendations"]}


@pytest.mark.parametrize(("person", "taken", "stops", "deferred"), TAKEN_AWAY.values(), ids=TAKEN_AWAY)
def test_what_is_not_answered_opens_nothing(advise, person, taken, stops, deferred):
    whole = changed(OPEN, person)
    assert {lists(advise(whole))[iv] for iv in stops} == {"recommend"}, "nothing else stops this person"
    answer = advise(changed(whole, taken))
    placed = lists(answer)
    assert {iv: placed[iv] for iv in stops} == {iv: "deferred" if iv in deferred else "clinician_first" for iv in stops}
    asked = {row["intervention"]: row for row in answer["deferred"]}
    assert all(asked[iv]["until"] and asked[iv]["reasons"][0]["message"] for iv in deferred)


@pytest.mark.parametrize(("person", "taken", "stops", "deferred"), TAKEN_AWAY.values(), ids=TAKEN_AWAY)
def test_what_is_already_done_passes_the_same(advise, person, taken, stops, deferred):
    done = changed(changed(OPEN, person), HABITS)
    kept = {iv for iv in stops if lists(advise(done))[iv] == "maintain"}
    assert "hiit" in kept
    placed = lists(advise(changed(done, taken)))
    assert not {iv for iv in kept if placed[iv] in ("maintain", "recommend")}


def test_signs_of_now_count_as_asked(advise):
    assert lists(advise(changed(OPEN, {"symptoms": None, "signs_now": []})))["hiit"] == "recommend"
