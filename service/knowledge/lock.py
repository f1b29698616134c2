"""The lock: every item of the rule base in one line, made from the rule base itself, so that nothing in it vanishes or changes unseen.

`make lock-rules` writes rules/lock.yaml, the loader compares it, and a reviewer reads its diff. A line has a hash over everything of
the item and, in words, what a reader must see change: what a rule concludes, cites and says, every number, range, unit, grade, mark and
label. Left to the hash are the shape of a condition, which the cases beside the rule hold, and the wording of sources and claims.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import fields
from functools import cache
from typing import Any

from service.knowledge.conditions import leaves
from service.knowledge.faults import Findings, did_you_mean
from service.knowledge.files.layout import LOCK
from service.knowledge.grouping import rows
from service.knowledge.records import Code, Compare, Place, Rule, Term, Word
from service.knowledge.rulebase import Chain, Claim, Edge, Evidence, Intervention, Knowledge, Source
from service.knowledge.terms import PACKED

HEAD = """\
# Made by `make lock-rules`, never by hand: every item of the rule base in a line. Where line and item differ, the service does not start.
"""
APART = ("place", "thesaurus", "unremarkable", "table")
FEW_HAVE = (
    "counts_as", "understands", "speaks_of", "details", "detail_of", "asked_at", "urgent_for_days", "urgent_on_insulin_for_days",
    "same_sample_as", "recent_as", "each_of", "end", "bounded", "at_any_age", "lasting",
)  # fmt: skip
SORTED, AS_IT_IS = json.JSONEncoder(sort_keys=True, ensure_ascii=False, default=repr), json.JSONEncoder(ensure_ascii=False)
HASH_LENGTH = 16  # characters; 64 bits tell every slip from what was locked
HOW = "if that is meant, run `make lock-rules` and commit the lock with it"
ONLY_ITS_TEXT = "its text"  # where nothing but the hash differs
Line = dict[str, Any]
Sections = dict[str, dict[str, Line]]


def lines(knowledge: Knowledge) -> Sections:
    """Every item of the rule base by its section and name, as the lock has it."""
    sections: Sections = {
        "rules": {rule.id: rule_line(rule) for rule in knowledge.rules.values()},
        "words": {word.id: word_line(word) for word in knowledge.vocabulary.values()},
        "codes": {f"{word.id}: {code.id}": code_line(code) for word, code in rows(knowledge.vocabulary)},
        "terms": {f"{word.id}: {term.id}": term_line(term) for word in knowledge.vocabulary.values() for term in terms_of(word)},
        "forms": {form: {"frees": sorted(freed)} for word in knowledge.vocabulary.values() for form, freed in forms_of(word).items()},
        "foods": {food.id: {"words": food.words, "kinds": food.kinds} for food in knowledge.foods.values()},
        "groups": {name: {"members": list(members)} for name, members in knowledge.groups.items()},
        "interventions": {made.id: intervention_line(made) for made in (*knowledge.interventions.values(), *knowledge.components.values())},
        "evidence": {name: evidence_line(evidence) for name, evidence in knowledge.evidence.items()},
        "claims": {claim.id: claim_line(claim) for claim in knowledge.claims.values()},
        "edges": {f"{edge.from_} -> {edge.to}": edge_line(edge) for edge in knowledge.edges},
        "chains": dict(numbered((f"{chain.intervention}, {chain.side}", chain_line(chain)) for chain in knowledge.chains)),
        "sources": {source.id: source_line(source) for source in knowledge.sources.values()},
        "about": {"policy": dict(knowledge.policy), "rulebase": dict(knowledge.about)},
    }
    return {"counts": counts(knowledge, sections), **sections}


def counts(knowledge: Knowledge, sections: Sections) -> dict[str, Line]:
    by_layer = Counter(rule.layer for rule in knowledge.rules.values())
    return {name: {"all": len(items), **(by_layer if name == "rules" else {})} for name, items in sections.items()}


def rule_line(rule: Rule) -> Line:
    return told({
        "layer": rule.layer, "status": rule.status if rule.status != "draft" else None, "hash": rule.hash[:HASH_LENGTH],
        "concludes": [fact if value is True else f"{fact} {value}" for fact, value in rule.conclusions],
        "then": dict(rule.then),
        "cites": [*rule.cites.article, *rule.cites.outside, *(["design"] if rule.cites.design else [])],
        "numbers": [f"{leaf.fact} {leaf.word} {leaf.threshold:g}" for leaf, _ in leaves(rule.when) if isinstance(leaf, Compare)],
        "title": rule.title, "says": rule.says, "confidence": rule.confidence, "fresh": rule.fresh, "undated": rule.undated,
        "does": rule.does, "avoids": rule.avoids,
    })  # fmt: skip


def word_line(word: Word) -> Line:
    return told({
        "kind": word.kind, "hash": record_hash(word), "unit": word.unit, "hard": word.hard, "soft": word.soft, "digits": word.digits,
        "joint": [list(vars(one).values()) for one in word.joint],
        "units": {unit: [made.times, made.per, made.plus, *made.printed] for unit, made in word.units.items()},
        "valid_for_days": word.valid_for_days,
        "unremarkable": [[*(f"{limit.word} {limit.threshold:g}" for limit in one.limits), one.because] for one in word.unremarkable],
        "fasting": word.fasting, "from": [*word.from_, *word.from_any, *word.of], "unless": repr(word.unless) if word.unless else None,
        "values": list(word.values) if word.kind == "level" else None, "label": word.label, "plain": word.plain, "question": word.question,
        "value_labels": list(word.value_labels.values()), "value_plain": list(word.value_plain.values()),
    })  # fmt: skip


def terms_of(word: Word) -> tuple[Term, ...]:
    return word.thesaurus.terms if word.thesaurus is not None and not word.counts_as else ()


def forms_of(word: Word) -> Mapping[str, frozenset[str]]:
    return word.thesaurus.forms if word.thesaurus is not None and word.id == PACKED else {}


def code_line(code: Code) -> Line:
    return told({"groups": code.groups, "because": code.because, "sources": code.sources})


def term_line(term: Term) -> Line:
    return told({"hash": record_hash(term), "values": term.values, "outcome": term.outcome})


def intervention_line(made: Intervention) -> Line:
    labels = {"title": made.title, "label": made.label, "plain": made.plain}
    return told({"hash": record_hash(made), "node": made.node, "claims": made.claims, "components": made.components, **labels})


def evidence_line(evidence: Evidence) -> Line:
    grades = [one.grade for one in evidence.outcomes]
    return told({"hash": record_hash(evidence), "grades": grades, "sources": evidence.sources})


def claim_line(claim: Claim) -> Line:
    marks = {"hedged": not claim.asserted, "inferred": claim.inferred, "context_only": bool(claim.context_only)}
    return told({"hash": record_hash(claim), **marks, "edges": claim.edges})


def edge_line(edge: Edge) -> Line:
    marks = {"bridges": edge.bridges, "association": not edge.causal, "not_chained": bool(edge.not_chained)}
    return told({"hash": record_hash(edge), "sign": edge.sign, "claims": edge.claims, **marks})


def chain_line(chain: Chain) -> Line:
    return told({"path": chain.path, "ours": not chain.canonical})


def source_line(source: Source) -> Line:
    return told({"hash": hashed(source.details), "mark": source.details["mark"], "withdrawn": "withdrawn" in source.details})


def told(line: Line) -> Line:
    """Without what says nothing."""
    return {name: value for name, value in line.items() if value not in (None, False, (), [], {})}


def numbered(named: Iterable[tuple[str, Line]]) -> Iterator[tuple[str, Line]]:
    """Names told apart where several share one."""
    seen: Counter[str] = Counter()
    for name, line in named:
        seen[name] += 1
        yield (name if seen[name] == 1 else f"{name} {seen[name]}"), line


def record_hash(record: Any) -> str:
    """A hash over every field of a record but the line on which it stands, and what has lines of its own or stands whole in this one.

    A slot that few have leaves the others as they were.
    """
    told = ((name, getattr(record, name)) for name in in_the_hash(record.__class__))
    return hashed([value for name, value in told if name not in FEW_HAVE or value])


@cache
def in_the_hash(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind) if field.name not in APART)


def hashed(content: Any) -> str:
    return hashlib.sha256(SORTED.encode(content).encode()).hexdigest()[:HASH_LENGTH]


def text(knowledge: Knowledge) -> str:
    """The lock file of a rule base."""
    return HEAD + "".join(f"\n{name}:\n{body(items)}" for name, items in lines(knowledge).items())


def body(items: Mapping[str, Line]) -> str:
    return "".join(f"  {json.dumps(name)}: {AS_IT_IS.encode(line)}\n" for name, line in items.items())


def check(knowledge: Knowledge, locked: bytes | None, faults: Findings) -> None:
    """Adds a fault for every item that is not as the lock has it, and for the lock where it is not there."""
    if locked is None:
        faults.add(Place(LOCK, 1), "the lock is missing: run `make lock-rules`")
    elif locked != text(knowledge).encode():
        compare(read(locked), lines(knowledge), places(knowledge), faults)


def read(locked: bytes) -> dict[tuple[str, str], tuple[int, Any]]:
    """What a lock says of each item by its section and name, with the number of its line; of lines that no lock has, nothing.

    A lock is YAML to those who read it; every item is a line of JSON, and is read as such: YAML of that size takes a second.
    """
    found: dict[tuple[str, str], tuple[int, Any]] = {}
    section = ""
    for number, line in enumerate(locked.decode("utf-8", "replace").splitlines(), 1):
        if not line.startswith(" "):
            section = line.removesuffix(":") if line.endswith(":") else section
            continue
        with suppress(json.JSONDecodeError):
            [(name, told)] = json.loads("{" + line + "}").items()
            found[section, name] = number, told
    return found


def compare(
    then: Mapping[tuple[str, str], tuple[int, Any]], after: Sections, places: Mapping[tuple[str, str], Place], faults: Findings
) -> None:
    found = len(faults.faults)
    now = {(section, name): plain(line) for section, items in after.items() for name, line in items.items() if section != "counts"}
    for section, name in [key for key in then if key[0] != "counts" and key not in now]:
        place = Place(LOCK, then[section, name][0])
        near = did_you_mean(name, (other for part, other in now.keys() - then.keys() if part == section))
        faults.add(place, f"{name!r} of {section} is gone{near or ''}; {HOW}")
    for key, line in now.items():
        if key not in then:
            faults.add(places.get(key, Place(LOCK, 1)), f"{key[1]!r} of {key[0]} is not in the lock; {HOW}")
        elif then[key][1] != line:
            faults.add(places.get(key, Place(LOCK, 1)), f"{key[1]!r} is not as in the lock ({differing(then[key][1], line)}); {HOW}")
    if len(faults.faults) == found:
        faults.add(Place(LOCK, 1), "the lock is not written as `make lock-rules` writes it; run it")


def plain(line: Line) -> Any:
    """A line as it is read back from the file."""
    return json.loads(json.dumps(line))


def differing(before: Any, after: Line) -> str:
    before = before if isinstance(before, dict) else {}
    names = [name for name in dict.fromkeys([*before, *after]) if before.get(name) != after.get(name)]
    told = [f"{name}: {before.get(name)} -> {after.get(name)}" for name in names if name != "hash"]
    return "; ".join(told) or ONLY_ITS_TEXT


def places(knowledge: Knowledge) -> dict[tuple[str, str], Place]:
    """Where the items stand."""
    found = {("rules", rule.id): rule.place for rule in knowledge.rules.values()}
    found |= {("words", word.id): word.place for word in knowledge.vocabulary.values()}
    found |= {("codes", f"{word.id}: {code.id}"): code.place for word, code in rows(knowledge.vocabulary)}
    found |= {("terms", f"{word.id}: {term.id}"): term.place for word in knowledge.vocabulary.values() for term in terms_of(word)}
    found |= {("foods", food.id): food.place for food in knowledge.foods.values()}
    found |= {("claims", claim.id): claim.place for claim in knowledge.claims.values()}
    found |= {("sources", source.id): source.place for source in knowledge.sources.values()}
    found |= {("evidence", name): evidence.place for name, evidence in knowledge.evidence.items()}
    found |= {("edges", f"{edge.from_} -> {edge.to}"): edge.place for edge in knowledge.edges}
    found |= {("interventions", made.id): made.place for made in (*knowledge.interventions.values(), *knowledge.components.values())}
    return found
