"""For what is not indicated: the offer that came nearest, and what it lacked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from service.answering.nodes import Nodes
from service.answering.sentences import Sentences
from service.engine.matching import holds
from service.knowledge.conditions import leaves
from service.knowledge.records import Leaf, Rule


def nearest(nodes: Nodes, sentences: Sentences, offers: Sequence[Rule], intervention: str) -> dict[str, Any] | None:
    """The offering rule with the fewest unmet tests, and those tests in words; what speaks against it comes first."""
    declined = nodes.by_atom.get(("decline", intervention))
    if declined:
        rule = declined[0].firing.rule
        return {"rule": rule.id, "code": rule.then["code"], "unmet": [], "text": rule.says or f"{rule.title}."}
    if not offers:
        return None
    rule, unmet = min(((rule, unmet_tests(rule, nodes.derivation.facts)) for rule in offers), key=lambda pair: len(pair[1]))
    words = [sentences.test(test) if wanted else f"not ({sentences.test(test)})" for test, wanted in unmet]
    return {"rule": rule.id, "code": "N.NOT_INDICATED", "unmet": words, "text": f"Would be offered with: {'; '.join(words)}."}


def unmet_tests(rule: Rule, facts: dict[str, Any]) -> list[tuple[Leaf, bool]]:
    return [(leaf, wanted) for leaf, wanted in leaves(rule.when) if holds(leaf, facts) != wanted]
