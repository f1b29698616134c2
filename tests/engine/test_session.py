"""durable-rules under our pattern: right answers on small rule bases, and nothing left over between two of them."""

import math

import pytest

from service.engine import session as engine
from service.engine.compiling import ON_THE_STACK, compile_strata
from service.engine.matching import derive
from service.engine.session import EngineFault, Session, number
from service.knowledge.program import NegationCycle, arrange
from service.knowledge.records import All, Any_, Cites, Compare, Holds, Known, Not, Place, Rule, Word

PLACE = Place("test.yaml", 1)


def words(*entries):
    return {id_: Word(id=id_, kind=kind, label=id_, plain=id_, place=PLACE, **more) for id_, kind, more in entries}


def rule(id_, when, *conclusions):
    return Rule(
        id=id_, title=id_, layer="findings", topic="test", status="draft", cites=Cites(design="test"), when=when, own=when,
        then={"holds": conclusions[0][0]}, conclusions=conclusions, place=PLACE, hash="",
    )  # fmt: skip


def made(vocabulary, *rules):
    strata = arrange(rules, vocabulary)
    return Session(strata, vocabulary), strata


def agreed(session, strata, vocabulary, facts):
    """What the session derives, after making sure that the oracle derives the same for the same reasons."""
    derivation, oracle = session.derive(facts), derive(facts, strata, vocabulary)
    assert derivation.facts == oracle.facts
    assert {(f.rule.id, f.premises) for f in derivation.firings()} == {(f.rule.id, f.premises) for f in oracle.firings()}
    return derivation


NUMBER = words(("x", "number", {}), ("high", "flag", {}), ("low", "flag", {}))
EDGE = (rule("high", Compare("x", "at_least", 25.0), ("high", True)), rule("low", Not(Holds("high")), ("low", True)))


@pytest.mark.parametrize("x", [25.0, 24.999999999, 25.000000001, 0.0000001, 1e-9, 123456789.123, -0.0, 1e15])
def test_thresholds_are_exact_in_fixed_notation(x):
    session, strata = made(NUMBER, *EDGE)
    assert ("high" in agreed(session, strata, NUMBER, {"x": x}).facts) == (x >= 25)


@pytest.mark.parametrize("value", [1e-07, 1e16, 1e22, 5.0, 0.1, -2.5e-9])
def test_numbers_never_carry_an_exponent(value):
    assert "e" not in number(value)
    assert float(number(value)) == value


def test_nothing_fires_for_nobody_a_thousand_times():
    session, _ = made(NUMBER, EDGE[0])
    for _ in range(1000):
        assert session.derive({}).steps == []


def test_absence_is_asked_only_of_what_is_final():
    session, strata = made(NUMBER, *EDGE)
    assert "low" in agreed(session, strata, NUMBER, {}).facts
    assert "low" not in agreed(session, strata, NUMBER, {"x": 30.0}).facts


def test_a_cycle_through_negation_is_refused():
    vocabulary = words(("a", "flag", {}), ("b", "flag", {}))
    with pytest.raises(NegationCycle):
        arrange([rule("a", Not(Holds("b")), ("a", True)), rule("b", Holds("a"), ("b", True))], vocabulary)


def test_a_weaker_level_gives_way_to_a_stronger_one():
    vocabulary = words(("x", "number", {}), ("state", "level", {"values": ("likely", "possible")}))
    session, strata = made(
        vocabulary,
        rule("possible", Compare("x", "above", 1.0), ("state", "possible")),
        rule("likely", Compare("x", "above", 5.0), ("state", "likely")),
    )
    assert agreed(session, strata, vocabulary, {"x": 3.0}).facts["state"] == "possible"
    assert agreed(session, strata, vocabulary, {"x": 9.0}).facts["state"] == "likely"


def test_loops_chain_until_nothing_new_follows():
    ring = words(*((f"n{i}", "flag", {}) for i in range(200)), ("start", "flag", {}))
    rules = [rule(f"r{i}", Holds(f"n{i}"), (f"n{(i + 1) % 200}", True)) for i in range(200)]
    session, strata = made(ring, rule("seed", Not(Holds("start")), ("n7", True)), *rules)
    assert len(agreed(session, strata, ring, {}).firings()) == 201


def test_more_satisfied_tests_than_the_engine_can_hold_are_split():
    many = words(("x", "number", {}), *((f"f{i}", "flag", {}) for i in range(300)))
    rules = [rule(f"r{i}", Compare("x", "above", i / 1000), (f"f{i}", True)) for i in range(300)]
    session, strata = made(many, *rules)
    assert len(session.strata[0].chunks) == 6
    assert len(agreed(session, strata, many, {"x": 1.0}).firings()) == 300


def test_the_worst_person_a_chunk_allows_is_answered():
    """Every trigger of the chunk holds, and every pattern behind each of them."""
    triggers, behind = 50, ON_THE_STACK - 50
    vocabulary = words(
        ("codes", "codes", {"values": tuple(f"c{i}" for i in range(triggers))}),
        *((f"n{j}", "number", {}) for j in range(behind)),
        *((f"f{i}x{j}", "flag", {}) for i in range(triggers) for j in range(behind)),
    )
    rules = [
        rule(f"r{i}x{j}", All((Holds("codes", f"c{i}"), Compare(f"n{j}", "above", 1.0))), (f"f{i}x{j}", True))
        for i in range(triggers)
        for j in range(behind)
    ]
    session, strata = made(vocabulary, *rules)
    worst = {"codes": frozenset(f"c{i}" for i in range(triggers)), **{f"n{j}": 2.0 for j in range(behind)}}
    assert len(session.strata[0].chunks) == 1
    assert len(agreed(session, strata, vocabulary, worst).firings()) == triggers * behind


