"""The knowledge as JSON-ready documents, the same for the API, the command line and the tests of coverage."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import asdict
from itertools import islice
from typing import Any

from service.knowledge.records import Cites, Holds, Rule, Term, Word
from service.knowledge.rulebase import Case, Claim, Evidence, Intervention, Knowledge

LOOKED_UP = {
    "medicine": "medications", "supplement": "supplements", "condition": "conditions", "symptom": "symptoms", "allergy": "allergies",
}  # fmt: skip
Document = dict[str, Any]  # one thing of the knowledge, ready for JSON


def rulebase(knowledge: Knowledge) -> Document:
    """What rule base this is, and how much is in it."""
    return {
        "version": knowledge.version,
        "digest": knowledge.digest,
        "title": knowledge.about.get("title", ""),
        "intended_use": knowledge.about.get("intended_use", ""),
        "status": dict(Counter(rule.status for rule in knowledge.rules.values())),
        "counts": {
            "rules": len(knowledge.rules), "cases": len(knowledge.cases), "claims": len(knowledge.claims),
            "edges": len(knowledge.edges), "bridges": len(bridges(knowledge)), "sources": len(knowledge.sources),
            "words": len(knowledge.vocabulary), "interventions": len(knowledge.interventions),
        },
    }  # fmt: skip


def bridges(knowledge: Knowledge) -> set[str]:
    return {bridge for edge in knowledge.edges for bridge in edge.bridges}


def names(knowledge: Knowledge) -> Mapping[str, tuple[str, ...]]:
    """The names that an answer may have in it, strongest first where they have an order."""
    return {
        "interventions": tuple(knowledge.interventions), "components": tuple(knowledge.components),
        "urgencies": knowledge.groups["urgencies"], "dispositions": tuple(map(str, knowledge.vocabulary["disposition"].values)),
    }  # fmt: skip


def rules(knowledge: Knowledge) -> list[Document]:
    by_rule = cases_by_rule(knowledge)
    return [rule_document(one, by_rule.get(one.id, ())) for one in knowledge.rules.values()]


def rule(knowledge: Knowledge, id_: str) -> Document:
    """One rule; raises KeyError."""
    return rule_document(knowledge.rules[id_], cases_by_rule(knowledge).get(id_, ()))


def rule_document(one: Rule, cases: tuple[Case, ...] | list[Case]) -> Document:
    return {
        "id": one.id, "title": one.title, "layer": one.layer, "topic": one.topic, "status": one.status,
        "when": when_of(one), "then": dict(one.then), "cites": cites_document(one.cites), "text": one.says,
        "cases": [{"name": case.name, "given": dict(case.given), "fires": case.fires} for case in cases], "hash": one.hash,
    }  # fmt: skip


def when_of(one: Rule) -> Document:
    if "edge" in one.source and isinstance(one.when, Holds):
        return {"all": [{"fact": one.when.fact, "includes": one.when.value}]}
    return dict(one.source["when"])


def cites_document(cites: Cites) -> Document:
    return {"article": list(cites.article), "outside": list(cites.outside), "design": cites.design}


def cases_by_rule(knowledge: Knowledge) -> Mapping[str, list[Case]]:
    found: dict[str, list[Case]] = defaultdict(list)
    for case in knowledge.cases:
        found[case.rule].append(case)
    return found


def claims(knowledge: Knowledge) -> list[Document]:
    citing, edges = citing_rules(knowledge), asserting_edges(knowledge)
    return [claim_document(one, citing.get(one.id, []), edges.get(one.id, [])) for one in knowledge.claims.values()]


def claim(knowledge: Knowledge, id_: str) -> Document:
    """One claim; raises KeyError."""
    return claim_document(knowledge.claims[id_], citing_rules(knowledge).get(id_, []), asserting_edges(knowledge).get(id_, []))


def claim_document(one: Claim, rules: list[str], edges: list[str]) -> Document:
    return {
        "id": one.id, "section": one.section, "paragraph": one.paragraph, "kind": one.kind, "asserted": one.asserted,
        "paraphrase": one.paraphrase, "rules": rules, "edges": edges, "context_only": one.context_only,
    }  # fmt: skip


def citing_rules(knowledge: Knowledge) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for one in knowledge.rules.values():
        for id_ in one.cites.article:
            found[id_].append(one.id)
    return found


def asserting_edges(knowledge: Knowledge) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for edge in knowledge.edges:
        for id_ in edge.claims:
            found[id_].append(f"{edge.from_} -> {edge.to} ({edge.sign})")
    return found


def sources(knowledge: Knowledge) -> list[Document]:
    return [{"id": one.id, **one.details} for one in knowledge.sources.values()]


def vocabulary(knowledge: Knowledge) -> list[Document]:
    return [word_document(word) for word in knowledge.vocabulary.values()]


def lookup(knowledge: Knowledge, kind: str, text: str, limit: int) -> list[Document]:
    """Terms that a text being typed may become, best first."""
    thesaurus = knowledge.vocabulary[LOOKED_UP[kind]].thesaurus
    found = islice(thesaurus.completions(text), limit) if thesaurus is not None else ()
    return [term_document(term, match) for term, match in found]


def term_document(term: Term, match: str) -> Document:
    codes = {"atc": list(term.codes["atc"])} if term.codes.get("atc") else {}
    parts = {"ingredients": list(term.parts)} if term.parts else {}
    return {"code": term.id, "label": term.label, "match": match, "outcome": term.outcome, **codes, **parts}


def codes_of_values(word: Word) -> dict[str, dict[str, Any]]:
    """The codes of a word's values in other systems: of the terms that bear their names, or as they stand beside the values."""
    terms = word.thesaurus.terms if word.thesaurus is not None else ()
    coded = {term.id: {"codes": {system: list(codes) for system, codes in term.codes.items()}} for term in terms if term.codes}
    beside = {str(value): dict(codes) for value, codes in word.value_codes.items() if codes}
    return {value: codes for value, codes in (beside | coded).items() if value in word.values}


