"""The script that spoils the rules: it spoils one thing at a time, and a few faults that must be noticed are."""

from __future__ import annotations

from collections import Counter
from fnmatch import fnmatchcase

import pytest

from service.knowledge.branching import WHATEVER
from service.knowledge.conditions import leaves
from service.knowledge.freshness import LATER
from tests.conftest import ROOT, RULES
from tests.mutation.choosing import chosen, every_mutant
from tests.mutation.court import court
from tests.mutation.equivalence import Equivalence
from tests.mutation.text import Mutant, short
from tests.thoroughness import some

ISSUE = {"threshold by one step", "threshold by far", "comparator", "level", "code", "code dropped", "condition dropped", "citation removed"}


@pytest.fixture(scope="module")
def mutants(knowledge) -> list[Mutant]:
    return every_mutant(RULES, knowledge)


def the(mutants: list[Mutant], file: str, owner: str, before: str, after: str) -> Mutant:
    return next(one for one in mutants if (one.file, one.owner, short(one.before), short(one.after)) == (file, owner, before, after))


def test_every_kind_is_made_and_the_choice_is_spread_and_repeatable(mutants):
    picked = chosen(mutants, 440, seed=1)
    kinds, files = Counter(one.kind for one in picked), {one.file for one in picked}
    assert set(kinds) >= ISSUE
    assert max(kinds.values()) - min(kinds.values()) <= 1
    assert len(files) > 90
    assert picked == chosen(mutants, 440, seed=1) != chosen(mutants, 330, seed=2)


def test_every_threshold_is_moved_and_every_citation_removed(mutants, knowledge):
    made = {f"{rule.id}.{LATER}" for rule in knowledge.rules.values() if rule.fresh}  # of the same entry
    made |= {f"{rule.id}.any_{rule.source[WHATEVER]}" for rule in knowledge.rules.values() if WHATEVER in rule.source}
    written = [rule for rule in knowledge.rules.values() if rule.topic != "graph" and rule.id not in made]
    moved = {one.owner for one in mutants if one.kind.startswith("threshold")}
    limited = [rule.id for rule in written if any(hasattr(leaf, "threshold") for leaf, _ in leaves(rule.when))]
    assert [id_ for id_ in limited if not named(id_, moved)] == []
    removed = {one.owner for one in mutants if one.kind == "citation removed"}
    assert [rule.id for rule in written if len(rule.cites.outside) > 1 and not named(rule.id, removed)] == []


def named(id_: str, owners: set[str]) -> bool:
    """Whether a rule is among the owners, by its own id or by that of the entry that makes one for each."""
    return id_ in owners or any(fnmatchcase(id_, one.replace("{each}", "*")) for one in owners if "{each}" in one)


def test_a_mutant_is_one_change(mutants):
    for one in chosen(mutants, 440, seed=1):
        text = (RULES / one.file).read_text(encoding="utf-8")
        assert one.applied(text) == text[: one.start] + one.after + text[one.start + len(one.before) :] != text
        assert text.count("\n", 0, one.start) + 1 == one.line


NOTICED = [
    ("mechanisms/chains.yaml", "vegetables to insulin", "proc.glucose_spikes,", "", "loading and check"),
    ("findings/hs_crp.yaml", "finding.hscrp_high", "hscrp_high", "hscrp_gt10", "loading and check"),
    ("findings/homa.yaml", "finding.homa_high", "2.5", "2.4", "cases beside the rules"),
    ("findings/diet.yaml", "finding.produce_low", "below", "at_most", "cases beside the rules"),
]


@pytest.mark.long
def test_the_judges_notice(mutants, tmp_path):
    with court(ROOT, tmp_path) as judging:
        for *one, judge in some(NOTICED, 3):
            assert judging.judge(the(mutants, *one))[0] == judge, one


@pytest.mark.long
def test_what_is_proven_to_change_nothing_changes_nothing_and_nothing_else_is(mutants):
    equivalence = Equivalence(RULES)
    said_twice = the(mutants, "findings/homa.yaml", "homa", "applies: [adult]", "")  # of a child no HOMA-IR is made
    moved = the(mutants, "findings/homa.yaml", "finding.homa_high", "2.5", "2.4")
    assert equivalence.proven(said_twice)
    assert not equivalence.proven(moved)
