"""What sentences tell people to do, by groups of actions: none does what a gate stops, and a gate stops a group by each of its members."""

from __future__ import annotations

from collections.abc import Iterable

from service.knowledge.conditions import leaves
from service.knowledge.faults import Findings
from service.knowledge.records import Condition, Holds, Not
from service.knowledge.rulebase import Knowledge

STOPPED = "stopped"
STOPPING = ("withhold", "clinician_first", "not_clearable")


def not_stopped(actions: Iterable[str]) -> list[Condition]:
    """That no gate stops what a sentence tells people to do."""
    return [Not(Holds(STOPPED, action)) for action in actions]


def check_actions(knowledge: Knowledge, faults: Findings) -> None:
    """What a gate may stop of the members of a group stops the group: some rule reads it for it."""
    if STOPPED not in knowledge.vocabulary:
        return
    word, concluded = knowledge.vocabulary[STOPPED], {atom for rule in knowledge.rules.values() for atom in rule.conclusions}
    for action in word.values:
        stopping = [rule for rule in knowledge.rules.values() if (STOPPED, action) in rule.conclusions]
        read = {(leaf.fact, leaf.value) for rule in stopping for leaf, positive in leaves(rule.own) if positive and isinstance(leaf, Holds)}
        for member in knowledge.groups.get(action, ()):
            for level in STOPPING[: 2 if member in knowledge.components else 3]:
                if (level, member) in concluded - read:
                    faults.add(word.place, f"a gate says {level} of {member}, and no rule stops {action} with it")
        if (STOPPED, action) not in concluded or not any(action in rule.does for rule in knowledge.rules.values()):
            faults.add(word.place, f"{action} is stopped by no gate, or done by no sentence")
