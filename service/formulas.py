"""The arithmetic: each formula a small pure function of values in canonical units, named as in rules/vocabulary/computed.yaml.

A parameter is the fact of that name; an argument is None only where the vocabulary asks for `from_any`. A formula returns None where the
measure cannot be made. The first line of each docstring is the formula as shown to people.
"""

from __future__ import annotations

from collections.abc import Callable
from inspect import Parameter, signature
from math import log, log10, sqrt

ACTIVITY_FACTORS = ((300, 1.725), (150, 1.55), (90, 1.375), (0, 1.2))  # from so many minutes a week on
LEAST_ACTIVE_MINUTES = (300, 150)  # a week; with each the energy used rises by a step, as it does with a job on one's feet
STEPS_OF_WORK = {"standing": 1, "physical": 2}
LEVELS_OF_ACTIVITY = (1.4, 1.6, 1.75, 1.9)  # energy used as a multiple of that at rest
FAT_FREE = {"male": 0.85, "female": 0.75}  # the share of a slim body's weight that is no fat
KCAL_PER_KG_AND_MINUTE = 0.07  # of moderate activity
ENERGY_FLOORS = {"female": 1200.0}
ENERGY_FLOOR_ELSE = 1500.0
LEAST_DEFICIT = 250.0
EGFR_APART = 1.33  # two stages of kidney function are always further apart; conflict.kidney_values says so where the number is not made

FIBRE_WITH_CHILD = {"pregnant": 28.0, "lactating": 29.0}
FIBRE_ABOVE_50 = {"female": 25.0, "male": 30.0}

Formula = Callable[..., float | None]

FORMULAS: dict[str, Formula] = {}
# Asked for by earlier rule bases only, under which recorded decisions are replayed.
EARLIER = frozenset({"fibre_goal_g", "tdee_kcal", "kcal_target_250", "kcal_target_500", "kcal_target_750"})
OF_OTHER_FACTS: dict[str, Formula] = {}  # what an earlier rule base calls by a name that has other arguments today


def formula(function: Formula) -> Formula:
    """Register a formula under its own name."""
    FORMULAS[function.__name__] = function
    return function


def formula_of(name: str, facts: tuple[str, ...]) -> Formula | None:
    """The formula of this name that asks for these facts, in this order."""
    found = (functions[name] for functions in (FORMULAS, OF_OTHER_FACTS) if name in functions)
    return next((function for function in found if asks_for(function, facts)), None)


def asks_for(function: Formula, facts: tuple[str, ...]) -> bool:
    """Whether the parameters of a formula are these facts; one that takes any number of readings takes any."""
    parameters = signature(function).parameters.values()
    return any(one.kind is Parameter.VAR_POSITIONAL for one in parameters) or tuple(one.name for one in parameters) == facts


def text_of(function: Formula) -> str:
    """The formula in words, for answers and traces."""
    return (function.__doc__ or "").strip().partition(". ")[0].partition("\n")[0].rstrip(".")


@formula
def bmi(weight: float, height: float) -> float:
    """weight [kg] x 10000 / height [cm] squared. In kg/m2; written so that round numbers stay exact (WHO TRS 894)."""
    return weight * 10000 / (height * height)


@formula
def whtr(waist: float, height: float) -> float:
    """waist [cm] / height [cm]. Ashwell 2012."""
    return waist / height


@formula
def weight_loss_pct(weight_change: float, weight: float) -> float | None:
    """-change [kg] x 100 / (weight [kg] - change [kg]).

    Loss over six months in % of the former weight, positive for a loss; none where the former weight would not be positive.
    """
    former = weight - weight_change
    return -weight_change * 100 / former if former > 0 else None


@formula
def loss_5pct_kg(weight: float) -> float:
    """weight [kg] x 0.05. The first goal of 5 % (AHA/ACC/TOS 2013)."""
    return weight * 0.05


@formula
def homa_ir(fasting_glucose: float, fasting_insulin: float) -> float:
    """glucose [mg/dL] x insulin [uIU/mL] / 405. Matthews 1985."""
    return fasting_glucose * fasting_insulin / 405


