"""Whether each rule, and each part of its condition, is of any use: somebody for whom it fires, and for whom it makes a difference."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from itertools import takewhile
from typing import Any, cast

from service.knowledge.program import with_precedence
from service.knowledge.records import All, Any_, Compare, Condition, Known, Not, Place, Rule
from service.workbench.failures import Failure
from service.workbench.searching import Search, Witness

Variant = tuple[Condition, Condition]  # a part of a condition, and the condition without it

WORDS = {"at_least": ">=", "above": ">", "at_most": "<=", "below": "<"}


def witnesses(search: Search) -> Iterator[tuple[Rule, Witness | None]]:
    """Each rule that no witness before it has shown, with a person for whom it fires; None: it fires for nobody."""
    shown: set[str] = set()
    for id_, step in search.book.steps.items():
        if id_ not in shown:
            witness = search.find([search.book.fires[id_]])
            shown |= witness.fired if witness else set()
            yield step.rule, witness


def never_fired(search: Search) -> Iterator[Failure]:
    for rule, witness in witnesses(search):
        if witness is None:
            yield Failure(rule.place, f"{rule.id} never fires: no profile that the service accepts fulfils its condition")


def useless(search: Search) -> Iterator[Failure]:
    """Entries whose rules fire only where others conclude, and say, the same. The arrows of the article's graph are its own and stay.

    An entry with `each` names all that it is true of, also one that today comes with another only: it must not depend on that other.
    """
    for place, rules in by_entry(search).items():
        others = list(takewhile(bool, (covered(search, rule) for rule in rules)))
        if len(others) == len(rules):
            witness = search.find([search.book.fires[rules[0].id]])
            reason = f"{named(rules)} is useless: wherever it fires, {others[0]} concludes the same"
            yield Failure(place, reason, witness and witness.profile)


def covered(search: Search, rule: Rule) -> str | None:
    """Another rule that concludes and says the same wherever this one fires."""
    fires = search.book.fires[rule.id]
    return next((other for other in covering(search, rule) if search.excludes([fires, search.book.fires[other] ^ 1])), None)


def covering(search: Search, rule: Rule) -> list[str]:
    """Other rules with the same conclusions, the same words to people and no fewer claims of the article."""
    makers = search.book.makers.get(rule.conclusions[0], ()) if rule.conclusions else ()
    return [other.id for other in makers if other.id != rule.id and contribution(rule) <= contribution(other)]


def contribution(rule: Rule) -> set[Any]:
    about = {key: value for key, value in rule.then.items() if key != "interventions"}
    return {*rule.conclusions, *rule.cites.article, repr(sorted(about.items(), key=repr)), rule.says}


def dead_parts(search: Search) -> Iterator[Failure]:
    """Alternatives that hold for nobody, and exclusions of what never holds: they only seem to say something."""
    entries = [(place, rules, parts, [literal_of(search, part) for part, _ in parts]) for place, rules, parts in parts_by_entry(search)]
    for place, rules, parts, literals in entries:  # each of them known before the first person is looked for, who may show many
        if not any(map(search.exists, literals)):
            yield Failure(place, f'{named(rules)}: "{shown(parts[0][0])}" holds for nobody or for everybody')


def implied_parts(search: Search) -> Iterator[Failure]:
    """Parts without which the condition would be fulfilled by the same people: said for the reader, or for safety's sake."""
    for place, rules, parts in parts_by_entry(search):
        if all(idle(search, rule, without) for rule, (_, without) in zip(rules, parts, strict=True)):
            yield Failure(place, f'{named(rules)}: "{shown(parts[0][0])}" changes nothing')


def parts_by_entry(search: Search) -> Iterator[tuple[Place, list[Rule], list[Variant]]]:
    """Each part of each entry of the files, as it stands in every rule that the entry makes."""
    for place, rules in by_entry(search).items():
        every = [list(variants(rule.own)) for rule in rules]
        for parts in zip(*every, strict=True):
            yield place, rules, list(parts)


def literal_of(search: Search, part: Condition) -> int:
    """What must be true of somebody for the part to say anything."""
    return search.book.condition(part.test if isinstance(part, Not) else part)


def named(rules: list[Rule]) -> str:
    return rules[0].id + (f" and {len(rules) - 1} more" if len(rules) > 1 else "")


def by_entry(search: Search) -> dict[Place, list[Rule]]:
    """Rules by the entry of the file that makes them; an entry with `each` makes several."""
    found: dict[Place, list[Rule]] = defaultdict(list)
    for step in search.book.steps.values():
        if "when" in step.rule.source:
            found[step.rule.place].append(step.rule)
    return found


def idle(search: Search, rule: Rule, without: Condition) -> bool:
    whole = cast("All", rule.when)  # what its file adds to every rule, and last its own entry
    when = without if rule.own == rule.when else All((*whole.tests[:-1], without))
    changed = with_precedence(replace(rule, when=when), search.knowledge.vocabulary)
    return same(search, search.book.fires[rule.id], search.book.condition(changed))


def same(search: Search, one: int, other: int) -> bool:
    return search.excludes([one, other ^ 1]) and search.excludes([one ^ 1, other])


def variants(condition: Condition) -> Iterator[Variant]:
    """Each part that stands beside others in a group, with the condition without it."""
    if isinstance(condition, Not):
        yield from ((part, Not(rest)) for part, rest in variants(condition.test))
    elif isinstance(condition, All | Any_):
        yield from variants_of_group(condition)


def variants_of_group(group: All | Any_) -> Iterator[Variant]:
    kind = type(group)
    for place, test in enumerate(group.tests):
        before, after = group.tests[:place], group.tests[place + 1 :]
        if before or after:
            yield test, kind(before + after)
        yield from ((part, kind((*before, rest, *after))) for part, rest in variants(test))


def shown(condition: Condition) -> str:
    """A condition in short."""
    if isinstance(condition, Not):
        return f"not {shown(condition.test)}"
    if isinstance(condition, All | Any_):
        return f"({(' and ' if isinstance(condition, All) else ' or ').join(map(shown, condition.tests))})"
    if isinstance(condition, Compare):
        return f"{condition.fact} {WORDS[condition.word]} {condition.threshold:g}"
    if isinstance(condition, Known):
        return f"{condition.fact} known"
    return condition.fact if condition.value is True else f"{condition.fact} {condition.value}"

