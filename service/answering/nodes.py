"""The derivation as numbered nodes: ids for `because`, and the whole trace for those who ask for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from operator import attrgetter
from typing import Any

from schemas.bounds import bounds
from service.answering.sentences import Sentences
from service.engine.trace import Conclusion, Counted, Derivation, Firing, Premise, plain
from service.given import Given
from service.knowledge.rulebase import Knowledge
from service.measures import Observations

KIND_OF_LAYER = {
    "findings": "finding", "red_flags": "red_flag", "states": "state", "mechanisms": "mechanism", "indications": "indication",
    "gates": "gate", "placement": "gate", "plans": "plan", "interactions": "interaction", "monitoring": "plan", "ranking": "rank",
}  # fmt: skip


class Nodes:
    """Ids for everything known about this person, and what stands behind each."""

    def __init__(self, observations: Observations, derivation: Derivation):
        self.observations = observations
        self.derivation = derivation
        self.inputs: dict[str, list[Given]] = defaultdict(list)
        for given in sorted(observations.given, key=attrgetter("astray")):
            self.inputs[given.fact].append(given)
        self.computed = {made.fact: f"computed:{made.fact}" for made in observations.computed}
        self.made_from = {made.fact: [premise.fact for premise in made.premises] for made in observations.computed}
        self.by_atom: dict[tuple[str, Any], list[Conclusion]] = {}
        self.by_form: dict[str, list[list[Conclusion]]] = defaultdict(list)
        for step in derivation.steps:
            if isinstance(step, Firing):
                self._keep(step)
            else:
                self.computed[step.word.id] = f"computed:{step.word.id}"
                self.made_from[step.word.id] = list(step.members)

    def _keep(self, firing: Firing) -> None:
        for one in firing.conclusions:
            atom = (one.fact, one.value)
            found = self.by_atom.get(atom)
            if found is None:
                found = self.by_atom[atom] = []
                self.by_form[one.fact].append(found)
            found.append(one)

    def of_form(self, form: str) -> list[list[Conclusion]]:
        """What was concluded under this name, value by value, each with every firing that concludes it."""
        return self.by_form.get(form, [])

    def because(self, fact: str, value: Any = True) -> list[str]:
        """The ids of all nodes that conclude this, or give it."""
        concluded = self.by_atom.get((fact, value))
        if concluded is not None:
            return [one.id for one in concluded]
        if fact in self.inputs:
            return [f"given:{given.pointer}" for given in giving(self.inputs[fact], value)]
        return [self.computed[fact]] if fact in self.computed else []

    def inputs_behind(self, fact: str, value: Any = True) -> set[str]:
        """The inputs from which something was concluded, through every step and every way."""
        behind: set[str] = set()
        waiting, seen = [(fact, value)], {(fact, value)}
        while waiting:
            atom = waiting.pop()
            behind.add(atom[0])
            for read in self._read_for(*atom):
                if read not in seen:
                    seen.add(read)
                    waiting.append(read)
        return behind & set(self.inputs)

    def _read_for(self, fact: str, value: Any) -> list[tuple[str, Any]]:
        if (fact, value) in self.by_atom:
            premises = [premise for one in self.by_atom[fact, value] for premise in one.firing.premises if premise.present]
            return [(premise.fact, True if premise.value is None else premise.value) for premise in premises]
        return [(other, True) for other in self.made_from.get(fact, ())]

    def premises(self, premise: Premise) -> list[str | dict[str, Any]]:
        """The node behind a premise, or every input that gives it; what is concluded in several ways goes by the first."""
        if not premise.present:
            absent = {"fact": premise.fact, "absent": True}
            return [absent if premise.value in (None, True) else {**absent, "value": premise.value}]
        found = self.because(premise.fact, True if premise.value is None else premise.value)
        return [*found] if premise.fact in self.inputs else [*found[:1]]


def giving(inputs: list[Given], value: Any) -> list[Given]:
    """Those of a fact's inputs that give this value of it; all that answer it where no value is asked for."""
    if len(inputs) == 1:
        return inputs
    found = [one for one in inputs if isinstance(one.value, frozenset) and value in one.value]
    return found or [one for one in inputs if not one.astray] or inputs


