"""What a result rests on: what was measured, reported or assumed, the rules between, and the weakest of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from service.answering.answer import AnswerWriter
from service.answering.nodes import TraceWriter
from service.knowledge.program import Atom
from service.knowledge.records import Rule

Node = Mapping[str, Any]
GROUNDS = ("article", "design", "outside")  # what a rule rests on, weakest first
CONFIDENCE = ("L", "M", "H")
MEASURED_BELOW = ("/labs/", "/blood_pressure/", "/height", "/weight", "/waist", "/resting_heart_rate")
ORDERING = ("placement", "ranking")  # layers that only arrange what others concluded
NOT_FASTED = "taken as fasting by the name of the field: no hours were stated"


class Premises:
    """One person's trace, followed back from any result."""

    def __init__(self, writer: AnswerWriter, trace: Iterable[Node] | None = None):
        self.knowledge, self.nodes, self.sentences = writer.knowledge, writer.nodes, writer.sentences
        self.known = writer.observations.values
        written = TraceWriter(writer.nodes, writer.knowledge, writer.sentences).write() if trace is None else trace
        self.by_id = {node["id"]: node for node in written}

    def of(self, result: Atom) -> list[Node]:
        """Every node that the result rests on, in the order of the trace."""
        found = {node["id"] for node in self.behind(self.nodes.because(*result))}
        return [node for id_, node in self.by_id.items() if id_ in found]

    def behind(self, ids: Iterable[str]) -> Iterator[Node]:
        """Every node the result rests on, all alternatives included."""
        seen: set[str] = set()
        waiting = list(ids)
        while waiting:
            id_ = waiting.pop()
            if id_ not in seen:
                seen.add(id_)
                node = self.by_id[id_]
                yield node
                waiting += [other for premise in node["premises"] if isinstance(premise, str) for other in self.alternatives(premise)]

    def alternatives(self, id_: str) -> list[str]:
        node = self.by_id[id_]
        value = node["value"]
        return [id_] if isinstance(value, list) else self.nodes.because(node["fact"], value) or [id_]

    def stated(self, behind: list[Node]) -> list[dict[str, Any]]:
        """What the person sent: measured or reported, and what is assumed of how it was measured."""
        given = [node for node in behind if node["kind"] == "given"]
        rows = [{**self.row(node["fact"], basis_of(node), node["text"]), **self.named(node)} for node in given]
        return rows + [self.row(node["fact"], "assumed", NOT_FASTED) for node in given if self.fasting_unstated(node)]

    def fasting_unstated(self, node: Node) -> bool:
        word = self.knowledge.vocabulary.get(node["fact"])
        sent = node.get("sent")
        quantities = sent if isinstance(sent, list) else [sent]
        return word is not None and word.fasting and not any(isinstance(one, Mapping) and "fasting_hours" in one for one in quantities)

    def taken_for_granted(self, behind: list[Node]) -> list[dict[str, Any]]:
        """Inputs that were not answered and that a rule takes as not so."""
        absent = [premise for node in behind for premise in node["premises"] if isinstance(premise, Mapping)]
        vocabulary = self.knowledge.vocabulary
        facts = dict.fromkeys(one["fact"] for one in absent if vocabulary[one["fact"]].input and one["fact"] not in self.known)
        return [self.row(fact, "assumed", f"{self.sentences.label(fact)}: not answered, and taken as not so") for fact in facts]

    def named(self, node: Node) -> dict[str, str]:
        """Where a word of a list was sent: it may be in another than its own."""
        word = self.knowledge.vocabulary.get(node["fact"])
        return {"input": node["id"].removeprefix("given:")} if word is not None and (word.thesaurus or word.detail_of) else {}

    def row(self, fact: str, basis: str, text: str) -> dict[str, Any]:
        word = self.knowledge.vocabulary.get(fact)
        return {"fact": fact, "input": word.input if word else None, "basis": basis, "text": text}

    def rules(self, behind: list[Node]) -> list[Rule]:
        ids = dict.fromkeys(node["rule"] for node in behind if node["rule"] in self.knowledge.rules)
        return [rule for rule in map(self.knowledge.rules.__getitem__, ids) if rule.layer not in ORDERING]

    def article_only(self, behind: list[Node]) -> list[Rule]:
        """The rules that nothing but the article stands behind."""
        return [rule for rule in self.rules(behind) if ground_of(rule) == "article"]

    def ground(self, rule: Rule) -> dict[str, Any]:
        return {
            "rule": rule.id, "title": rule.title, "ground": ground_of(rule), "confidence": rule.confidence,
            "claims": list(rule.cites.article), "sources": list(rule.cites.outside),
        }  # fmt: skip

    def weakest(self, behind: list[Node]) -> dict[str, Any] | None:
        """The rule with the weakest ground: the article alone, then our own choice, then sources by confidence; of such the last."""
        rules = self.rules(behind)[::-1]
        return self.ground(min(rules, key=strength)) if rules else None


def basis_of(node: Node) -> str:
    pointer = node["id"].removeprefix("given:")
    return "measured" if pointer.startswith(MEASURED_BELOW) else "reported"


def ground_of(rule: Rule) -> str:
    return "outside" if rule.cites.outside else "design" if rule.cites.design else "article"


def strength(rule: Rule) -> tuple[int, int]:
    confidence = CONFIDENCE.index(rule.confidence) if rule.confidence else len(CONFIDENCE)
    return GROUNDS.index(ground_of(rule)), confidence
