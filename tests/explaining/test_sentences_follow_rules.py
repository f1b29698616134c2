"""Every sentence comes from the rule that its nodes name, and a rule that changes changes its sentence: over all rules.

Each rule has a person in the corpus of witnesses for whom it fires.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

import pytest

from schemas.profile import profile_schema
from service.advising import Advisor
from service.answering.nodes import Nodes, TraceWriter
from service.answering.sentences import COMPARED, VOICES, Sentences
from service.engine.matching import holds, premise
from service.engine.trace import Firing
from service.explaining.questions import Questions
from service.knowledge.conditions import leaves
from service.knowledge.freshness import LATER
from service.knowledge.records import All, Any_, Compare, Condition, Known, Not, Rule
from service.measures import observe
from service.workbench.corpus import KEPT
from service.workbench.profiles import DAY
from tests.conftest import ROOT
from tests.loaded import KNOWLEDGE
from tests.profiles import OPEN
from tests.profiles import changed as with_change
from tests.rules.test_gates import GATES, tripped
from tests.thoroughness import some, whole

NOW = datetime.combine(DAY, datetime.min.time(), UTC)
VOCABULARY = KNOWLEDGE.vocabulary
ENTRIES = json.loads((ROOT / KEPT).read_text())
SENTENCES = {voice: Sentences(KNOWLEDGE, voice) for voice in VOICES}
IN_FORCE = [rule for rule in KNOWLEDGE.rules.values() if rule.status != "retired"]
NUMBERS = [word.id for word in VOCABULARY.values() if word.kind in ("number", "count")]
FLAGS = [word.id for word in VOCABULARY.values() if word.kind == "flag"]


# --- another condition, another sentence -----------------------------------------------------------------------------------


def others(leaf: Condition) -> Iterator[Condition]:
    """The test with one thing about it changed: threshold, comparator, code, level, or the fact it reads."""
    if isinstance(leaf, Compare):
        step = 10 ** -len(f"{leaf.threshold:.10g}".partition(".")[2])
        yield from (replace(leaf, threshold=leaf.threshold + change) for change in (step, -step))
        yield from (replace(leaf, word=word) for word in COMPARED if word != leaf.word)
        yield replace(leaf, fact=after(NUMBERS, leaf.fact))
    elif isinstance(leaf, Known):
        yield replace(leaf, fact=next(word.id for word in VOCABULARY.values() if word.input and word.id != leaf.fact))
    elif leaf.value is True and leaf.fact in FLAGS:
        yield replace(leaf, fact=after(FLAGS, leaf.fact))
    else:
        word = VOCABULARY[leaf.fact]
        values = (True, False) if word.kind == "boolean" else word.values
        yield from (replace(leaf, value=value) for value in values if value != leaf.value)


def after(names: list[str], name: str) -> str:
    return names[(names.index(name) + 1) % len(names)]


def changed(condition: Condition) -> Iterator[tuple[Condition, str]]:
    """The condition with one thing about it changed, with what that was."""
    if isinstance(condition, Not):
        yield condition.test, "no longer negated"
        yield from ((Not(test), what) for test, what in changed(condition.test))
    elif isinstance(condition, All | Any_):
        kind, other = type(condition), Any_ if isinstance(condition, All) else All
        if len(condition.tests) > 1:
            yield other(condition.tests), "all and any exchanged"
        for place, test in enumerate(condition.tests):
            before, behind = condition.tests[:place], condition.tests[place + 1 :]
            if before or behind:
                yield kind(before + behind), f"without {test}"
            yield from ((kind((*before, one, *behind)), what) for one, what in changed(test))
    else:
        yield from ((one, f"{condition} is now {one}") for one in others(condition))


@pytest.mark.parametrize("layer", sorted({rule.layer for rule in IN_FORCE}))
def test_whatever_changes_in_a_condition_changes_its_words(layer):
    for rule in some([rule for rule in IN_FORCE if rule.layer == layer], 3):
        for voice, sentences in SENTENCES.items():
            before = sentences.test(rule.when)
            for condition, what in changed(rule.when):
                assert sentences.test(condition) != before, f"{rule.id}, {voice}: {what}"


@pytest.mark.parametrize("voice", VOICES)
def test_no_two_facts_of_a_kind_and_no_two_values_of_one_have_the_same_words(voice):
    sentences, said = SENTENCES[voice], defaultdict(set)
    for word in VOCABULARY.values():
        values = [sentences.value(word.id, value) for value in word.values]
        assert len(values) == len(set(values)), word.id
        said[word.kind, sentences.label(word.id)].add(word.id)
    assert not {label: facts for label, facts in said.items() if len(facts) > 1}


# --- a person for whom it fires ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def people():
    """Each witness with its trace: [(rules shown, observations, derivation, nodes by id)]."""
    advisor, schema = Advisor(KNOWLEDGE), profile_schema(VOCABULARY)()
    found = []
    for entry in ENTRIES:
        observations = observe(schema.load(entry["profile"]), VOCABULARY, DAY)
        derivation = advisor.derive(observations.values)
        written = TraceWriter(Nodes(observations, derivation), KNOWLEDGE, SENTENCES["clinician"]).write()
        found.append((set(entry["shows"]), derivation, {node["id"]: node for node in written}))
    return found


def firings(people) -> Iterator[tuple[Firing, dict[str, Any], dict[str, Any]]]:
    """Every rule's firings for the person who shows it, with the facts and the nodes."""
    for shows, derivation, nodes in people:
        for firing in derivation.firings():
            if firing.rule.id in shows:
                yield firing, derivation.facts, nodes


