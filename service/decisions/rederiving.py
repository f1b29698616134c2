"""A recorded request, answered again at its own time by one rule base."""

from __future__ import annotations

from copy import deepcopy

from marshmallow import ValidationError

from schemas.faults import FieldError, flatten
from schemas.profile import request_schema
from service.advised import Advised
from service.advising import Advisor
from service.answering.answer import Answer
from service.answering.differences import IDS, OF_THE_MOMENT, REASONS, Outcome, without
from service.engine.trace import justifications
from service.measures import ProfileFault
from service.records.decisions import DecisionParts, Kept
from service.records.ids import moment


class Refused(Exception):
    """This rule base does not accept the request; `errors` is [{pointer, code, message}], pointers into the body."""

    def __init__(self, errors: list[FieldError]):
        super().__init__(f"{len(errors)} fields of a recorded request are at fault")
        self.errors = errors


class Rederiver:
    """One rule base; `advisor` is its own."""

    def __init__(self, advisor: Advisor):
        self.advisor = advisor
        self.schema = request_schema(advisor.knowledge.vocabulary)()

    def derived(self, kept: Kept, parts: DecisionParts) -> Advised:
        """What follows from the request as it was sent, by durable-rules. Raises Refused."""
        try:
            profile = self.schema.load(deepcopy(parts["request"]["body"]))["profile"]
            return self.advisor.reason(profile, moment(kept.created_at))
        except ValidationError as error:
            raise Refused(flatten(error.messages)) from None
        except ProfileFault as fault:
            raise Refused([{**one, "pointer": f"/profile{one['pointer']}"} for one in fault.errors]) from None

    def answer(self, advised: Advised, kept: Kept, parts: DecisionParts) -> Answer:
        """The standard answer, under the decision's own id and time."""
        at, voice = moment(kept.created_at), parts["request"]["voice"]
        return self.advisor.answer(advised, decision_id=kept.id, now=at, detail="standard", voice=voice)


def outcome(advised: Advised, answer: Answer) -> Outcome:
    """An answer with its reasons, for comparing: without what only names the moment, the rule base or a node."""
    reasons = without({key: value for key, value in answer.items() if key not in OF_THE_MOMENT}, IDS)
    fired = frozenset(rule.id for rule in advised.derivation.rules())
    return Outcome(without(reasons, REASONS), reasons, frozenset(justifications(advised.derivation)), fired)
