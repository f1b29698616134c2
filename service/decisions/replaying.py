"""An old decision derived again: with the rules of its day, which must give what is on record, and with today's, which may not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

import orjson
from marshmallow import ValidationError

from schemas.faults import FieldError, flatten
from schemas.profile import request_schema
from service.advised import Advised
from service.advising import Advisor
from service.answering.answer import Answer
from service.answering.differences import ABSENT, IDS, OF_THE_MOMENT, REASONS, Outcome, difference, differing_places, without
from service.decisions.recalling import Recaller
from service.decisions.recording import observations_kept, trace_kept
from service.engine.trace import justifications
from service.explaining.what_if import compared
from service.knowledge.rulebase import Knowledge
from service.measures import ProfileFault
from service.records.canonical import canonical
from service.records.decisions import DecisionParts, Kept
from service.records.ids import moment

Row = dict[str, Any]


class Replayer:
    """Replays decisions of the store that `recaller` reads."""

    def __init__(self, recaller: Recaller):
        self.recaller = recaller

    def replay(self, kept: Kept) -> dict[str, Any]:
        """Whether its own rules give the record again, else where not; and what today's rules give. Raises Erased."""
        parts = kept.parts()
        own = Rederiver(self.recaller.advisor_of(kept.rulebase))
        named = {"decision_id": kept.id, "created_at": parts["answer"]["created_at"]}
        return {**named, **again(own, kept, parts), "today": self.today(own, kept, parts)}

    def today(self, own: Rederiver, kept: Kept, parts: DecisionParts) -> dict[str, Any]:
        """What was recorded beside what today's rules say to the same request at the same time, each line with its rules."""
        today = Rederiver(self.recaller.advisor)
        knowledge = today.advisor.knowledge
        before = self.recaller.advised(kept, parts)
        try:
            after = today.derived(kept, parts)
        except Refused as refused:
            return {**told(knowledge, equal=False, refused=refused.errors), "rules": moved(None)}
        answers = own.answer(before, kept, parts), today.answer(after, kept, parts)
        sentences = today.advisor.indexes.sentences[parts["request"]["voice"]]
        rows = compared(before, after, answers, knowledge, sentences)["differences"]
        found = difference(0, outcome(before, answers[0]), outcome(after, answers[1]), changed(own.advisor.knowledge, knowledge))
        return {**told(knowledge, equal=found is None, differences=rows), "rules": moved(found.rules if found else None)}


def again(own: Rederiver, kept: Kept, parts: DecisionParts) -> dict[str, Any]:
    """The record beside what its own rules make of its request."""
    try:
        advised = own.derived(kept, parts)
    except Refused as refused:
        return {**told(own.advisor.knowledge, equal=False, refused=refused.errors), "same_steps": False}
    rows = [*record_differences(parts, derived_parts(own, advised, kept, parts))]
    same_steps = all(one["part"] != "trace" for one in rows)
    return {**told(own.advisor.knowledge, equal=not rows, differences=rows), "same_steps": same_steps}


def told(
    knowledge: Knowledge, equal: bool, differences: list[Row] | None = None, refused: list[FieldError] | None = None
) -> dict[str, Any]:
    name = {"version": knowledge.version, "digest": knowledge.digest}
    return {"rulebase": name, "equal": equal, "differences": differences or [], "refused": refused or []}


def moved(rules: Mapping[str, list[str]] | None) -> dict[str, list[str]]:
    return dict(rules) if rules else {"only_old": [], "only_new": [], "changed": []}


def changed(old: Knowledge, new: Knowledge) -> set[str]:
    """The rules that both have and that do not say the same."""
    return {id_ for id_, rule in old.rules.items() if id_ in new.rules and new.rules[id_].hash != rule.hash}


def derived_parts(own: Rederiver, advised: Advised, kept: Kept, parts: DecisionParts) -> DecisionParts:
    """In the form in which the record has them."""
    made = {
        "observations": observations_kept(advised.observations), "trace": trace_kept(advised.derivation),
        "answer": own.answer(advised, kept, parts),
    }  # fmt: skip
    again: DecisionParts = orjson.loads(canonical(made))
    return again


def record_differences(recorded: Mapping[str, Any], derived: Mapping[str, Any]) -> Iterator[Row]:
    """[{part, at, recorded, derived}]; `at` is a JSON Pointer into the part, and null stands for what the other has not got."""
    for part in ("observations", "answer"):
        yield from (row(part, *found) for found in differing_places(recorded[part], derived[part]))
    yield from steps_apart(recorded["trace"], derived["trace"])


def steps_apart(recorded: list[Any], derived: list[Any]) -> Iterator[Row]:
    """The steps that only one of the two has; their order says nothing, and a place in what was derived is told only for those."""
    only = {canonical(step) for step in recorded} ^ {canonical(step) for step in derived}
    yield from (row("trace", f"/{index}", step, ABSENT) for index, step in enumerate(recorded) if canonical(step) in only)
    yield from (row("trace", f"/{index}", ABSENT, step) for index, step in enumerate(derived) if canonical(step) in only)


def row(part: str, at: str, recorded: Any, derived: Any) -> Row:
    return {"part": part, "at": at, "recorded": none(recorded), "derived": none(derived)}


def none(value: Any) -> Any:
    return None if value is ABSENT else value


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
