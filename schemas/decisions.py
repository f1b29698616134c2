"""Recorded decisions: which are asked for, how one is shown, and what replaying one tells."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import Schema, ValidationError, fields, validates_schema

from schemas.answer import LISTS, AnswerSchema
from schemas.catalogue import QueryInteger, listed
from schemas.closed import Closed, anything, mapping, one, several, text, texts, truth, whole
from schemas.explanations import DifferenceSchema
from schemas.faults import fault, refusal
from schemas.fields import Choice, Strict, StrictText
from schemas.names import Names, name
from schemas.problem import FieldErrorSchema, RulebaseNameSchema
from schemas.reviews import INSTANT, Instant
from schemas.verdicts import VERDICTS

LARGEST_PAGE = 100
RED_FLAG = r"^RF\.[A-Z0-9_]{1,60}$"
_NAME = r"[0-9A-Za-z](?:[0-9A-Za-z+_-]|\.(?!\.)){0,63}"
OLD_TO_NEW = rf"^({_NAME})\.\.({_NAME})$"


class Matching(Strict, fields.String):
    """Text of one form; `code` and `about` tell the fault."""

    def __init__(self, pattern: str, about: str, *, metadata: dict[str, Any]):
        super().__init__(metadata={"pattern": pattern, **metadata})
        self.form, self.about = re.compile(pattern.replace("$", r"\Z"), re.ASCII), about

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Any:
        if not isinstance(value, str) or not self.form.match(value):
            raise refusal("wrong_type", f"{self.name} must be {self.about}")
        return value


class OldToNew(Matching):
    """Two rule bases. Loads as a pair."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> Any:
        return tuple(super()._deserialize(value, attr, data, **more).split(".."))


def _true(about: str) -> Choice:
    return Choice(("true",), metadata={"description": about})


def decisions_query(names: Names) -> type[Schema]:
    """The query of the list of decisions, of a rule base with these names."""
    about = "Only those with this intervention in the `list`; without one: in any."
    named: dict[str, fields.Field[Any]] = {
        "disposition": Choice(names["dispositions"], metadata={"description": "Only those with this disposition."}),
        "intervention": Choice(names["interventions"], metadata={"description": about}),
    }
    return DecisionsRules.from_dict(named, name="DecisionsQuery")


class DecisionsRules(Closed):
    """Which decisions, newest first; every filter that is given must hold."""

    limit = QueryInteger(1, LARGEST_PAGE, load_default=LARGEST_PAGE, metadata={"description": "The most items to return."})
    cursor = StrictText(200, metadata={"description": "Where to go on, from the `next` of a page with the same filters."})
    from_ = Instant(data_key="from", metadata={"description": "Only those of this day or moment (RFC 3339), or later.", "pattern": INSTANT})
    to = Instant(metadata={"description": "Only those before this day or moment (RFC 3339).", "pattern": INSTANT})
    subject = StrictText(
        128,
        metadata={
            "description": "Only those of the caller's own subject with this id, exactly as it was sent. It stands in an address, which "
            "proxies may log: an opaque id, never a name."
        },
    )
    list_ = Choice(LISTS, data_key="list", metadata={"description": "The list in which the `intervention` stands."})
    red_flag = Matching(RED_FLAG, "the code of a red flag, RF.…", metadata={"description": "Only those with this red flag."})
    review = Choice(
        ("none", "any", *VERDICTS), metadata={"description": "Only those not reviewed, reviewed, or whose newest verdict is this one."}
    )
    expired = _true("Only those whose `valid_until` has passed.")
    withdrawn = _true(
        "Only those in which a rule took part that today's rule base has not got or has retired, or that rest on a source which it has not "
        "got or marks as withdrawn. A page may have fewer items than `limit`, even none, and still a `next`."
    )
    affected_by = OldToNew(
        OLD_TO_NEW,
        "OLD..NEW, each the version of a stored rule base or at least 8 characters of its digest",
        metadata={
            "description": "`OLD..NEW`, rule bases that the store has, by version or at least 8 characters of the digest: only decisions "
            "of OLD whose answer or reasons would differ under NEW. At most 50 are derived again for a page, which may therefore have "
            "fewer items than `limit`, even none, and still a `next`."
        },
    )

    @validates_schema(skip_on_field_errors=False)
    def _list_of_something(self, sent: dict[str, Any], **_: Any) -> None:
        if "list_" in sent and "intervention" not in sent:
            raise ValidationError({"list": [fault("required", "a list goes with an intervention")]})