def test_the_text_of_a_node_is_its_rules_title_and_every_premise_in_words(people):
    seen = set()
    for firing, facts, nodes in firings(people):
        seen.add(firing.rule.id)
        told = [SENTENCES["clinician"].premise(one, firing.rule, facts) for one in firing.premises]
        for conclusion in firing.conclusions:
            node = nodes[conclusion.id]
            title, _, because = node["text"].removesuffix(".").partition(", because ")
            assert (node["rule"], title) == (firing.rule.id, firing.rule.title)
            assert sorted(because.split("; ")) == sorted(told)
    assert seen == {rule.id for rule in IN_FORCE}


@pytest.mark.parametrize("voice", VOICES)
def test_a_rule_that_changes_changes_what_is_said_to_the_person_for_whom_it_fires(people, voice):
    """Each test that made the rule fire, changed so that the rule still fires: the premise is told in other words."""
    told = 0
    for firing, facts, _ in firings(people):
        for leaf, positive in leaves(firing.rule.when):
            own = premise(leaf, facts, positive)
            if holds(leaf, facts) == positive and own in firing.premises:
                for other, read in still_firing(leaf, positive, facts):
                    rule = with_leaf(firing.rule, leaf, other)
                    before = SENTENCES[voice].premise(own, firing.rule, facts)
                    now = SENTENCES[voice].premise(premise(other, read, positive), rule, read)
                    assert now != before, f"{rule.id}: {leaf} is now {other}"
                    told += 1
    assert told > len(IN_FORCE)


def still_firing(leaf: Condition, positive: bool, facts: dict[str, Any]) -> Iterator[tuple[Condition, dict[str, Any]]]:
    """Other tests in the place of one that is fulfilled, and facts that fulfil them as well."""
    if isinstance(leaf, Compare):
        for other in others(leaf):
            read = facts if other.fact == leaf.fact else {**facts, other.fact: facts.get(leaf.fact, 0)}
            if holds(other, read) == positive and leaf.fact in facts:
                yield other, read
    elif not isinstance(leaf, Known):
        for other in others(leaf):
            held = frozenset({other.value}) if VOCABULARY[other.fact].kind in ("codes", "set") else other.value
            yield other, {**facts, other.fact: held} if positive else {**facts, other.fact: frozenset()}


def with_leaf(rule: Rule, leaf: Condition, other: Condition) -> Rule:
    def put(condition: Condition) -> Condition:
        if isinstance(condition, Not):
            return Not(put(condition.test))
        if isinstance(condition, All | Any_):
            return type(condition)(tuple(put(test) for test in condition.tests))
        return other if condition is leaf else condition

    return replace(rule, when=put(rule.when))


# --- every sentence of an answer ------------------------------------------------------------------------------------------------

MARK = re.compile(r"⟦(.+?)⟧")
IN_ROWS, BESIDE_ROWS = ("red_flag", "gate", "plan", "interaction"), ("notice", "monitor", "conflict")
SPOKEN = (*IN_ROWS, *BESIDE_ROWS)


def marked(rule: Rule) -> Rule:
    """The rule with its name in everything that it says."""
    return replace(rule, title=f"{rule.title}⟦{rule.id}⟧", says=rule.says and f"{rule.says}⟦{rule.id}⟧")


@pytest.fixture(scope="module")
def marking() -> Advisor:
    rules = {id_: marked(rule) for id_, rule in KNOWLEDGE.rules.items()}
    return Advisor(replace(KNOWLEDGE, rules=MappingProxyType(rules)))


