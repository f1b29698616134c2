"""Three values over open ends: what is said to be sure is sure, whatever the missing answers are."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from service.analysis.sufficing import restricted
from service.analysis.unknown import Outlook, Span, unanswered, within
from service.knowledge.records import All, Any_, Compare, Holds, Known, Not
from tests.explaining.asked import FEW, KNOWLEDGE, PEOPLE

WORDS = KNOWLEDGE.vocabulary


@given(PEOPLE)
@FEW
def test_with_nothing_open_it_is_the_engine(advisor, observe, profile):
    values = observe(profile).values
    derivation, outlook = advisor.session.derive(values), Outlook(values, advisor.knowledge.program.strata, WORDS)
    for rule in KNOWLEDGE.rules.values():
        for fact, value in rule.conclusions:
            assert outlook.atoms.get((fact, value), False) is derivation.holds(fact, value)


@given(PEOPLE, st.data())
@FEW
def test_what_is_sure_of_a_part_holds_of_the_whole(advisor, observe, profile, data):
    whole = observe(profile)
    pointers = sorted({one.input for one in whole.given})
    kept = {"/age", *data.draw(st.lists(st.sampled_from(pointers), unique=True))}
    part = restricted(whole, answering(whole, kept), WORDS)
    check(Outlook(part.values, advisor.knowledge.program.strata, WORDS, unanswered(part.values, WORDS)), advisor.session.derive(whole.values))


@given(PEOPLE, st.data())
@FEW
def test_what_is_sure_of_the_whole_holds_of_every_part(advisor, observe, profile, data):
    whole = observe(profile)
    pointers = sorted({one.input for one in whole.given})
    gone = set(data.draw(st.lists(st.sampled_from(pointers), unique=True)))
    part = restricted(whole, set(pointers) - gone, WORDS)
    loose = [one.fact for one in whole.given if one.input in gone]
    check(Outlook(whole.values, advisor.knowledge.program.strata, WORDS, (), loose), advisor.session.derive(part.values))


def answering(whole, kept):
    """These inputs and all others that speak of the same lists: a list that was answered is taken as answered in full."""
    while True:
        facts = {one.fact for one in whole.given if one.input in kept}
        more = {one.input for one in whole.given if one.fact in facts}
        if more <= kept:
            return kept
        kept = kept | more


def check(outlook, derivation):
    for (fact, value), truth in outlook.atoms.items():
        if truth is not None:
            assert derivation.holds(fact, value) is truth, (fact, value)
    concluded = {(fact, value) for firing in derivation.firings() for fact, value in firing.rule.conclusions}
    assert concluded <= set(outlook.atoms)


def test_a_span_decides_a_test_only_where_both_ends_agree():
    test = Compare("bmi", "at_least", 25.0)
    assert within(test, Span(25.0, 30.0, True)) is True
    assert within(test, Span(25.0, 30.0, None)) is None
    assert within(test, Span(20.0, 25.0, True)) is None
    assert within(test, Span(20.0, 24.9, None)) is False
    assert within(Compare("bmi", "below", 25.0), Span(25.0, 30.0, True)) is False
    assert within(Known("bmi"), Span(20.0, 30.0, None)) is None


def test_groups_after_kleene():
    truth = Outlook({"sex": "female"}, (), WORDS, {"pregnancy"}).truth
    yes, no, unknown = Holds("sex", "female"), Holds("sex", "male"), Holds("pregnancy", "pregnant")
    assert [truth(test) for test in (yes, no, unknown, Not(unknown))] == [True, False, None, None]
    assert truth(All((yes, unknown, no))) is False
    assert truth(All((yes, unknown))) is None
    assert truth(Any_((no, unknown, yes))) is True
    assert truth(Any_(())) is False


@given(PEOPLE)
@FEW
def test_a_rule_is_undecided_by_tests_that_are(advisor, observe, profile):
    values = observe(profile).values
    outlook = Outlook(values, advisor.knowledge.program.strata, WORDS, unanswered(values, WORDS))
    for step in (step for stratum in advisor.knowledge.program.strata for step in stratum.steps):
        tests = outlook.undecided[step.rule.id]
        assert bool(tests) is (outlook.truth(step.condition) is None)
        assert all(outlook.truth(test) is None for test in tests)


def test_more_minutes_cannot_undo_enough_minutes(advisor, observe):
    values = observe({"age": 40, "activity": {"moderate_min": 200}}).values
    outlook = Outlook(values, advisor.knowledge.program.strata, WORDS, unanswered(values, WORDS))
    assert outlook.truth(Compare("mvpa_min", "at_least", 150.0)) is True
    assert outlook.truth(Compare("mvpa_min", "at_least", 300.0)) is None
