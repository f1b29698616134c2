"""Makes ordinary users by the shares of population.yaml, always the same ones; `python -m tests.people.ordinary [write]` asks about a thousand."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import timedelta
from math import log, sqrt
from pathlib import Path
from random import Random
from typing import Any

import yaml

from tests.people.asking import NOW

POPULATION = yaml.safe_load(Path(__file__).with_name("population.yaml").read_text())
PEOPLE = POPULATION["people"]
SEED = 20
THOUSAND = 1_000
FERTILE = (18, 45)
MIDDLE, OLD, OBESE = 40, 60, 30
SAFETY_QUESTIONS = ("conditions", "medications", "eating_disorder", "symptoms")
Profile = dict[str, Any]


def ordinary(count: int = THOUSAND) -> list[Profile]:
    """The first so many of the population; more of them begin with the same."""
    return [User(Random(f"{SEED}/{number}")).profile() for number in range(count)]


class User:
    """One user, drawn fact by fact."""

    def __init__(self, random: Random):
        self.random = random
        self.sex = "female" if self.chance("women") else "male"
        self.age = round(self.normal(PEOPLE["age"]))
        self.bmi = self.skewed(PEOPLE["bmi"])
        self.height = self.normal(PEOPLE["height_women" if self.sex == "female" else "height_men"])
        self.weight = self.bmi * (self.height / 100) ** 2
        self.pregnancy = self.pregnant() if self.sex == "female" else None
        self.conditions, self.medicines = self.treated()

    def profile(self) -> Profile:
        """What the user sends."""
        if self.chance("says_almost_nothing"):
            return {"age": self.age, "sex": self.sex}
        profile: Profile = {
            "age": self.age, "sex": self.sex, "height": quantity(self.height, "cm"), "weight": quantity(self.weight, "kg"),
            "conditions": self.conditions, "medications": self.medicines, "eating_disorder": self.eating_disorder(),
            "supplements": [self.random.choice(POPULATION["supplements"]["one_of"])] if self.chance("supplement") else [],
            "allergies": [name for name, share in shares(POPULATION["allergies"]).items() if self.happens(share)],
            **self.symptoms(), **self.measured(), **self.habits(),
        }  # fmt: skip
        if self.pregnancy is not None:
            profile["pregnancy"] = self.pregnancy
        if self.chance("leaves_a_safety_question_out"):
            del profile[self.random.choice(SAFETY_QUESTIONS)]
        return profile

    # draws

    def happens(self, share: float) -> bool:
        return self.random.random() < share

    def chance(self, name: str) -> bool:
        return self.happens(PEOPLE[name]["share"])

    def normal(self, of: Profile) -> float:
        """By mean and spread, moved by age and BMI, within its ends."""
        mean = of["mean"] + of.get("per_year", 0) * (self.age - PEOPLE["age"]["mean"] if "per_year" in of else 0)
        mean += of.get("per_bmi", 0) * (self.bmi - PEOPLE["bmi"]["mean"] if "per_bmi" in of else 0)
        return within(self.random.gauss(mean, of["sd"]), of)

    def skewed(self, of: Profile) -> float:
        """By mean and spread where the logarithm is normal."""
        spread = sqrt(log(1 + (of["sd"] / of["mean"]) ** 2))
        return within(of["mean"] * self.random.lognormvariate(-(spread**2) / 2, spread), of)

    def one_of(self, parts: Profile) -> Any:
        """One of the names, or none where the shares leave a rest."""
        point = self.random.random()
        for name, share in shares(parts).items():
            point -= share
            if point < 0:
                return name
        return None

    def by_age(self, of: Sequence[float]) -> float:
        return of[(self.age >= MIDDLE) + (self.age >= OLD)]

    def can_have(self, of: Profile) -> bool:
        return of.get("sex", self.sex) == self.sex and of.get("age_from", 0) <= self.age <= of.get("age_to", self.age)

    # who the user is

    def pregnant(self) -> str:
        fertile = FERTILE[0] <= self.age <= FERTILE[1]
        return (fertile and self.one_of({name: part["share"] for name, part in POPULATION["pregnancy"].items()})) or "none"

    def eating_disorder(self) -> str:
        return self.one_of(POPULATION["eating_disorder"]) or "none"

    def treated(self) -> tuple[list[str], list[str]]:
        """Conditions, and what is taken: for them, and for none that is told."""
        conditions, medicines = [], []
        for name, of in POPULATION["conditions"].items():
            more = (of.get("obese", 1) if self.bmi >= OBESE else 1) * (of.get("women", 1) if self.sex == "female" else 1)
            if self.can_have(of) and self.happens(self.by_age(of["by_age"]) * more):
                conditions.append(name)
                medicines += [self.random.choice(part["one_of"]) for part in of.get("treated", ()) if self.happens(part["share"])]
        for name, of in POPULATION["medicines"].items():
            if self.can_have(of) and self.bmi >= of.get("bmi_from", 0) and self.pregnancy in (None, "none") and self.happens(of["share"]):
                medicines.append(name)
        return conditions, list(dict.fromkeys(medicines))

    def symptoms(self) -> Profile:
        """What is there often, and what is there now with its details."""
        if not self.chance("with_a_symptom"):
            return {"symptoms": [], "signs_now": []}
        often: list[str] = []
        now: list[Any] = []
        for name, of in POPULATION["symptoms"].items():
            if self.can_have(of) and not (name == "amenorrhoea" and self.pregnancy != "none") and self.happens(of["share"]):
                if "now" in of:
                    now.append(self.told(name, of["now"]))
                else:
                    often.append(name)
        return {"symptoms": often if often or now else ["fatigue"], "signs_now": now}

    def told(self, name: str, ways: list[Profile]) -> Any:
        [way] = self.random.choices(ways, [way["share"] for way in ways])
        details = {key: way[key] for key in ("since", "course") if key in way}
        if "since" in details:
            value, unit = details["since"].split()
            details["since"] = {"value": float(value), "unit": unit}
        return {"code": name, **details} if details else name

    # what is measured

    def measured(self) -> Profile:
        found: Profile = {}
        if self.chance("blood_values_known"):
            found["labs"] = {name: self.value(of) for name, of in POPULATION["values"].items() if self.happens(of["share"])}
        if self.chance("pressure_known"):
            upper, lower = (round(self.normal(POPULATION["pressure"][name])) for name in ("systolic", "diastolic"))
            found["blood_pressure"] = {"systolic": upper, "diastolic": min(lower, upper - 20), "unit": "mm[Hg]", **self.day(60)}
        if self.chance("pulse_known"):
            found["resting_heart_rate"] = quantity(self.normal(POPULATION["pulse"]), "/min")
        if self.chance("waist_known"):
            found["waist"] = quantity(self.height * within(0.52 + 0.011 * (self.bmi - 29) + self.random.gauss(0, 0.03), {"least": 0.38}), "cm")
        if self.chance("weight_change_told"):
            found["weight_change"] = self.weight_change()
        if self.chance("scoff_asked"):
            found["scoff"] = self.random.choice((2, 3)) if self.chance("scoff_positive") else self.random.choice((0, 0, 1))
        return found

    def value(self, of: Profile) -> Profile:
        if "median" in of:
            number = within(of["median"] * self.random.lognormvariate(0, of["spread"]), of)
        elif any("diabetes" in name for name in self.conditions) and "with_diabetes" in of:
            number = within(self.random.gauss(of["with_diabetes"]["mean"], of["with_diabetes"]["sd"]), of)
        else:
            number = self.normal(of)
        return {**quantity(number, of["unit"]), **self.day(330)}

    def day(self, longest: int) -> Profile:
        ago = round(log(1 + self.random.random() * (2**8 - 1), 2) / 8 * longest)
        return {"taken_on": (NOW - timedelta(days=ago)).date().isoformat()} if self.chance("dated") else {}

    def weight_change(self) -> Profile:
        of = POPULATION["weight_change_percent"]
        kilos = self.weight * self.random.gauss(of["mean"], of["sd"]) / 100
        return {**quantity(kilos, "kg"), "intentional": kilos < 0 and self.happens(of["loss_is_intended"])}

    # what is done

    def habits(self) -> Profile:
        found: Profile = {}
        if self.chance("diet_told"):
            found["diet"] = self.diet()
        if self.chance("activity_told"):
            found["activity"] = self.activity()
        if shift := self.one_of(POPULATION["shift"]):
            found["schedule"] = {"shift": shift}
        return found

    def diet(self) -> Profile:
        parts = POPULATION["diet"]
        found: Profile = {"pattern": self.one_of(parts["pattern"]) or "omnivore"}
        for name in ("upf", "refined_carbs"):
            found[name] = self.one_of(parts[name]) or "sometimes"
        if found["pattern"] in ("ketogenic", "low_carb"):
            found["refined_carbs"] = "rarely"
        for name in ("produce_servings", "fibre_g", "eating_window_h", "fatty_fish_per_week"):
            if self.happens(parts[name].get("share", 1)):
                found[name] = round(within(self.normal(parts[name]), {"least": 0, "most": 24 if name == "eating_window_h" else 60}), 1)
        if found["pattern"] in ("vegetarian", "vegan"):
            found.pop("fatty_fish_per_week", None)
        drinks = parts["sugary_drinks_per_day"]
        if self.happens(drinks["share"]):
            found["sugary_drinks_per_day"] = 0 if self.happens(drinks["none"]) else round(self.random.expovariate(1 / drinks["mean"]), 1)
        return found

    def activity(self) -> Profile:
        parts = POPULATION["activity"]
        found: Profile = {
            "moderate_min": self.random.randrange(150, 330, 30) if self.happens(parts["aerobic_met"]["share"]) else self.random.randrange(0, 140, 20),
            "strength_sessions": self.random.choice((2, 3)) if self.happens(parts["strength_met"]["share"]) else self.random.choice((0, 0, 1)),
            "hiit_sessions": int(self.happens(parts["hiit"]["share"])),
        }
        if self.chance("parq_answered"):
            found["parq_positive"] = self.chance("parq_positive")
        return found


def within(number: float, of: Profile) -> float:
    return min(max(number, of.get("least", number)), of.get("most", number))


def shares(parts: Profile) -> dict[str, float]:
    return {name: share for name, share in parts.items() if name != "source"}


def quantity(value: float, unit: str) -> Profile:
    return {"value": round(value, 1), "unit": unit}


def main(words: list[str]) -> None:
    """Prints the report of the thousand; with the word `write` ordinary_misses.yaml is written anew besides."""
    from tests.people import usefulness  # which loads the rules

    people = usefulness.asked(ordinary())
    print(usefulness.report(people))
    if "write" in words:
        usefulness.write(people)


if __name__ == "__main__":
    main(sys.argv[1:])