@formula
def quicki(fasting_glucose: float, fasting_insulin: float) -> float | None:
    """1 / (log10 insulin [uIU/mL] + log10 glucose [mg/dL]).

    Katz 2000. The same information as HOMA-IR; none where the sum is not positive.
    """
    total = log10(fasting_insulin) + log10(fasting_glucose)
    return 1 / total if total > 0 else None


@formula
def tyg(triglycerides: float, fasting_glucose: float) -> float:
    """ln(triglycerides [mg/dL] x glucose [mg/dL] / 2).

    Simental-Mendia 2008; not the other form, ln(triglycerides x glucose) / 2.
    """
    return log(triglycerides * fasting_glucose / 2)


@formula
def tg_hdl(triglycerides: float, hdl: float) -> float:
    """triglycerides [mg/dL] / HDL [mg/dL]. McLaughlin 2003; in mg/dL only."""
    return triglycerides / hdl


@formula
def glucose_highest(*readings: float | None) -> float | None:
    """highest plasma glucose known [mg/dL], fasting or not."""
    return max((reading for reading in readings if reading is not None), default=None)


@formula
def glucose_lowest(*readings: float | None) -> float | None:
    """lowest plasma glucose known [mg/dL], fasting or not."""
    return min((reading for reading in readings if reading is not None), default=None)


@formula
def egfr_from_creatinine(creatinine: float, age: float, sex: str) -> float | None:
    """142 x min(creatinine / k, 1)^a x max(creatinine / k, 1)^-1.2 x 0.9938^age (x 1.012 for women), creatinine in mg/dL.

    CKD-EPI 2021 (Inker 2021), mL/min/1.73 m2; k 0.7 and a -0.241 for women, 0.9 and -0.302 for men; none for other or unknown sex.
    """
    if sex not in ("female", "male"):
        return None
    k, a, times = (0.7, -0.241, 1.012) if sex == "female" else (0.9, -0.302, 1.0)
    ratio = creatinine / k
    rate: float = 142 * min(ratio, 1) ** a * max(ratio, 1) ** -1.2 * 0.9938**age * times
    return rate


@formula
def egfr_agreed(egfr: float | None, egfr_from_creatinine: float | None) -> float | None:
    """eGFR as reported [mL/min/1.73 m2], where it is at most 1.33 times that from creatinine."""
    if egfr is None or egfr_from_creatinine is None:
        return egfr
    return egfr if egfr <= EGFR_APART * egfr_from_creatinine else None


@formula
def egfr_ratio(egfr: float, egfr_from_creatinine: float) -> float:
    """eGFR as reported / eGFR from creatinine."""
    return egfr / egfr_from_creatinine


@formula
def egfr_value(egfr_agreed: float | None, egfr_from_creatinine: float | None) -> float | None:
    """eGFR as reported, else (or where it is contradicted) from creatinine by CKD-EPI 2021 [mL/min/1.73 m2]."""
    return egfr_agreed if egfr_agreed is not None else egfr_from_creatinine


def egfr_reported_first(egfr: float | None, egfr_from_creatinine: float | None) -> float | None:
    """eGFR as reported, else from creatinine by CKD-EPI 2021 [mL/min/1.73 m2]."""
    return egfr if egfr is not None else egfr_from_creatinine


OF_OTHER_FACTS["egfr_value"] = egfr_reported_first


@formula
def egfr_at_worst(egfr_value: float) -> float:
    """eGFR, of bounds the lower [mL/min/1.73 m2]."""
    return egfr_value


@formula
def fib4(age: float, ast: float, platelets: float, alt: float) -> float:
    """age [years] x AST [U/L] / (platelets [10^9/L] x square root of ALT [U/L]). FIB-4, Sterling 2006."""
    return age * ast / (platelets * sqrt(alt))


@formula
def pulse_pressure(systolic: float, diastolic: float) -> float:
    """systolic - diastolic [mmHg]."""
    return systolic - diastolic


@formula
def hr_max(age: float) -> float:
    """208 - 0.7 x age [years]. Beats a minute (Tanaka 2001)."""
    return 208 - 0.7 * age


