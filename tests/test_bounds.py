"""Numbers of which only bounds are known: what they decide, what they leave open, and that no engine reads them otherwise."""

from __future__ import annotations

from copy import deepcopy
from itertools import product

import pytest

from schemas.answer import AnswerSchema
from schemas.bounds import Bounded, high_of, hull, low_of
from schemas.profile import profile_schema
from service.advising import Advisor
from service.engine.matching import holds
from service.knowledge.conditions import COMPARE, UPWARDS
from service.knowledge.records import Compare
from service.measures import observe
from tests.conftest import TODAY
from tests.loaded import KNOWLEDGE
from tests.profiles import OPEN, changed
from tests.thoroughness import some

WORDS = KNOWLEDGE.vocabulary
SCHEMA = profile_schema(WORDS)()
LABS = [word for word in WORDS.values() if (word.input or "").startswith("/labs/") and word.kind == "number"]
ADVISOR = Advisor(KNOWLEDGE, oracle_share=1.0)  # both engines answer, and must agree


def sent(word, value: float, comparator: str | None = None, unit: str | None = None) -> dict:
    said = {"value": value, "unit": unit or word.unit}
    return {"labs": {word.id: {**said, **({"comparator": comparator} if comparator else {})}}}


def limits(word) -> list[float]:
    """What rules compare the value with, itself or as it is handed on."""
    names = {word.id} | {other.id for other in WORDS.values() if word.id in other.from_any}
    found = {limit for fact, numbers in ADVISOR.indexes.readers.thresholds.items() if fact in names for limit in numbers}
    return sorted(limit for limit in found if word.hard[0] < limit < word.hard[1])


def loaded(change: dict) -> dict:
    return SCHEMA.load(deepcopy(changed({"age": 40, "sex": "male", "conditions": [], "medications": [], "symptoms": []}, change)))


def outcome(change: dict) -> dict:
    return ADVISOR.advise(loaded(change), now=TODAY)


def findings(change: dict) -> set[str]:
    facts = ADVISOR.derive(observe(loaded(change), WORDS, TODAY.date()).values).facts
    return {word.id for word in WORDS.values() if word.listed == "finding" and word.id in facts}


@pytest.mark.parametrize("word", LABS, ids=lambda word: word.id)
def test_a_bound_concludes_what_every_value_beyond_it_does(word):
    """Just beyond each limit and between: what is found for the bound is found for each value that it may be."""
    numbers = [limit + step for limit in limits(word) for step in (0.0, 0.1)] or [sum(word.hard) / 2]
    for bound, comparator in some(list(product(numbers, ("<", "<=", ">", ">="))), 21):
        found = findings(sent(word, bound, comparator))
        ends = (word.hard[0], bound) if comparator[0] == "<" else (bound, word.hard[1])
        inside = {ends[0] + (ends[1] - ends[0]) * share for share in (0.001, 0.25, 0.5, 0.75, 0.999)}
        inside |= {limit + step for limit in limits(word) for step in (-0.001, 0.001) if ends[0] < limit + step < ends[1]}
        for value in inside:
            exact = sent(word, round(value, 6))
            exact["labs"][word.id]["confirmed"] = True  # else a number more plausible in another unit reassures of nothing
            assert found <= findings(exact), (comparator, bound, value)


def test_a_test_holds_of_a_bound_where_it_holds_of_all_that_it_may_be():
    bounded, values = Bounded(2.0, 5.0), (2.0, 3.0, 5.0)
    for word, threshold in product(COMPARE, (1.0, 2.0, 3.0, 5.0, 6.0)):
        assert holds(Compare("x", word, threshold), {"x": bounded}) == all(COMPARE[word](value, threshold) for value in values)
    assert set(UPWARDS) < set(COMPARE)


def test_bounds_of_several_are_the_widest():
    made = hull([Bounded(2.0, 5.0), 7.0])
    assert (low_of(made), high_of(made)) == (2.0, 7.0) and hull([3.0, 3.0]) == 3.0 and not isinstance(hull([3.0, 3.0]), Bounded)
    assert deepcopy(made) is made


