"""The whole proof of a rule base, question by question: what was asked, and every answer that should not be."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from service.knowledge.records import Place
from service.knowledge.rulebase import Knowledge
from service.workbench import classes, deeds, effects, more_illness, safety, uses
from service.workbench.cases import Cases
from service.workbench.failures import Failure
from service.workbench.numbers import Unsettled
from service.workbench.searching import Search

QUESTIONS: dict[str, Callable[[Search], Iterable[Failure]]] = {
    "every rule fires for somebody": uses.never_fired,
    "no rule is made useless by another": uses.useless,
    "no alternative is dead": uses.dead_parts,
    "no two levels of one fact at once": safety.contradictions,
    "every input has an effect, or a reason to have none": effects.idle_inputs,
    "no finding is made for nothing": effects.idle_bands,
    "the gates of every group can fire": effects.idle_groups,
    "classes exclude each other": classes.overlaps,
    "classes leave no value out": classes.gaps,
    "every intervention has a path to a state": safety.groundless,
    "every intervention stands in a list": safety.unplaced,
    "no gate is outweighed": safety.outweighed,
    "naming one thing more opens nothing that was stopped": more_illness.opened,
    "nobody is told to do what a gate stops": deeds.stopped,
    "no text of a flag forbids what is recommended": deeds.forbidden_by_flags,
    "nobody is told to eat what is ruled out": deeds.eaten,
    "nothing is recommended before what must be known is": deeds.unasked,
    "every plan says one thing": deeds.families,
    "every case holds": lambda search: Cases(search.knowledge, search.pipeline.session.derive).failing(),
}
REMARKS: dict[str, Callable[[Search], Iterable[Failure]]] = {
    "what explains a sign or a value, and so may open what that stopped": more_illness.explanations,
    "nodes of the graph both raised and lowered for somebody": safety.both_ways,
    "parts of conditions that change nothing, because others imply them": uses.implied_parts,
}


class Answer(NamedTuple):
    question: str
    failures: list[Failure]


def prove(knowledge: Knowledge, questions: dict[str, Callable[[Search], Iterable[Failure]]] = QUESTIONS) -> Iterator[Answer]:
    """One answer after another; where nothing is found there is nothing. Raises Disagreement."""
    search = Search(knowledge)
    for question, ask in questions.items():
        yield Answer(question, answered(search, ask))


def answered(search: Search, ask: Callable[[Search], Iterable[Failure]]) -> list[Failure]:
    """What is found; a question that could not be settled is a failure too."""
    found: list[Failure] = []
    try:
        found.extend(ask(search))
    except Unsettled as error:
        found.append(Failure(Place("rulebase.yaml", 1), f"not settled, {error}"))
    return found


def as_lines(answer: Answer, remark: bool = False) -> Iterator[str]:
    """An answer for reading: each failure with file, line, and the profile that shows it."""
    yield f"{'note' if remark else 'FAIL' if answer.failures else 'ok  '} {answer.question}"
    for failure in answer.failures:
        yield f"     {failure}"
        if failure.profile is not None:
            yield f"       {json.dumps(failure.profile, ensure_ascii=False)}"
