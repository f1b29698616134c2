"""Whether naming one thing more ever opens what was stopped: a sign, a condition, a medicine, a supplement, an allergy, an unknown word.

What explains a sign or a value may: then a rule about that sign or value falls silent, and what it stopped is open. Nothing else may.
"""

from __future__ import annotations

from collections.abc import Iterator

from service.knowledge.actions import STOPPING
from service.knowledge.records import Rule
from service.workbench.added import Added, Addition, lifted, terms, values
from service.workbench.deeds import gated
from service.workbench.failures import Failure
from service.workbench.polarity import Move
from service.workbench.profiles import profile_of
from service.workbench.searching import Disagreement, Search, Witness

OPEN = "recommend"


def opened(search: Search) -> Iterator[Failure]:
    """People for whom something that a gate stopped is recommended once they name one thing more."""
    for addition in additions(search):
        with search.meanwhile():
            yield from opened_by(search, Added(search, addition))


def additions(search: Search) -> Iterator[Addition]:
    """The values that may lift a gate, and the words that are several of these.

    A word of which one value may, and the others cannot, is answered with that value: the others leave every gate that holds.
    """
    lifting = {atom for addition in values(search) for atom in addition.atoms if lifted(search, addition.atoms)}
    yield from (addition for addition in values(search) if addition.atoms <= lifting)
    yield from (addition for addition in terms(search) if len(addition.atoms & lifting) > 1)


def opened_by(search: Search, added: Added) -> Iterator[Failure]:
    opening = {one: opens(search, added, one) for one in lifted(search, added.atoms)}
    if search.book.solver.solve([*added.before(), search.book.either(opening.values())]) is None:
        return
    unexplained = [added.silenced(rule) ^ 1 for rule in explained(search, added.addition)]
    for intervention, literal in opening.items():
        witness = search.find([*added.before(), *unexplained, literal])
        if witness:
            check(search, added, intervention, witness)
            reason = f"{added.addition.word} opens {intervention}, which was stopped"
            yield Failure(added.addition.place, reason, witness.profile)


def opens(search: Search, added: Added, intervention: str) -> int:
    """That a gate stopped an intervention, and it is recommended with what is added."""
    return search.book.both([gated(search, intervention), added.holds(f"placement.{intervention}", OPEN)])


def check(search: Search, added: Added, intervention: str, witness: Witness) -> None:
    """Raises Disagreement where the service makes something else of the person with what is added."""
    profile = profile_of(added.facts(witness.facts, witness.model), search.knowledge.vocabulary)
    if search.pipeline.derive(profile).facts[f"placement.{intervention}"] != OPEN:
        raise Disagreement(f"{intervention} is not open for {profile}")


def explained(search: Search, addition: Addition) -> list[Rule]:
    """The rules about a sign or a value that what is added explains, as far as they stop something."""
    return [rule for rule in search.explained.by(addition.atoms) if stops(search, rule)]


def stops(search: Search, rule: Rule) -> bool:
    moved = search.polarity.moves(Move(atom, rises=True) for atom in rule.conclusions)
    return any(move.rises and move.subject[0] in STOPPING for move in moved)


def explanations(search: Search) -> Iterator[Failure]:
    """The rules about a sign or a value that fall silent for somebody who names what explains it, where that opens something."""
    for addition in additions(search):
        with search.meanwhile():
            added = Added(search, addition)
            opening = search.book.either(opens(search, added, one) for one in lifted(search, added.atoms))
            for rule in explained(search, addition):
                if search.book.solver.solve([*added.before(), opening, added.silenced(rule)]) is not None:
                    yield Failure(rule.place, f"{addition.word} explains what {rule.id} asks for")