@pytest.fixture(scope="module")
def answers(marking) -> list[dict[str, Any]]:
    """To the witnesses, and to those whom one gate alone touches: for a witness of a gate, a stricter one may speak."""
    trained = {"moderate_min": 200, "vigorous_min": 100, "strength_sessions": 3, "hiit_sessions": 2, "fitness": "high"}
    supplements = (["anabolic_agent"], ["berberine", "sulfonylurea"], ["st_johns_wort", "warfarin"])
    alone = [*map(tripped, GATES), *({**OPEN, "supplements": taken} for taken in supplements), {**OPEN, "allergies": ["unreviewed_allergy"]}]
    medicines = (
        "furosemide", "clozapine", "methotrexate", "tacrolimus", "alendronic acid", "phentermine", "tramadol", "digoxin", "levothyroxine",
        "carbimazole",
    )  # fmt: skip
    alone += [{**OPEN, "medications": [medicine]} for medicine in medicines]
    alone += [{**OPEN, "age": 67, "medications": ["gliclazide"], "labs": {"hba1c": {"value": 6.2, "unit": "%"}}}]
    alone += [{**OPEN, "medications": ["SGLT2i"], "diet": {**OPEN["diet"], "pattern": "ketogenic"}}]
    alone += [{**OPEN, "pregnancy": "pregnant", "activity": trained}]
    alone += [{**OPEN, "weight_change": {"value": kilograms, "unit": "kg", "intentional": kilograms < 0}} for kilograms in (-20, 15)]
    alone += [{**OPEN, "labs": {name: {"value": value, "unit": VOCABULARY[name].unit}}} for name, value in (("alt", 130), ("hs_crp", 35))]
    alone += [{**OPEN, "conditions": [condition]} for condition in VOCABULARY["conditions"].values]
    alone += [with_change(OPEN, change) for change in alone_in_doubt(trained)]
    shown = [entry["profile"] for entry in ENTRIES if whole() or any(spoken(KNOWLEDGE.rules[rule]) for rule in entry["shows"])]
    schema, asked = profile_schema(VOCABULARY)(), [*shown, *alone]
    return [marking.advise(schema.load(profile), now=NOW, detail="full") for profile in asked]


def alone_in_doubt(trained: dict[str, Any]) -> list[dict[str, Any]]:
    """Changes of somebody for whom everything is indicated, each of which one gate or one warning sign of its own answers."""
    woman = {"sex": "female", "pregnancy": "none"}
    signs = ("palpitations", "severe_muscle_pain", "visual_disturbance", "dizziness", "constipation", "lump", "dyspnoea_checked")
    values = (("alt", 130), ("platelets", 80), ("fasting_glucose", 450))
    low = {"value": 50, "unit": "mg/dL", "taken_on": (DAY - timedelta(days=30)).isoformat()}
    negative = {"result": "negative", "taken_on": DAY.isoformat()}
    return [
        *({"symptoms": [sign]} for sign in signs),
        *({"labs": {name: {"value": value, "unit": VOCABULARY[name].unit}}} for name, value in values),
        {"alcohol_units_per_week": 60},
        {"weight": {"value": 66, "unit": "kg"}, "diet": {"energy_kcal": 1700}, "activity": {"moderate_min": 300, "vigorous_min": 200}},
        {**woman, "symptoms": ["amenorrhoea"]},
        {**woman, "symptoms": ["amenorrhoea"], "activity": trained},
        {**woman, "symptoms": ["amenorrhoea"], "conditions": ["pcos"], "pregnancy_test": negative},
        {**woman, "postpartum_weeks": 3, "blood_pressure": {"systolic": 144, "diastolic": 80, "unit": "mm[Hg]"}},
        *({"age": 72, "weight": {"value": kilograms, "unit": "kg"}} for kilograms in (70, 105)),
        {"labs": {"random_glucose": low}},
        {"symptoms": ["sweating"], "labs": {"random_glucose": low}},
    ]


def spoken(rule: Rule, forms: tuple[str, ...] = SPOKEN) -> bool:
    """Whether it has a sentence of its own in an answer."""
    return next(iter(rule.then)) in forms


def rows(answer: Any) -> Iterator[dict[str, Any]]:
    """Everything in an answer that says why."""
    if isinstance(answer, dict):
        if "because" in answer:
            yield answer
        for key, value in answer.items():
            if key != "trace":
                yield from rows(value)
    elif isinstance(answer, list):
        for value in answer:
            yield from rows(value)