@formula
def mvpa_min(moderate_min: float | None, vigorous_min: float | None) -> float:
    """moderate + 2 x vigorous [min/week].

    A minute of vigorous activity counts as two of moderate (WHO 2020); a part that was not answered counts nothing.
    """
    return (moderate_min or 0) + 2 * (vigorous_min or 0)


@formula
def fibre_density(fibre_g: float, energy_kcal: float) -> float:
    """fibre [g] x 1000 / energy [kcal]. Grams per 1000 kcal (IOM 2005)."""
    return fibre_g * 1000 / energy_kcal


@formula
def fibre_goal_g(energy_kcal: float | None, sex: str | None) -> float | None:
    """14 g per 1000 kcal; where energy is unknown, 25 g for women and 38 g for men.

    IOM 2005; none where neither energy nor a sex with a limit is known.
    """
    if energy_kcal is not None:
        return energy_kcal * 14 / 1000
    return {"female": 25.0, "male": 38.0}.get(sex or "")


@formula
def fibre_goal(energy_kcal: float | None, sex: str | None, age: float | None, pregnancy: str | None) -> float | None:
    """14 g per 1000 kcal, from 25 g to 38 g; above 50 years 25 g for women and 30 g for men; 28 g in pregnancy, 29 g while breast-feeding.

    Up to 50 years, where energy is unknown, 25 g for women and 38 g for men (IOM 2005); none where nothing says which.
    """
    if pregnancy in FIBRE_WITH_CHILD:
        return FIBRE_WITH_CHILD[pregnancy]
    if age is not None and age > 50 and sex in FIBRE_ABOVE_50:
        return FIBRE_ABOVE_50[sex]
    if energy_kcal is not None:
        return min(max(energy_kcal * 14 / 1000, 25.0), 38.0)
    return {"female": 25.0, "male": 38.0}.get(sex or "")


@formula
def sugar_limit_g(energy_kcal: float) -> float:
    """energy [kcal] x 0.10 / 4.

    Grams of added sugar at 10 % of energy, 4 kcal/g (DGA 2020).
    """
    return energy_kcal * 0.10 / 4


@formula
def satfat_limit_g(energy_kcal: float) -> float:
    """energy [kcal] x 0.10 / 9.

    Grams of saturated fat at 10 % of energy, 9 kcal/g (DGA 2020).
    """
    return energy_kcal * 0.10 / 9


@formula
def satfat_limit_ldl_g(energy_kcal: float) -> float:
    """energy [kcal] x 0.06 / 9.

    Grams of saturated fat at 6 % of energy, where LDL should fall (AHA/ACC 2013).
    """
    return energy_kcal * 0.06 / 9


@formula
def protein_weight_kg(weight: float, height: float, bmi: float) -> float:
    """weight [kg]; from BMI 30 on, weight at BMI 25 plus a quarter of the rest.

    Adjusted body weight: more of the weight is fat, which needs no protein.
    """
    if bmi < 30:
        return weight
    ideal = 25 * height * height / 10000
    return ideal + 0.25 * (weight - ideal)


@formula
def protein_floor_g(protein_weight_kg: float) -> float:
    """weight for protein [kg] x 0.8 g."""
    return protein_weight_kg * 0.8


@formula
def protein_older_g(protein_weight_kg: float) -> float:
    """weight for protein [kg] x 1.0 g."""
    return protein_weight_kg * 1.0


@formula
def protein_active_g(protein_weight_kg: float) -> float:
    """weight for protein [kg] x 1.2 g."""
    return protein_weight_kg * 1.2


@formula
def tdee_kcal(sex: str, age: float, height: float, weight: float, mvpa_min: float) -> float | None:
    """(10 x weight [kg] + 6.25 x height [cm] - 5 x age [years] + 5 for men, - 161 for women) x activity factor.

    kcal a day. Resting energy by Mifflin-St Jeor 1990; the usual activity factors by minutes of activity a week: 1.2 below 90, 1.375
    from 90, 1.55 from 150, 1.725 from 300 on. None for other or unknown sex.
    """
    if sex not in ("female", "male"):
        return None
    resting = 10 * weight + 6.25 * height - 5 * age + (5 if sex == "male" else -161)
    return resting * next(factor for least, factor in ACTIVITY_FACTORS if mvpa_min >= least)