@pytest.mark.parametrize(
    ("change", "flag"),
    [
        (sent(WORDS["egfr"], 15, "<"), "RF.LOW_EGFR_UNKNOWN"),
        (sent(WORDS["potassium"], 6.0, ">"), "RF.HYPERK"),
        (sent(WORDS["random_glucose"], 600, ">"), "RF.DKA_HHS"),
        ({"sex": "unknown", **sent(WORDS["creatinine"], 8)}, "RF.LOW_EGFR_UNKNOWN"),
        ({"sex": "other", **sent(WORDS["creatinine"], 8)}, "RF.LOW_EGFR_UNKNOWN"),
    ],
)
def test_what_is_dangerous_whatever_it_is_exactly_is_told(change, flag):
    assert flag in {row["code"] for row in outcome(change)["red_flags"]}


def test_what_differs_by_sex_is_not_concluded():
    """Creatinine of 1.2 mg/dL at 60: below 60 for a woman, above for a man."""
    labs = sent(WORDS["creatinine"], 1.2)
    found = {sex: {row["id"] for row in outcome({"age": 60, "sex": sex, **labs})["findings"]} for sex in ("female", "male", "unknown")}
    assert "egfr_g3a" in found["female"] and "egfr_g3a" not in found["male"] | found["unknown"]
    assert "/sex" in {row["input"] for row in outcome({"age": 60, "sex": None, **labs})["missing"]}


@pytest.mark.parametrize(
    ("change", "gated"),
    [
        ({"age": 60, "sex": "unknown", **sent(WORDS["creatinine"], 1.2)}, True),
        ({"age": 60, "sex": "male", **sent(WORDS["creatinine"], 1.2)}, False),
        ({"age": 60, "sex": "female", **sent(WORDS["creatinine"], 1.2)}, True),
        ({"age": 60, "sex": "unknown", **sent(WORDS["creatinine"], 0.7)}, False),
        (sent(WORDS["egfr"], 30, ">"), True),
        (sent(WORDS["egfr"], 60, ">="), False),
    ],
)
def test_the_gates_of_a_weak_kidney_hold_where_it_may_be_weak(change, gated):
    facts = ADVISOR.derive(observe(loaded(change), WORDS, TODAY.date()).values).facts
    assert any(facts.get(token) for token in ("ckd_g3", "ckd_g4_5")) == gated


def test_a_bound_is_kept_shown_and_asked_again(advise):
    answer = advise(changed(OPEN, sent(WORDS["hs_crp"], 5, "<")), detail="full")
    [node] = [node for node in answer["trace"]["nodes"] if node["fact"] == "hs_crp"]
    assert (node["value"], node["high"], node["sent"]["comparator"]) == (5.0, 4.999999999, "<") and "less than 5 mg/L" in node["text"]
    assert not {"hscrp_low", "hscrp_average", "hscrp_high", "hscrp_gt10"} & {row["id"] for row in answer["findings"]}


def test_a_limit_of_detection_may_lie_below_what_is_plausible():
    values = observe(SCHEMA.load({"age": 40, **sent(WORDS["fasting_insulin"], 0.2, "<")}), WORDS, TODAY.date()).values
    assert isinstance(values["fasting_insulin"], Bounded)


def test_what_is_answered_has_the_form_that_is_documented(advise):
    """A computed number within bounds, in every detail."""
    person = changed(OPEN, sent(WORDS["fasting_insulin"], 2, "<"))
    for detail in ("standard", "full"):
        answer = advise(person, detail=detail)
        assert AnswerSchema().validate(deepcopy(answer)) == {}
    [homa] = [row for row in answer["computed"] if row["id"] == "homa_ir"]
    assert (homa["low"], round(homa["high"], 3)) == (0.08, 0.533)
