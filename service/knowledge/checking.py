"""Checks the rule base as a whole: what one file says of another must be true before the service may start."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

from service.knowledge import grouping
from service.knowledge.conditions import leaves
from service.knowledge.faults import Findings, did_you_mean
from service.knowledge.files.rule_schemas import LAYERS
from service.knowledge.foods import check_foods
from service.knowledge.forbidding import check_forbidding
from service.knowledge.program import NegationCycle
from service.knowledge.records import EXCEEDS, MEANT, NAMED_WORDS, UNREVIEWED_WORDS, All, Any_, Cites, Condition, Holds, Rule
from service.knowledge.rulebase import Knowledge

SHOWN = ("red_flag", "gate", "plan", "habit", "interaction", "told", "monitor", "notice", "conflict")  # forms whose sentence people read
LEADING_ON = ("red_flag", "offer", "maintain", "defer")  # forms whose conclusions act only through other rules
PLACEHOLDER = re.compile(r"\{([a-z0-9_]+)\}")


def check(knowledge: Knowledge, faults: Findings) -> None:
    check_citations(knowledge, faults)
    check_reading(knowledge, faults)
    check_values(knowledge, faults)
    check_sentences(knowledge, faults)
    check_foods(knowledge, faults)
    check_forbidding(knowledge, faults)
    check_families(knowledge, faults)
    check_gates(knowledge, faults)
    check_use(knowledge, faults)
    check_making(knowledge, faults)
    check_classes(knowledge, faults)
    check_cases(knowledge, faults)
    check_edges(knowledge, faults)
    check_told(knowledge, faults)
    check_chains(knowledge, faults)
    check_interventions(knowledge, faults)
    check_order(knowledge, faults)
    grouping.check(knowledge, faults)


def check_citations(knowledge: Knowledge, faults: Findings) -> None:
    grounds = [(rule.cites, rule.place) for rule in knowledge.rules.values()]
    words = knowledge.vocabulary.values()
    grounds += [(word.cites, word.place) for word in words if word.cites]
    grounds += [(Cites(outside=(word.variability.source,)), word.place) for word in words if word.variability]
    for cites, place in grounds:
        for claim in cites.article:
            if claim not in knowledge.claims:
                faults.add(place, f"the article has no claim {claim!r}{did_you_mean(claim, knowledge.claims)}")
        for source in cites.outside:
            if source not in knowledge.sources:
                faults.add(place, f"there is no source {source!r}{did_you_mean(source, knowledge.sources)}")


def check_reading(knowledge: Knowledge, faults: Findings) -> None:
    """A rule reads only facts of its own or an earlier layer, and only facts that something gives or concludes."""
    layers = concluding_layers(knowledge)
    for rule in knowledge.rules.values():
        if rule.layer not in LAYERS:
            continue
        for fact in facts_read(rule):
            word = knowledge.vocabulary.get(fact)
            if word is None:
                continue
            if word.kind in ("flag", "level", "set") and fact not in layers:
                faults.add(rule.place, f"{rule.id} reads {fact!r}, which no rule concludes")
            later = [layer for layer in layers.get(fact, ()) if layer in LAYERS and LAYERS.index(layer) > LAYERS.index(rule.layer)]
            if later:
                faults.add(rule.place, f"{rule.id} ({rule.layer}) reads {fact!r}, which the later layer {later[0]} concludes")


def check_values(knowledge: Knowledge, faults: Findings) -> None:
    """A rule all of whose alternatives ask for a value that no rule concludes can never fire."""
    concluded = {atom for rule in knowledge.rules.values() for atom in rule.conclusions}
    facts = {fact for fact, _ in concluded}

    def possible(condition: Condition) -> bool:
        if isinstance(condition, All | Any_):
            return (all if isinstance(condition, All) else any)(possible(test) for test in condition.tests)
        if isinstance(condition, Holds) and condition.fact in facts:
            return (condition.fact, condition.value) in concluded
        return True

    for rule in knowledge.rules.values():
        if not possible(rule.when):
            faults.add(rule.place, f"{rule.id} can never fire: it asks for a value that no rule concludes")


def concluding_layers(knowledge: Knowledge) -> dict[str, set[str]]:
    layers: dict[str, set[str]] = defaultdict(set)
    for rule in knowledge.rules.values():
        for fact, _ in rule.conclusions:
            layers[fact].add(rule.layer)
    return layers


def facts_read(rule: Rule) -> set[str]:
    return {leaf.fact for leaf, _ in leaves(rule.when)}


def check_use(knowledge: Knowledge, faults: Findings) -> None:
    """An urgency that no disposition reads, or an offer that no placement reads, would be lost without a sign."""
    tests = (test for rule in knowledge.rules.values() for test, positive in leaves(rule.when) if positive)
    read = {(test.fact, test.value) for test in tests if isinstance(test, Holds)}
    for rule in knowledge.rules.values():
        if next(iter(rule.then)) in LEADING_ON:
            for fact, value in rule.conclusions:
                if (fact, value) not in read:
                    faults.add(rule.place, f"{rule.id} would change nothing: no rule reads {fact} {value}")


def check_making(knowledge: Knowledge, faults: Findings) -> None:
    """No computed number is made from itself."""
    made_from = {word.id: (*word.from_, *word.from_any) for word in knowledge.vocabulary.values()}
    try:
        TopologicalSorter(made_from).prepare()
    except CycleError as cycle:
        facts = cycle.args[1]
        faults.add(knowledge.vocabulary[facts[0]].place, f"a number is made from itself: {' from '.join(facts)}")


def check_classes(knowledge: Knowledge, faults: Findings) -> None:
    for family in knowledge.classes:
        for fact in (*family.measures, *family.classes):
            if fact not in knowledge.vocabulary:
                faults.add(family.place, f"a class or measure {fact!r} is not in the vocabulary{did_you_mean(fact, knowledge.vocabulary)}")
    for attribute in knowledge.about["source_attributes"]:
        for fact in attribute.get("inputs", ()):
            if fact not in knowledge.vocabulary:
                faults.add(attribute.place, f"{fact!r} is not in the vocabulary{did_you_mean(fact, knowledge.vocabulary)}")


def check_gates(knowledge: Knowledge, faults: Findings) -> None:
    """A gate that no placement reads would stop nothing: each of its interventions must be placed by it."""
    placing = [rule for rule in knowledge.rules.values() if rule.layer == "placement"]
    read = {(leaf.fact, leaf.value) for rule in placing for leaf, positive in leaves(rule.when) if positive and isinstance(leaf, Holds)}
    for rule in knowledge.rules.values():
        clearable = rule.then.get("clearable", False)
        placed_by = {"withhold": "withhold", "clinician_first": "clinician_first" if clearable else "not_clearable"}
        for level, target in rule.conclusions:
            if level in placed_by and target in knowledge.interventions and (placed_by[level], target) not in read:
                faults.add(rule.place, f"{rule.id} would not stop {target}: no rule of the layer placement reads {placed_by[level]} for it")


def check_sentences(knowledge: Knowledge, faults: Findings) -> None:
    for rule in knowledge.rules.values():
        for name in PLACEHOLDER.findall(f"{rule.says or ''} {rule.then.get('taken', '')}"):
            if name.removeprefix(MEANT) not in knowledge.vocabulary and name not in (UNREVIEWED_WORDS, NAMED_WORDS):
                faults.add(rule.place, f"the sentence of {rule.id} names {name!r}, which is not in the vocabulary")
        if rule.says is None and next(iter(rule.then), "") in SHOWN:
            faults.add(rule.place, f"{rule.id} is shown to people and has no sentence (`says`)")


def check_families(knowledge: Knowledge, faults: Findings) -> None:
    for family in knowledge.families:
        for id_ in family.rules:
            if id_ not in knowledge.rules:
                faults.add(family.place, f"a family names {id_!r}, which is no rule{did_you_mean(id_, knowledge.rules)}")


def check_cases(knowledge: Knowledge, faults: Findings) -> None:
    for case in knowledge.cases:
        if case.rule not in knowledge.rules:
            near = did_you_mean(case.rule, knowledge.rules)
            faults.add(case.place, f"the case {case.name!r} names the rule {case.rule!r}, which does not exist{near}")


def check_edges(knowledge: Knowledge, faults: Findings) -> None:
    drawn: set[tuple[str, str]] = set()
    for edge in knowledge.edges:
        if (edge.from_, edge.to) in drawn:
            faults.add(edge.place, f"the edge {edge.from_} -> {edge.to} stands twice")
        drawn.add((edge.from_, edge.to))
        if not edge.claims and not edge.bridges:
            faults.add(edge.place, f"the edge {edge.from_} -> {edge.to} is neither claimed by the article nor a bridge of ours")
        for claim in edge.claims:
            if claim not in knowledge.claims:
                faults.add(edge.place, f"the article has no claim {claim!r}{did_you_mean(claim, knowledge.claims)}")


def check_told(knowledge: Knowledge, faults: Findings) -> None:
    """What the article says is said of a state or an intervention."""
    spoken_of = {*knowledge.interventions, *(word.id for word in knowledge.vocabulary.values() if word.listed == "state")}
    for rule in knowledge.rules.values():
        for name in rule.then.get("of", ()):
            if name not in spoken_of:
                faults.add(rule.place, f"{rule.id} speaks of {name!r}, no state or intervention{did_you_mean(name, spoken_of)}")
        if EXCEEDS in rule.source and not ("told" in rule.then and (rule.cites.outside or rule.cites.design)):
            faults.add(rule.place, f"{rule.id}: `{EXCEEDS}` is said beside what the article says, and rests on a source or our choice")


def check_chains(knowledge: Knowledge, faults: Findings) -> None:
    pairs = {(edge.from_, edge.to) for edge in knowledge.edges}
    explained = {*knowledge.interventions, *knowledge.components, *knowledge.evidence}
    for chain in knowledge.chains:
        if chain.intervention not in explained:
            faults.add(chain.place, f"there is no intervention {chain.intervention!r}{did_you_mean(chain.intervention, explained)}")
        for step in zip(chain.path, chain.path[1:], strict=False):
            if step not in pairs:
                faults.add(chain.place, f"{chain.intervention}: {step[0]} -> {step[1]} is no edge of the graph")


def check_interventions(knowledge: Knowledge, faults: Findings) -> None:
    catalogue = {**knowledge.interventions, **knowledge.components}
    for intervention in catalogue.values():
        if intervention.node not in knowledge.vocabulary:
            faults.add(intervention.place, f"{intervention.id}: the node {intervention.node!r} is not in the vocabulary")
        if intervention.id not in knowledge.evidence:
            faults.add(intervention.place, f"{intervention.id} has no entry in evidence.yaml")
        for claim in intervention.claims:
            if claim not in knowledge.claims:
                faults.add(intervention.place, f"{intervention.id}: the article has no claim {claim!r}")
    for key, evidence in knowledge.evidence.items():
        for source in evidence.sources:
            if source not in knowledge.sources:
                faults.add(evidence.place, f"{key}: there is no source {source!r}")


def check_order(knowledge: Knowledge, faults: Findings) -> None:
    try:
        strata = knowledge.program.strata
    except NegationCycle as cycle:
        faults.add(cycle.rules[0].place, f"a cycle through negation or counting: {cycle}")
        return
    for stratum in strata:
        if stratum.recursive:
            for rule in recursive_readers([step.rule for step in stratum.steps]):
                faults.add(rule.place, f"{rule.id} is recursive and reads more than one fact: chaining could miss it")


def recursive_readers(rules: list[Rule]) -> Iterator[Rule]:
    for rule in rules:
        if not isinstance(rule.when, Holds):
            yield rule
