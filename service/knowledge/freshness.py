"""How fresh a value must be to be urgent: an urgent rule becomes two, one for values of the moment and one that asks to measure again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from service.knowledge.conditions import leaves
from service.knowledge.faults import Findings
from service.knowledge.files.strict_yaml import Entry
from service.knowledge.records import All, Any_, Compare, Condition, Holds, Not, Place, Rule, Word
from service.knowledge.rulebase import Knowledge

NOT_RECENT = "not_recent"
NOT_RECENT_ON_INSULIN = "not_recent_on_insulin"
LATER = "later"
URGENT = ("emergency", "same_day")


def fresh(condition: Condition, named: Iterable[str], vocabulary: Mapping[str, Word]) -> Condition:
    """The condition for recent values only: where it compares one of the named with a limit, or, through a finding, with all of them."""
    named = tuple(named)
    if not named:
        return condition
    direct = {leaf.fact for leaf, _ in leaves(condition) if isinstance(leaf, Compare)}
    behind = [is_recent(fact) for fact in named if fact not in direct]
    recently = recent(condition, named, vocabulary)
    return All((recently, *behind)) if behind else recently


def recent(condition: Condition, named: Sequence[str], vocabulary: Mapping[str, Word]) -> Condition:
    if isinstance(condition, All):
        return All(tuple(recent(test, named, vocabulary) for test in condition.tests))
    if isinstance(condition, Any_):
        return Any_(tuple(recent(test, named, vocabulary) for test in condition.tests))
    if not isinstance(condition, Compare) or condition.fact not in named:
        return condition  # what is asked not to hold is asked of old values too
    other = vocabulary[condition.fact].recent_as
    return Compare(other, condition.word, condition.threshold) if other else All((condition, is_recent(condition.fact)))


def is_recent(fact: str) -> Condition:
    return Not(Holds(NOT_RECENT, fact))


def later(entry: Entry, first: Mapping[str, str]) -> Entry:
    """The rule for the same values where they are too old to command: soon, and measured again first."""
    made = Entry({
        **entry, "id": f"{entry['id']}.{LATER}", "title": f"{entry['title']}, measured too long ago to be urgent",
        "then": {**entry["then"], "urgency": "soon", "within": first["within"]}, "says": f"{first['says']} {entry['says']}",
    })  # fmt: skip
    made.place, made.lines = Place(entry.place.file, entry.lines["fresh"]), entry.lines
    return made


def check_freshness(knowledge: Knowledge, faults: Findings) -> None:
    """An urgent flag says of every reading behind it that ages in days that it must be fresh; `fresh: []` where a sign of now decides."""
    words = knowledge.vocabulary.values()
    ageing = frozenset(word.id for word in words if word.urgent_for_days is not None or word.recent_as)
    makers = {fact: rule for rule in knowledge.rules.values() for fact, _ in rule.conclusions if rule.layer in ("findings", "red_flags")}
    for rule in knowledge.rules.values():
        if rule.then.get("urgency") in URGENT and rule.source.get("fresh") != []:
            read = set(measured(rule, makers, knowledge.vocabulary))
            for fact in sorted(read & ageing - set(rule.fresh)):
                faults.add(rule.place, f"{rule.id} is urgent and reads {fact!r}, which ages in days: name it in `fresh`")
        for fact in sorted(set(rule.fresh) - ageing):
            faults.add(rule.place, f"{rule.id}: {fact!r} does not age in days and cannot be asked to be fresh")


def measured(rule: Rule, makers: Mapping[str, Rule], vocabulary: Mapping[str, Word]) -> Iterator[str]:
    """The numbers that a rule compares with a limit, itself or through flags that it asks for."""
    for leaf, positive in leaves(rule.own):
        if isinstance(leaf, Compare):
            yield leaf.fact
        elif positive and leaf.fact in makers and vocabulary[leaf.fact].kind == "flag":
            yield from measured(makers[leaf.fact], makers, vocabulary)
