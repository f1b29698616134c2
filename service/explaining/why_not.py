"""Why an intervention is not recommended: the gates that stop it, and every test down to the inputs that stands in its way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from service.advised import Advised
from service.analysis.unknown import Outlook, unanswered
from service.analysis.unmet import Chains, Miss, Nearest, united
from service.answering.answer import AnswerWriter, ids, sources
from service.explaining.conditions import Unmet
from service.knowledge.records import Compare, Holds

BLOCKING = {"withheld": ("withhold", "clinician_first"), "clinician_first": ("clinician_first",), "deferred": ("defer",)}
NOT_RECOMMENDED = ("clinician_first", "withheld", "deferred", "not_indicated")
CLEARANCE = "clinician_first"
UNREACHABLE = (10**6, 0.0)


@dataclass(frozen=True)
class Need:
    """One thing that a recommendation asks for, and the rule that asks for it."""

    rule: str
    test: Holds
    wanted: bool


class WhyNot:
    """One person's rows; made for one question."""

    def __init__(self, advised: Advised, writer: AnswerWriter):
        knowledge = writer.knowledge
        self.writer, self.facts = writer, writer.facts
        values = advised.observations.values
        self.outlook = Outlook(values, knowledge.program.strata, knowledge.vocabulary, unanswered(values, knowledge.vocabulary))
        kept = [("adult", True), *((form, iv) for form in ("offer", "maintain") for iv in knowledge.interventions)]
        self.chains = Chains(knowledge.program, self.facts, kept)
        self.nearest = Nearest(self.chains, self.cost)
        self.unmet = Unmet(advised.observations, self.outlook, knowledge, writer.sentences)

    def rows(self, intervention: str | None) -> list[dict[str, Any]]:
        """Every intervention that is not recommended, or only the one asked for; nearest first."""
        asked = [iv for iv in self.writer.knowledge.interventions if intervention in (None, iv)]
        missed = [iv for iv in asked if self.facts[f"placement.{iv}"] in NOT_RECOMMENDED]
        return [self.row(iv) for iv in sorted(missed, key=self.distance)]

    def row(self, iv: str) -> dict[str, Any]:
        list_ = self.facts[f"placement.{iv}"]
        blocked_by = self.blocked_by(iv, list_)
        return {
            "intervention": iv,
            "list": list_,
            "status": "blocked" if blocked_by else self.unmet.status(Holds("offer", iv), True),
            "would_offer": self.would_offer(iv),
            "blocked_by": blocked_by,
            "conditions": self.conditions(iv),
        }

    def blocked_by(self, iv: str, list_: str) -> list[dict[str, Any]]:
        """The gates of the level that decides, the deferral, or what speaks against it, as the person's own wish."""
        if list_ == "deferred":
            reasons: list[dict[str, Any]] = self.writer.deferred(iv)["reasons"]
            return reasons
        if list_ == "not_indicated":
            return self.declined(iv)
        return self.writer.reasons(iv, BLOCKING[list_][0])

    def declined(self, iv: str) -> list[dict[str, Any]]:
        found = self.writer.nodes.by_atom.get(("decline", iv), [])[:1]
        rules = [one.firing.rule for one in found]
        told = {"sources": sources(found), "because": ids(found)}
        return [{"code": rule.then["code"], "message": rule.says or f"{rule.title}.", **told} for rule in rules]

    def would_offer(self, iv: str) -> bool:
        """Whether it is offered, or kept up, but for what blocks it."""
        if self.on_offer(iv):
            return True
        wishes = {premise.fact for one in self.writer.nodes.by_atom.get(("decline", iv), ()) for premise in one.firing.premises}
        way = self.nearest.way(f"place.{iv}.recommend", Holds("offer", iv)) if wishes else None
        return way is not None and {miss.test.fact for miss in way} <= wishes

    def on_offer(self, iv: str) -> bool:
        return self.writer.derivation.holds("offer", iv) or self.writer.derivation.holds("maintain", iv)

    # --- what stands in the way ----------------------------------------------------------------------------------------------

    def needs(self, iv: str) -> list[Need]:
        """What would have to hold for it to be recommended, and does not."""
        offered = [] if self.on_offer(iv) else [Need(f"place.{iv}.recommend", Holds("offer", iv), True)]
        return [*offered, *self.blocking(iv)]

    def blocking(self, iv: str) -> list[Need]:
        """What would have to be lifted."""
        list_ = self.facts[f"placement.{iv}"]
        facts = (*BLOCKING.get(list_, ()), "decline")
        return [
            Need(f"place.{iv}.{list_}", Holds(fact, iv), False)
            for fact in facts
            if self.writer.derivation.holds(fact, iv) and not (fact == CLEARANCE and self.writer.lifted(fact, iv))
        ]

    def misses(self, iv: str) -> dict[Miss, None]:
        """Every test in the way, those of the nearest way out first; where something blocks, the tests behind that alone."""
        needs = self.blocking(iv) or self.needs(iv)
        way = united(self.nearest.way(need.rule, need.test, need.wanted) for need in needs) or ()
        every = [miss for need in needs for miss in self.chains.unmet(need.rule, need.test, need.wanted)]
        return dict.fromkeys([*sorted(way, key=self.order), *sorted(every, key=self.order)])

    def conditions(self, iv: str) -> list[dict[str, Any]]:
        rows = [row for miss in self.misses(iv) for row in self.unmet.rows(miss)]
        return list({(row["input"], row["fact"], row["word"], str(row["threshold"]), row["rule"]): row for row in rows}.values())

    def distance(self, iv: str) -> tuple[int, float]:
        way = united(self.nearest.way(need.rule, need.test, need.wanted) for need in self.needs(iv))
        return UNREACHABLE if way is None else self.nearest.weight(way)

    def order(self, miss: Miss) -> tuple[float, str, str]:
        return self.cost(miss), miss.rule, repr(miss.test)

    def cost(self, miss: Miss) -> float:
        """How far a number is from its threshold, as a share of both; everything else counts whole."""
        value = self.facts.get(miss.test.fact)
        if not isinstance(miss.test, Compare) or value is None:
            return 1.0
        share: float = abs(value - miss.test.threshold) / ((abs(value) + abs(miss.test.threshold)) or 1.0)
        return min(1.0, share)
