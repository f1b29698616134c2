"""What an answer says, without how it says it: lists, levels, red flags, disposition, and the codes of what gates change."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from service.engine.trace import Derivation
from service.knowledge.records import Knowledge

ON_THE_TABLE = ("recommend", "maintain")
LEVELS = ("withhold", "clinician_first", "modify")  # of gates, strongest first
Outcome = dict[tuple[str, str], Any]


class Outcomes:
    """Reads the outcome off a derivation; prepared once from the knowledge."""

    def __init__(self, knowledge: Knowledge):
        self.interventions, self.components = tuple(knowledge.interventions), tuple(knowledge.components)
        words = knowledge.vocabulary.values()
        self.told = [(word.listed, word.id) for word in words if word.listed in ("state", "red_flag")]

    def of(self, derivation: Derivation) -> Outcome:
        """(kind, id) -> value; what does not hold has no line."""
        facts = derivation.facts
        outcome: Outcome = {("list", iv): facts.get(f"placement.{iv}") for iv in self.interventions}
        outcome["disposition", "disposition"] = facts.get("disposition")
        outcome.update({(kind, id_): facts[id_] for kind, id_ in self.told if id_ in facts})
        outcome.update({("code", f"{target}.{code}"): level for target, level, code in self.codes(derivation)})
        return outcome

    def codes(self, derivation: Derivation) -> Iterator[tuple[str, str, str]]:
        """(target, level, code) of every gate that changes a recommendation or stands over a component."""
        gates = [
            (one.value, one.fact, step.rule.then["code"])
            for step in derivation.firings()
            if "gate" in step.rule.then
            for one in step.conclusions
            if one.fact in LEVELS
        ]
        changing = {iv: self.changing(derivation, iv) for iv in self.interventions}
        changing |= {component: self.standing(derivation, component) for component in self.components}
        return (gate for gate in gates if gate[1] in changing.get(gate[0], ()))

    def changing(self, derivation: Derivation, intervention: str) -> tuple[str, ...]:
        """The gate levels that show as changes: a clearance turns what a clinician had to see first into one."""
        if derivation.facts.get(f"placement.{intervention}") not in ON_THE_TABLE:
            return ()
        return ("clinician_first", "modify") if derivation.holds("cleared", intervention) else ("modify",)

    def standing(self, derivation: Derivation, component: str) -> tuple[str, ...]:
        """The strongest level over a component that no clearance lifts."""
        lifted = derivation.holds("cleared", component) and not derivation.holds("not_clearable", component)
        found = [level for level in LEVELS if derivation.holds(level, component) and not (lifted and level == "clinician_first")]
        return tuple(found[:1])
