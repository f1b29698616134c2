"""Two rule bases over the same people: who gets another answer, who the same for another reason, and which rules make the difference."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from marshmallow import ValidationError

from schemas.profile import Profile, profile_schema
from service.advising import Advisor
from service.answering.differences import IDS, OF_THE_MOMENT, REASONS, Outcome, difference, steps_of, without
from service.knowledge.rulebase import Knowledge
from service.measures import ProfileFault

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
REFUSED = {"refused": True}
NAMES = ("id", "code", "intervention", "component", "what", "input", "level", "status", "urgency")


@dataclass
class RuleChange:
    """One rule that the two do not share, and for how many profiles it fired in each."""

    rule: str
    kind: str  # added | removed | changed
    place: str
    fired_before: int
    fired_after: int


class Base:
    """One rule base, asked about profiles as a caller sends them."""

    def __init__(self, knowledge: Knowledge):
        self.knowledge = knowledge
        self.schema = profile_schema(knowledge.vocabulary)()
        self.advisor = Advisor(knowledge)

    def outcome(self, profile: Profile) -> Outcome:
        try:
            accepted = self.schema.load(deepcopy(dict(profile)))
            answer = self.advisor.advise(accepted, now=NOW, detail="full")
        except (ValidationError, ProfileFault):
            return Outcome(REFUSED)
        nodes = answer["trace"]["nodes"]
        fired = frozenset(node["rule"] for node in nodes if node["rule"] in self.knowledge.rules)
        kept = without({key: value for key, value in answer.items() if key not in OF_THE_MOMENT}, IDS)
        return Outcome(without(kept, REASONS), kept, steps_of(nodes), fired)


def compare(old: Knowledge, new: Knowledge, profiles: list[dict[str, Any]]) -> dict[str, Any]:
    """The whole difference, ready for JSON."""
    bases = Base(old), Base(new)
    pairs = [tuple(base.outcome(profile) for base in bases) for profile in profiles]
    changes = rule_changes(old, new, pairs)
    changed = {change.rule for change in changes if change.kind == "changed"}
    found = [one for number, (before, after) in enumerate(pairs) if (one := difference(number, before, after, changed))]
    return {
        "old": {"version": old.version, "digest": old.digest},
        "new": {"version": new.version, "digest": new.digest},
        "profiles": len(profiles),
        "rules": [asdict(change) for change in changes],
        "differences": [{**asdict(one), "profile": profiles[one.profile], "number": one.profile + 1} for one in found],
    }


def rule_changes(old: Knowledge, new: Knowledge, pairs: list[tuple[Outcome, ...]]) -> list[RuleChange]:
    counts = [Counter(rule for pair in pairs for rule in pair[side].fired) for side in (0, 1)]
    found = []
    for id_ in sorted({*old.rules, *new.rules}):
        before, after = old.rules.get(id_), new.rules.get(id_)
        if before is None or after is None or before.hash != after.hash:
            kind = "added" if before is None else "removed" if after is None else "changed"
            found.append(RuleChange(id_, kind, str((new if after else old).rules[id_].place), counts[0][id_], counts[1][id_]))
    return found


def as_lines(found: Mapping[str, Any]) -> Iterator[str]:
    """The difference for reading: rules first, then profile by profile."""
    kinds = Counter(one["kind"] for one in found["differences"])
    yield f"{found['old']['digest'][:12]} -> {found['new']['digest'][:12]}: {len(found['rules'])} rules differ"
    yield f"of {found['profiles']} profiles:"
    yield f"{kinds['another answer']} get another answer, {kinds['another reason']} the same answer for another reason"
    for rule in found["rules"]:
        yield f"{rule['kind']:8} {rule['rule']} ({rule['place']}): fired for {rule['fired_before']}, now for {rule['fired_after']}"
    for one in found["differences"]:
        yield from lines_of(one)


def lines_of(one: Mapping[str, Any]) -> Iterator[str]:
    yield f"profile {one['number']}: {one['kind']}"
    for key, (before, after) in one["answers"].items():
        yield f"  {key}: {brief(before)} -> {brief(after)}"
    for kind, rules in one["rules"].items():
        if rules:
            yield f"  {kind.replace('_', ' ')}: {', '.join(rules)}"


def brief(value: Any) -> str:
    """An entry by its name and status where it has them."""
    if isinstance(value, list):
        return ", ".join(map(brief, value)) or "nothing"
    if isinstance(value, dict):
        return " ".join(str(value[key]) for key in NAMES if key in value) or str(value)
    return str(value)
