"""One exported decision checked with nothing but itself and a public key: no server, no database, and not the engine that derived it.

Four questions, each of which can fail alone: is it what the log was signed with; does what was understood follow from what was sent;
does what was concluded follow from that by the rules; does the answer follow from what was concluded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import orjson
from marshmallow import ValidationError

from schemas.profile import request_schema
from schemas.record import RecordSchema
from service.advised import Advised
from service.answering.build import build
from service.answering.differences import differing_places
from service.answering.indexes import indexes
from service.decisions.recording import derivation_of, observations_kept, observations_of
from service.engine.matching import derive
from service.engine.trace import Counted, Derivation, justifications
from service.knowledge.faults import RuleBaseFaults
from service.knowledge.loading import digest, load_files
from service.measures import Observations, ProfileFault, observe
from service.ranking import rank
from service.records.canonical import canonical, sha256
from service.records.chain import hash_after
from service.records.decisions import PARTS
from service.records.ids import moment
from service.records.sealing import Secret
from service.records.signing import signed_by

WORDS = {"message", "text", "label", "title", "rationale", "question", "why", "formula", "notices"}
_SHOWN = 10

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Level:
    """One question answered: `against` says what speaks against it; `remark` what else is to be known."""

    name: str
    against: tuple[str, ...] = ()
    remark: str = ""

    @property
    def holds(self) -> bool:
        return not self.against


def recheck(record: Record, trusted: Mapping[str, bytes]) -> list[Level]:
    """The four levels, in order; one that cannot be asked does not hold. `trusted` are public keys by their short names.

    Raises marshmallow.ValidationError for what is no record.
    """
    levels = [untouched(record, trusted)]
    try:
        again = _Again(record)
    except (RuleBaseFaults, KeyError, ValueError, TypeError) as error:
        cannot = (f"this version cannot read its rules or its steps ({type(error).__name__})",)
        return levels + [Level(name, cannot) for name in ("understood", "derived", "answered")]
    return [*levels, again.understood(), again.derived(), again.answered()]


def untouched(record: Record, trusted: Mapping[str, bytes]) -> Level:
    """The first level alone. Raises marshmallow.ValidationError for what is no record."""
    if faults := RecordSchema().validate(record):
        raise ValidationError(faults)
    return Level("untouched", tuple(_touched(record, trusted)), _signed_when(record))


def _signed_when(record: Record) -> str:
    signed = record["checkpoint"]
    return f"entry {record['entry'].get('seq')} of {signed['store']}, signed with the log of {signed['at']}" if signed else ""


def _touched(record: Record, trusted: Mapping[str, bytes]) -> Iterator[str]:
    entry, parts, files = record["entry"], record["parts"], record["rulebase"]["files"]
    yield from _unsigned(record, trusted)
    try:
        secret = Secret(bytes.fromhex(record["salt"]), b"")
        salted = {name: secret.commitment(name, canonical(parts[name])) for name in PARTS}
        rules = digest({name: content.encode() for name, content in files.items()})
    except (ValueError, AttributeError):
        yield "the salt, the content or the rules are not in their form"
        return
    yield from (f"the log is committed to another `{name}`" for name in PARTS if salted[name] != (entry.get("commitments") or {}).get(name))
    answer = parts["answer"]
    if entry.get("rulebase") != rules or (answer.get("rulebase") or {}).get("digest") != rules:
        yield "the rules are not the rule base that the entry names"
    if answer.get("decision_id") != entry.get("id"):
        yield "the answer is not the one that the entry names"


def _unsigned(record: Record, trusted: Mapping[str, bytes]) -> Iterator[str]:
    """From the entry along the hashes to the checkpoint, and its signature."""
    signed = record["checkpoint"]
    if signed is None:
        yield "no signed checkpoint covers it yet: export it again once there is one"
        return
    try:
        reached = hash_after(bytes.fromhex(record["previous"]), canonical(record["entry"]))
        for leaf in record["leaves"]:
            reached = sha256(reached + bytes.fromhex(leaf))
    except ValueError:
        yield "the hashes are not in their form"
        return
    if signed["hash"] != reached.hex() or signed["seq"] != record["entry"].get("seq", 0) + len(record["leaves"]):
        yield "the entry does not lead to the hash that was signed"
    if signed["key"] not in trusted:
        yield f"the key {signed['key']} is not among those that are trusted (--public-key)"
    elif not signed_by(trusted[signed["key"]], {key: value for key, value in signed.items() if key != "signature"}, signed["signature"]):
        yield "the signature is not that of its key"


class _Again:
    """The decision made again from the record, step by step, with its own rules. Raises what reading it raises."""

    def __init__(self, record: Record):
        self.parts, self.entry = record["parts"], record["entry"]
        self.at = moment(self.entry["at"])
        self.knowledge = load_files({name: content.encode() for name, content in record["rulebase"]["files"].items()})
        self.observations: Observations = observations_of(self.parts["observations"])
        self.recorded: Derivation = derivation_of(self.parts["trace"], self.observations, self.knowledge)

    def understood(self) -> Level:
        """From what was sent to what is known before any rule fires."""
        try:
            body = request_schema(self.knowledge.vocabulary)().load(deepcopy(self.parts["request"]["body"]))
            observed = observations_kept(observe(body["profile"], self.knowledge.vocabulary, self.at.date()))
        except (ValidationError, ProfileFault):
            return Level("understood", ("this version does not accept the request",))
        return Level("understood", tuple(_told(places(self.parts["observations"], observed))))

    def derived(self) -> Level:
        """By the plain evaluator: the same facts, every recorded step justified, and none left out."""
        plain = derive(self.observations.values, self.knowledge.program.strata, self.knowledge.vocabulary)
        recorded, again = justifications(self.recorded), justifications(plain)
        against = [f"a step of the rule {rule} does not follow" for rule in sorted({rule for rule, _ in recorded - again})]
        against += [f"a step of the rule {rule} is left out" for rule in sorted({rule for rule, _ in again - recorded})]
        if counts(self.recorded) != counts(plain):
            against.append("a count is not that of its members")
        if not against and self.recorded.facts != plain.facts:
            against.append("the facts are not those that follow")
        return Level("derived", tuple(_told(against)), f"{len(plain.steps)} steps, {len(plain.facts)} facts")

    def answered(self) -> Level:
        """The answer written again from the recorded steps; where only sentences differ, it was another version that wrote them."""
        voice = self.parts["request"]["voice"]
        try:
            written = build(
                indexes(self.knowledge), Advised(self.observations, self.recorded, rank(self.knowledge, self.recorded)),
                decision_id=self.entry["id"], now=self.at, detail="standard", voice=voice,
            )  # fmt: skip
        except (KeyError, IndexError, ValueError) as error:  # a step that an answer rests on was taken out
            return Level("answered", (f"no answer can be written from its steps ({type(error).__name__})",))
        found = places(self.parts["answer"], written)
        weighty = [pointer for pointer in found if not WORDS & set(pointer.split("/"))]
        remark = "equal to the last word" if not found else f"the same but for the words of {len(found)} sentences"
        return Level("answered", tuple(_told(weighty)), remark if not weighty else "")


def counts(derivation: Derivation) -> set[tuple[str, float, tuple[str, ...]]]:
    return {(step.word.id, step.value, step.members) for step in derivation.steps if isinstance(step, Counted)}


def places(recorded: Any, again: Any) -> list[str]:
    """JSON Pointers to where what was made again differs from the record."""
    return [at for at, _, _ in differing_places(recorded, orjson.loads(canonical(again)), whole_lists=True)]


def _told(found: Any) -> list[str]:
    """The first of them, and how many more."""
    found = list(found)
    more = [f"and {len(found) - _SHOWN} more"] if len(found) > _SHOWN else []
    return [*found[:_SHOWN], *more]
