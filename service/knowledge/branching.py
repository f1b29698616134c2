"""Unknown is not one value: what a rule concludes for every value of an answer it concludes where the answer is not known."""

from __future__ import annotations

from service.knowledge.conditions import leaves
from service.knowledge.faults import Findings
from service.knowledge.files.strict_yaml import Entry
from service.knowledge.records import All, Any_, Condition, Holds, Not, Place, Rule
from service.knowledge.rulebase import Knowledge

WHATEVER = "whatever"


def branches(condition: Condition, fact: str) -> list[str]:
    """The values of an answer for which a condition asks different things."""
    asked = (leaf for leaf, positive in leaves(condition) if positive and isinstance(leaf, Holds) and leaf.fact == fact)
    return list(dict.fromkeys(leaf.value for leaf in asked))


def whatever(condition: Condition, fact: str) -> Condition:
    """That the answer is none of those for which the condition asks different things, and that it would hold for each of them."""
    values = branches(condition, fact)
    unknown = [Not(Holds(fact, value)) for value in values]
    return All((*unknown, *(given(condition, fact, value) for value in values)))


def given(condition: Condition, fact: str, value: str) -> Condition:
    """The condition where the answer is this value: its tests of the answer are gone, with what could not hold."""
    if isinstance(condition, Not):
        return Not(given(condition.test, fact, value))
    if isinstance(condition, Holds) and condition.fact == fact:
        return ALWAYS if condition.value == value else NEVER
    if not isinstance(condition, All | Any_):
        return condition
    decisive = ALWAYS if isinstance(condition, Any_) else NEVER
    parts = [part for part in (given(test, fact, value) for test in condition.tests) if part not in (ALWAYS, NEVER) or part == decisive]
    if decisive in parts:
        return decisive
    return parts[0] if len(parts) == 1 else type(condition)(tuple(parts))


ALWAYS: Condition = All(())
NEVER: Condition = Any_(())


def of_every_branch(entry: Entry) -> Entry:
    """The rule for those whose answer is not known."""
    fact = entry[WHATEVER]
    made = Entry({**entry, "id": f"{entry['id']}.any_{fact}", "title": f"{entry['title']}, whatever the {fact}"})
    made.place, made.lines = Place(entry.place.file, entry.lines[WHATEVER]), entry.lines
    return made


def check_branching(knowledge: Knowledge, faults: Findings) -> None:
    """A rule that asks different things of different answers says what it concludes where the answer is not known."""
    for rule in knowledge.rules.values():
        fact = rule.source.get(WHATEVER)
        if fact and len(branches(rule.own, fact)) == 1:
            faults.add(rule.place, f"{rule.id} names one answer of {fact!r} only: say under which it holds for the others")
        for fact in branching(rule, knowledge):
            if rule.source.get(WHATEVER) != fact:
                reason = f"{rule.id} asks different things by {fact!r}: say `{WHATEVER}: {fact}`, so that what all share counts"
                faults.add(rule.place, reason)


def branching(rule: Rule, knowledge: Knowledge) -> list[str]:
    """The answers for different values of which different limits hold: a list of values of which each will do is none."""
    asked = dict.fromkeys(leaf.fact for leaf, positive in leaves(rule.own) if positive and isinstance(leaf, Holds))
    choices = [fact for fact in asked if knowledge.vocabulary[fact].kind == "choice" and knowledge.vocabulary[fact].input]
    return [fact for fact in choices if len({given(rule.own, fact, value) for value in branches(rule.own, fact)} - {NEVER}) > 1]
