"""Whether nobody is told to do what a gate stops, or to eat what is ruled out for them, and everybody is told what to do instead."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from service.knowledge.actions import STOPPED
from service.knowledge.foods import LISTED, RULED_OUT, Menu, choices, is_told_to_do
from service.knowledge.forbidding import forbidden
from service.knowledge.freshness import LATER
from service.knowledge.records import Rule
from service.workbench.failures import Failure
from service.workbench.searching import Search

MUST_BE_KNOWN = "must_be_known"
RECOMMENDED = ("recommend", "maintain")


def told(search: Search) -> list[Rule]:
    """The rules in force whose sentence may tell people to do something."""
    return [step.rule for step in search.book.steps.values() if step.rule.then and is_told_to_do(step.rule.then)]


def stopped(search: Search) -> Iterator[Failure]:
    """Sentences that tell somebody to do what a gate on this person stops, by the gates themselves and not by what is made of them."""
    for rule in told(search):
        for action in rule.does:
            for member in search.knowledge.groups.get(action, ()):
                yield from shown(search, rule, [gated(search, member)], f"{rule.id} does {action} although a gate stops {member}")
            yield from shown(search, rule, [search.book.holds(STOPPED, action)], f"{rule.id} does {action}, which is stopped")


def gated(search: Search, member: str) -> int:
    """That a gate stops an intervention or a component, and no clearance opens it again."""
    book = search.book
    waiting = [book.holds("clinician_first", member)]
    if member in search.knowledge.interventions:
        waiting.append(book.holds("cleared", member) ^ 1)
    return book.either([book.holds("withhold", member), book.holds("not_clearable", member), book.both(waiting)])


def forbidden_by_flags(search: Search) -> Iterator[Failure]:
    """People to whom something is recommended, or who are told to do it, although the sentence of one of their red flags forbids it.

    What a value too old to command would forbid is said for the case that it is still so.
    """
    flags = [step.rule for step in search.book.steps.values() if "red_flag" in step.rule.then]
    for flag in (rule for rule in flags if not rule.id.endswith(f".{LATER}")):
        for action in forbidden(flag.says or "", search.knowledge.forbidding):
            for member in sorted({*search.knowledge.groups[action]} & {*search.knowledge.interventions}):
                placed = [search.book.holds(f"placement.{member}", place) for place in RECOMMENDED]
                yield from shown(search, flag, [search.book.either(placed)], f"{flag.id} forbids {action}, and {member} is recommended")
            for rule in (one for one in told(search) if action in one.does):
                yield from shown(search, flag, [search.book.fires[rule.id]], f"{flag.id} forbids {action}, and {rule.id} does it")


def eaten(search: Search) -> Iterator[Failure]:
    """Sentences that name to somebody a food that is ruled out for them, or of whose list nothing is left."""
    menu, book = Menu(search.knowledge.foods), search.book
    for rule in told(search):
        text = rule.says or ""
        for kind in menu.kinds(LISTED.sub("", text), rule.avoids):
            yield from shown(search, rule, [book.holds(RULED_OUT, kind)], f"{rule.id} names food that is ruled out: {kind}")
        for choice in choices(text):
            gone = [book.either(book.holds(RULED_OUT, kind) for kind in menu.kinds(item)) for item in choice.items]
            yield from shown(search, rule, gone, f"{rule.id} has a list of which nothing is left")


def unasked(search: Search) -> Iterator[Failure]:
    """People to whom something is recommended, or who are told to keep it, although what must be known first is not."""
    for rule in (step.rule for step in search.book.steps.values() if step.rule.topic == MUST_BE_KNOWN):
        intervention = rule.then["defer"]
        for place in RECOMMENDED:
            held = [search.book.holds(f"placement.{intervention}", place)]
            yield from shown(search, rule, held, f"{rule.id}: {intervention} stands in {place} all the same")


def families(search: Search) -> Iterator[Failure]:
    """People to whom a plan says nothing of what it should, or two things at once."""
    for family in search.knowledge.families:
        fires = {id_: search.book.fires[id_] for id_ in family.rules if id_ in search.book.fires}
        nothing = search.find([search.book.condition(family.where), *(literal ^ 1 for literal in fires.values())])
        if nothing:
            yield Failure(family.place, f"none of {', '.join(fires)} fires", nothing.profile)
        for one, other in combinations(fires, 2):
            both = search.find([fires[one], fires[other]])
            if both:
                yield Failure(family.place, f"{one} and {other} fire together", both.profile)


def shown(search: Search, rule: Rule, held: list[int], reason: str) -> Iterator[Failure]:
    witness = search.find([search.book.fires[rule.id], *held])
    if witness:
        yield Failure(rule.place, reason, witness.profile)
