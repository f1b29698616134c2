"""Why: what it says suffices does, nothing less does, and what it calls a single point of failure is one. Counted and printed."""

from __future__ import annotations

import json
from collections import Counter
from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.serving import ROOT
from schemas.profile import profile_schema
from service.__main__ import main
from service.analysis.sufficing import restricted
from service.analysis.support import MOST_SETS
from service.explaining.questions import Questions
from service.explaining.why import Why
from service.knowledge.catalogue import evidence_document
from tests.conftest import TODAY
from tests.explaining.asked import CASES, FEW, KNOWLEDGE, PEOPLE
from tests.explaining.checking_why import WORDS, Asked, check
from tests.profiles import OPEN
from tests.thoroughness import some

SCHEMA = profile_schema(WORDS)()


@pytest.fixture(scope="module")
def about(advisor, observe):
    return lambda profile: Asked(advisor, observe(profile))


@given(PEOPLE, st.data())
@FEW
def test_fidelity_for_everybody(about, profile, data):
    asked = about(profile)
    check(asked.sufficing(data.draw(st.sampled_from(asked.results))))


@pytest.mark.parametrize("case", some(list(CASES), 6))
def test_fidelity_in_every_case(about, case):
    asked = about(CASES[case])
    tried = sum((check(asked.sufficing(fact)) for fact in asked.results[::6]), Counter())
    print(f"{case}: {dict(tried)}, all true")
    assert tried["sufficient"] and tried["necessary"]


def test_a_cut_keeps_what_dates_say(observe):
    old = {"age": 40, "labs": {"hba1c": {"value": 5, "unit": "%", "taken_on": "2020-01-01"}, "hdl": {"value": 50, "unit": "mg/dL", "taken_on": "2020-01-01"}}}
    assert restricted(observe(old), ["/age", "/labs/hba1c"], WORDS).values["stale"] == {"hba1c"}
    assert "stale" not in restricted(observe(old), ["/age"], WORDS).values


def test_more_sets_than_the_bound_are_said_to_be_more(about):
    why = about(OPEN).sufficing("insulin_resistance")
    many = why.support.least({frozenset({str(number)}) for number in range(MOST_SETS + 1)})
    assert len(many) == MOST_SETS and why.support.bounded
    why.sets()
    assert not why.complete


@pytest.fixture(scope="module")
def asked(advisor):
    return Questions(advisor).why(SCHEMA.load(deepcopy(OPEN)), "intermittent_fasting", now=TODAY)


def test_the_tree_goes_from_the_result_to_what_was_sent(advise, asked):
    nodes = {node["id"]: node for node in advise(OPEN, detail="full")["trace"]["nodes"]}
    leaves, seen = set(), set()

    def walk(tree):
        for one in tree.get("because", [tree]):
            if "absent" in one:
                continue
            assert nodes[one["id"]]["rule"] == one["rule"]
            seen.add(one["id"])
            if not one["premises"] and not one["above"]:
                leaves.add(nodes[one["id"]]["kind"])
            for premise in one["premises"]:
                walk(premise)

    found = asked
    walk(found["tree"])
    assert leaves <= {"given", "finding"}
    assert {"/age"} <= {one["input"] for one in found["premises"]}
    assert {node["id"] for node in nodes.values() if node["fact"] == "met"} <= seen, "an alternative is left out"


def test_every_sentence_of_the_tree_is_a_node_of_the_trace(advisor, advise, observe):
    texts = {node["id"]: node["text"] for node in advise(OPEN, detail="full")["trace"]["nodes"]}

    def walk(tree):
        for one in tree.get("because", [tree]):
            assert "absent" in one or one["text"] == texts[one["id"]]
            for premise in one.get("premises", ()):
                walk(premise)

    advised = advisor.advised(observe(OPEN))
    why = Why(advised, Questions(advisor).writer(advised, "person"), advisor.session.derive)
    for fact in Asked(advisor, advised.observations).results:
        walk(why.tree((fact, advised.derivation.facts[fact]), set()))


def test_premises_are_told_by_what_they_rest_on(asked):
    bases = {(one["input"], one["basis"]) for one in asked["premises"]}
    assert {("/labs/fasting_glucose", "measured"), ("/labs/fasting_glucose", "assumed"), ("/age", "reported")} <= bases


def test_the_weakest_link_and_the_evidence(asked):
    found = asked
    evidence = KNOWLEDGE.evidence["intermittent_fasting"]
    assert found["evidence"] == evidence_document(evidence)
    assert found["weakest"]["rule"] in KNOWLEDGE.rules
    assert all(not one["sources"] and one["claims"] for one in found["article_only"])
    assert (found["weakest"]["ground"] == "article") is bool(found["article_only"])


def test_the_command_prints_it(capsys):
    profile = str(ROOT / "deploy" / "demo" / "profile.json")
    assert main(["why", profile, "hiit"]) == 0
    assert "placement.hiit is" in capsys.readouterr().out
    assert main(["why", profile, "fibre", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["complete"] is True
    assert main(["why", profile, "no_such_thing"]) == 1
    assert "no_such_thing" in capsys.readouterr().err


def test_where_the_search_gave_up_it_says_so_and_what_is_named_suffices(about):
    assert check(about(CASES["C10"]).sufficing("placement.omega3"))["bounded"] == 1
