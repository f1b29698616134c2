"""Whether everything that is declared has an effect, or a stated reason to have none: inputs, values of lists, findings, groups."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from service.knowledge.conditions import leaves
from service.knowledge.grouping import members
from service.knowledge.program import Atom
from service.knowledge.reach import Reach
from service.knowledge.records import All, Any_, Condition, Holds, Not, Place, Rule, Word
from service.knowledge.rulebase import Knowledge
from service.workbench.failures import Failure
from service.workbench.searching import Search

NEVER: Condition = Any_(())


def idle_inputs(search: Search) -> Iterator[Failure]:
    """Inputs from which no path of rules leads to anything of an answer, and values of lists that no rule tells from silence."""
    reach, read = Reach(search.knowledge), asked(search)
    for word in inputs(search.knowledge):
        if word.id in word.unread:
            continue
        if not any(reach.results_from(word.id).values()) and not reach.ranks_by(word.id):
            yield Failure(word.place, f"{word.id} changes nothing of any answer: let a rule read it, or say why it is `unread`")
        elif word.kind == "codes":
            yield from (Failure(place_of(word, value), unread(word, value)) for value in word.values if idle(word, value, read))


def inputs(knowledge: Knowledge) -> Iterable[Word]:
    return (word for word in knowledge.vocabulary.values() if (word.input and not word.counts_as) or word.detail_of is not None)


def idle(word: Word, value: str, read: set[Atom]) -> bool:
    """Whether no rule asks for a value of a list, and nothing beside it says why."""
    reason = word.unread.get(value) or (value in word.table and word.table[value].because)
    return not reason and (word.id, value) not in read


def unread(word: Word, value: str) -> str:
    return f"{word.id}: {value} is read by no rule: let one, or say why it is `unread`"


def place_of(word: Word, value: str) -> Place:
    return word.table[value].place if value in word.table else word.place


def asked(search: Search) -> set[Atom]:
    conditions = [step.condition for step in search.book.steps.values()]
    conditions += [word.unless for word in search.knowledge.vocabulary.values() if word.unless is not None]
    return {(leaf.fact, leaf.value) for condition in conditions for leaf, _ in leaves(condition) if isinstance(leaf, Holds)}


def idle_bands(search: Search) -> Iterator[Failure]:
    """Classes and findings that nobody is shown and that no rule that can decide reads."""
    vocabulary, read = search.knowledge.vocabulary, asked(search)
    counted = {member for word in vocabulary.values() for member in word.of}
    for fact, value in search.book.makers:
        word = vocabulary.get(fact)
        if word is not None and word.kind == "flag" and word.listed is None and (fact, value) not in read and fact not in counted:
            yield Failure(word.place, f"{fact} is concluded, and no rule reads it and no answer shows it")


def idle_groups(search: Search) -> Iterator[Failure]:
    """Groups by which no gate is ever closed: for nobody does a gate that asks for the group fire because of it."""
    for group, named in members(search.knowledge.vocabulary).items():
        gates = list(gates_on(search, group))
        for rule in gates:
            if search.excludes([search.book.fires[rule.id], search.book.condition(without(rule.when, group)) ^ 1]):
                yield Failure(rule.place, f"{rule.id} asks for {group}, and fires for nobody because of it")
        for fact, value in named if gates else ():
            if search.excludes([search.book.holds(fact, value), search.book.either(search.book.fires[rule.id] for rule in gates)]):
                place = search.knowledge.vocabulary[fact].place
                yield Failure(place, f"{value} is in {group}, and no gate of the group fires for anybody who has it")


def gates_on(search: Search, group: str) -> Iterator[Rule]:
    """The gates that ask for a group."""
    for step in search.book.steps.values():
        if "gate" in step.rule.then and (Holds(group), True) in leaves(step.rule.when):
            yield step.rule


def without(condition: Condition, group: str) -> Condition:
    """The condition where the group does not hold."""
    if isinstance(condition, Not):
        return Not(without(condition.test, group))
    if isinstance(condition, All | Any_):
        return type(condition)(tuple(without(test, group) for test in condition.tests))
    return NEVER if condition == Holds(group) else condition
