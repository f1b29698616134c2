"""For every rule a person for whom it fires, kept as a corpus and asked again through schema, measures and engine."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from schemas.profile import profile_schema
from service.advising import Advisor
from service.workbench.corpus import KEPT
from service.workbench.profiles import DAY
from tests.conftest import ROOT

ENTRIES = json.loads((ROOT / KEPT).read_text())


def test_each_witness_fires_its_rules_through_schema_measures_and_engine(knowledge):
    advisor, schema, silent = Advisor(knowledge), profile_schema(knowledge.vocabulary)(), {}
    for number, entry in enumerate(ENTRIES):
        advised = advisor.reason(schema.load(entry["profile"]), datetime.combine(DAY, datetime.min.time(), UTC))
        fired = {firing.rule.id for firing in advised.derivation.firings()}
        silent |= {rule: f"entry {number}" for rule in entry["shows"] if rule not in fired}
    assert silent == {}


def test_every_rule_in_force_has_a_witness(knowledge):
    shown = [rule for entry in ENTRIES for rule in entry["shows"]]
    assert len(shown) == len(set(shown))
    assert set(shown) == {rule.id for rule in knowledge.rules.values() if rule.status != "retired"}, "run: python -m service witnesses"
