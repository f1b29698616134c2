"""What to ask next: the inputs on which something still undecided rests, those that bear on most of it first."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from service.explaining.missing import askable
from service.explaining.sentences import Sentences
from service.explaining.solving import Solver
from service.explaining.unknown import CONCLUDED, Outlook, unanswered
from service.explaining.unmet import Atom, Makers
from service.knowledge.records import All, Any_, Condition, Holds, Knowledge, Not, Word

if TYPE_CHECKING:
    from service.explaining.on_demand import Person

URGENT = ("out_of_scope", "emergency")
NAMED = 3
OBTAINED = frozenset({"cleared"})  # asked of a clinician where a gate wants it, not remembered


class Grounds:
    """Follows what is undecided in an outlook down to the inputs that are open; facts listed as `passed_over` are not followed."""

    def __init__(self, outlook: Outlook, makers: Makers, passed_over: tuple[str, ...] = ()):
        self.outlook, self.makers, self.passed_over = outlook, makers, passed_over
        self.vocabulary, self.uncertain = outlook.vocabulary, outlook.open | outlook.loose
        self.solver = Solver(outlook.values, self.vocabulary)
        self.found: dict[Atom, dict[str, None]] = {}
        self.readers: dict[str, dict[str, None]] = defaultdict(dict)

    def behind(self, atom: Atom) -> dict[str, None]:
        """The open inputs on which a fact rests."""
        if atom not in self.found:
            self.found[atom] = {}
            steps = [] if self.vocabulary[atom[0]].listed in self.passed_over else self.makers.of.get(atom, [])
            self.found[atom] = {read: None for step in steps for read in self.read(step.rule.id, step.condition)}
        return self.found[atom]

    def read(self, rule: str, condition: Condition) -> list[str]:
        """The open inputs behind one condition; what is decided rests on none."""
        if self.outlook.truth(condition) is not None:
            return []
        if isinstance(condition, Not):
            return self.read(rule, condition.test)
        if isinstance(condition, All | Any_):
            return [read for test in condition.tests for read in self.read(rule, test)]
        word = self.vocabulary[condition.fact]
        if word.kind in CONCLUDED and isinstance(condition, Holds):
            return list(self.behind((word.id, condition.value)))
        if word.kind == "count":
            return [read for member in word.of for read in self.behind((member, True))]
        return self.asked(rule, word, getattr(condition, "value", None))

    def asked(self, rule: str, word: Word, named: Any) -> list[str]:
        if word.formula is not None:
            facts = [*self.solver.inputs(word.id), *self.solver.conditions(word.id)]
        else:
            facts = [word.id if word.input else named]
        open_ = [fact for fact in facts if fact in self.uncertain and self.vocabulary[fact].input]
        for fact in open_:
            self.readers[fact][rule] = None
        return open_


class Undecided:
    """One person's open questions; made for one answer."""

    def __init__(self, person: Person, knowledge: Knowledge, makers: Makers):
        values = person.observations.values
        self.person, self.knowledge = person, knowledge
        self.vocabulary = knowledge.vocabulary
        outlook = Outlook(values, person.strata, self.vocabulary, unanswered(values, self.vocabulary) - OBTAINED)
        self.grounds = Grounds(outlook, makers, passed_over=("red_flag",))  # a danger sign is asked for by its own name

    def rows(self, sentences: Sentences) -> list[dict[str, Any]]:
        """Inputs with what each would help to settle, most first; none while only urgent care counts."""
        if self.person.derivation.facts.get("disposition") in URGENT:
            return []
        settles = self.settles()
        facts = self.person.derivation.facts
        asked = [word for word in self.vocabulary.values() if settles.get(word.id) and askable(word, facts)]
        rows = [self.row(word, settles[word.id], sentences) for word in asked]
        return sorted(rows, key=lambda row: -len(row["settles"]))

    def settles(self) -> dict[str, list[str]]:
        """input fact -> the states and interventions that are undecided and rest on it."""
        settles: dict[str, list[str]] = defaultdict(list)
        for result, fact in self.results():
            values = self.vocabulary[fact].values
            for read in dict.fromkeys(read for value in values for read in self.grounds.behind((fact, value))):
                settles[read].append(result)
        return settles

    def results(self) -> list[tuple[str, str]]:
        states = [(word.id, word.id) for word in self.vocabulary.values() if word.listed == "state"]
        return states + [(iv, f"placement.{iv}") for iv in self.knowledge.interventions]

    def row(self, word: Word, settles: list[str], sentences: Sentences) -> dict[str, Any]:
        titles = [f"“{self.knowledge.rules[rule].title}”" for rule in self.grounds.readers[word.id]]
        results = [sentences.label(result) for result in settles]
        why = f"Undecided without it: {listed(results)}. Read by {listed(titles)}."
        return {"input": word.input, "question": word.question, "unit": word.unit, "settles": settles, "why": why}


def listed(names: list[str]) -> str:
    """The first few, and how many more."""
    more = len(names) - NAMED
    shown = ", ".join(names[:NAMED])
    return f"{shown} and {more} more" if more > 0 else shown
