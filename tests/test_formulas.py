"""Formulas against values worked out by hand, and laws that hold for everybody."""

from __future__ import annotations

from math import log10

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.formulas import FORMULAS, text_of

GLUCOSE, INSULIN, KILOS, CENTIMETRES = st.floats(30, 600), st.floats(0.3, 400), st.floats(25, 350), st.floats(120, 230)


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("bmi", (81, 180), 25.0), ("bmi", (102, 178), 32.193), ("bmi", (80.87, 180), 24.960),
        ("whtr", (90, 180), 0.5), ("whtr", (108, 180), 0.6), ("whtr", (110, 178), 0.618),
        ("weight_loss_pct", (-5, 95), 5.0), ("weight_loss_pct", (5, 105), -5.0), ("weight_loss_pct", (0, 80), 0.0),
        ("weight_loss_pct", (80, 60), None), ("weight_loss_pct", (60, 60), None),
        ("loss_5pct_kg", (102,), 5.1),
        ("homa_ir", (108, 18), 4.8), ("homa_ir", (101.25, 10), 2.5), ("homa_ir", (90, 9), 2.0), ("homa_ir", (92, 9), 2.044),
        ("quicki", (108, 18), 0.304), ("quicki", (405, 2.5), 0.333), ("quicki", (3, 0.3), None),
        ("tyg", (210, 108), 9.336), ("tg_hdl", (210, 36), 5.833), ("tg_hdl", (150, 50), 3.0),
        ("glucose_highest", (None, 80, None, 300), 300), ("glucose_lowest", (None, 80, None, 300), 80),
        ("glucose_lowest", (70, None, None, None), 70),
        ("egfr_from_creatinine", (1.0, 50, "male"), 91.7), ("egfr_from_creatinine", (1.0, 50, "female"), 68.6),
        ("egfr_from_creatinine", (0.6, 30, "female"), 123.76), ("egfr_from_creatinine", (3.0, 70, "male"), 21.67),
        ("egfr_from_creatinine", (1.0, 50, "intersex"), None), ("egfr_from_creatinine", (1.0, 50, "unknown"), None), ("egfr_from_creatinine", (1.0, 50, "other"), None),
        ("egfr_value", (48, 90), 48), ("egfr_value", (None, 90), 90),
        ("egfr_agreed", (48, 90), 48), ("egfr_agreed", (48, None), 48), ("egfr_agreed", (None, 90), None), ("egfr_agreed", (119.7, 90), 119.7), ("egfr_agreed", (119.8, 90), None),
        ("egfr_ratio", (60, 45), 1.3333), ("pulse_pressure", (120, 80), 40),
        ("hr_max", (40,), 180.0),
        ("mvpa_min", (120, 180), 480), ("mvpa_min", (None, 75), 150), ("mvpa_min", (60, None), 60), ("mvpa_min", (0, 0), 0),
        ("fibre_density", (28, 2000), 14.0), ("fibre_goal_g", (2600, "male"), 36.4), ("fibre_goal_g", (None, "female"), 25),
        ("fibre_goal_g", (None, "male"), 38), ("fibre_goal_g", (None, "unknown"), None), ("fibre_goal_g", (2000, None), 28.0),
        ("sugar_limit_g", (2000,), 50.0), ("satfat_limit_g", (1800,), 20.0), ("satfat_limit_ldl_g", (1800,), 12.0),
        ("protein_weight_kg", (70, 180, 21.6), 70), ("protein_weight_kg", (121, 180, 37.3), 91.0),
        ("protein_floor_g", (70,), 56.0), ("protein_older_g", (70,), 70.0), ("protein_active_g", (70,), 84.0),
        ("tdee_kcal", ("male", 40, 180, 80, 0), 2076.0), ("tdee_kcal", ("male", 40, 180, 80, 89), 2076.0),
        ("tdee_kcal", ("male", 40, 180, 80, 90), 2378.75), ("tdee_kcal", ("male", 40, 180, 80, 150), 2681.5),
        ("tdee_kcal", ("female", 40, 165, 70, 300), 2363.68), ("tdee_kcal", ("intersex", 40, 165, 70, 300), None),
        ("kcal_target_250", (2000, "female"), 1750), ("kcal_target_500", (2000, "male"), 1500), ("kcal_target_500", (1900, "male"), 1500),
        ("kcal_target_750", (1900, "female"), 1200), ("kcal_target_750", (2000, "unknown"), 1500),
        ("kcal_target_500", (1200, "female"), None),
        ("kcal_target_250", (1400, "male"), None),
        ("fib4", (50, 40, 200, 36), 1.6667),
        ("fibre_goal", (2600, "male", 40, "none"), 36.4), ("fibre_goal", (1400, "female", 40, None), 25), ("fibre_goal", (3000, "male", 50, None), 38),
        ("fibre_goal", (None, "female", 40, None), 25), ("fibre_goal", (None, "male", 50, None), 38), ("fibre_goal", (None, "unknown", 40, None), None),
        ("fibre_goal", (2600, "female", 51, None), 25), ("fibre_goal", (2600, "male", 51, None), 30), ("fibre_goal", (2600, "other", 51, None), 36.4),
        ("fibre_goal", (2600, "female", 30, "pregnant"), 28), ("fibre_goal", (None, None, None, "lactating"), 29),
        ("energy_expenditure", ("male", 40, 180, 80, 0, None), 2422.0), ("energy_expenditure", ("male", 40, 180, 80, 149, "sitting"), 2422.0),
        ("energy_expenditure", ("male", 40, 180, 80, 150, None), 2768.0), ("energy_expenditure", ("male", 40, 180, 80, 300, None), 3027.5),
        ("energy_expenditure", ("male", 40, 180, 80, 0, "standing"), 2768.0), ("energy_expenditure", ("male", 40, 180, 80, 0, "physical"), 3027.5),
        ("energy_expenditure", ("male", 40, 180, 80, 300, "physical"), 3287.0), ("energy_expenditure", ("other", 40, 180, 80, 0, None), None),
        ("energy_available", (2000, 60, 600, "female"), 36.4444), ("energy_available", (2000, 60, 600, "male"), 32.1569), ("energy_available", (2000, 60, 600, "other"), None),
        ("deficit_500_kcal", (2000, "female"), 500), ("deficit_500_kcal", (1600, "female"), 400), ("deficit_500_kcal", (1450, "female"), 250),
        ("deficit_500_kcal", (1449, "female"), None), ("deficit_500_kcal", (1749, "male"), None),
        ("intake_for_deficit_500", (2000, "female"), 1500), ("intake_for_deficit_500", (1600, "female"), 1200), ("intake_for_deficit_500", (1449, "female"), None),
        ("intake_for_deficit_250", (1600, "female"), 1350), ("intake_for_deficit_250", (1749, "male"), None),
    ],
)  # fmt: skip
def test_by_hand(name, arguments, expected):
    made = FORMULAS[name](*arguments)
    assert (made is None) if expected is None else made == pytest.approx(expected, abs=0.05 if name.startswith("egfr_from") else 0.005)