class TraceWriter:
    """Writes nodes out as the contract shapes them, premises first."""

    def __init__(self, nodes: Nodes, knowledge: Knowledge, sentences: Sentences):
        self.nodes = nodes
        self.knowledge = knowledge
        self.sentences = sentences
        self.facts = nodes.derivation.facts

    def write(self) -> list[dict[str, Any]]:
        concluded = [node for step in self.nodes.derivation.steps for node in self._step(step)]
        return [*self._given(), *self._computed(), *concluded]

    def _given(self) -> list[dict[str, Any]]:
        return [
            node(
                f"given:{given.pointer}", "given", given.fact, given.value, self._unit(given.fact),
                text=f"{self.sentences.label(given.fact)}: {self.sentences.value(given.fact, given.value)}", sent=given.sent,
            )
            for given in self.nodes.observations.given
        ]  # fmt: skip

    def _computed(self) -> list[dict[str, Any]]:
        return [
            node(
                f"computed:{made.fact}", "computed", made.fact, made.value, self._unit(made.fact), rule=made.formula,
                premises=[read for one in made.premises for read in self.nodes.premises(one)], sources=self._word_sources(made.fact),
                text=f"{self.sentences.label(made.fact)} is {self.sentences.value(made.fact, made.value)}",
            )
            for made in self.nodes.observations.computed
        ]  # fmt: skip

    def _step(self, step: Firing | Counted) -> list[dict[str, Any]]:
        return [self._counted(step)] if isinstance(step, Counted) else self._concluded(step)

    def _counted(self, counted: Counted) -> dict[str, Any]:
        word = counted.word
        members = [self.nodes.because(member)[0] for member in counted.members]
        absent = [{"fact": member, "absent": True} for member in word.of if member not in counted.members]
        text = f"{self.sentences.label(word.id)}: {counted.value:g} of {len(word.of)}"
        return node(f"computed:{word.id}", "computed", word.id, counted.value, None, rule="count", premises=members + absent, text=text)

    def _concluded(self, firing: Firing) -> list[dict[str, Any]]:
        rule = firing.rule
        premises = [read for premise in firing.premises for read in self.nodes.premises(premise)]
        text = self._why(firing)
        return [
            node(
                one.id, KIND_OF_LAYER[rule.layer], one.fact, one.value, None, rule=rule.id, premises=premises,
                sources=rule.cites.outside, claims=rule.cites.article, design=rule.cites.design, text=text,
            )
            for one in firing.conclusions
        ]  # fmt: skip

    def _why(self, firing: Firing) -> str:
        """The rule's title, then what held, then what was absent; made once where no number of the person stands in it."""
        asked = (firing.rule.id, firing.premises)  # a firing read back from a record is another one, and has the same
        text = self.sentences.made.get(asked)
        if text is None:
            ordered = sorted(firing.premises, key=lambda premise: not premise.present)
            because = [self.sentences.premise(premise, firing.rule, self.facts) for premise in ordered]
            text = f"{firing.rule.title}, because {'; '.join(because) or 'it always holds'}."
            if all(premise.value is not None or not premise.present for premise in firing.premises):
                self.sentences.made[asked] = text
        return text

    def _unit(self, fact: str) -> str | None:
        word = self.knowledge.vocabulary.get(fact)
        return word.unit if word else None

    def _word_sources(self, fact: str) -> list[str]:
        word = self.knowledge.vocabulary[fact]
        return list(word.cites.outside) if word.cites else []


def node(
    id_: str, kind: str, fact: str, value: Any, unit: str | None, rule: str | None = None, premises: Iterable[Any] = (),
    sources: Iterable[str] = (), claims: Iterable[str] = (), text: str = "", sent: Any = None, design: str | None = None,
) -> dict[str, Any]:  # fmt: skip
    written = {
        "id": id_, "kind": kind, "fact": fact, "value": plain(value), **bounds(value), "unit": unit, "rule": rule,
        "premises": list(premises),
        "sources": list(sources), "claims": list(claims), "design": design, "text": text,
    }  # fmt: skip
    return written if sent is None else {**written, "sent": sent}
