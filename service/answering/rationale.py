"""Why an intervention is recommended, in three parts that are never mixed: this person, the article, outside evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from service.answering.nodes import Nodes
from service.answering.sentences import Sentences
from service.knowledge.catalogue import evidence_document
from service.knowledge.records import Evidence, Intervention, Knowledge
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
