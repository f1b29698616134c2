"""The short why of a full answer: the same single points and premises that the whole one names, for every placed intervention."""

from __future__ import annotations

from collections import Counter
from copy import deepcopy

import pytest
from hypothesis import given

from schemas.profile import profile_schema
from service.answering.why_in_short import LISTS
from service.explaining.questions import Questions
from tests.conftest import TODAY
from tests.explaining.asked import CASES, FEW, KNOWLEDGE, PEOPLE
from tests.explaining.checking_why import Asked

SCHEMA = profile_schema(KNOWLEDGE.vocabulary)()


def rows(answer):
    return [row for name in LISTS for row in answer[name]]


@pytest.mark.parametrize("case", ["C01", "C03", "C16", "C23", "C39"])
def test_it_counts_what_the_whole_why_tells(advisor, advise, case):
    loaded = SCHEMA.load(deepcopy(CASES[case]))
    for row in rows(advise(CASES[case], detail="full")):
        whole, short = Questions(advisor).why(loaded, row["intervention"], now=TODAY), row["why"]
        assert (short["weakest"], short["single_points"]) == (whole["weakest"], whole["single_points"])
        counted = Counter(premise["basis"] for premise in whole["premises"])
        assert {basis: short[basis] for basis in ("measured", "reported", "assumed")} == {"measured": 0, "reported": 0, "assumed": 0, **counted}
        assert short["article_only"] == len(whole["article_only"])


@given(PEOPLE)
@FEW
def test_single_points_by_the_engine(advisor, advise, observe, profile):
    asked = Asked(advisor, observe(profile))
    for row in rows(advise(profile, detail="full")):
        sufficing = asked.sufficing(f"placement.{row['intervention']}")
        assert row["why"]["single_points"] == [one for one in sorted(sufficing.all) if not sufficing.gives(sufficing.all - {one})]


def test_of_equally_weak_rules_the_last_one_is_named(advise):
    weakest = [row["why"]["weakest"]["rule"] for row in rows(advise(CASES["C01"], detail="full"))]
    assert "finding.adult" not in weakest, "everything rests on it, which tells nothing"


def test_only_a_full_answer_carries_it(advise):
    assert not any("why" in row for detail in ("summary", "standard") for row in rows(advise(CASES["C01"], detail=detail)))
