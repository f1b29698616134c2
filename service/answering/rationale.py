"""Why an intervention is recommended, in parts that are never mixed: this person, the article and its graph, outside evidence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from service.answering.nodes import Nodes
from service.answering.sentences import Sentences
from service.engine.trace import Derivation, Firing
from service.knowledge.catalogue import evidence_document
from service.knowledge.conditions import leaves
from service.knowledge.rulebase import Chain, Edge, Evidence, Intervention, Knowledge
from service.ranking import Ranked

SIDES = (("insulin", "state.insulin_resistance"), ("leptin", "state.leptin_resistance"))
LEPTIN = "No validated test of leptin resistance exists, and the human evidence is indirect."
OPENINGS = {
    ("maintain", "maintain"): "Already done and adequate", ("recommend", "offer"): "Offered",
    ("recommend", "maintain"): "Already done, and more than is advised now",
}  # fmt: skip


class Paths:
    """Prepared once from graph and chains; answers per person are look-ups."""

    def __init__(self, knowledge: Knowledge):
        self.edges = {(edge.from_, edge.to): edge for edge in knowledge.edges}
        self.chains: dict[str, list[Chain]] = defaultdict(list)
        for chain in knowledge.chains:
            self.chains[chain.intervention].append(chain)
        self.reached = {iv: {node for chain in chains for node in chain.path[1:]} for iv, chains in self.chains.items()}
        self.seeds = seeds(knowledge)
        self.drawn = {(iv, side): self._drawn(iv, side) for iv in self.chains for side, _ in SIDES}

    def addressed(self, intervention: str, active: list[tuple[str, str]]) -> list[str]:
        """Findings and states of this person whose node of the graph lies on a chain of the intervention."""
        reached = self.reached.get(intervention, set())
        return list(dict.fromkeys(fact for fact, node in active if node in reached))

    def active(self, derivation: Derivation) -> list[tuple[str, str]]:
        """(finding or state, node) pairs that this person brings into the graph."""
        return [
            pair
            for step in derivation.steps
            if isinstance(step, Firing) and step.rule.layer == "mechanisms"
            for pair in self.seeds.get(step.rule.id, ())
        ]

    def mechanism(self, intervention: str, active: list[tuple[str, str]]) -> list[dict[str, Any]]:
        """The chain, edge by edge, to the state this person shows; to insulin resistance where neither shows."""
        nodes = {node for _, node in active}
        side = next((side for side, state in SIDES if state in nodes), "insulin")
        return self.drawn.get((intervention, side)) or self.drawn.get((intervention, "insulin"), [])

    def _drawn(self, intervention: str, side: str) -> list[dict[str, Any]]:
        chains = [chain for chain in self.chains[intervention] if chain.side == side and chain.path[-1].startswith("state.")]
        if not chains:
            return []
        chain = max(chains, key=lambda one: one.canonical)
        return [drawn(self.edges[pair]) for pair in zip(chain.path, chain.path[1:], strict=False)]


def drawn(edge: Edge) -> dict[str, Any]:
    return {
        "from": edge.from_, "to": edge.to, "sign": edge.sign, "claims": list(edge.claims),
        "bridge": not edge.claims, "measured": False,
    }  # fmt: skip


def seeds(knowledge: Knowledge) -> dict[str, list[tuple[str, str]]]:
    """For each rule that brings a person's finding or state into the graph: what it reads, and the node it sets."""
    found: dict[str, list[tuple[str, str]]] = {}
    for rule in knowledge.rules.values():
        if next(iter(rule.then), "") != "tendency" or rule.topic == "graph":
            continue
        asked = [leaf.fact for leaf, positive in leaves(rule.when) if positive]
        read = [fact for fact in asked if knowledge.vocabulary[fact].listed in ("finding", "state")]
        found[rule.id] = [(fact, node) for fact in read for node, _ in rule.conclusions]
    return found


def grounding(knowledge: Knowledge) -> dict[str, dict[str, Any]]:
    """What is the same for everybody: what the article and outside evidence say of each intervention, as data and in words."""
    return {
        intervention.id: {
            "article": article(knowledge, intervention.claims),
            "evidence": evidence_document(evidence),
            "words": f"{attributed(knowledge, intervention)} {independent(evidence)}",
        }
        for intervention in knowledge.interventions.values()
        for evidence in (knowledge.evidence[intervention.id],)
    }


def rationale(nodes: Nodes, sentences: Sentences, row: Ranked, same_for_all: Mapping[str, Any], addresses: list[str]) -> str:
    parts = [grounds(nodes, sentences, row), same_for_all["words"]]
    if "leptin_resistance_signs" in addresses:
        parts.append(f"Leptin: {same_for_all['evidence']['leptin']['says']} {LEPTIN}")
    return " ".join(parts)


def grounds(nodes: Nodes, sentences: Sentences, row: Ranked) -> str:
    """What in this person's own facts the offer rests on, or what is done already."""
    form = "offer" if ("offer", row.intervention) in nodes.by_atom and row.status != "maintain" else "maintain"
    found = nodes.by_atom[form, row.intervention]
    tests = dict.fromkeys(
        sentences.premise(premise, one.firing.rule, nodes.derivation.facts)
        for one in found
        for premise in one.firing.premises
        if premise.present and premise.fact != "adult"
    )
    opening = OPENINGS[row.status, form]
    return f"{opening}: {'; '.join(tests)}." if tests else f"{opening}: {found[0].firing.rule.title}."


def article(knowledge: Knowledge, claims: Sequence[str]) -> dict[str, Any]:
    """The claims of the article behind a sentence, and whether it asserts all of them."""
    return {"claims": list(claims), "asserted": all(knowledge.claims[claim].asserted for claim in claims)}


def attributed(knowledge: Knowledge, intervention: Intervention) -> str:
    manner = "asserted" if article(knowledge, intervention.claims)["asserted"] else "partly hedged"
    return f"The article speaks of {intervention.label} ({', '.join(intervention.claims)}; {manner})."


def independent(evidence: Evidence) -> str:
    """Every outcome with its grade and the sources that studied it, then harm, then what limits all of it."""
    graded = "; ".join(f"{one.grade} for {one.outcome}{named(one.sources)}" for one in evidence.outcomes)
    harm = f"Harm: {evidence.harm.says}{named(evidence.harm.sources)}"
    return " ".join(part for part in (f"Independent evidence: {graded}.", harm, evidence.note) if part)


def named(sources: Sequence[str]) -> str:
    return f" ({', '.join(sources)})" if sources else ""
