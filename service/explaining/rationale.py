"""Why an intervention is recommended, in three parts that are never mixed: this person, the article, outside evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.knowledge.records import Evidence, Intervention
from service.ranking import Ranked

if TYPE_CHECKING:
    from service.explaining.answer import AnswerWriter

LEPTIN = "No validated test of leptin resistance exists, and the human evidence is indirect."


def rationale(writer: AnswerWriter, row: Ranked, intervention: Intervention, evidence: Evidence, addresses: list[str]) -> str:
    parts = [grounds(writer, row), attributed(writer, intervention), independent(writer, evidence)]
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


def attributed(writer: AnswerWriter, intervention: Intervention) -> str:
    claims = [writer.knowledge.claims[claim] for claim in intervention.claims]
    manner = "asserted" if all(claim.asserted for claim in claims) else "partly hedged"
    return f"The article speaks of {intervention.label} ({', '.join(intervention.claims)}; {manner})."


def independent(writer: AnswerWriter, evidence: Evidence) -> str:
    named = f" ({', '.join(evidence.sources)})" if evidence.sources else ""
    return f"Independent evidence: {evidence.grade} for {evidence.outcome}{named}."
