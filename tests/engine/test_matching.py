"""The plain evaluator: what each word means, at the edge and over the unknown."""

import pytest

from service.engine.matching import holds, support
from service.engine.trace import Premise
from service.knowledge.records import All, Any_, Compare, Holds, Known, Not


@pytest.mark.parametrize(
    ("word", "below", "on", "over"),
    [("at_least", False, True, True), ("above", False, False, True), ("at_most", True, True, False), ("below", True, False, False)],
)
def test_comparisons_say_on_which_side_the_threshold_lies(word, below, on, over):
    test = Compare("bmi", word, 25.0)
    assert [holds(test, {"bmi": value}) for value in (24.999999, 25.0, 25.000001)] == [below, on, over]


@pytest.mark.parametrize("test", [Compare("bmi", "below", 25.0), Holds("sex", "male"), Known("bmi"), Holds("conditions", "t2d")])
def test_nothing_is_true_of_the_unknown(test):
    assert not holds(test, {})


def test_a_list_without_the_code_is_not_the_same_as_no_list():
    assert support(Not(Holds("conditions", "t2d")), {"conditions": frozenset()})
    assert support(Known("conditions"), {"conditions": frozenset()})
    assert not support(Known("conditions"), {})


def test_every_justification_of_an_alternative_is_kept():
    either = Any_((Holds("a"), Holds("b")))
    assert support(either, {"a": True, "b": True}) == [frozenset({Premise("a", True)}), frozenset({Premise("b", True)})]


def test_a_negated_comparison_rests_on_the_value_or_on_its_absence():
    test = Not(Compare("bmi", "at_least", 25.0))
    assert support(test, {"bmi": 22.0}) == [frozenset({Premise("bmi", None, True)})]
    assert support(test, {}) == [frozenset({Premise("bmi", None, False)})]
    assert support(test, {"bmi": 25.0}) == []


def test_not_all_is_any_not():
    test = Not(All((Holds("a"), Holds("b"))))
    assert support(test, {"a": True}) == [frozenset({Premise("b", True, False)})]
    assert len(support(test, {})) == 2