def word_document(word: Word) -> Document:
    return {
        "id": word.id, "label": word.label, "plain": word.plain, "kind": word.kind, "input": word.input, "unit": word.unit,
        "units": [unit for unit in (word.unit, *word.units) if unit], "hard": word.hard and list(word.hard),
        "soft": word.soft and list(word.soft), "values": list(word.values), "formula": word.formula,
        "from": [*word.from_, *word.from_any, *word.of], "valid_for_days": word.valid_for_days, "changeable": word.changeable,
        "urgent_for_days": word.urgent_for_days, "urgent_on_insulin_for_days": word.urgent_on_insulin_for_days,
        "same_sample_as": word.same_sample_as, "spellings": spellings(word),
        "lasting": word.lasting and asdict(word.lasting),
        "joint": [asdict(one) | {"hard": list(one.hard)} for one in word.joint],
        "unremarkable": [
            {"limits": [{limit.word: limit.threshold} for limit in one.limits], "because": one.because} for one in word.unremarkable
        ],
        "codes": dict(word.codes), "value_codes": codes_of_values(word),
        "value_groups": {code.id: list(code.groups) for code in word.table.values() if code.groups},
        "variability": word.variability and asdict(word.variability),
        "question": word.question, "cites": cites_document(word.cites) if word.cites else None,
    }  # fmt: skip


def spellings(word: Word) -> dict[str, list[str]]:
    """How people write each unit that a word may be given in, beside what UCUM calls the same."""
    found: dict[str, list[str]] = {unit: [] for unit in (word.unit, *word.units) if unit}
    for spelling, unit in word.spellings.items():
        found[unit].append(spelling)
    return found


def interventions(knowledge: Knowledge) -> list[Document]:
    touching = touching_rules(knowledge)
    return [intervention_document(knowledge, one, touching.get(one.id, [])) for one in knowledge.interventions.values()]


def intervention_document(knowledge: Knowledge, one: Intervention, rules: list[str]) -> Document:
    found = knowledge.evidence[one.id]
    return {
        "id": one.id, "title": one.title, "components": list(one.components),
        "article": {"claims": list(one.claims), "asserted": all(knowledge.claims[id_].asserted for id_ in one.claims)},
        "evidence": evidence_document(found), "rules": rules,
    }  # fmt: skip


def evidence_document(evidence: Evidence) -> Document:
    """What independent evidence says, outcome by outcome; of leptin and of harm apart."""
    leptin, harm = ({"says": one.says, "sources": list(one.sources)} for one in (evidence.leptin, evidence.harm))
    outcomes = [{"outcome": one.outcome, "grade": one.grade, "sources": list(one.sources)} for one in evidence.outcomes]
    return {"outcomes": outcomes, "leptin": leptin, "harm": harm, "note": evidence.note}


def touching_rules(knowledge: Knowledge) -> Mapping[str, list[str]]:
    """For each intervention the rules that offer, gate, place, plan or rank it."""
    found: dict[str, list[str]] = defaultdict(list)
    for one in knowledge.rules.values():
        named = {str(value).split(".")[0] for _, value in one.conclusions}
        named |= {fact.removeprefix("placement.") for fact, _ in one.conclusions}
        for id_ in named & set(knowledge.interventions):
            found[id_].append(one.id)
    return found
