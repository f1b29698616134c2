"""Why an intervention is recommended, in three parts that are never mixed: this person, the article, outside evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from service.knowledge.records import Evidence, Intervention, Knowledge
from service.ranking import Ranked

if TYPE_CHECKING:
    from service.explaining.answer import AnswerWriter

LEPTIN = "No validated test of leptin resistance exists, and the human evidence is indirect."


def grounding(knowledge: Knowledge) -> dict[str, dict[str, Any]]:
    """What is the same for everybody: what the article and outside evidence say of each intervention, as data and in words."""
    return {
        intervention.id: {
            "article": article(knowledge, intervention),
            "evidence": {"grade": evidence.grade, "outcome": evidence.outcome, "sources": list(evidence.sources)},
            "words": f"{attributed(knowledge, intervention)} {independent(evidence)}",
        }
        for intervention in knowledge.interventions.values()
        for evidence in (knowledge.evidence[intervention.id],)
    }


def rationale(writer: AnswerWriter, row: Ranked, addresses: list[str]) -> str:
    parts = [grounds(writer, row), writer.explainer.grounding[row.intervention]["words"]]
    if "leptin_resistance_signs" in addresses:
        parts.append(LEPTIN)
    return " ".join(parts)


def grounds(writer: AnswerWriter, row: Ranked) -> str:
    """What in this person's own facts the offer rests on."""
    form = "maintain" if row.status == "maintain" else "offer"
    found = writer.nodes.by_atom[form, row.intervention]
    tests = dict.fromkeys(
        writer.sentences.premise(premise, one.firing.rule, writer.facts)
        for one in found
        for premise in one.firing.premises
        if premise.present and premise.fact != "adult"
    )
    opening = "Already done and adequate" if row.status == "maintain" else "Offered"
    return f"{opening}: {'; '.join(tests)}." if tests else f"{opening}: {found[0].firing.rule.title}."


def article(knowledge: Knowledge, intervention: Intervention) -> dict[str, Any]:
    asserted = all(knowledge.claims[claim].asserted for claim in intervention.claims)
    return {"claims": list(intervention.claims), "asserted": asserted}


def attributed(knowledge: Knowledge, intervention: Intervention) -> str:
    manner = "asserted" if article(knowledge, intervention)["asserted"] else "partly hedged"
    return f"The article speaks of {intervention.label} ({', '.join(intervention.claims)}; {manner})."


def independent(evidence: Evidence) -> str:
    named = f" ({', '.join(evidence.sources)})" if evidence.sources else ""
    return f"Independent evidence: {evidence.grade} for {evidence.outcome}{named}."
