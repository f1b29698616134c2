"""The solver against brute force, and numbers against the formulas."""

from __future__ import annotations

from itertools import product
from random import Random

import pytest

from service.formulas import FORMULAS
from service.workbench.numbers import FAR, Measure, Unsettled, Wanted, fitting
from service.workbench.solver import Solver

BMI = Measure("bmi", FORMULAS["bmi"], ("weight", "height"))
WHTR = Measure("whtr", FORMULAS["whtr"], ("waist", "height"))
EGFR = Measure("egfr_from_creatinine", FORMULAS["egfr_from_creatinine"], ("creatinine", "age", "sex"), choices=("sex",))


def fulfilled(clauses, bits) -> bool:
    return all(any(bits[literal >> 1] != literal & 1 for literal in clause) for clause in clauses)


def test_it_finds_a_model_exactly_where_there_is_one():
    for seed in range(300):
        found_as_by_brute_force(Random(seed), seed)


def found_as_by_brute_force(chance: Random, seed: int) -> None:
    count = chance.randint(3, 9)
    clauses = [[chance.randrange(2 * count) for _ in range(chance.randint(1, 3))] for _ in range(chance.randint(3, 40))]
    solver = Solver()
    for _ in range(count):
        solver.variable(preferred=chance.random() < 0.3)
    for clause in clauses:
        solver.add(clause)
    for _ in range(3):
        assumed = [[literal] for literal in chance.sample(range(2 * count), chance.randint(0, 2))]
        model = solver.solve(one for [one] in assumed)
        assert (model is not None) == any(fulfilled(clauses + assumed, bits) for bits in product((0, 1), repeat=count)), f"seed {seed}"
        assert model is None or fulfilled(clauses + assumed, [int(model[2 * variable]) for variable in range(count)]), f"seed {seed}"


def test_what_is_not_asked_for_stays_false():
    solver = Solver()
    asked, implied, other = (solver.variable() for _ in range(3))
    solver.add([asked ^ 1, implied])
    model = solver.solve([asked])
    assert [model[one] for one in (asked, implied, other)] == [True, True, False]


def test_numbers_are_found_where_they_fit():
    box = {"weight": (25.0, 350.0), "height": (120.0, 230.0), "waist": (40.0, 250.0)}
    found = fitting(box, {}, [Wanted(BMI, (18.5, 19.0)), Wanted(WHTR, (0.6, FAR))])
    assert 18.5 <= BMI.of(found) <= 19.0
    assert WHTR.of(found) >= 0.6


def test_numbers_are_excluded_where_none_fit():
    assert fitting({"weight": (25.0, 40.0), "height": (180.0, 230.0)}, {}, [Wanted(BMI, (18.5, FAR))]) is None


def test_a_choice_decides_whether_a_formula_has_a_value():
    box = {"creatinine": (0.5, 2.0), "age": (40.0, 40.0)}
    assert fitting(box, {"sex": "unknown"}, [Wanted(EGFR, (0.0, FAR))]) is None
    assert fitting(box, {"sex": "female"}, [Wanted(EGFR, None)]) is None
    assert fitting(box, {"sex": "female"}, [Wanted(EGFR, (60.0, 61.0))]) is not None


def test_the_limit_of_the_search_is_said():
    touching = [Wanted(BMI, (-FAR, 24.0)), Wanted(Measure("again", FORMULAS["bmi"], ("weight", "height")), (24.0000001, FAR))]
    with pytest.raises(Unsettled):
        fitting({"weight": (25.0, 350.0), "height": (120.0, 230.0)}, {}, touching, most=50)
