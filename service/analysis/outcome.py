"""What an answer says, without how it says it: lists, levels, red flags, disposition, and the codes of what gates change."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from service.engine.revising import Revision
from service.engine.trace import Derivation
from service.knowledge.rulebase import Knowledge

ON_THE_TABLE = ("recommend", "maintain")
LEVELS = ("withhold", "clinician_first", "modify")  # of gates, strongest first
Outcome = dict[tuple[str, str], Any]
Found = Derivation | Revision


class Outcomes:
    """Reads the outcome off a derivation; prepared once from the knowledge."""

    def __init__(self, knowledge: Knowledge):
        self.interventions, self.components = tuple(knowledge.interventions), tuple(knowledge.components)
        words = knowledge.vocabulary.values()
        self.told = [(word.listed, word.id) for word in words if word.listed in ("state", "red_flag")]
        self.placements = [(iv, f"placement.{iv}") for iv in self.interventions]
        self.gates = {rule.id: rule.then["code"] for rule in knowledge.rules.values() if "gate" in rule.then}

        read = [*(fact for _, fact in self.placements), "disposition", *(id_ for _, id_ in self.told)]
        self.facts = frozenset([*read, *LEVELS, "cleared", "not_clearable"])

    def touched(self, revision: Revision) -> bool:
        """Whether the outcome may be another one: some rule that it is read from does otherwise."""
        return any(fact in self.facts for rule in revision.turned.values() for fact, _ in rule.conclusions)

    def of(self, derivation: Found) -> Outcome:
        """(kind, id) -> value; what does not hold has no line."""
        facts = derivation.facts
        outcome: Outcome = {("list", iv): facts.get(fact) for iv, fact in self.placements}
        outcome["disposition", "disposition"] = facts.get("disposition")
        outcome.update({(kind, id_): facts[id_] for kind, id_ in self.told if id_ in facts})
        outcome.update({("code", f"{target}.{code}"): level for target, level, code in self.codes(derivation)})
        return outcome

    def codes(self, derivation: Found) -> Iterator[tuple[str, str, str]]:
        """(target, level, code) of every gate that changes a recommendation or stands over a component, strongest last."""
        gates = [
            (target, level, self.gates[rule.id])
            for rule in derivation.rules()
            if rule.id in self.gates
            for level, target in rule.conclusions
            if level in LEVELS
        ]
        gates.sort(key=lambda gate: -LEVELS.index(gate[1]))
        changing = {iv: self.changing(derivation, iv) for iv in self.interventions}
        changing |= {component: self.standing(derivation, component) for component in self.components}
        return (gate for gate in gates if gate[1] in changing.get(gate[0], ()))

    def changing(self, derivation: Found, intervention: str) -> tuple[str, ...]:
        """The gate levels that show as changes: a clearance turns what a clinician had to see first into one."""
        if derivation.facts.get(f"placement.{intervention}") not in ON_THE_TABLE:
            return ()
        return ("clinician_first", "modify") if derivation.holds("cleared", intervention) else ("modify",)

    def standing(self, derivation: Found, component: str) -> tuple[str, ...]:
        """The strongest level over a component that no clearance lifts."""
        lifted = derivation.holds("cleared", component) and not derivation.holds("not_clearable", component)
        found = [level for level in LEVELS if derivation.holds(level, component) and not (lifted and level == "clinician_first")]
        return tuple(found[:1])
