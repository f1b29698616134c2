"""What a change of the profile changes in the answer, line by line, and the rules through which it does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Protocol

from service.answering.build import summary
from service.answering.in_doubt import named, spoken_of
from service.answering.sentences import Sentences
from service.engine.trace import Counted, Derivation, Firing
from service.knowledge.conditions import leaves
from service.knowledge.records import Rule
from service.knowledge.rulebase import Knowledge
from service.measures import Observations

LISTS = ("recommendations", "clinician_first", "withheld", "deferred", "not_indicated")
Answer = Mapping[str, Any]
Lines = dict[str, Any]


def lists(answer: Answer) -> Iterator[tuple[str, Any]]:
    return ((row["intervention"], name) for name in LISTS for row in answer[name])


def recommended(key: str) -> Callable[[Answer], Iterator[tuple[str, Any]]]:
    return lambda answer: ((row["intervention"], row[key]) for row in answer["recommendations"])


def reasons(answer: Answer) -> Iterator[tuple[str, Any]]:
    for name in LISTS:
        for row in answer[name]:
            for reason in (*row.get("reasons", ()), *row.get("changes", ())):
                yield f"{row['intervention']}.{reason['code']}", name
    for row in answer["components"]:
        for reason in (*row["reasons"], *row["changes"]):
            yield f"{row['component']}.{reason['code']}", row["status"]


def steps(answer: Answer) -> Iterator[tuple[str, Any]]:
    return ((f"{row['intervention']}.{step['step']}", step["text"]) for row in answer["recommendations"] for step in row["plan"]["steps"])


def numbers(answer: Answer) -> Iterator[tuple[str, Any]]:
    return ((f"{row['intervention']}.{one['id']}", one["value"]) for row in answer["recommendations"] for one in row["plan"]["numbers"])


# What is compared, in the order in which it is told: kind -> (id, value) of every line.
KINDS: dict[str, Callable[[Answer], Iterable[tuple[str, Any]]]] = {
    "disposition": lambda answer: [("disposition", answer["disposition"])],
    "red_flag": lambda answer: ((row["code"], row["urgency"]) for row in answer["red_flags"]),
    "list": lists,
    "status": recommended("status"),
    "rank": recommended("rank"),
    "phase": recommended("phase"),
    "reason": reasons,
    "component": lambda answer: ((row["component"], row["status"]) for row in answer["components"]),
    "state": lambda answer: ((row["id"], row["level"]) for row in answer["states"]),
    "finding": lambda answer: ((row["id"], True) for row in answer["findings"]),
    "computed": lambda answer: ((row["id"], row["value"]) for row in answer["computed"]),
    "plan": steps,
    "number": numbers,
    "interaction": lambda answer: ((row["id"], row["interventions"]) for row in answer["interactions"]),
    "article": lambda answer: ((row["id"], True) for row in answer["article_says"]),
    "monitoring": lambda answer: ((row["what"], row["when"]) for row in answer["monitoring"]),
    "missing": lambda answer: ((row["input"], row["settles"]) for row in answer["missing"]),
    "notice": lambda answer: ((text, True) for text in answer["notices"]),
    "conflict": lambda answer: ((row["text"], True) for row in answer["conflicts"]),
}
# Where a line comes from: facts, and of sets the value concerned; {subject} is what its id begins with, {last} what it ends with.
GROUNDS: dict[str, list[tuple[str, str | None]]] = {
    "list": [("placement.{subject}", None)], "status": [("placement.{subject}", None)],
    "rank": [("placement.{subject}", None), ("position", "{subject}")], "phase": [("placement.{subject}", None), ("phase", "{subject}")],
    "reason": [("placement.{subject}", None)]
    + [(form, "{subject}") for form in ("withhold", "clinician_first", "modify", "defer", "decline")],
    "component": [(form, "{subject}") for form in ("withhold", "clinician_first", "modify")],
    "plan": [("plan", "{id}")], "interaction": [("interaction", "{id}")], "red_flag": [("{id}", None)], "number": [("{last}", None)],
    "article": [("told", "{id}")],
    "monitoring": [], "notice": [], "conflict": [],
}  # fmt: skip
IN_WORDS = {"monitoring": "monitor", "notice": "notice", "conflict": "conflict"}
IN_ORDER = {"rank": ("position",), "phase": ("position", "phase")}  # what moves the others moves these too
SAID = ("plan", "number", "conflict")  # kinds that can change by a number alone that was sent
WHOLE = ("missing", "notice", "conflict", "monitoring", "red_flag", "interaction", "article")  # kinds whose id has no subject
Start = tuple[str, Any]


class Reasoned(Protocol):
    """What is known of one person, and what follows."""

    @property
    def observations(self) -> Observations: ...

    @property
    def derivation(self) -> Derivation: ...


class Differences:
    """Compares two answers of one person before and after a change."""

    def __init__(self, before: Reasoned, after: Reasoned, knowledge: Knowledge, sentences: Sentences):
        self.knowledge, self.sentences = knowledge, sentences
        self.facts = (before.derivation.facts, after.derivation.facts)
        sent = [person.observations.given for person in (before, after)]
        entries = [named(given, knowledge.vocabulary) for given in sent]
        self.spoken = [spoken_of(*one, sentences) for one in zip(sent, entries, self.facts, strict=True)]
        computed = (one for person in (before, after) for one in person.observations.computed)
        self.formulas = {one.fact: one.formula for one in computed if self.differs(one.fact)}
        self.graph = Graph((before.derivation, after.derivation))

    def differs(self, fact: str) -> bool:
        return self.facts[0].get(fact) != self.facts[1].get(fact)

    def rows(self, before: Answer, after: Answer) -> list[dict[str, Any]]:
        return [row for kind, lines in KINDS.items() for row in self.of_kind(kind, dict(lines(before)), dict(lines(after)))]

    def of_kind(self, kind: str, before: Lines, after: Lines) -> Iterator[dict[str, Any]]:
        for id_ in dict.fromkeys([*before, *after]):
            if before.get(id_) != after.get(id_):
                rules = self.rules(kind, id_, (before.get(id_), after.get(id_)))
                absent = False if any(lines.get(id_) is True for lines in (before, after)) else None
                row = {"kind": kind, "id": id_, "before": before.get(id_, absent), "after": after.get(id_, absent), "rules": rules}
                yield {**row, "text": self.text(row)}

    def rules(self, kind: str, id_: str, values: tuple[Any, Any]) -> list[str]:
        """The rules that fire in one of the two only, or on other grounds, on the way to this line, and the formulas of its numbers.

        Where there is none: what moves the others of the order, or the rules that say the number.
        """
        starts = [*self.grounds(kind, id_), *self.beside(kind, id_, values)]
        found = [*self.graph.changed(starts), *(self.formulas[fact] for fact, _ in starts if fact in self.formulas)]
        if not found and kind in IN_ORDER:
            return self.graph.changed(self.order(kind))
        return self.graph.concluding(starts) if not found and kind in SAID else found

    def grounds(self, kind: str, id_: str) -> Iterator[Start]:
        parts = {"id": id_, "subject": id_.partition(".")[0], "last": id_.rpartition(".")[2]}
        for form, value in GROUNDS.get(kind, [("{subject}", None)]):
            yield form.format(**parts), value and value.format(**parts)

    def beside(self, kind: str, id_: str, values: tuple[Any, Any]) -> list[Start]:
        """What a line shows although no rule that makes it need read it."""
        match kind:
            case "interaction" if None not in values:  # it names who is on the table
                return [(f"placement.{iv}", None) for iv in {*values[0]} ^ {*values[1]}]
            case "computed":
                unless = self.knowledge.vocabulary[id_].unless
                return [(leaf.fact, None) for leaf, _ in leaves(unless)] if unless else []
            case "plan":
                return [(fact, None) for rule, step in self.graph.of_form("plan") if step == id_ for fact in self.numbers_in(rule)]
            case "number":
                subject, _, fact = id_.partition(".")
                saying = [step for rule, step in self.graph.of_form("plan") if fact in self.numbers_in(rule)]
                return [("plan", step) for step in saying if about(step, subject)]
            case "monitoring" | "notice" | "conflict":  # known by their words only
                return [(IN_WORDS[kind], value) for rule, value in self.graph.of_form(IN_WORDS[kind]) if self.says(rule, id_)]
        return []

    def numbers_in(self, rule: Rule) -> list[str]:
        return self.sentences.names_in(rule.says or "")

    def says(self, rule: Rule, text: str) -> bool:
        return rule.title == text or any(self.sentences.said(rule, facts, otherwise=rule.title) in text for facts in self.spoken)

    def order(self, kind: str) -> list[Start]:
        return [(form, None) for form in (*(f"placement.{iv}" for iv in self.knowledge.interventions), *IN_ORDER[kind])]

    def text(self, row: Mapping[str, Any]) -> str:
        titles = [f"“{self.knowledge.rules[rule].title}”" for rule in row["rules"] if rule in self.knowledge.rules]
        through = f", through {', '.join(titles)}" if titles else ""
        kind = row["kind"].capitalize().replace("_", " ")
        return f"{kind}, {self.name(row)}: from {told(row['before'])} to {told(row['after'])}{through}."

    def name(self, row: Mapping[str, Any]) -> str:
        id_: str = row["id"]
        if row["kind"] in WHOLE:
            return id_
        subject, _, rest = id_.partition(".")
        label = self.sentences.label(subject)
        return f"{label} ({rest})" if rest else label


class Graph:
    """The firings of two derivations over one set of facts, to walk from a conclusion back to its grounds."""

    def __init__(self, derivations: Iterable[Derivation]):
        self.makers: dict[str, dict[str, Firing]] = {}
        self.members: dict[str, tuple[str, ...]] = {}
        self.order: dict[str, None] = {}
        self.fired = [self.read(derivation) for derivation in derivations]

    def read(self, derivation: Derivation) -> set[tuple[str, Any]]:
        fired = set()
        for step in derivation.steps:
            if isinstance(step, Counted):
                self.members[step.word.id] = step.word.of
                continue
            key = (step.rule.id, step.premises)
            fired.add(key)
            self.order.setdefault(step.rule.id)
            for one in step.conclusions:
                self.makers.setdefault(one.fact, {})[f"{key!r}"] = step
        return fired

    def changed(self, starts: list[tuple[str, Any]]) -> list[str]:
        """The rules that differ between the two, on the way to these facts; of sets only what concerns the value named."""
        behind, differing = self.behind(starts), self.differing()
        return [rule for rule in self.order if rule in behind and rule in differing]

    def of_form(self, form: str) -> list[tuple[Rule, Any]]:
        """The rules that conclude something under this name, and what."""
        return [(step.rule, one.value) for step in self.makers.get(form, {}).values() for one in step.conclusions if one.fact == form]

    def concluding(self, starts: Iterable[Start]) -> list[str]:
        """The rules that conclude these themselves."""
        return list(dict.fromkeys(rule.id for form, wanted in starts for rule, value in self.of_form(form) if value == wanted))

    def differing(self) -> set[str]:
        return {rule for rule, _ in self.fired[0] ^ self.fired[1]}

    def behind(self, starts: list[tuple[str, Any]]) -> set[str]:
        rules: set[str] = set()
        seen: set[tuple[str, Any]] = set()
        waiting = list(starts)
        while waiting:
            fact, value = waiting.pop()
            if (fact, value) in seen:
                continue
            seen.add((fact, value))
            waiting += [(member, None) for member in self.members.get(fact, ())]
            for step in self.makers.get(fact, {}).values():
                if value is None or any(about(one.value, value) for one in step.conclusions if one.fact == fact):
                    rules.add(step.rule.id)
                    waiting += [(premise.fact, None if premise.value is True else premise.value) for premise in step.premises]
        return rules


def about(concluded: Any, subject: Any) -> bool:
    """Whether a value of a set is this one, or names it, as `fibre.start` does fibre."""
    return concluded == subject or str(concluded).startswith(f"{subject}.")


def told(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "there" if value else "not there"
    return ", ".join(value) or "none" if isinstance(value, list) else str(value)


def compared(
    before: Reasoned, after: Reasoned, answers: tuple[Answer, Answer], knowledge: Knowledge, sentences: Sentences
) -> dict[str, Any]:
    """Both answers in short, and every difference between the whole ones."""
    rows = Differences(before, after, knowledge, sentences).rows(*answers)
    return {"before": summary(dict(answers[0])), "after": summary(dict(answers[1])), "differences": rows}