def test_the_engine_takes_the_tests_of_a_pattern_in_the_order_in_which_they_are_given():
    """If it began with the others, their number and not the triggers' would count, and the fact would be refused."""
    behind = ON_THE_STACK - 2
    vocabulary = words(
        ("codes", "codes", {"values": ("c0", "c1")}),
        *((f"n{i}x{j}", "number", {}) for i in range(2) for j in range(behind)),
        *((f"f{i}x{j}", "flag", {}) for i in range(2) for j in range(behind)),
    )
    rules = [
        rule(f"r{i}x{j}", All((Compare(f"n{i}x{j}", "above", 1.0), Holds("codes", f"c{i}"))), (f"f{i}x{j}", True))
        for i in range(2)
        for j in range(behind)
    ]
    session, strata = made(vocabulary, *rules)
    worst = {"codes": frozenset({"c0", "c1"}), **{f"n{i}x{j}": 2.0 for i in range(2) for j in range(behind)}}
    assert len(session.strata[0].chunks) == 1
    assert len(agreed(session, strata, vocabulary, worst).firings()) == 2 * behind


def test_counts_are_made_between_strata():
    vocabulary = words(
        ("x", "number", {}), ("a", "flag", {}), ("b", "flag", {}), ("both", "flag", {}), ("n", "count", {"of": ("a", "b")})
    )
    session, strata = made(
        vocabulary,
        rule("a", Compare("x", "above", 1.0), ("a", True)),
        rule("b", Compare("x", "above", 2.0), ("b", True)),
        rule("both", Compare("n", "at_least", 2.0), ("both", True)),
    )
    assert agreed(session, strata, vocabulary, {"x": 1.5}).facts["n"] == 1.0
    assert agreed(session, strata, vocabulary, {"x": 3.0}).facts["both"] is True


def test_choices_codes_and_known_reach_the_engine_as_flags():
    vocabulary = words(
        ("sex", "choice", {"values": ("female", "male")}), ("codes", "codes", {"values": ("t1d", "t2d")}), ("ok", "boolean", {}),
        *((f"f{i}", "flag", {}) for i in range(5)),
    )  # fmt: skip
    session, strata = made(
        vocabulary,
        rule("r0", Holds("sex", "male"), ("f0", True)),
        rule("r1", All((Known("codes"), Not(Holds("codes", "t1d")))), ("f1", True)),
        rule("r2", Holds("ok", False), ("f2", True)),
        rule("r3", Not(Holds("ok", False)), ("f3", True)),
        rule("r4", Any_((Holds("codes", "t1d"), Holds("codes", "t2d"))), ("f4", True)),
    )
    found = agreed(session, strata, vocabulary, {"sex": "male", "codes": frozenset({"t2d"}), "ok": False}).facts
    assert [f"f{i}" in found for i in range(5)] == [True, True, True, False, True]
    assert "f1" not in agreed(session, strata, vocabulary, {}).facts
    assert "f3" in agreed(session, strata, vocabulary, {}).facts


def test_a_fault_in_the_engine_is_a_fault_and_the_next_answer_is_good(monkeypatch):
    session, strata = made(NUMBER, *EDGE)
    session.derive({"x": 30.0})
    with monkeypatch.context() as broken:
        broken.setattr(engine, "number", lambda value: "1e-07")  # what the engine's parser refuses
        with pytest.raises(EngineFault):
            session.derive({"x": 1e-7})
    assert "high" in agreed(session, strata, NUMBER, {"x": 30.0}).facts


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_number_that_is_none_is_a_fault_and_never_an_answer(value):
    session, _ = made(NUMBER, *EDGE)
    with pytest.raises(EngineFault):
        session.derive({"x": value})


def test_a_firing_for_a_fact_of_another_answer_is_a_fault(monkeypatch):
    session, _ = made(NUMBER, *EDGE)
    session.derive({})
    monkeypatch.setattr(engine.durable, "start_action_for_state", lambda *_: ("{}", '{"r0":{"m":{"id":"another"}}}'))
    with pytest.raises(EngineFault):
        session.derive({"x": 30.0})


@pytest.mark.parametrize("interruption", [KeyError, KeyboardInterrupt, SystemExit])
def test_after_whatever_stops_an_answer_the_next_one_has_new_handles(monkeypatch, interruption):
    session, strata = made(NUMBER, *EDGE)
    session.derive({"x": 30.0})
    with monkeypatch.context() as broken:
        broken.setattr(engine.Ruleset, "_firings", lambda *_: (_ for _ in ()).throw(interruption))
        with pytest.raises(interruption):
            session.derive({"x": 30.0})
    assert all(ruleset.handle is None for ruleset in session.rulesets.values())
    assert "low" in agreed(session, strata, NUMBER, {"x": 3.0}).facts


def test_names_that_are_one_to_the_engine_are_refused(monkeypatch):
    monkeypatch.setattr("service.engine.compiling.fnv", len)
    with pytest.raises(Exception, match="the same to the engine"):
        compile_strata(arrange(EDGE, NUMBER), NUMBER)