@given(GLUCOSE, INSULIN)
def test_quicki_tells_what_homa_tells(glucose, insulin):
    made = FORMULAS["quicki"](glucose, insulin)
    product = 405 * FORMULAS["homa_ir"](glucose, insulin)
    assert (made is None) == (log10(insulin) + log10(glucose) <= 0)
    assert made is None or product <= 1.01 or made == pytest.approx(1 / log10(product), rel=1e-6)


@given(GLUCOSE, st.floats(1, 400))
def test_homa_in_molar_units_is_homa(glucose, insulin):
    assert glucose / 18 * insulin / 22.5 == pytest.approx(FORMULAS["homa_ir"](glucose, insulin), rel=1e-12)


@given(KILOS, CENTIMETRES)
def test_protein_never_asks_for_more_than_the_body_weight(weight, height):
    counted = FORMULAS["protein_weight_kg"](weight, height, FORMULAS["bmi"](weight, height))
    assert 0 < counted <= weight + 1e-9


@given(st.floats(600, 6000), st.sampled_from(["female", "male", "intersex", "other", "unknown"]))
def test_an_energy_target_is_a_deficit_and_not_below_the_floor(tdee, sex):
    targets = [FORMULAS[f"kcal_target_{deficit}"](tdee, sex) for deficit in (250, 500, 750)]
    floor = 1200 if sex == "female" else 1500
    assert all(target is None for target in targets) or all(floor <= target < tdee for target in targets)
    assert targets[0] is None or targets[0] >= targets[1] >= targets[2]


@given(st.floats(0.1, 30), st.floats(18, 120), st.sampled_from(["female", "male"]))
def test_filtration_falls_with_creatinine_and_age(creatinine, age, sex):
    egfr = FORMULAS["egfr_from_creatinine"]
    assert egfr(creatinine * 1.1, age, sex) < egfr(creatinine, age, sex)
    assert egfr(creatinine, age + 1, sex) < egfr(creatinine, age, sex)


@pytest.mark.parametrize("name", FORMULAS)
def test_every_formula_is_told_in_words(name):
    assert 5 < len(text_of(FORMULAS[name])) < 160
