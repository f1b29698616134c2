"""What holds for everybody, shown on people made at random."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.advising import Advisor, agree
from service.analysis.units import converted
from service.engine.matching import derive
from service.workbench.explained import Explained
from tests.asking import listed, placements
from tests.deriving import check_trace
from tests.loaded import KNOWLEDGE
from tests.strategies import QUANTITIES, profiles

PEOPLE = profiles(KNOWLEDGE)
ANSWERED = profiles(KNOWLEDGE, always=("age", "conditions", "medications", "allergies", "symptoms"))
RISKY = ("intermittent_fasting", "caloric_reduction", "weight_loss_goal", "hiit")
LISTS = ("conditions", "medications", "supplements", "allergies", "symptoms", "signs_now", "goals")
WORD_LISTS = tuple(word.id for word in KNOWLEDGE.vocabulary.values() if word.thesaurus is not None)
UNKNOWN = st.sampled_from(
    ["a name nobody mapped", {"system": "ICD-10", "code": "Q99.9"}, {"system": "SNOMED CT", "code": "1", "display": "something rare"}]
)
STOPPED = ("withheld", "clinician_first")
EXPLAINED = Explained(KNOWLEDGE)
VOLATILE = ("decision_id", "created_at")


def core(answer: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in answer.items() if key not in VOLATILE}


@given(PEOPLE)
def test_durable_rules_and_the_plain_evaluator_agree(observe, advisor, profile):
    values = observe(profile).values
    agree(advisor.session.derive(values), derive(values, advisor.knowledge.program.strata, KNOWLEDGE.vocabulary))


@given(PEOPLE)
def test_every_intervention_stands_in_exactly_one_list(advise, profile):
    answer = advise(profile)
    assert set(placements(answer)) == set(KNOWLEDGE.interventions)
    assert [row["component"] for row in answer["components"]] == list(KNOWLEDGE.components)


@given(PEOPLE)
def test_the_trace_alone_derives_the_answer_again(advise, advisor, profile):
    check_trace(KNOWLEDGE, advisor.knowledge.program.strata, advise(profile, detail="full"))


@given(PEOPLE, st.randoms(use_true_random=False))
def test_order_of_lists_and_repetition_change_nothing(advise, profile, random):
    shuffled = deepcopy(profile)
    for name in LISTS:
        random.shuffle(shuffled.get(name, []))
    first, again, other = (core(advise(one)) for one in (profile, profile, shuffled))
    assert first == again
    assert unsent(first) == unsent(other)


def unsent(answer: dict[str, Any]) -> dict[str, Any]:
    """Without what was sent: it is kept as it came, in the caller's own order and units."""
    for node in answer.get("trace", {}).get("nodes", ()):
        node.pop("sent", None)
    for row in answer["conflicts"]:
        row["inputs"] = sorted("/".join(part for part in pointer.split("/") if not part.isdigit()) for pointer in row["inputs"])
    for row in answer["recommendations"]:
        for end in row.get("borderline_inputs", ()):
            del end["at"], end["unit"]
    return answer


@pytest.fixture(scope="module")
def shuffled_advisors() -> list[Advisor]:
    return [Advisor(replace(KNOWLEDGE, rules=order)) for order in orders()]


def orders() -> Iterator[dict[str, Any]]:
    rules = list(KNOWLEDGE.rules.items())
    yield dict(reversed(rules))
    yield dict(sorted(rules, key=lambda item: item[1].hash))


@given(PEOPLE)
def test_order_of_rules_changes_nothing(observe, advisor, shuffled_advisors, profile):
    values = observe(profile).values
    facts = advisor.session.derive(values).facts
    for other in shuffled_advisors:
        assert other.session.derive(values).facts == facts


@given(ANSWERED, st.data())
def test_more_illness_never_opens_what_was_stopped(advise, fired, profile, data):
    """But where it explains a sign or a value, and a rule about that sign or value falls silent. `check --prove` proves it for everybody."""
    name = data.draw(st.sampled_from(["conditions", "medications", "supplements", "allergies", "symptoms", "signs_now"]))
    code = data.draw(st.sampled_from(sorted(KNOWLEDGE.vocabulary[name].values)))
    named = [*profile.get("symptoms", []), *profile.get("conditions", [])] if name == "signs_now" else []
    there = [sign for sign in named if sign in KNOWLEDGE.vocabulary["symptoms"].values]  # what signs_now leaves out is not there now
    more = {**profile, name: [*profile.get(name, there), code]}
    before, after = placements(advise(profile)), placements(advise(more))
    opened = {iv for iv, place in before.items() if place in STOPPED and after[iv] == "recommendations"}
    explained = {rule.id for rule in EXPLAINED.by({(KNOWLEDGE.vocabulary[name].counts_as or name, code)})}
    assert not opened or explained & (fired(profile) - fired(more)), f"{name} + {code} opened {opened}"