@pytest.mark.long
def test_a_sentence_is_that_of_the_rules_whose_nodes_it_names(answers):
    heard = set()
    for answer in answers:
        nodes = {node["id"]: node for node in answer["trace"]["nodes"]}
        for row in rows(answer):
            assert set(row["because"]) <= set(nodes)
            text = row.get("message") or row.get("text")
            if text is not None:
                assert set(MARK.findall(text)) == {nodes[id_]["rule"] for id_ in row["because"]}, text
                heard |= set(MARK.findall(text))
        for row in answer["recommendations"]:
            assert MARK.findall(row["plan"]["text"]) == [rule for step in row["plan"]["steps"] for rule in MARK.findall(step["text"])]
    silent = {rule.id for rule in IN_FORCE if spoken(rule, IN_ROWS)} - heard
    silent = {rule for rule in silent if not rule.endswith(f".{LATER}")}  # of several values too old to be urgent the gravest is told
    assert silent == {"plan.hiit.h0"}, "the one step of what is deferred, which has no plan; no other rule that fires is never heard"


@pytest.mark.long
def test_notices_and_what_to_check_again_are_those_of_the_rules_that_fired(answers):
    heard = set()
    for answer in answers:
        fired = defaultdict(set)
        for node in answer["trace"]["nodes"]:
            fired[node["fact"]].add(node["rule"])
        assert {rule for notice in answer["notices"] for rule in MARK.findall(notice)} == fired["notice"]
        assert {rule for row in answer["monitoring"] for rule in MARK.findall(row["why"])} == fired["monitor"]
        assert {rule for row in answer["conflicts"] for rule in MARK.findall(row["text"])} == fired["conflict"]
        heard |= fired["notice"] | fired["monitor"] | fired["conflict"]
    assert heard == {rule.id for rule in IN_FORCE if spoken(rule, BESIDE_ROWS)}


@pytest.mark.long
def test_a_rationale_names_the_premises_of_the_offers_behind_it(answers):
    for answer in answers:
        nodes = {node["id"]: node for node in answer["trace"]["nodes"]}
        for row in answer["recommendations"]:
            capped = any(node["fact"] == "cap" and node["value"] == row["intervention"] for node in nodes.values())
            form = "maintain" if row["status"] == "maintain" or capped else "offer"
            offers = {id_: node for id_, node in nodes.items() if (node["fact"], node["value"]) == (form, row["intervention"])}
            assert set(offers) & {premise for id_ in row["because"] for premise in nodes[id_]["premises"] if isinstance(premise, str)}
            grounds = row["rationale"].partition(": ")[2].partition(". The article speaks")[0].split("; ")
            titles, told = zip(*(node["text"].removesuffix(".").split(", because ") for node in offers.values()), strict=True)
            premises = {one for text in told for one in text.split("; ")}
            assert set(grounds) <= premises or grounds[0] in titles


@pytest.mark.long
def test_what_is_not_indicated_names_the_offer_that_came_nearest(answers):
    for answer in answers:
        for row in answer["not_indicated"]:
            if row["nearest"]:
                assert row["intervention"] in {value for _, value in KNOWLEDGE.rules[row["nearest"]["rule"]].conclusions}
                assert set(MARK.findall(row["nearest"]["text"])) <= {row["nearest"]["rule"]}
                assert row["nearest"]["unmet"] or MARK.findall(row["nearest"]["text"])


def test_why_not_quotes_the_rule_it_names(marking):
    schema, questions = profile_schema(VOCABULARY)(), Questions(marking)
    quoted = 0
    for entry in ENTRIES[::8]:
        for row in questions.why_not(schema.load(entry["profile"]), now=NOW)["interventions"]:
            for miss in failures(row):
                assert set(MARK.findall(miss["text"])) <= {miss["rule"]}, miss
                quoted += 1
    assert quoted > 100


def failures(found: Any) -> Iterator[dict[str, Any]]:
    if isinstance(found, dict):
        if "rule" in found and "text" in found:
            yield found
        found = list(found.values())
    if isinstance(found, list):
        for value in found:
            yield from failures(value)


@pytest.mark.parametrize("beside", [-4e-4, -1e-7, 0, 1e-7, 4e-4])
def test_no_number_is_shown_on_another_side_of_a_limit_than_it_is(beside):
    """86.69 kg at 170 cm is a BMI of 29.997: shown as 30.0 it would contradict its own class."""
    sentences, unlike = SENTENCES["person"], []
    for fact, numbers in sentences.limits.items():
        word = VOCABULARY[fact]
        for limit in numbers if word.kind == "number" else ():
            value = limit + beside
            shown = float(sentences.value(fact, value).split(" ")[0])
            if (shown > limit) - (shown < limit) != (value > limit) - (value < limit):
                unlike.append(f"{fact}: {value} is shown as {shown}")
    assert unlike == []
