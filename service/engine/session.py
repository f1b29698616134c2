"""The only module that knows durable-rules: every rule of every answer is fired by it.

One ruleset of durable-rules a chunk, because at each firing the engine walks all rules of the ruleset; one session in each for
ever, one lock around an answer. Each is asked with one flat fact, which is taken back before the next: what remains in the
engine between two answers is nothing. Taking back instead of deleting the session avoids both its leak and its crash; the
first fact of all fires a rule of its own, without which the engine frees memory it never set.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from itertools import count as counter
from operator import attrgetter
from threading import Lock

import durable_rules_engine as durable

from schemas.bounds import high_of, low_of
from service.engine.compiling import (
    HIGHEST,
    Chunk,
    CompiledStratum,
    Pattern,
    compile_strata,
    engine_name,
    member,
    property_of,
    value_property,
)
from service.engine.trace import Derivation, Facts, answered, count
from service.knowledge.program import Stratum
from service.knowledge.records import NUMBERS, Known, Vocabulary

PRIME = "prime"
BY_SERIAL = attrgetter("serial")
NOT_HANDLED = 1  # no rule has any test satisfied by the fact; it was not stored


class EngineFault(Exception):
    """durable-rules did not do what it must; no answer can be given from this derivation."""


class Session:
    """Derives what follows from given facts by firing the rules in durable-rules. Safe to share between threads."""

    def __init__(self, strata: tuple[Stratum, ...], vocabulary: Vocabulary):
        self.vocabulary = vocabulary
        self.strata = compile_strata(strata, vocabulary)
        chunks = [chunk for stratum in self.strata for chunk in stratum.chunks]
        self.rulesets = {chunk.stage: Ruleset(chunk, vocabulary) for chunk in chunks}
        self.lock = Lock()

    def derive(self, given: Facts) -> Derivation:
        """Facts, firings and counts that follow from `given`; raises EngineFault."""
        with self.lock:
            try:
                return self._derive(given)
            except durable.error as error:
                self._discard()
                raise EngineFault("durable-rules refused a fact or a step") from error
            except BaseException:  # a worker's timeout too may come between a fact and its retraction
                self._discard()
                raise

    def _derive(self, given: Facts) -> Derivation:
        derivation = Derivation(dict(given))
        known = {name: member(name, value) for name, value in encoded_facts(given, self.vocabulary).items()}
        for stratum in self.strata:
            self._count(stratum, derivation, known)
            if stratum.recursive:
                self._chain(stratum, derivation, known)
            else:
                for pattern in self._fired(stratum, known):
                    self._conclude(pattern, derivation, known, {})
        return derivation

    def _count(self, stratum: CompiledStratum, derivation: Derivation, known: dict[str, str]) -> None:
        for word in stratum.counts:
            if word.id not in derivation.facts:
                counted = count(word, derivation.facts)
                derivation.facts[word.id] = counted.value
                derivation.steps.append(counted)
                known[word.id] = member(word.id, number(counted.value))

    def _chain(self, stratum: CompiledStratum, derivation: Derivation, known: dict[str, str]) -> None:
        """Only what is new is asked again: a rule of a recursive stratum reads one fact of it (checked at load)."""
        fresh, fired = dict(known), set()
        while fresh:
            patterns = [pattern for pattern in self._fired(stratum, fresh) if pattern.serial not in fired]
            fresh = {}
            for pattern in patterns:
                fired.add(pattern.serial)
                self._conclude(pattern, derivation, known, fresh)

    def _fired(self, stratum: CompiledStratum, known: Mapping[str, str]) -> list[Pattern]:
        """The patterns of a stratum that fire for these properties; all of them before any concludes."""
        return [pattern for chunk in stratum.chunks for pattern in self.rulesets[chunk.stage].fired(known)]

    def _conclude(self, pattern: Pattern, derivation: Derivation, known: dict[str, str], fresh: dict[str, str]) -> None:
        """Records a firing; what it concludes that was not known is put into `known` and `fresh`."""
        derivation.steps.append(pattern.firing)
        for fact, value, in_set, name, written in pattern.effects:
            if name not in known:
                derivation.conclude(fact, value, in_set)
                known[name] = fresh[name] = written

    def _discard(self) -> None:
        """After a fault nothing in the engine is trusted: the next answer opens new handles."""
        for ruleset in self.rulesets.values():
            ruleset.discard()


class Ruleset:
    """A chunk of rules in durable-rules: a handle of its own, opened when it is first asked."""

    def __init__(self, chunk: Chunk, vocabulary: Vocabulary):
        self.chunk = chunk
        self.patterns = {pattern.name: pattern for pattern in chunk.patterns}
        self.definition = json.dumps({PRIME: {"all": [{"m": {PRIME: 1}}]}, **dict(chunk.definitions(vocabulary))}, ensure_ascii=False)
        self.serial = counter()
        self.handle: int | None = None

    def fired(self, known: Mapping[str, str]) -> list[Pattern]:
        """The patterns that fire for these properties, in the order of the rule files."""
        if self.chunk.triggers is not None and self.chunk.triggers.isdisjoint(known):
            return []
        if self.handle is None:
            self._open()
        mark = f'"id":"{next(self.serial)}"'
        properties = "".join([known[name] for name in self.chunk.properties if name in known])
        fact = f'{{"sid":"0",{mark},"{self.chunk.stage}":1{properties}}}'
        code, state = durable.assert_fact(self.handle, fact)
        if code == NOT_HANDLED:
            return []
        try:
            fired = self._firings(state, mark)
        finally:
            durable.retract_fact(self.handle, fact)
        return fired

    def _firings(self, state: int, mark: str) -> list[Pattern]:
        handle, patterns, most = self.handle, self.patterns, len(self.patterns)
        started = durable.start_action_for_state(handle, state)
        message = started and started[1]
        fired = []
        while message:
            if mark not in message:
                raise EngineFault("a rule fired for a fact of another answer")
            fired.append(patterns[message[2 : message.index('"', 2)]])
            if len(fired) > most:
                raise EngineFault("a rule fired twice for one fact")
            message = durable.complete_and_start_action(handle, state)
        fired.sort(key=BY_SERIAL)
        return fired

    def _open(self) -> None:
        self.handle = durable.create_ruleset("attune", self.definition)
        fact = f'{{"sid":"0","id":"{PRIME}","{PRIME}":1}}'
        _, state = durable.assert_fact(self.handle, fact)
        durable.start_action_for_state(self.handle, state)
        durable.complete_and_start_action(self.handle, state)
        durable.retract_fact(self.handle, fact)

    def discard(self) -> None:
        handle, self.handle = self.handle, None
        try:
            durable.delete_state(handle, "0")
            durable.delete_ruleset(handle)
        except Exception:  # noqa: S110 - the handle is abandoned either way
            pass


def encoded_facts(facts: Facts, vocabulary: Vocabulary) -> dict[str, str]:
    """Given facts as properties of the engine: numbers in fixed notation, everything else as flags."""
    known: dict[str, str] = {}
    for fact, value in facts.items():
        if vocabulary[fact].kind in NUMBERS:
            name = engine_name(fact)
            known[name] = number(low_of(value))
            if vocabulary[fact].bounded:
                known[f"{name}{HIGHEST}"] = number(high_of(value))
            continue
        if answered(fact, facts):
            known[property_of(Known(fact), vocabulary)] = "1"
        for one in value if isinstance(value, set | frozenset) else (value,):
            known[engine_name(value_property(fact, one))] = "1"
    return known


def number(value: float) -> str:
    """Fixed notation: the engine's parser takes no exponent."""
    text = repr(float(value))
    return format(Decimal(text), "f") if "e" in text else text
