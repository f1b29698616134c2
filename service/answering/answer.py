"""The answer as the contract shapes it: every line with the ids of the nodes it rests on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from schemas.bounds import bounds
from service.advised import Advised
from service.answering.borderline import Borderline
from service.answering.in_doubt import named, spoken_of, unrecognised
from service.answering.indexes import Indexes
from service.answering.nearest import nearest
from service.answering.nodes import Nodes
from service.answering.rationale import article, rationale
from service.answering.sentences import places
from service.engine.matching import true
from service.engine.trace import Conclusion, Counted
from service.formulas import FORMULAS, text_of
from service.knowledge.conditions import leaves
from service.knowledge.files.rule_schemas import WITHIN
from service.knowledge.freshness import LATER
from service.knowledge.records import EXCEEDS, Rule, Word
from service.measures import made_by
from service.ranking import Ranked

COMPONENT_LEVELS = (("withhold", "withheld"), ("clinician_first", "clinician_first"), ("modify", "modify"))
ON_THE_TABLE = ("recommend", "maintain", "deferred", "clinician_first")

Answer = dict[str, Any]  # in the form of schemas/answer.py


class AnswerWriter:
    """One person's answer, section by section."""

    def __init__(self, indexes: Indexes, advised: Advised, voice: str):
        self.indexes = indexes
        self.knowledge = indexes.knowledge
        self.sentences = indexes.sentences[voice]
        self.advised = advised
        self.observations, self.derivation, _ = advised
        self.facts = self.derivation.facts
        self.entries = tuple(named(self.observations.given, self.knowledge.vocabulary))
        self.spoken = spoken_of(self.observations.given, self.entries, self.facts, self.sentences)
        self.nodes = Nodes(self.observations, self.derivation)
        self.active = indexes.paths.active(self.derivation)
        self.borderline = Borderline(indexes, advised)
        self.planned: dict[str, list[list[Conclusion]]] = {}
        for found in sorted(self.nodes.of_form("plan"), key=as_written):
            self.planned.setdefault(found[0].firing.rule.then["plan"], []).append(found)

    def sections(self, ranked: list[Ranked]) -> dict[str, Any]:
        return {
            "red_flags": self.red_flags(),
            "computed": self.computed(),
            "findings": self.findings(),
            "states": self.states(),
            "recommendations": [self.recommendation(row) for row in ranked],
            "clinician_first": [self.stopped(iv, "clinician_first") for iv in self.placed("clinician_first")],
            "withheld": [self.stopped(iv, "withhold") for iv in self.placed("withheld")],
            "deferred": [self.deferred(iv) for iv in self.placed("deferred")],
            "not_indicated": [self.not_indicated(iv) for iv in self.placed("not_indicated")],
            "components": [self.component(component) for component in self.knowledge.components],
            "unrecognised": unrecognised(self.entries),
            "conflicts": [self.conflict(found) for found in self.nodes.of_form("conflict")],
            "missing": self.indexes.missing.rows(self.advised, self.sentences),
            "article_says": self.article_says(),
            "interactions": [self.interaction(found) for found in self.nodes.of_form("interaction")],
            "monitoring": [self.monitored(found) for found in self.nodes.of_form("monitor")],
            "notices": self.notices(),
        }

    def placed(self, list_: str) -> list[str]:
        return [iv for iv in self.knowledge.interventions if self.facts.get(f"placement.{iv}") == list_]

    def red_flags(self) -> list[dict[str, Any]]:
        flags = [word for word in self.indexes.listed.get("red_flag", ()) if word.id in self.facts]
        return [self.red_flag(word.id) for word in sorted(flags, key=lambda word: word.values.index(self.facts[word.id]))]

    def red_flag(self, code: str) -> dict[str, Any]:
        urgency = self.facts[code]
        reasons = self.nodes.by_atom[code, urgency]
        old = [one for one in reasons if one.firing.rule.id.endswith(f".{LATER}")]
        told = old[:1] or reasons  # of several values too old to be urgent the gravest
        times = sorted((one.firing.rule.then["within"] for one in told if "within" in one.firing.rule.then), key=WITHIN.index)
        return {
            "code": code, "urgency": urgency, **({"within": times[0]} if times else {}),
            "message": self.flagged(code, told), "sources": sources(told), "because": ids(told),
        }  # fmt: skip

    def flagged(self, code: str, reasons: list[Conclusion]) -> str:
        said, first = self.said(reasons), next((one.firing.rule.undated for one in reasons if one.firing.rule.undated), None)
        return f"{first} {said}" if first and self.undated(code, reasons) else said

    def undated(self, code: str, reasons: list[Conclusion]) -> bool:
        """Whether a red flag rests on a reading that must be fresh and of which nobody told the day."""
        behind = self.nodes.inputs_behind(code, self.facts[code])
        fresh = {fact for one in reasons for named in one.firing.rule.fresh for fact in self.nodes.inputs_behind(named)}
        return any(given.fact in behind & fresh and given.taken_on is None for given in self.observations.given)

    def computed(self) -> list[dict[str, Any]]:
        vocabulary = self.indexes.knowledge.vocabulary
        made = {one.fact: text_of(made_by(vocabulary[one.fact])) for one in self.observations.computed if one.formula in FORMULAS}
        made |= {step.word.id: f"how many of {len(step.word.of)} hold" for step in self.derivation.steps if isinstance(step, Counted)}
        words = [word for word in self.indexes.listed.get("computed", ()) if word.id in made]
        return [
            {
                "id": word.id, "value": self.printed(word), **bounds(self.facts[word.id]), "unit": word.unit, "formula": made[word.id],
                "because": self.nodes.because(word.id), **self.aged(word.id),
            }
            for word in words
            if not (word.of and word.unless and true(word.unless, self.facts))
        ]  # fmt: skip

    def printed(self, word: Word) -> float | int:
        """A computed number rounded as it is shown, so that its class is seen; rules compare the unrounded value."""
        value: float = self.facts[word.id]
        if word.kind == "count":
            return int(value)
        return value if word.digits is None else round(value, places(word, value, self.sentences.limits.get(word.id, ())))

    def findings(self) -> list[dict[str, Any]]:
        words = [word for word in self.indexes.listed.get("finding", ()) if self.facts.get(word.id) is True]
        return [self.finding(word) for word in words]

    def finding(self, word: Word) -> dict[str, Any]:
        return {"id": word.id, "label": self.sentences.label(word.id), "because": self.nodes.because(word.id), **self.aged(word.id)}

    def aged(self, fact: str, value: Any = True) -> dict[str, bool]:
        """`stale` where a measurement behind it is past its validity."""
        old = self.facts.get("stale")
        return {"stale": True} if old and not old.isdisjoint(self.nodes.inputs_behind(fact, value)) else {}

    def states(self) -> list[dict[str, Any]]:
        words = [word for word in self.indexes.listed.get("state", ()) if word.id in self.facts]
        return [
            {
                "id": word.id, "level": self.facts[word.id],
                "label": f"{self.sentences.label(word.id)}: {self.sentences.value(word.id, self.facts[word.id])}",
                "because": self.nodes.because(word.id, self.facts[word.id]), **self.aged(word.id, self.facts[word.id]),
            }
            for word in words
        ]  # fmt: skip

    def recommendation(self, row: Ranked) -> dict[str, Any]:
        grounding = self.indexes.grounding[row.intervention]
        addresses = self.indexes.paths.addressed(row.intervention, self.active)
        inputs = self.borderline.rows.get(row.intervention, [])
        return {
            "intervention": row.intervention,
            "status": row.status,
            "rank": row.rank,
            "phase": row.phase,
            "borderline": bool(inputs),
            **({"borderline_inputs": inputs} if inputs else {}),
            "title": self.knowledge.interventions[row.intervention].title,
            "rationale": rationale(self.nodes, self.sentences, row, grounding, addresses),
            "plan": self.plan(row.intervention),
            "changes": self.changes(row.intervention),
            "addresses": addresses,
            "article": grounding["article"],
            "evidence": grounding["evidence"],
            "mechanism": self.indexes.paths.mechanism(row.intervention, self.active),
            "because": self.nodes.because(f"placement.{row.intervention}", row.status),
        }

    def plan(self, intervention: str) -> dict[str, Any]:
        steps = self.planned.get(intervention, [])
        texts = [self.sentences.said(found[0].firing.rule, self.spoken) for found in steps]
        return {
            "text": " ".join(texts),
            "steps": [
                {"step": found[0].firing.rule.then["step"], "text": text, "sources": sources(found), "because": ids(found)}
                for found, text in zip(steps, texts, strict=True)
            ],
            "numbers": self.numbers(found[0] for found in steps),
        }

    def numbers(self, steps: Iterable[Conclusion]) -> list[dict[str, Any]]:
        """The person's own numbers that stand in the plan's sentences, with what they were made from."""
        named = dict.fromkeys(name for one in steps for name in self.sentences.names_in(one.firing.rule.says or ""))
        return [
            {
                "id": name, "value": self.facts[name], "unit": self.knowledge.vocabulary[name].unit,
                "because": self.nodes.because(name), **self.aged(name),
            }
            for name in named
            if isinstance(self.facts.get(name), int | float)
        ]  # fmt: skip

    def changes(self, target: str) -> list[dict[str, Any]]:
        """What the gates change in a recommendation; a clinician's clearance turns a `clinician_first` into a change."""
        cleared = self.reasons(target, "clinician_first") if self.derivation.holds("cleared", target) else []
        return self.reasons(target, "modify") + cleared

    def reasons(self, target: str, level: str) -> list[dict[str, Any]]:
        """The gates of one level on one intervention, one row a code."""
        by_code: dict[str, list[Conclusion]] = {}
        for one in self.nodes.by_atom.get((level, target), ()):
            by_code.setdefault(one.firing.rule.then["code"], []).append(one)
        return [
            {"code": code, "message": self.said(found), "sources": sources(found), "because": ids(found)} for code, found in by_code.items()
        ]

    def said(self, found: Iterable[Conclusion]) -> str:
        return " ".join(dict.fromkeys(self.sentences.said(one.firing.rule, self.spoken) for one in found))

    def stopped(self, intervention: str, level: str) -> dict[str, Any]:
        placement = "withheld" if level == "withhold" else level
        return {
            "intervention": intervention,
            **self.already(intervention),
            "reasons": self.reasons(intervention, level),
            "would_address": self.indexes.paths.addressed(intervention, self.active),
            "because": self.nodes.because(f"placement.{intervention}", placement),
        }

    def already(self, intervention: str) -> dict[str, Any]:
        """What to do now about what this person does already although it is stopped."""
        rows = self.reasons(intervention, "habit")
        return {"already": rows[0]} if rows else {}

    def deferred(self, intervention: str) -> dict[str, Any]:
        found = self.nodes.by_atom["defer", intervention]
        return {
            "intervention": intervention,
            **self.already(intervention),
            "reasons": [
                {"code": one.firing.rule.then["code"], "message": self.says_or_title(one), "sources": sources([one]), "because": [one.id]}
                for one in found
            ],
            "until": " ".join(dict.fromkeys(one.firing.rule.then["until"] for one in found)),
            "because": self.nodes.because(f"placement.{intervention}", "deferred"),
        }

    def says_or_title(self, one: Conclusion) -> str:
        rule = one.firing.rule
        return self.sentences.said(rule, self.spoken) if rule.says else f"{rule.title}."

    def not_indicated(self, intervention: str) -> dict[str, Any]:
        return {
            "intervention": intervention,
            "nearest": nearest(self.nodes, self.sentences, self.indexes.offers[intervention], intervention),
            "because": self.nodes.because(f"placement.{intervention}", "not_indicated"),
        }

    def component(self, component: str) -> dict[str, Any]:
        for level, status in COMPONENT_LEVELS:
            if (level, component) in self.nodes.by_atom and not self.lifted(level, component):
                reasons = self.reasons(component, level)
                return {
                    "component": component, "status": status, "changes": reasons if status == "modify" else [],
                    "reasons": [] if status == "modify" else reasons, "because": ids(self.nodes.by_atom[level, component]),
                }  # fmt: skip
        return {"component": component, "status": "fine", "changes": [], "reasons": [], "because": []}

    def lifted(self, level: str, target: str) -> bool:
        clearable = not self.derivation.holds("not_clearable", target)
        return level == "clinician_first" and clearable and self.derivation.holds("cleared", target)

    def article_says(self) -> list[dict[str, Any]]:
        """First what it says of states, then of interventions, each in the order of the rules."""
        told = sorted((found[0] for found in self.nodes.of_form("told")), key=lambda one: self.indexes.telling[one.firing.rule.id])
        return [self.told(one) for one in told]

    def told(self, one: Conclusion) -> dict[str, Any]:
        """What the article says of a state that findings support, or of an intervention on the table; nothing of it is measured."""
        rule = one.firing.rule
        return {
            "id": one.value, "of": list(rule.then["of"]), "text": self.said([one]), "article": article(self.knowledge, rule.cites.article),
            **exceeding(rule), "because": [one.id],
        }  # fmt: skip

    def interaction(self, found: list[Conclusion]) -> dict[str, Any]:
        """One row an interaction, whatever number of rules speak of it; only interventions that are on the table are named."""
        named = dict.fromkeys(iv for one in found for iv in one.firing.rule.then["interventions"])
        return {
            "id": found[0].value,
            "message": self.said(found),
            "interventions": [iv for iv in named if self.facts.get(f"placement.{iv}") in ON_THE_TABLE],
            "because": ids(found),
        }

    def monitored(self, found: list[Conclusion]) -> dict[str, Any]:
        rule = found[0].firing.rule
        return {"what": rule.title, "when": rule.then["at"], "why": self.said(found)}

    def conflict(self, found: list[Conclusion]) -> dict[str, Any]:
        """What contradicts each other: all that the rules' own conditions rest on, not what their file asks of everybody."""
        behind = {fact for one in found for fact in self.compared(one)}
        taken = dict.fromkeys(self.sentences.filled(one.firing.rule.then["taken"], self.spoken) for one in found)
        return {
            "inputs": list(dict.fromkeys(given.pointer for given in self.observations.given if given.fact in behind)),
            "text": self.said(found), "taken": " ".join(taken), "because": ids(found),
        }  # fmt: skip

    def compared(self, one: Conclusion) -> set[str]:
        """The inputs behind the tests that stand in the rule itself."""
        own = {leaf.fact for leaf, _ in leaves(one.firing.rule.own)}
        premises = [premise for premise in one.firing.premises if premise.present and premise.fact in own]
        values = ((premise.fact, True if premise.value is None else premise.value) for premise in premises)
        return {fact for premise in values for fact in self.nodes.inputs_behind(*premise)}

    def notices(self) -> list[str]:
        confirm = [f"{self.sentences.label(fact)} is unusual: please confirm it." for fact in self.observations.notes]
        return [self.said(found) for found in self.nodes.of_form("notice")] + confirm


def exceeding(rule: Rule) -> dict[str, Any]:
    """How far what the article says goes further than outside evidence, where it does."""
    said = rule.source.get(EXCEEDS)
    return {EXCEEDS: {"says": said, "sources": list(rule.cites.outside)}} if said else {}


def as_written(found: list[Conclusion]) -> tuple[str, int]:
    """Steps are told in the order in which their rules stand, not in that in which they followed."""
    place = found[0].firing.rule.place
    return place.file, place.line


def ids(found: Iterable[Conclusion]) -> list[str]:
    return [one.id for one in found]


def sources(found: Iterable[Conclusion]) -> list[str]:
    return list(dict.fromkeys(source for one in found for source in one.firing.rule.cites.outside))
