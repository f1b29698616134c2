"""The derivation as numbered nodes: ids for `because`, and the whole trace for those who ask for it."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, NamedTuple

from service.engine.trace import Counted, Derivation, Firing, Premise
from service.explaining.sentences import Sentences
from service.knowledge.records import Knowledge
from service.measures import Observations

KIND_OF_LAYER = {
    "findings": "finding", "red_flags": "red_flag", "states": "state", "mechanisms": "mechanism", "indications": "indication",
    "gates": "gate", "placement": "gate", "plans": "plan", "interactions": "interaction", "monitoring": "plan", "ranking": "rank",
}  # fmt: skip


class Concluded(NamedTuple):
    """One conclusion of one firing, under its node id."""

    id: str
    firing: Firing
    fact: str
    value: Any


class Nodes:
    """Ids for everything known about this person, and what stands behind each."""

    def __init__(self, observations: Observations, derivation: Derivation):
        self.observations = observations
        self.derivation = derivation
        self.inputs = {given.fact: f"given:{given.pointer}" for given in observations.given}
        self.computed = {made.fact: f"computed:{made.fact}" for made in observations.computed}
        self.concluded: list[Concluded | Counted] = []
        self.by_atom: dict[tuple[str, Any], list[Concluded]] = defaultdict(list)
        self.firings_by_form: dict[str, list[Firing]] = defaultdict(list)
        fired: dict[str, int] = {}
        for step in derivation.steps:
            if isinstance(step, Counted):
                self.computed[step.word.id] = f"computed:{step.word.id}"
                self.concluded.append(step)
                continue
            self.firings_by_form[next(iter(step.rule.then))].append(step)
            times = fired[step.rule.id] = fired.get(step.rule.id, 0) + 1
            self._number(step, step.rule.id if times == 1 else f"{step.rule.id}~{times}")

    def _number(self, step: Firing, name: str) -> None:
        conclusions = step.rule.conclusions
        for fact, value in conclusions:
            id_ = name if len(conclusions) == 1 else f"{name}:{fact}:{value}"
            one = Concluded(id_, step, fact, value)
            self.concluded.append(one)
            self.by_atom[fact, value].append(one)

    def because(self, fact: str, value: Any = True) -> list[str]:
        """The ids of all nodes that conclude this, or give it."""
        if (fact, value) in self.by_atom:
            return [one.id for one in self.by_atom[fact, value]]
        found = self.inputs.get(fact) or self.computed.get(fact)
        return [found] if found else []

    def premise(self, premise: Premise) -> str | dict[str, Any]:
        if not premise.present:
            absent = {"fact": premise.fact, "absent": True}
            return absent if premise.value in (None, True) else {**absent, "value": premise.value}
        return self.because(premise.fact, True if premise.value is None else premise.value)[0]


class TraceWriter:
    """Writes nodes out as the contract shapes them, premises first."""

    def __init__(self, nodes: Nodes, knowledge: Knowledge, sentences: Sentences):
        self.nodes = nodes
        self.knowledge = knowledge
        self.sentences = sentences
        self.facts = nodes.derivation.facts

    def write(self) -> list[dict[str, Any]]:
        return [*self._given(), *self._computed(), *(self._concluded(one) for one in self.nodes.concluded)]

    def _given(self) -> list[dict[str, Any]]:
        return [
            node(
                f"given:{given.pointer}", getattr(given, "kind", "given"), given.fact, plain(given.value), self._unit(given.fact),
                text=f"{self.sentences.label(given.fact)}: {self.sentences.value(given.fact, given.value)}", sent=given.sent,
            )
            for given in self.nodes.observations.given
        ]  # fmt: skip

    def _computed(self) -> list[dict[str, Any]]:
        return [
            node(
                f"computed:{made.fact}", "computed", made.fact, plain(made.value), self._unit(made.fact), rule=made.formula,
                premises=[self._read(premise) for premise in made.premises], sources=self._word_sources(made.fact),
                text=f"{self.sentences.label(made.fact)} is {self.sentences.value(made.fact, made.value)}",
            )
            for made in self.nodes.observations.computed
        ]  # fmt: skip

    def _read(self, premise: Any) -> str | dict[str, Any]:
        return self.nodes.premise(premise if isinstance(premise, Premise) else Premise(*premise))

    def _concluded(self, one: Concluded | Counted) -> dict[str, Any]:
        if isinstance(one, Counted):
            members = [self.nodes.because(member)[0] for member in one.members]
            absent = [{"fact": member, "absent": True} for member in one.word.of if member not in one.members]
            text = f"{self.sentences.label(one.word.id)}: {one.value:g} of {len(one.word.of)}"
            return node(f"computed:{one.word.id}", "computed", one.word.id, one.value, None, rule="count", premises=members + absent, text=text)
        rule = one.firing.rule
        return node(
            one.id, KIND_OF_LAYER[rule.layer], one.fact, one.value, None, rule=rule.id,
            premises=[self.nodes.premise(premise) for premise in one.firing.premises], sources=list(rule.cites.outside),
            claims=list(rule.cites.article), design=rule.cites.design, text=self._why(one),
        )  # fmt: skip

    def _why(self, one: Concluded) -> str:
        because = [self.sentences.premise(premise, one.firing.rule, self.facts) for premise in one.firing.premises if premise.present]
        absent = [self.sentences.premise(premise, one.firing.rule, self.facts) for premise in one.firing.premises if not premise.present]
        return f"{one.firing.rule.title}, because {'; '.join(because + absent) or 'it always holds'}."

    def _unit(self, fact: str) -> str | None:
        word = self.knowledge.vocabulary.get(fact)
        return word.unit if word else None

    def _word_sources(self, fact: str) -> list[str]:
        word = self.knowledge.vocabulary[fact]
        return list(word.cites.outside) if word.cites else []


def node(id_, kind, fact, value, unit, rule=None, premises=(), sources=(), claims=(), text="", sent=None, design=None) -> dict[str, Any]:
    written = {
        "id": id_, "kind": kind, "fact": fact, "value": value, "unit": unit, "rule": rule, "premises": list(premises),
        "sources": list(sources), "claims": list(claims), "design": design, "text": text,
    }  # fmt: skip
    return written if sent is None else {**written, "sent": sent}


def plain(value: Any) -> Any:
    return sorted(value) if isinstance(value, set | frozenset) else value
