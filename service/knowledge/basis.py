"""The basis for review: what the rules are for, what they read and conclude, and what they rest on, computed from the rules.

The prose that cannot be computed stands in rules/rulebase.yaml.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from service.knowledge.catalogue import cites_document, evidence_document
from service.knowledge.conditions import leaves
from service.knowledge.files.rule_schemas import LAYERS
from service.knowledge.reach import Reach
from service.knowledge.records import EXCEEDS, Rule, Word
from service.knowledge.rulebase import Knowledge

WATCHED = ("sex", "ancestry", "age")


def basis(knowledge: Knowledge) -> dict[str, Any]:
    """The whole basis, ready for JSON."""
    reach, about = Reach(knowledge), knowledge.about
    return {
        "version": knowledge.version,
        "digest": knowledge.digest,
        "intended_use": about.get("intended_use", ""),
        "intended_users": list(about.get("intended_users", ())),
        "population": about.get("population", ""),
        "inputs": [input_document(reach, word) for word in inputs(knowledge)],
        "not_used": [word.id for word in inputs(knowledge) if not changes_something(reach, word)],
        "watched": [watched_document(reach, fact) for fact in WATCHED],
        "logic": logic(knowledge),
        "evidence": evidence(knowledge),
        "limitations": [*about.get("limitations", ()), *counted_limitations(knowledge)],
        "source_attributes": attributes(knowledge, reach),
    }


def inputs(knowledge: Knowledge) -> list[Word]:
    return [word for word in knowledge.vocabulary.values() if word.input]


def changes_something(reach: Reach, word: Word) -> bool:
    return reach.ranks_by(word.id) or any(reach.results_from(word.id).values())


def input_document(reach: Reach, word: Word) -> dict[str, Any]:
    """One input: its quality as the vocabulary asks for it, and what of an answer it can change."""
    return {
        "id": word.id, "label": word.label, "input": word.input, "unit": word.unit, "accepted": word.hard and list(word.hard),
        "usual": word.soft and list(word.soft), "valid_for_days": word.valid_for_days, "required": word.id == "age",
        "read_by": [rule.id for rule in reach.readers.get(word.id, ())], "made_into": list(reach.made_from.get(word.id, ())),
        "ranking": reach.ranks_by(word.id), "reaches": reach.results_from(word.id),
    }  # fmt: skip


def watched_document(reach: Reach, fact: str) -> dict[str, Any]:
    """A trait that must not weigh without a reason: every rule that reads it, itself or by a measure or flag made of it, and why."""
    return {
        "input": fact,
        "rules": reasons(reach, fact),
        "by_way_of": [{"fact": made, "rules": reasons(reach, made)} for made in shapes(reach, fact)],
    }


def shapes(reach: Reach, fact: str) -> list[str]:
    """The measures made of a trait, and the flags that only name it."""
    named = [made for rule in reach.readers.get(fact, ()) if "holds" in rule.then and alone(rule, fact) for made, _ in rule.conclusions]
    return list(dict.fromkeys([*through_measures(reach, fact), *named]))


def through_measures(reach: Reach, fact: str) -> list[str]:
    found, waiting = [], [fact]
    while waiting:
        fresh = [made for made in reach.made_from.get(waiting.pop(), ()) if made not in found]
        found += fresh
        waiting += fresh
    return found


def alone(rule: Rule, fact: str) -> bool:
    return {leaf.fact for leaf, _ in leaves(rule.when)} <= {fact, "adult"}


def reasons(reach: Reach, fact: str) -> list[dict[str, Any]]:
    """The rules that read a fact, each with what it rests on."""
    return [
        {"rule": rule.id, "fact": fact, "title": rule.title, "cites": cites_document(rule.cites)} for rule in reach.readers.get(fact, ())
    ]


def logic(knowledge: Knowledge) -> list[dict[str, Any]]:
    """The layers in the order in which they reason, in words, with what stands in them."""
    words = knowledge.about.get("logic", {})
    counts = Counter(rule.layer for rule in knowledge.rules.values() if rule.status != "retired")
    return [{"layer": layer, "says": words.get(layer, ""), "rules": counts[layer]} for layer in LAYERS]


def evidence(knowledge: Knowledge) -> dict[str, Any]:
    """What the rules rest on, kept apart; and the grade of the outside evidence of each intervention."""
    rules = [rule for rule in knowledge.rules.values() if rule.status != "retired"]
    return {
        "rules_citing_the_article": sum(bool(rule.cites.article) for rule in rules),
        "rules_citing_outside_sources": sum(bool(rule.cites.outside) for rule in rules),
        "rules_of_our_design_only": [rule.id for rule in rules if not rule.cites.article and not rule.cites.outside],
        "sources": len(knowledge.sources),
        "sources_to_be_checked": sorted(source.id for source in knowledge.sources.values() if source.details.get("mark") == "?"),
        "overstated": [
            {"rule": rule.id, "claims": list(rule.cites.article), "says": rule.source[EXCEEDS], "sources": list(rule.cites.outside)}
            for rule in rules
            if EXCEEDS in rule.source
        ],
        "interventions": [
            {"intervention": one, **evidence_document(knowledge.evidence[one])} for one in knowledge.interventions
        ],
    }


def counted_limitations(knowledge: Knowledge) -> list[str]:
    """Limits that the rules themselves show."""
    rules = [rule for rule in knowledge.rules.values() if rule.status != "retired"]
    drafts = sum(rule.status == "draft" for rule in rules)
    hedged = sum(not claim.asserted for claim in knowledge.claims.values())
    bridges = sum(bool(edge.bridges) for edge in knowledge.edges)
    return [
        f"{drafts} of {len(rules)} rules are drafts that no clinician has approved.",
        f"{hedged} of {len(knowledge.claims)} claims are hedged by the article itself.",
        f"{bridges} of {len(knowledge.edges)} arrows of the graph are bridges of ours, which the article does not draw.",
    ]


def attributes(knowledge: Knowledge, reach: Reach) -> list[dict[str, Any]]:
    """The 13 source attributes of 45 CFR 170.315(b)(11)(iv)(A), in its order."""
    return [attribute(knowledge, reach, number, entry) for number, entry in enumerate(knowledge.about.get("source_attributes", ()), 1)]


def attribute(knowledge: Knowledge, reach: Reach, number: int, entry: Any) -> dict[str, Any]:
    """One attribute: its words, and the data elements it asks for with the rules that read them."""
    elements = [fact for fact in entry.get("inputs", ()) if fact in knowledge.vocabulary]
    rules = rules_reading(reach, elements)
    said = entry.get("says") or ("used" if rules else "not used")
    return {
        "number": number, "name": entry["name"], "value": said, "inputs": elements, "rules": rules,
        "citations": citations(knowledge) if entry.get("citations") else [],
    }  # fmt: skip


def rules_reading(reach: Reach, facts: Iterable[str]) -> list[str]:
    """The rules that read these inputs, themselves or by a measure made of them."""
    every = [one for fact in facts for one in (fact, *through_measures(reach, fact))]
    return list(dict.fromkeys(rule.id for one in every for rule in reach.readers.get(one, ())))


def citations(knowledge: Knowledge) -> list[str]:
    """Every outside source that something cites."""
    cited = {id_ for rule in knowledge.rules.values() for id_ in rule.cites.outside}
    cited |= {id_ for word in knowledge.vocabulary.values() if word.cites for id_ in word.cites.outside}
    cited |= {id_ for one in knowledge.evidence.values() for id_ in one.sources}
    return [source.citation for source in knowledge.sources.values() if source.id in cited]
