"""What a reviewer may say of advice, and why, in codes: those of HL7, and our own for what only a reviewer of rules would say.

CDS Hooks leaves override reasons to the service and gives them as FHIR codings (card.overrideReasons). Since 3.0.0-ballot it publishes a
code system for them, for trial use: https://build.fhir.org/ig/HL7/cds-hooks/en/CodeSystem-non-adherence-reason-codes.html, after AHRQ
Publication No. 25-0073 (June 2025). Its codes and displays stand here as they stand there.
"""

from __future__ import annotations

from typing import NamedTuple

VERDICTS = ("agree", "disagree", "needs_evidence", "overridden")
DISPUTES = ("disagree", "overridden")
HL7 = "http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes"
OWN = "urn:uuid:5f0b6a1c-8c1e-4f0e-9a55-6f2d7c3b9e41"
OTHER = "other"


class Reason(NamedTuple):
    """A code with its display, as in a FHIR coding."""

    system: str
    code: str
    display: str


_HL7 = {
    "cds-not-applicable": "PC CDS does not apply to patient",
    "patient-ineligible": "Patient does not meet eligibility for recommended action",
    "indication-order-exists": "Patient has indication/order for intended action",
    "action-completed": "Recommended action was already completed",
    "action-unsuccessful": "Recommended action was previously unsuccessful",
    "action-performed-no-adverse-effect": "Intended action was performed previously without adverse effect",
    "action-not-priority": "Recommended action is not relevant or a priority in current state of health",
    "cds-suboptimal-context": "PC CDS delivered in suboptimal context",
    "limited-time": "Could not address recommended action due to limited time",
    "wrong-time-workflow": "PC CDS delivered at wrong time in workflow or patient lifecycle",
    "inappropriate-recipient": "PC CDS delivered to inappropriate recipient/role",
    "need-more-info": "Could not address recommended action due to need for more information/pending results/pending consult",
    "recipient-disagrees-evidence": "Recipient disagrees with recommendation because of issues with the evidence",
    "does-not-align-latest-evidence": "Recommended action does not align with the latest evidence",
    "expert-contradicts": "Advice from expert contradicts the recommended action",
    "policy-contradicts": "Institutional policy/guideline contradicts the recommended action",
    "recipient-does-not-trust": "Recipient does not agree with or trust the recommended action",
    "recipient-concerns-outcomes": "Recipient has concerns regarding potential health outcomes",
    "risk-benefit-ratio": "Recipient assessment of risk/benefit ratio",
    "mitigate-risk-negative-outcome": "Action taken to mitigate risk of negative outcome",
    "likely-negative-health-outcomes": "Recommended action likely to have negative health outcomes",
    "patient-contraindication": "Patient has contraindication to recommended action",
    "does-not-align-preferences": "Recommendation does not align with patient preferences or values",
    "patient-fears-discomfort": "Patient fears discomfort from complying with recommended action",
    "patient-does-not-want-change": "Patient does not want to change behavior or believes the change is unnecessary",
    "cultural-religious-reason": "Patient has a cultural or religious reason for not following recommended action",
    "prefers-alternative": "Patient prefers an alternative approach or treatment",
    "patient-refuses": "Patient refuses/declines (no context given)*",
    "not-convenient-feasible": "Recommendation is not convenient or feasible",
    "inadequate-support": "Patient has inadequate caregiver/social support",
    "service-not-available": "Treatment or service is not practically available",
    "implementation-challenges": "Recommended action cannot be implemented due to technology/challenges",
    "too-costly-uncovered": "Recommended action is too costly or not covered by insurance",
    "recipient-does-not-understand": "Recipient does not understand the recommended action or know how to perform the recommended action",
    "comorbidity-disability": "Patient has co-morbidity or disability that hinders them from completing recommended action",
}
_OWN = {
    "input-wrong": "What was sent about the person is wrong or out of date",
    "input-not-asked": "Something that matters here is not asked for",
    "source-misread": "The rule does not say what its source says",
    "threshold-doubted": "The cut-off is not right, or not for people like this one",
    "too-cautious": "Withheld or sent to a clinician without need",
    "not-cautious-enough": "Should be withheld or sent to a clinician",
    "order-wrong": "The right advice in the wrong place, order or phase",
    "wording-misleads": "The words can be misunderstood",
    OTHER: "Another reason, told in the comment",
}
REASONS = {
    reason.code: reason
    for system, displays in ((HL7, _HL7), (OWN, _OWN))
    for reason in (Reason(system, code, display) for code, display in displays.items())
}
