"""Nothing of the source is lost: every claim, edge, gate and source is encoded, or says why it is not."""

from __future__ import annotations

from service.knowledge import catalogue
from service.knowledge.conditions import leaves
from service.knowledge.records import Compare
from tests.loaded import KNOWLEDGE
from tests.rules.test_gates import GATES

CITED = catalogue.citing_rules(KNOWLEDGE)
EDGES = catalogue.asserting_edges(KNOWLEDGE)


def test_the_whole_article_is_here():
    assert len(KNOWLEDGE.claims) == 205
    assert len(KNOWLEDGE.edges) == 222
    assert len(catalogue.bridges(KNOWLEDGE)) == 42
    assert sum(word.type is not None and word.kind == "set" for word in KNOWLEDGE.vocabulary.values()) == 105


def test_each_claim_is_encoded_or_deliberately_context():
    """Encoded by rules or edges, or says why it is context only; not both."""
    encoded = {claim.id: bool(CITED.get(claim.id) or EDGES.get(claim.id)) for claim in KNOWLEDGE.claims.values()}
    assert [claim.id for claim in KNOWLEDGE.claims.values() if encoded[claim.id] == bool(claim.context_only)] == []


def test_an_edge_of_a_claim_is_an_edge_of_the_graph():
    drawn = {(f"{edge.from_} -> {edge.to} ({edge.sign})", claim) for edge in KNOWLEDGE.edges for claim in edge.claims}
    stated = {(edge.split(" [")[0], claim.id) for claim in KNOWLEDGE.claims.values() for edge in claim.edges}
    assert stated == drawn


def test_bridges_are_never_claims_of_the_article():
    for edge in KNOWLEDGE.edges:
        assert bool(edge.claims) != bool(edge.bridges)
        assert not edge.bridges or edge.why


def test_each_gate_is_a_rule_as_specified():
    assert [gate["id"] for gate in GATES if not as_specified(gate, KNOWLEDGE.rules[gate["id"]])] == []


def as_specified(gate, rule) -> bool:
    targets = KNOWLEDGE.groups[gate["iv"]] if isinstance(gate["iv"], str) else gate["iv"]
    concluded = {value for fact, value in rule.conclusions if fact == gate["level"]}
    said = (rule.then["gate"], rule.then["code"], rule.confidence, concluded)
    rests = bool(rule.says and (rule.cites.outside or rule.cites.design))
    return rests and said == (gate["level"], gate["code"], gate["conf"], set(targets))


def test_every_source_is_cited_somewhere():
    cited = {source for rule in KNOWLEDGE.rules.values() for source in rule.cites.outside}
    cited |= {source for word in KNOWLEDGE.vocabulary.values() if word.cites for source in word.cites.outside}
    cited |= {word.variability.source for word in KNOWLEDGE.vocabulary.values() if word.variability}
    cited |= {source for evidence in KNOWLEDGE.evidence.values() for source in evidence.sources}
    cited |= {source for word in KNOWLEDGE.vocabulary.values() for code in word.table.values() for source in code.sources}
    may_be_alone = {source.id for source in KNOWLEDGE.sources.values() if {"status", "withdrawn"} & source.details.keys()}
    assert set(KNOWLEDGE.sources) - cited <= may_be_alone


def test_what_the_article_lists_is_never_evidence():
    listed = {source.id for source in KNOWLEDGE.sources.values() if "status" in source.details}
    cited = {source for evidence in KNOWLEDGE.evidence.values() for source in evidence.sources}
    assert listed
    assert not listed & cited


def test_every_intervention_and_component_has_a_path_to_both_states():
    for target in [*KNOWLEDGE.interventions, *KNOWLEDGE.components]:
        for side in ("insulin", "leptin"):
            ends = [chain.path[-1] for chain in KNOWLEDGE.chains if (chain.intervention, chain.side) == (target, side)]
            assert any(end.startswith("state.") for end in ends), (target, side)


# Criteria of different guidelines for different questions that happen to share a number.
SHARED_BY_CHANCE = {
    ("systolic", "at_least", 130.0),  # stage 1 (ACC/AHA 2017); metabolic syndrome (Alberti 2009)
    ("systolic", "at_least", 140.0),  # stage 2 (ACC/AHA 2017); hypertension in pregnancy (ACOG)
    ("diastolic", "at_least", 90.0),
    ("systolic", "at_least", 160.0),  # severe hypertension in pregnancy (ACOG); exercise (Williams 2007)
    ("diastolic", "at_least", 110.0),
    ("diastolic", "at_least", 100.0),  # 160/100, as a sign of a hormone (clinical_review 10.14); 150/100 after birth (NICE NG133)
    # Where a number is more plausible in another unit (units.yaml), and where a class begins.
    ("fasting_insulin", "below", 2.0),
    ("hba1c", "below", 4.0),
    ("fasting_insulin", "at_least", 60.0),
    # Signs (clinical_review 10.5): headache and sight, and bowel, from 50 years; vomiting from 75 years; sight at a sugar at which ketones count.
    ("age", "at_least", 50.0),
    ("age", "at_least", 75.0),
    ("glucose_highest", "at_least", 200.0),
    ("age", "below", 40.0),  # an LDL that points to the family (10.13); hypertension that points to a hormone (10.14)
    ("weight_change", "at_most", -2.0),  # a loss against a reported gain (9.12); a loss that lowers the pressure (10.19.3)
    ("weight_loss_pct", "above", 15.0),  # unintended, before feeding (NICE CG32); intended, for muscle and gallstones (10.10)
    # A comparison of a value that must be fresh to be urgent stands in the flag itself, since a finding does not know how old it is.
    ("glucose_highest", "at_least", 250.0),  # ketoacidosis with signs (Umpierrez 2024); a new diabetes to be seen in 3 days (10.8 D)
    ("glucose_highest", "at_least", 300.0),  # to be treated the same day (ADA s9); a new diabetes (10.8 A)
    ("potassium", "below", 3.0),  # low potassium (10.13); eating again after starvation (9.3)
}


def test_a_threshold_stands_in_one_file():
    found: dict[tuple, set[str]] = {}
    for rule in KNOWLEDGE.rules.values():
        for leaf, _ in leaves(rule.when):
            if isinstance(leaf, Compare):
                found.setdefault((leaf.fact, leaf.word, leaf.threshold), set()).add(rule.place.file)
    assert {key for key, files in found.items() if len(files) > 1} == SHARED_BY_CHANCE
