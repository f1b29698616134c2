"""Why a result holds: its derivation as a tree, the smallest sets of inputs that suffice, and what it rests on at its weakest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from service.engine.trace import Derivation
from service.explaining.answer import AnswerWriter
from service.explaining.nodes import TraceWriter
from service.explaining.sufficing import Sufficing
from service.explaining.unmet import Atom
from service.knowledge.records import Knowledge, Rule

if TYPE_CHECKING:
    from service.explaining.on_demand import Person

Node = Mapping[str, Any]
GROUNDS = ("article", "design", "outside")  # what a rule rests on, weakest first
CONFIDENCE = ("L", "M", "H")
MEASURED_BELOW = ("/labs/", "/blood_pressure/", "/height", "/weight", "/waist", "/resting_heart_rate")
ORDERING = ("placement", "ranking")  # layers that only arrange what others concluded
NOT_FASTED = "taken as fasting by the name of the field: no hours were stated"


class Why:
    """One person's reasons for one result; `derive` runs the engine."""

    def __init__(self, person: Person, writer: AnswerWriter, derive: Callable[[Mapping[str, Any]], Derivation]):
        self.person, self.knowledge, self.nodes = person, writer.knowledge, writer.nodes
        self.sentences, self.facts, self.derive = writer.sentences, writer.facts, derive
        self.by_id = {node["id"]: node for node in TraceWriter(writer.nodes, writer.knowledge, writer.sentences).write()}

    def of(self, result: Atom) -> dict[str, Any]:
        """Everything about this result, which must hold."""
        behind = list(self.behind(self.nodes.because(*result)))
        sufficing = Sufficing(self.person.observations, result, self.person.strata, self.knowledge.vocabulary, self.derive)
        sets = sufficing.sets()
        return {
            "fact": result[0],
            "value": result[1],
            "tree": self.tree(result, set()),
            "sufficient": sets,
            "complete": sufficing.complete,
            "single_points": sufficing.single_points(sets),
            "premises": [*self.stated(behind), *self.taken_for_granted(behind)],
            "article_only": [self.ground(rule) for rule in self.rules(behind) if ground_of(rule) == "article"],
            "weakest": self.weakest(behind),
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
        concluded = kind in ("flag", "level", "set")
        return self.tree((node["fact"], node["value"]), shown) if concluded else {**self.branch(node, shown), "fact": node["fact"]}

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

    # --- what it rests on ----------------------------------------------------------------------------------------------------

    def stated(self, behind: list[Node]) -> list[dict[str, Any]]:
        """What the person sent: measured or reported, and what is assumed of how it was measured."""
        given = [node for node in self.by_id.values() if node["kind"] == "given" and any(node is one for one in behind)]
        rows = [self.row(node["fact"], basis_of(node), node["text"]) for node in given]
        return rows + [self.row(node["fact"], "assumed", NOT_FASTED) for node in given if self.fasting_unstated(node)]

    def fasting_unstated(self, node: Node) -> bool:
        word = self.knowledge.vocabulary.get(node["fact"])
        sent = node.get("sent")
        quantities = sent if isinstance(sent, list) else [sent]
        return word is not None and word.fasting and not any(isinstance(one, Mapping) and "fasting_hours" in one for one in quantities)

    def taken_for_granted(self, behind: list[Node]) -> list[dict[str, Any]]:
        """Inputs that were not answered and that a rule takes as not so."""
        absent = [premise for node in behind for premise in node["premises"] if isinstance(premise, Mapping)]
        vocabulary, known = self.knowledge.vocabulary, self.person.observations.values
        facts = dict.fromkeys(one["fact"] for one in absent if vocabulary[one["fact"]].input and one["fact"] not in known)
        return [self.row(fact, "assumed", f"{self.sentences.label(fact)}: not answered, and taken as not so") for fact in facts]

    def row(self, fact: str, basis: str, text: str) -> dict[str, Any]:
        word = self.knowledge.vocabulary.get(fact)
        return {"fact": fact, "input": word.input if word else None, "basis": basis, "text": text}

    def rules(self, behind: list[Node]) -> list[Rule]:
        ids = sorted({node["rule"] for node in behind if node["rule"] in self.knowledge.rules})
        return [rule for rule in map(self.knowledge.rules.__getitem__, ids) if rule.layer not in ORDERING]

    def ground(self, rule: Rule) -> dict[str, Any]:
        return {
            "rule": rule.id, "title": rule.title, "ground": ground_of(rule), "confidence": rule.confidence,
            "claims": list(rule.cites.article), "sources": list(rule.cites.outside),
        }  # fmt: skip

    def weakest(self, behind: list[Node]) -> dict[str, Any] | None:
        """The rule with the weakest ground: the article alone, then our own choice, then outside sources by confidence."""
        rules = self.rules(behind)
        return self.ground(min(rules, key=strength)) if rules else None

    def evidence(self, result: Atom) -> dict[str, Any] | None:
        """The grade of the independent evidence for the intervention that the result speaks of."""
        subject = result[0].partition(".")[2] if result[0].startswith("placement.") else result[1]
        found = self.knowledge.evidence.get(subject) if isinstance(subject, str) else None
        return {"grade": found.grade, "outcome": found.outcome, "sources": list(found.sources)} if found else None


def result_of(name: str, facts: Mapping[str, Any], knowledge: Knowledge) -> Atom:
    """The result that a name asks for: where an intervention stands, or a finding, state or red flag that holds; raises KeyError."""
    if name in knowledge.interventions:
        return f"placement.{name}", facts[f"placement.{name}"]
    if name in knowledge.vocabulary and knowledge.vocabulary[name].kind in ("flag", "level"):
        return name, facts[name]
    raise KeyError(name)


def basis_of(node: Node) -> str:
    pointer = node["id"].removeprefix("given:")
    return "measured" if pointer.startswith(MEASURED_BELOW) else "reported"


def ground_of(rule: Rule) -> str:
    return "outside" if rule.cites.outside else "design" if rule.cites.design else "article"


def strength(rule: Rule) -> tuple[int, int, str]:
    confidence = CONFIDENCE.index(rule.confidence) if rule.confidence else len(CONFIDENCE)
    return GROUNDS.index(ground_of(rule)), confidence, rule.id