@formula
def energy_expenditure(sex: str, age: float, height: float, weight: float, mvpa_min: float, occupation: str | None) -> float | None:
    """(10 x weight [kg] + 6.25 x height [cm] - 5 x age [years] + 5 for men, - 161 for women) x level of activity.

    kcal a day. Resting energy by Mifflin-St Jeor 1990. The level is 1.4 for who sits and is active for less than 150 minutes a week; from
    150 and from 300 minutes on, and with standing (one step) or heavy work (two), it is 1.6, 1.75 and 1.9. None for other or unknown sex.
    """
    if sex not in ("female", "male"):
        return None
    resting = 10 * weight + 6.25 * height - 5 * age + (5 if sex == "male" else -161)
    steps = sum(mvpa_min >= least for least in LEAST_ACTIVE_MINUTES) + STEPS_OF_WORK.get(occupation or "", 0)
    return resting * LEVELS_OF_ACTIVITY[min(steps, len(LEVELS_OF_ACTIVITY) - 1)]


@formula
def energy_available(energy_kcal: float, weight: float, mvpa_min: float, sex: str) -> float | None:
    """(energy [kcal] - 0.07 x weight [kg] x active minutes a week / 7) / fat-free mass [kg], which is 0.85 (men) or 0.75 (women) x weight.

    kcal a day for each kg that is no fat, after training (Loucks 2011); of slim people only, whose share of fat is about that.
    """
    if sex not in FAT_FREE:
        return None
    return (energy_kcal - KCAL_PER_KG_AND_MINUTE * weight * mvpa_min / 7) / (FAT_FREE[sex] * weight)


def deficit(tdee: float, sex: str, wanted: float) -> float | None:
    """How much less than is used may be eaten: as wanted, but no less than the floor; none where less than 250 kcal are left for it."""
    left = tdee - ENERGY_FLOORS.get(sex, ENERGY_FLOOR_ELSE)
    return min(wanted, left) if left >= LEAST_DEFICIT else None


@formula
def deficit_500_kcal(tdee_kcal: float, sex: str) -> float | None:
    """500 kcal, or what is left down to 1200 kcal for women and 1500 kcal for men; none where that is less than 250 kcal."""
    return deficit(tdee_kcal, sex, 500)


@formula
def intake_for_deficit_250(tdee_kcal: float, sex: str) -> float | None:
    """energy expenditure - 250 kcal; none where that is below 1200 kcal for women and 1500 kcal for men."""
    less = deficit(tdee_kcal, sex, 250)
    return None if less is None else tdee_kcal - less


@formula
def intake_for_deficit_500(tdee_kcal: float, sex: str) -> float | None:
    """energy expenditure - 500 kcal, not below 1200 kcal for women and 1500 kcal for men; none where less than 250 kcal are left."""
    less = deficit(tdee_kcal, sex, 500)
    return None if less is None else tdee_kcal - less


def target(tdee: float, sex: str, deficit: float) -> float | None:
    """Expenditure minus deficit, never below 1200 kcal for women and 1500 kcal else; none where that would be no deficit at all."""
    floor = ENERGY_FLOORS.get(sex, ENERGY_FLOOR_ELSE)
    return max(tdee - deficit, floor) if tdee > floor else None


@formula
def kcal_target_250(tdee_kcal: float, sex: str) -> float | None:
    """energy expenditure - 250 kcal, not below 1200 kcal for women and 1500 kcal for men."""
    return target(tdee_kcal, sex, 250)


@formula
def kcal_target_500(tdee_kcal: float, sex: str) -> float | None:
    """energy expenditure - 500 kcal, not below 1200 kcal for women and 1500 kcal for men."""
    return target(tdee_kcal, sex, 500)


@formula
def kcal_target_750(tdee_kcal: float, sex: str) -> float | None:
    """energy expenditure - 750 kcal, not below 1200 kcal for women and 1500 kcal for men."""
    return target(tdee_kcal, sex, 750)
