"""Why a result holds: its derivation as a tree, the smallest sets of inputs that suffice, and what it rests on at its weakest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from service.advised import Advised
from service.analysis.sufficing import Sufficing
from service.answering.answer import AnswerWriter
from service.answering.premises import Node, Premises
from service.engine.trace import Derivation, Facts
from service.knowledge.catalogue import evidence_document
from service.knowledge.program import Atom
from service.knowledge.records import CONCLUDED
from service.knowledge.rulebase import Knowledge


class NotConcluded(KeyError):
    """What is asked about does not hold, or is nothing that a rule concludes."""


class Why:
    """One person's reasons for one result; `derive` runs the engine."""

    def __init__(self, advised: Advised, writer: AnswerWriter, derive: Callable[[Mapping[str, Any]], Derivation]):
        self.advised, self.knowledge, self.nodes, self.derive = advised, writer.knowledge, writer.nodes, derive
        self.premises = Premises(writer)
        self.by_id = self.premises.by_id

    def of(self, result: Atom) -> dict[str, Any]:
        """Everything about this result, which must hold."""
        behind, premises = self.premises.of(result), self.premises
        sufficing = Sufficing(self.advised.observations, result, self.knowledge.program, self.derive)
        sets = sufficing.sets()
        return {
            "fact": result[0],
            "value": result[1],
            "tree": self.tree(result, set()),
            "sufficient": sets,
            "complete": sufficing.complete,
            "single_points": sufficing.single_points(sets),
            "premises": [*premises.stated(behind), *premises.taken_for_granted(behind)],
            "article_only": [premises.ground(rule) for rule in premises.article_only(behind)],
            "weakest": premises.weakest(behind),
            "evidence": self.evidence(result),
        }

    # --- the tree ------------------------------------------------------------------------------------------------------------

    def tree(self, result: Atom, shown: set[str]) -> dict[str, Any]:
        """The fact with every justification; what was shown above is only named again."""
        ids = self.nodes.because(*result)
        return {"fact": result[0], "value": result[1], "because": [self.branch(self.by_id[id_], shown) for id_ in ids]}

    def branch(self, node: Node, shown: set[str]) -> dict[str, Any]:
        if node["id"] in shown:
            return {"id": node["id"], "text": node["text"], "rule": node["rule"], "above": True, "premises": []}
        shown.add(node["id"])
        premises = [self.premise(premise, shown) for premise in node["premises"]]
        return {"id": node["id"], "text": node["text"], "rule": node["rule"], "above": False, "premises": premises}

    def premise(self, premise: Any, shown: set[str]) -> dict[str, Any]:
        if isinstance(premise, Mapping):
            return dict(premise)
        node = self.by_id[premise]
        kind = self.knowledge.vocabulary[node["fact"]].kind if node["fact"] in self.knowledge.vocabulary else ""
        concluded = kind in CONCLUDED
        return self.tree((node["fact"], node["value"]), shown) if concluded else {**self.branch(node, shown), "fact": node["fact"]}

    def evidence(self, result: Atom) -> dict[str, Any] | None:
        """The independent evidence for the intervention that the result speaks of."""
        subject = result[0].partition(".")[2] if result[0].startswith("placement.") else result[1]
        found = self.knowledge.evidence.get(subject) if isinstance(subject, str) else None
        return evidence_document(found) if found else None


def result_of(name: str, facts: Facts, knowledge: Knowledge) -> Atom:
    """The result that a name asks for: where an intervention stands, or a finding, state or red flag that holds; raises NotConcluded."""
    if name in knowledge.interventions:
        return f"placement.{name}", facts[f"placement.{name}"]
    if name in facts and knowledge.vocabulary[name].kind in ("flag", "level"):
        return name, facts[name]
    raise NotConcluded(name)
