"""The rule base is proven; the clauses of the proof are the rules; and a fault put into the rules is found, with a profile that shows it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from random import Random

import pytest
from marshmallow import ValidationError

from service.knowledge.loading import load_files, read_files
from service.measures import observe
from service.workbench import added, classes, deeds, effects, more_illness, proof, safety, uses
from service.workbench.corpus import KEPT, profiles
from service.workbench.polarity import Move
from service.workbench.profiles import DAY
from service.workbench.searching import Pipeline, Search
from tests.conftest import ROOT, RULES
from tests.profiles import OPEN
from tests.test_worked_cases import ANSWERED
from tests.thoroughness import some, whole

Fault = tuple[str, str, str]  # file, what stands there, what is put in its place


@pytest.fixture(scope="module")
def search(knowledge) -> Search:
    return Search(knowledge)


SHOWN = "every rule fires for somebody"  # by the witnesses, in tests/workbench/test_witnesses.py


@pytest.mark.long
@pytest.mark.parametrize("question", [question for question in some(list(proof.QUESTIONS), 4) if whole() or question != SHOWN])
def test_the_rules_are_proven(search, question):
    failures = list(proof.QUESTIONS[question](search))
    assert not failures, "\n".join(map(str, failures))


PEOPLE = [OPEN, *(case["profile"] for case in ANSWERED), *profiles(ROOT / KEPT)[::6]]


def test_the_clauses_allow_every_person_and_draw_the_same_conclusions(search):
    """What a proof excludes must not exist: every real person is a model, and the rules that fire are the same."""
    for number, profile in enumerate(PEOPLE):
        try:
            derivation = search.pipeline.derive(profile)
        except ValidationError:
            continue
        given = observe(search.pipeline.schema.load(profile), search.knowledge.vocabulary, DAY).values
        model = search.book.solver.solve(assumed(search, given))
        assert model is not None, f"person {number}"
        fired = {firing.rule.id for firing in derivation.firings()}
        assert {id_ for id_, literal in search.book.fires.items() if model[literal]} == fired, f"person {number}"


def assumed(search: Search, given) -> list[int]:
    """Every variable about what is given, as this person has it."""
    book = search.book
    said = [(literal, fact in given) for fact, literal in book.known.items()]
    for (fact, value), literal in book.values.items():
        if search.knowledge.vocabulary[fact].kind in ("codes", "choice", "boolean"):
            found = given.get(fact)
            said.append((literal, value in found if isinstance(found, frozenset) else found == value and type(found) is type(value)))
    for fact, points in book.points.items():
        if search.knowledge.vocabulary[fact].kind == "number":
            said += [(literal, fact in given and reached(given[fact], *point)) for point, literal in points.items()]
    return [literal if true else literal ^ 1 for literal, true in said]


def reached(value: float, threshold: float, passing: int) -> bool:
    return value > threshold if passing else value >= threshold


def test_measures_have_their_extremes_at_the_corners(search):
    """What lets a box of numbers be given up: no value inside lies beyond the corners."""
    chance = Random(1)
    for measure in search.inputs.measures:
        numbers = [fact for fact in measure.asked if fact not in measure.choices]
        if measure.fact not in search.book.points or not all(search.inputs.hard(fact) for fact in numbers):
            continue
        for _ in range(200):
            box = {fact: tuple(sorted(chance.uniform(*search.inputs.hard(fact)) for _ in range(2))) for fact in numbers}
            corners = list(measure.corners(box, {"sex": "male"}))
            inside = measure.of({"sex": "male", **{fact: chance.uniform(*ends) for fact, ends in box.items()}})
            assert None in corners or min(corners) - 1e-6 <= inside <= max(corners) + 1e-6, measure.fact


@pytest.fixture
def faulty(tmp_path) -> Callable[..., Search]:
    """The rules with faults put into them, ready to be asked."""

    def put(*faults: Fault) -> Search:
        shutil.copytree(RULES, tmp_path / "rules")
        for file, before, after in faults:
            path = tmp_path / "rules" / file
            text = path.read_text()
            assert before in text, f"{file} has changed: {before!r}"
            path.write_text(text.replace(before, after, -1 if file.endswith(".cases.yaml") else 1))
        return Search(load_files(read_files(tmp_path / "rules")))

    return put


FOUND = {
    "a rule that never fires": (
        uses.never_fired, "finding.bmi_overweight never fires", False,
        ("findings/bmi.yaml", "- {fact: bmi, at_least: 25 kg/m2, below: 30 kg/m2}", "- {fact: bmi, at_least: 30 kg/m2, below: 30 kg/m2}"),
    ),
    "a rule made useless": (
        uses.useless, "token.age_ge_75 is useless: wherever it fires, token.age_over_74 concludes the same", True,
        ("safety/tokens.yaml", "- id: token.not_frail", "- id: token.age_over_74\n  title: Over 74\n  cites: {design: a copy}\n"
         "  when: {all: [{fact: age, at_least: 74 a}]}\n  then: {holds: age_ge_75}\n\n- id: token.not_frail"),
    ),
    "a dead alternative": (
        uses.dead_parts, '"placement.self_monitoring maintain" holds for nobody', False,
        ("monitoring/notices.yaml", "{fact: placement.self_monitoring, is: recommend}",
         "{fact: placement.self_monitoring, is_one_of: [recommend, maintain]}"),
    ),
    "classes that overlap": (
        classes.overlaps, "bmi_normal and bmi_overweight are meant to exclude each other", True,
        ("findings/bmi.yaml", "- {fact: bmi, at_least: 25 kg/m2, below: 30 kg/m2}", "- {fact: bmi, at_least: 24.5 kg/m2, below: 30 kg/m2}"),
    ),
    "a gap between classes": (
        classes.gaps, "a value of bmi is in none of its classes", True,
        ("findings/bmi.yaml", "- {fact: bmi, at_least: 25 kg/m2, below: 30 kg/m2}", "- {fact: bmi, above: 25 kg/m2, below: 30 kg/m2}"),
    ),
    "a gap above a class that has nothing below": (
        classes.gaps, "a value of whtr is in none of its classes", True,
        ("findings/waist.yaml", "- {fact: whtr, at_least: 0.5, below: 0.6}", "- {fact: whtr, at_least: 0.5, below: 0.59}"),
    ),
    "a gap for two measures": (
        classes.gaps, "a value of systolic and diastolic is in none of its classes", True,
        ("findings/blood_pressure.yaml", '- {fact: systolic, at_least: "120 mm[Hg]", below: "130 mm[Hg]"}', '- {fact: systolic, at_least: "121 mm[Hg]", below: "130 mm[Hg]"}'),
    ),
    "a gate that is outweighed": (
        safety.outweighed, "stands in recommend although a gate says withhold", True,
        ("safety/placement.yaml", "    - {fact: withhold, includes: \"{each}\"}", "    - {fact: withhold, includes: \"{each}\"}\n    - adult\n"
         "    - {fact: pregnancy, is: none}"),
    ),
    "an intervention in no list": (
        safety.unplaced, "hiit stands in no list", True,
        ("safety/placement.yaml", "    - {fact: age, known: true}", "    - {fact: age, at_least: 50 a}"),
    ),
    "an illness that opens what was stopped": (
        more_illness.opened, "conditions: family_history_t2d opens intermittent_fasting", True,
        ("safety/gates_heart.yaml", "    all: [cvd_stable]\n  then: {gate: clinician_first, code: W.CVD_STABLE, interventions: [intermittent_fasting]",
         "    all: [cvd_stable]\n    none: [{fact: conditions, includes: family_history_t2d}]\n"
         "  then: {gate: clinician_first, code: W.CVD_STABLE, interventions: [intermittent_fasting]"),
    ),
    "a flag that forbids what is recommended": (
        deeds.forbidden_by_flags, "red_flag.rapid_weight_loss forbids EAT_LESS, and caloric_reduction is recommended", True,
        ("safety/gates_red_flags.yaml", "code: W.RAPID_LOSS, interventions: RESTRICT}", "code: W.RAPID_LOSS, interventions: RESTRICT, clearable: true}"),
    ),
    "an input without effect": (
        effects.idle_inputs, "diet_log changes nothing of any answer", False,
        ("vocabulary/diet.yaml", "\nsnacks_per_day:\n", "\ndiet_log:\n  label: diet log\n  kind: boolean\n  input: /diet/log\n  question: Log?\n\nsnacks_per_day:\n"),
    ),
    "a value without effect": (
        effects.idle_inputs, "symptoms: sugar_cravings is read by no rule", False,
        ("vocabulary/codes.yaml", "    sugar_cravings: the article", "    post_meal_hunger: the article"),
    ),
    "a finding for nothing": (
        effects.idle_bands, "lean_with_loss is concluded", False,
        ("safety/gates_age_and_size.yaml", "all: [lean_with_loss]", "all: [unintended_weight_loss]"),
    ),
    "a group whose gate never fires": (
        effects.idle_groups, "G-K02 asks for effort_needs_plan, and fires for nobody because of it", False,
        ("safety/gates_groups.yaml", "all: [effort_needs_plan]", "all: [effort_needs_plan, adult, age_lt_18]"),
    ),
    "a case that fails": (
        proof.QUESTIONS["every case holds"], "finding.bmi_overweight", False,
        ("findings/bmi.yaml", "- {fact: bmi, at_least: 25 kg/m2, below: 30 kg/m2}", "- {fact: bmi, above: 25 kg/m2, below: 30 kg/m2}"),
    ),
}  # fmt: skip


@pytest.mark.long
@pytest.mark.parametrize(("ask", "reason", "shown", "faults"), [(a, r, s, f) for a, r, s, *f in some(list(FOUND.values()), 3)], ids=some(list(FOUND), 3))
def test_a_fault_is_found(faulty, ask, reason, shown, faults):
    search = faulty(*faults)
    found = next(failure for failure in ask(search) if reason in failure.reason)
    assert found.place.file and found.place.line
    if shown:
        assert Pipeline(search.knowledge).fired(found.profile)


def test_an_intervention_without_a_path_is_found(search):
    class Cut:
        knowledge = type("Knowledge", (), {**search.knowledge.__dict__, "edges": ()})

    assert len(list(safety.groundless(Cut))) == len(search.knowledge.interventions) + len(search.knowledge.components)


def test_what_an_addition_changes_is_among_what_may_move(search):
    """What is proven by polarity alone: nothing else becomes otherwise when one thing more is named."""
    chance, found = Random(2), 0
    named = list(added.values(search))
    for profile in PEOPLE:
        addition = chance.choice(named)
        [(fact, value)] = addition.atoms
        if fact not in profile or "signs_now" in profile:
            continue
        try:
            before, after = (search.pipeline.derive(one).facts for one in (profile, {**profile, fact: [*profile[fact], value]}))
        except ValidationError:
            continue
        moved = added.moves(search, frozenset((fact, one) for one in after[fact] - before[fact]))
        changed = [(one, *pair) for one in {*before, *after} for pair in differing(before.get(one), after.get(one))]
        found += len(changed)
        assert all(Move((one, value), rises) in moved or Move(one, rises) in moved or number(search, one) for one, value, rises in changed), addition.word
    assert found > 200


def differing(before, after):
    """Each value that a fact has only afterwards, or had only before."""
    old, new = (one if isinstance(one, frozenset | set) else frozenset() if one is None else frozenset({one}) for one in (before, after))
    yield from ((value, True) for value in new - old)
    yield from ((value, False) for value in old - new)


def number(search, fact: str) -> bool:
    """A count or measure moves as a whole."""
    return fact not in search.knowledge.vocabulary or search.knowledge.vocabulary[fact].kind in ("number", "count")
