"""A reviewer's verdict as it is sent and as it is kept, the history of a decision, and which verdicts to export."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from marshmallow import Schema, ValidationError, fields, validates_schema

from schemas.catalogue import RuleSchema, listed
from schemas.closed import Closed, number, one, text, truth, whole
from schemas.faults import fault, refusal
from schemas.fields import Choice, Strict, StrictText
from schemas.verdicts import HL7, OTHER, OWN, REASONS, VERDICTS

FORMATS = ("ndjson", "csv")
LONGEST_COMMENT, LONGEST_NAME, LONGEST_NODE = 4_000, 128, 256
# As PLAIN_TEXT of schemas/fields.py, with tabs and new lines.
PROSE = r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+$"
_PROSE = re.compile(PROSE.replace("]+$", r"\ud800-\udfff]+"))
INSTANT = r"^[12][0-9]{3}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2}))?$"
_INSTANT = re.compile(INSTANT.removesuffix("$"))


def _listed_reasons(system: str) -> str:
    return ", ".join(f"`{reason.code}` ({reason.display})" for reason in REASONS.values() if reason.system == system)


REASONS_IN_WORDS = (
    f"Of HL7's non-adherence reasons for CDS Hooks ({HL7}): {_listed_reasons(HL7)}. Our own ({OWN}): {_listed_reasons(OWN)}."
)


class Prose(StrictText):
    """Text of several lines in which nothing else is invisible."""

    def __init__(self, longest: int, **kwargs: Any):
        super().__init__(longest, **kwargs)
        self.metadata = {**self.metadata, "pattern": PROSE}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> str:
        if not isinstance(value, str) or (value and not _PROSE.fullmatch(value)):
            raise refusal("wrong_type", f"{self.name} must be text without control characters other than tabs and new lines")
        if not 1 <= len(value) <= self.longest:
            raise refusal("too_long" if value else "wrong_type", f"{self.name} must have from 1 to {self.longest} characters")
        return value


class Instant(Strict, fields.String):
    """A day (its first moment, UTC) or a moment with its offset, of the years 1000 to 2999."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Any:
        try:
            found = datetime.fromisoformat(value if _INSTANT.fullmatch(value) else "")
        except (TypeError, ValueError):
            plus = "; in an address + is written %2B" if isinstance(value, str) and " " in value else ""
            raise refusal("invalid_date", f"{self.name} must be a day or a moment as in RFC 3339{plus}") from None
        return found if found.tzinfo else found.replace(tzinfo=UTC)


def _instant(about: str) -> Instant:
    return Instant(metadata={"description": f"{about} A day, or a moment as in RFC 3339.", "pattern": INSTANT})


def _verdict(about: str, **more: Any) -> Choice:
    return Choice(VERDICTS, metadata={"description": about}, **more)


def review_request_schema(interventions: Sequence[str]) -> type[Schema]:
    """The body of a verdict on decisions about these interventions."""
    about = {"description": "The intervention of this decision that the verdict is on."}
    made = ReviewRequestRules.from_dict({"intervention": Choice(interventions, metadata=about)}, name="ReviewRequestSchema")
    made.__doc__ = ReviewRequestRules.__doc__
    return made


class ReviewRequestRules(Closed):
    """A verdict on a decision, on one intervention of it, or on one step of its trace."""

    verdict = _verdict("What the reviewer thinks of it.", required=True)
    reason = Choice(
        tuple(REASONS),
        metadata={"description": f"Why, in a code: required with `overridden`, refused with `agree`. {REASONS_IN_WORDS}"},
    )
    node = StrictText(LONGEST_NODE, metadata={"description": "Id of the node of this decision's trace that the verdict is on."})
    comment = Prose(LONGEST_COMMENT, metadata={"description": f"In the reviewer's words; required with the reason `{OTHER}`."})
    location = StrictText(LONGEST_NAME, metadata={"description": "Where the reviewer works, as a clinic."})
    reviewer = StrictText(LONGEST_NAME, metadata={"description": "Who judges; left out, it is the client as a whole."})

    @validates_schema(skip_on_field_errors=False, pass_original=True)
    def _reason_fits(self, sent: dict[str, Any], original: dict[str, Any], **_: Any) -> None:
        faults = {}
        verdict, reason = sent.get("verdict"), sent.get("reason")
        if verdict == "overridden" and "reason" not in original:
            faults["reason"] = [fault("required", "a coded reason is required with overridden")]
        if verdict == "agree" and reason is not None:
            faults["reason"] = [fault("conflicting", "there is no reason to give with agree")]
        if reason == OTHER and "comment" not in original:
            faults["comment"] = [fault("required", f"the reason {OTHER} is told in the comment")]
        if faults:
            raise ValidationError(faults)


class ReviewSchema(Closed):
    """A verdict as it is kept; what was left out is null."""

    id = text("Its id.")
    decision = text("The decision it is on.")
    at = text("When, RFC 3339 in UTC.", format="date-time")
    client = text("The client whose key was used.")
    verdict = text("What the reviewer thinks of it.", among=VERDICTS)
    reason = text("Why, in a code, as listed where it is sent.", null=True)
    node = text("The node of the trace that it is on.", null=True)
    rule = text("The rule that made this node.", null=True)
    rule_hash = text("Digest of the rule's content in the rule base of this decision.", null=True)
    intervention = text("The intervention that it is on.", null=True)
    action = text("What was advised: the list that the intervention stands in; without one, the disposition of the decision.")
    comment = text("In the reviewer's words.", null=True)
    location = text("Where the reviewer works.", null=True)
    reviewer = text("Who judges; null for the client as a whole.", null=True)
    current = truth("Whether this reviewer has said nothing newer of the same thing.")


ReviewsSchema = listed(ReviewSchema, "ReviewsSchema")


class VerdictsSchema(Closed):
    """Current verdicts: of each reviewer and thing the newest."""

    agree = whole("How many agree.")
    disagree = whole("How many disagree.")
    needs_evidence = whole("How many ask for evidence.")
    overridden = whole("How many overrode it.")
    dispute_rate = number("The share that disagrees or overrode; null where nobody has reviewed.", null=True)
    decisions = whole("How many decisions they are about.")


class RuleVerdictsSchema(VerdictsSchema):
    """Current verdicts on what a rule concluded, whatever its text was then; erased decisions no longer count."""

    this_version = one(VerdictsSchema, "Of these, the verdicts on the rule with the content it has now (`hash`).")


class ReviewedRuleSchema(RuleSchema):
    """One rule, with what reviewers say of it."""

    reviews = one(RuleVerdictsSchema, "How reviewers judge what it concluded.")


class ReviewsQuery(Closed):
    """Which verdicts to export, and how."""

    format = Choice(FORMATS, metadata={"description": "Left out, it is what `Accept` prefers, and ndjson where that says nothing."})
    from_ = _instant("Only those given since.")
    from_.data_key = "from"
    to = _instant("Only those given before.")
    verdict = _verdict("Only this one.")
    rule = StrictText(LONGEST_NAME, metadata={"description": "Only those on steps that this rule made."})
