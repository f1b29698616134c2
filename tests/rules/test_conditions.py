"""The table of conditions: where the six stricter interventions stand for somebody whom nothing else stops, by the rulings in clinical_review.

`conditions.csv` here is written from the rulings and not from the rules. Where one of fasting, calorie reduction, a weight goal and HIIT is open,
`opened_by` names the ruling: a condition that is understood is never answered less cautiously than one that no rule knows, unless a ruling says so.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.asking import placements
from tests.loaded import KNOWLEDGE
from tests.profiles import OPEN, changed
from tests.thoroughness import some

TABLE = list(csv.DictReader(Path(__file__).with_name("conditions.csv").read_text(encoding="utf-8").splitlines()))
COLUMNS = {
    "fasting": "intermittent_fasting", "caloric_reduction": "caloric_reduction", "weight_loss_goal": "weight_loss_goal", "hiit": "hiit",
    "strength": "strength_training", "activity": "regular_activity",
}  # fmt: skip
STOPPED_IF_UNKNOWN = ("fasting", "caloric_reduction", "weight_loss_goal", "hiit")
OF_ANOTHER_MATTER = {"cvd_unstable", "acute_illness_fever"}  # an emergency, and a sign of now: elsewhere


@pytest.fixture(scope="module")
def standing(advise):
    """Where each of the six stands: withheld, clinician_first or open."""

    def of(conditions: list[str]) -> dict[str, str]:
        found = placements(advise(changed(OPEN, {"conditions": conditions})))
        told = {column: found[intervention] for column, intervention in COLUMNS.items()}
        return {column: "open" if place == "recommendations" else place for column, place in told.items()}

    return of


def test_the_table_has_every_condition_once():
    named = [row["condition"] for row in TABLE]
    assert sorted({*named, *OF_ANOTHER_MATTER}) == sorted(KNOWLEDGE.vocabulary["conditions"].values)
    assert len(named) == len(set(named))


def test_each_condition_alone_stops_what_its_ruling_stops(standing):
    asked = some(TABLE, 3)
    answers = {row["condition"]: standing([row["condition"]]) for row in asked}
    wrong = [(row["condition"], column, row[column], answers[row["condition"]][column]) for row in asked for column in COLUMNS
             if row[column] != answers[row["condition"]][column]]  # fmt: skip
    assert wrong == []


def test_what_is_open_is_opened_by_a_ruling():
    unfounded = [row["condition"] for row in TABLE if ("open" in {row[column] for column in STOPPED_IF_UNKNOWN}) != bool(row["opened_by"])]
    assert unfounded == []
    assert [row["condition"] for row in TABLE if not row["ruling"]] == []


def test_a_word_that_is_understood_is_no_less_cautious_than_an_unknown_one(standing):
    """Of every word, whatever its values are together: open only what the table opens for each of them."""
    opened = {row["condition"]: {column for column in STOPPED_IF_UNKNOWN if row[column] == "open"} for row in TABLE}
    everything = set(STOPPED_IF_UNKNOWN)
    wrong = []
    for term in some(KNOWLEDGE.vocabulary["conditions"].thesaurus.terms, 4):
        if term.outcome in ("rules", "not_reviewed") and not OF_ANOTHER_MATTER & set(term.values):
            may = set.intersection(everything, *(opened[value] for value in term.values if value in opened))
            may = set() if term.outcome == "not_reviewed" or not term.values else may
            is_open = {column for column, place in standing([term.id]).items() if place == "open"} & everything
            wrong += [(term.id, is_open - may)] if is_open - may else []
    assert wrong == []


def test_no_condition_is_left_without_a_plan_by_accident(standing):
    """Eating items and walking stay recommended unless a ruling stops them: the table says so of walking."""
    assert {row["condition"] for row in TABLE if row["activity"] != "open"} == {
        "aortic_stenosis", "mi_recent", "stroke_recent", "me_cfs", "long_covid", "recent_surgery",
    }  # fmt: skip
