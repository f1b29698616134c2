"""Why an intervention is recommended, in three parts that are never mixed: this person, the article, outside evidence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from service.answering.nodes import Nodes
from service.answering.sentences import Sentences
from service.knowledge.rulebase import Evidence, Intervention, Knowledge
from service.ranking import Ranked

LEPTIN = "No validated test of leptin resistance exists, and the human evidence is indirect."

OPENINGS = {
    ("maintain", "maintain"): "Already done and adequate", ("recommend", "offer"): "Offered",
    ("recommend", "maintain"): "Already done, and more than is advised now",
}  # fmt: skip


def grounding(knowledge: Knowledge) -> dict[str, dict[str, Any]]:
    """What is the same for everybody: what the article and outside evidence say of each intervention, as data and in words."""
    return {
        intervention.id: {
            "article": article(knowledge, intervention.claims),
            "evidence": {"grade": evidence.grade, "outcome": evidence.outcome, "sources": list(evidence.sources)},
            "words": f"{attributed(knowledge, intervention)} {independent(evidence)}",
        }
        for intervention in knowledge.interventions.values()
        for evidence in (knowledge.evidence[intervention.id],)
    }


def rationale(nodes: Nodes, sentences: Sentences, row: Ranked, same_for_all: str, addresses: list[str]) -> str:
    parts = [grounds(nodes, sentences, row), same_for_all]
    if "leptin_resistance_signs" in addresses:
        parts.append(LEPTIN)
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
    named = f" ({', '.join(evidence.sources)})" if evidence.sources else ""
    return f"Independent evidence: {evidence.grade} for {evidence.outcome}{named}."