class DecisionQuery(Closed):
    """How much is shown."""

    detail = Choice(
        ("summary", "standard", "full"),
        load_default="standard",
        metadata={"description": "summary leaves out plans, evidence, mechanisms and what was sent; full adds the whole trace."},
    )


class DecisionItemSchema(Closed):
    """A decision in the list. Of an erased one only that there was one."""

    id = text("Its id.")
    created_at = text("When, RFC 3339 in UTC.", format="date-time")
    subject = text("The partner's own id of the person; null where none was sent.", null=True)
    disposition = name("dispositions", "What the profile called for as a whole; null once erased.", null=True)
    rulebase = one(RulebaseNameSchema, "The rule base that answered.")
    valid_until = text("From this moment on an input no longer holds; null where nothing ages.", null=True, format="date-time")
    shared = truth("Whether reviewers of other clients see it.")
    reviews = whole("How many verdicts it has.")
    erased_at = text("When its content was erased; null while it is there.", null=True, format="date-time")


DecisionsSchema = listed(DecisionItemSchema, "DecisionsSchema")


class FactSchema(Closed):
    """One input as it was understood."""

    input = text("JSON Pointer into the profile.")
    fact = text("Id of the fact.")
    value = anything("Its value in the canonical unit of the vocabulary.")
    sent = anything("What was sent for it.")


class OnRecordSchema(Closed):
    """What is on record beside the answer."""

    client = text("The client that asked.")
    shared = truth("Whether reviewers of other clients see it.")
    reviews = whole("How many verdicts it has; see /reviews.")
    voice = text("Whom the sentences speak to.", among=["person", "clinician"])
    request = mapping("The body as it was sent. Not in a summary.", required=False)
    profile = several(FactSchema, "The profile as it was understood. Not in a summary.", required=False)


class DecisionSchema(AnswerSchema):
    """The answer as it was given, and what is on record beside it."""

    record = one(OnRecordSchema, "What is on record beside the answer.")


class RecordedDifferenceSchema(Closed):
    """One place where the record and its derivation disagree."""

    part = text("Which part of the record.", among=["observations", "answer", "trace"])
    at = text("JSON Pointer into this part; of a step of the trace, into the recorded or the derived one.")
    recorded = anything("What is on record; null where nothing is.")
    derived = anything("What was derived; null where nothing was.")


class MovedRulesSchema(Closed):
    """The rules through which two rule bases differ for one person."""

    only_old = texts("Fired then, and not now.")
    only_new = texts("Fire now, and did not then.")
    changed = texts("Fire in both, and do not say the same.")


class TodaySchema(Closed):
    """What today's rules say to the same request at the time of the decision."""

    rulebase = one(RulebaseNameSchema, "Today's rule base.")
    equal = truth("Whether answer and reasons are the same.")
    differences = several(DifferenceSchema, "The lines that differ: `before` on record, `after` today. None: only words or sources differ.")
    rules = one(MovedRulesSchema, "The rules that make the difference.")
    refused = several(FieldErrorSchema, "Why today's schema does not accept the request; then nothing was derived.")


class ReplaySchema(Closed):
    """A decision derived again from its request."""

    decision_id = text("Id of the decision.")
    created_at = text("When it was made.", format="date-time")
    rulebase = one(RulebaseNameSchema, "The rule base that it was made with, and was derived with again.")
    equal = truth("Whether facts, steps and the whole answer came out as they are on record.")
    same_steps = truth("Whether its rules took the same steps; if so, what differs is how a later service writes the answer.")
    differences = several(RecordedDifferenceSchema, "Where they did not.")
    refused = several(FieldErrorSchema, "Why the request is no longer accepted with its own rule base; then nothing was derived.")
    today = one(TodaySchema, "The same request under today's rules.")
