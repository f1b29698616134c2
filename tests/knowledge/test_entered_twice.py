"""What nothing else would contradict stands twice: citations, conclusions, doses in sentences, the article's marks, ranges and units.

register.yaml, article.yaml and words.yaml beside this were taken from the rules once, and compared with the specification as far as their
heads say: they keep what stands from changing unseen, and do not show that it is right.
"""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
import yaml

from service.knowledge.records import Chain, Knowledge, Rule, Word
from service.proving.uses import shown

HERE = Path(__file__).parent
REGISTER, ARTICLE, WORDS = (yaml.safe_load((HERE / f"{name}.yaml").read_text()) for name in ("register", "article", "words"))
AMOUNT = re.compile(r"(?<![\w{.])\d+(?:\.\d+)?")


def written_rules(knowledge: Knowledge) -> list[Rule]:
    """The rules of the files; those made of the graph's arrows rest on the arrows."""
    return [rule for rule in knowledge.rules.values() if rule.topic != "graph"]


@pytest.fixture(scope="module")
def written(knowledge) -> list[Rule]:
    return written_rules(knowledge)


def test_each_rule_rests_on_what_the_register_says(written):
    assert {rule.id: " ".join(grounds(rule)) for rule in written} == REGISTER["rests_on"]


def grounds(rule: Rule) -> list[str]:
    return [*rule.cites.article, *rule.cites.outside, *(["design"] if rule.cites.design else [])]


def test_each_rule_concludes_what_the_register_says(written):
    assert {rule.id: ", ".join(f"{key} {flat(value)}" for key, value in rule.then.items()) for rule in written} == REGISTER["concludes"]


def flat(value: Any) -> str:
    return "+".join(value) if isinstance(value, list) else str(value)


def test_each_number_told_is_the_one_of_the_register(written):
    told = {rule.id: AMOUNT.findall(rule.says or "") for rule in written}
    assert {id_: " ".join(numbers) for id_, numbers in told.items() if numbers} == REGISTER["tells"]


def test_no_sentence_stands_under_two_rules_but_on_purpose(written):
    said: dict[str, list[str]] = defaultdict(list)
    for rule in written:
        if rule.says:
            said[rule.says].append(rule.id)
    assert [rules for rules in said.values() if len(rules) > 1] == REGISTER["said_by_several"]


def test_the_article_is_marked_as_it_was_read(knowledge):
    assert [claim.id for claim in knowledge.claims.values() if not claim.asserted] == ARTICLE["hedged"]
    assert [claim.id for claim in knowledge.claims.values() if claim.inferred] == ARTICLE["inferred"]
    assert {one.id: " ".join(one.claims) for one in (*knowledge.interventions.values(), *knowledge.components.values())} == ARTICLE["claimed"]


def test_the_bridges_are_those_that_were_found(knowledge):
    assert {bridge: f"{edge.from_} -> {edge.to} ({edge.sign})" for edge in knowledge.edges for bridge in edge.bridges} == ARTICLE["bridges"]
    kept_out = [edge for edge in knowledge.edges if edge.not_chained or not edge.causal]
    assert [f"{edge.from_} -> {edge.to}" for edge in kept_out] == ARTICLE["not_followed"]


def test_the_chains_are_those_of_the_article(knowledge):
    assert [drawn(chain) for chain in knowledge.chains] == ARTICLE["chains"]


def drawn(chain: Chain) -> str:
    return f"{chain.intervention}, {chain.side}{'' if chain.canonical else ', ours'}: {' > '.join(chain.path)}"


def test_the_outside_evidence_is_graded_as_it_was_read(knowledge):
    assert {key: " ".join([one.grade, *one.sources]) for key, one in knowledge.evidence.items()} == ARTICLE["evidence"]


def test_each_number_has_its_range_its_units_and_its_parts(knowledge):
    words = [word for word in knowledge.vocabulary.values() if word.kind in ("number", "count")]
    assert {word.id: described(word) for word in words} == WORDS["numbers"]


def test_levels_have_their_precedence_and_groups_their_members(knowledge):
    levels = [word for word in knowledge.vocabulary.values() if word.kind == "level"]
    assert {word.id: " ".join(word.values) for word in levels} == WORDS["levels"]
    groups = {name: " ".join(members) for name, members in knowledge.groups.items() if name != "red_flags"}
    assert groups == WORDS["groups"]


def described(word: Word) -> dict[str, Any]:
    units = {unit: [one.times, one.per, one.plus] for unit, one in word.units.items()}
    found = {
        "refused": word.hard and list(word.hard), "confirmed": word.soft and list(word.soft), "units": units, "valid": word.valid_for_days,
        "digits": word.digits, "made_of": [*word.from_, *word.from_any, *word.of],
        "unless": word.unless and shown(word.unless),
    }  # fmt: skip
    return {name: value for name, value in found.items() if value is not None and value not in ({}, [])}