@pytest.fixture(scope="module")
def fired(advisor, observe) -> Callable[[Any], set[str]]:
    return lambda profile: {firing.rule.id for firing in advisor.session.derive(observe(profile).values).firings()}


@given(ANSWERED, st.sampled_from(WORD_LISTS), UNKNOWN)
def test_a_word_nobody_knows_is_as_cautious_as_no_answer_and_is_named(advise, profile, name, sent):
    known = profile.get(name, [])
    before, answer = advise(profile), advise({**profile, name: [*known, sent]})
    assert not set(RISKY) & set(listed(answer, "recommendations"))
    assert stopped(before) <= stopped(answer)
    [row] = answer["unrecognised"]
    assert row["input"] == f"/{name}/{len(known)}"
    assert row["text"] in (sent, "ICD-10 Q99.9", "something rare")
    reasons = [reason for list_ in STOPPED for one in answer[list_] for reason in one["reasons"]]
    assert all(row["text"] in reason["message"] for reason in reasons if reason["code"] == "W.NOT_REVIEWED")


def stopped(answer: dict[str, Any]) -> set[str]:
    return {iv for iv, place in placements(answer).items() if place in STOPPED}


@given(ANSWERED, st.data())
def test_other_names_and_codes_of_the_same_say_the_same(advise, profile, data):
    """Each word by another of its names or codes: the same placements, or more cautious ones where a code says less."""
    other = {name: [data.draw(other_ways(name, value)) for value in profile.get(name, [])] for name in WORD_LISTS}
    before, after = placements(advise(profile)), placements(advise({**profile, **{name: sent for name, sent in other.items() if name in profile}}))
    opened = {iv for iv, place in before.items() if place in STOPPED and after[iv] == "recommendations"}
    assert not opened, f"{other} opened {opened}"


def other_ways(name: str, value: Any) -> st.SearchStrategy[Any]:
    """A value of a list by its own word, or by a name or code of the term that bears it; what is said of a sign stays."""
    if isinstance(value, dict):
        return other_ways(name, value["code"]).map(lambda other: {**value, **({"code": other} if isinstance(other, str) else other)})
    [term] = KNOWLEDGE.vocabulary[name].thesaurus.find(value).terms
    coded = [{"system": system, "code": code} for system, codes in term.codes.items() for code in codes]
    return st.sampled_from([value, value.upper(), *term.names, *(f"  {text} " for text in term.names), *coded])


@given(PEOPLE, st.sampled_from(["conditions", "medications", "eating_disorder", "pregnancy"]))
def test_a_safety_answer_left_out_never_recommends_what_is_risky(advise, profile, dropped):
    profile.pop(dropped, None)
    if dropped == "pregnancy" and (profile.get("sex") == "male" or not 12 <= profile["age"] < 56):
        return
    assert not set(RISKY) & set(listed(advise(profile), "recommendations"))


@given(PEOPLE, st.data())
def test_the_same_person_in_other_units_gets_the_same_answer(advise, profile, data):
    other = deepcopy(profile)
    for word in KNOWLEDGE.vocabulary.values():
        if word.id in QUANTITIES or (word.input or "").startswith("/labs/"):
            *folder, name = word.input[1:].split("/")
            place = other.get(folder[0], {}) if folder else other
            if name in place and word.units:
                unit = data.draw(st.sampled_from(sorted(word.units)))
                factor = {"factor": word.units[unit].per} if word.units[unit].factor else {}  # without it a notice asks for the factor
                place[name] = place[name] | {"value": converted(word, place[name]["value"], unit), "unit": unit, **factor}
    assert unworded(unsent(core(advise(other)))) == unworded(unsent(core(advise(profile))))


def unworded(answer: dict[str, Any]) -> dict[str, Any]:
    """The answer without the sentences of conflicts, which repeat a number in doubt as it was sent."""
    return {**answer, "conflicts": [{key: value for key, value in row.items() if key != "text"} for row in answer["conflicts"]]}
