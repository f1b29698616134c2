"""The article's causal graph: its edges become rules that chain node by node, its chains explain interventions."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from service.knowledge.faults import Findings, did_you_mean
from service.knowledge.files.strict_yaml import Entry
from service.knowledge.records import Cites, Holds, Rule, Word
from service.knowledge.rulebase import Chain, Edge

OPPOSITE = {"raised": "lowered", "lowered": "raised"}
LOWERING = "-"  # every other sign (+, part-of, is-a, guides, normalises) carries the tendency on as it is


def edges(content: Entry, vocabulary: Mapping[str, Word], faults: Findings) -> Iterator[Edge]:
    for entry in content["edges"]:
        for end in ("from", "to"):
            if entry[end] not in vocabulary:
                faults.add(entry.place, f"the node {entry[end]!r} is not in the vocabulary{did_you_mean(entry[end], vocabulary)}")
        bridge = entry.get("bridge") or []
        yield Edge(
            from_=entry["from"], to=entry["to"], sign=entry["sign"], claims=tuple(entry["claims"]),
            bridges=tuple([bridge] if isinstance(bridge, str) else bridge), why=entry.get("why"),
            causal=entry.get("causal", True), not_chained=entry.get("not_chained"), place=entry.place,
        )  # fmt: skip


def edge_rules(arrows: Iterable[Edge], seeds: Iterable[tuple[str, str]]) -> Iterator[Rule]:
    """A rule for each edge and tendency that a person's facts can reach from the seeds.

    An edge that is association only makes none; nor does one that only an intervention could set off: it explains what
    the intervention would do, and nobody's profile fires it.
    """
    leaving: dict[str, list[Edge]] = defaultdict(list)
    for arrow in arrows:
        if arrow.causal and arrow.not_chained is None:
            leaving[arrow.from_].append(arrow)
    waiting, seen = list(seeds), set(seeds)
    while waiting:
        node, tendency = waiting.pop(0)
        for arrow in leaving[node]:
            rule = edge_rule(arrow, tendency)
            yield rule
            for conclusion in rule.conclusions:
                if conclusion not in seen:
                    seen.add(conclusion)
                    waiting.append(conclusion)


def edge_rule(arrow: Edge, tendency: str) -> Rule:
    effect = OPPOSITE[tendency] if arrow.sign == LOWERING else tendency
    when = Holds(arrow.from_, tendency)
    return Rule(
        id=f"edge.{arrow.from_}>{arrow.to}.{tendency}", title=f"{arrow.from_} {tendency}: {arrow.to} {effect}",
        layer="mechanisms", topic="graph", status="draft", cites=edge_cites(arrow), when=when, own=when,
        then={"tendency": arrow.to, "is": effect}, conclusions=((arrow.to, effect),), place=arrow.place,
        hash=hashlib.sha256(repr((arrow.from_, arrow.to, arrow.sign, arrow.claims, arrow.bridges, tendency)).encode()).hexdigest(),
        source={"edge": [arrow.from_, arrow.sign, arrow.to]},
    )  # fmt: skip


def edge_cites(arrow: Edge) -> Cites:
    bridge = f"bridge {', '.join(arrow.bridges)}: {arrow.why or 'our own addition, not a claim of the article'}" if arrow.bridges else None
    return Cites(article=arrow.claims, design=bridge)


def chains(content: Entry) -> Iterator[Chain]:
    for entry in content["chains"]:
        yield Chain(entry["intervention"], entry["side"], tuple(entry["path"]), entry.get("canonical", True), entry.place)
