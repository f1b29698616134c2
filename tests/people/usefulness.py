"""Whether the answers to ordinary people are of use: the shares and measures of clinical_review 10.20."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from statistics import median
from typing import Any

import yaml

from tests.people.asking import EATING, MOVING, ask, has_both_steps, placed
from tests.people.ordinary import POPULATION, Profile

KNOWN = Path(__file__).with_name("ordinary_misses.yaml")
HEAD = "# What lies outside the tolerances of clinical_review 10.20 for the thousand ordinary people, by how much, and why.\n"
USEFULNESS = POPULATION["usefulness"]
BENIGN = {"hypertension", "high cholesterol", "prediabetes", "PCOS", "fatty liver"}
OVERWEIGHT, ELDERLY = 27, 70
RECOMMENDED = ("recommend", "maintain")


@dataclass(frozen=True)
class Asked:
    """A user and the answer."""

    profile: Profile
    answer: dict[str, Any]

    @property
    def disposition(self) -> str:
        return str(self.answer["disposition"])

    @property
    def flags(self) -> list[tuple[str, str]]:
        return [(row["code"], row["urgency"]) for row in self.answer.get("red_flags", ())]

    @property
    def urgent(self) -> list[str]:
        """The codes of the flags that are more than routine."""
        return [code for code, urgency in self.flags if urgency != "routine"]

    @property
    def recommended(self) -> set[str]:
        return {name for name, place in placed(self.answer).items() if place in RECOMMENDED}


def asked(profiles: Iterable[Profile]) -> list[Asked]:
    return [Asked(profile, ask(profile)) for profile in profiles]


def dispositions(people: list[Asked]) -> dict[str, float]:
    """Of each disposition that is, or should be, there: how many of 1,000."""
    count = Counter(one.disposition for one in people)
    return {name: 1000 * count[name] / len(people) for name in [*POPULATION["tolerances"], *sorted(count.keys() - POPULATION["tolerances"].keys())]}


def flags(people: list[Asked]) -> dict[str, float]:
    """Of each flag, in percent of all."""
    count = Counter(code for one in people for code, _ in set(one.flags))
    return {code: 100 * number / len(people) for code, number in count.most_common()}


def usefulness(people: list[Asked]) -> dict[str, float]:
    """The measures, each as USEFULNESS has its limit."""
    of_self_care = [one for one in people if one.disposition == "self_care"]
    of_soon = [one for one in people if one.disposition == "soon"]
    flagged = [len(one.urgent) for one in people if one.urgent]
    return {
        "both_steps_of_self_care": percent(of_self_care, lambda one: has_both_steps(one.answer)),
        "deficit_of_those_who_could": percent(
            filter(could_lose_weight, people), lambda one: bool({"caloric_reduction", "weight_loss_goal"} & one.recommended)
        ),
        "not_reviewed": percent(people, lambda one: "W.NOT_REVIEWED" in str(one.answer)),
        "flags_of_a_flagged_person": median(flagged) if flagged else 0,
        "both_kinds_kept_of_soon": percent(of_soon, lambda one: bool(one.recommended & set(EATING)) and bool(one.recommended & set(MOVING))),
    }


def could_lose_weight(one: Asked) -> bool:
    """BMI of 27 and more, below 70, no flag, no condition but the benign ones; and everything safety asks for answered."""
    profile = one.profile
    if "weight" not in profile or not {"conditions", "medications", "eating_disorder", "symptoms"} <= profile.keys() or one.urgent:
        return False
    bmi = profile["weight"]["value"] / (profile["height"]["value"] / 100) ** 2
    carrying = profile.get("pregnancy", "none") != "none"
    return bmi >= OVERWEIGHT and profile["age"] < ELDERLY and set(profile["conditions"]) <= BENIGN and not carrying


def percent(people: Iterable[Asked], holds: Callable[[Asked], bool]) -> float:
    found = [holds(one) for one in people]
    return 100 * sum(found) / len(found) if found else 100.0


def outside(people: list[Asked], errors: float = 0) -> dict[str, float]:
    """What lies outside its tolerance, widened by so many standard errors, and by how much."""
    found = {}
    for name, share in dispositions(people).items():
        least, most = POPULATION["tolerances"].get(name, (0, 0))
        found[f"disposition {name}"] = max(least - share - room(least, 1000, errors, people), share - most - room(most, 1000, errors, people))
    for name, value in usefulness(people).items():
        limit = USEFULNESS[name]
        for word, sign in (("at_least", -1), ("at_most", 1), ("below", 1)):
            if word in limit:
                found[f"usefulness {name}"] = sign * (value - limit[word]) - room(limit[word], 100, errors, people)
    one_flag = POPULATION["one_flag"]
    for code, share in flags(people).items():
        if code not in one_flag["except"]:
            found[f"flag {code}"] = share - one_flag["at_most"] - room(one_flag["at_most"], 100, errors, people)
    return {name: round(by, 1) for name, by in found.items() if by > 0}


def room(share: float, whole: int, errors: float, people: list[Asked]) -> float:
    """How far a sample of so many may lie from a share by chance."""
    part = min(max(share / whole, 0.002), 0.998)
    return errors * whole * sqrt(part * (1 - part) / len(people))


def known() -> dict[str, Any]:
    """What is known to lie outside, by how much and why."""
    return yaml.safe_load(KNOWN.read_text()) or {} if KNOWN.exists() else {}


def write(people: list[Asked]) -> None:
    """Keeps the reasons; what is new has none yet, which the test demands."""
    before = known()
    rows = {name: {"by": by, "reason": before.get(name, {}).get("reason", "")} for name, by in sorted(outside(people).items())}
    KNOWN.write_text(HEAD + yaml.safe_dump(rows, sort_keys=False, allow_unicode=True, width=200))


def report(people: list[Asked]) -> str:
    """All of it, to read."""
    limits = POPULATION["tolerances"]
    lines = [f"{len(people)} ordinary people", "", "of 1,000:"]
    lines += [f"  {name:20}{share:7.1f}   {limits.get(name, '')}" for name, share in dispositions(people).items()]
    lines += ["", "of use:"]
    lines += [f"  {name:30}{value:7.1f}   {USEFULNESS[name]}" for name, value in usefulness(people).items()]
    lines += ["", "flags, in percent of all:"]
    lines += [f"  {code:30}{share:6.1f}   {urgencies(people, code)}" for code, share in flags(people).items()]
    lines += ["", "outside its tolerance, and by how much:"]
    lines += [f"  {name}: {by}" for name, by in outside(people).items()] or ["  nothing"]
    return "\n".join(lines)


def urgencies(people: list[Asked], code: str) -> str:
    count = Counter(urgency for one in people for found, urgency in one.flags if found == code)
    return ", ".join(f"{urgency} {number}" for urgency, number in count.most_common())
