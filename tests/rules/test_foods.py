"""Whoever gets every plan is told to eat nothing that an allergy or a way of eating rules out: every allergy with every pattern."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest

from service.knowledge.faults import RuleBaseFaults
from service.knowledge.foods import Menu, choice, joined, left
from service.knowledge.loading import load_locked
from tests.knowledge.spoiling import replaced
from tests.profiles import OPEN, changed
from tests.thoroughness import some

# Written for the test and apart from the table of foods: what nobody may be told to eat who has this allergy, or eats in this way.
FISH = "fish salmon trout sardine herring anchov mackerel tuna"
NO_MEAT = "poultry chicken turkey meat beef lamb pork lard ham bacon"
ALLERGENS = {
    "fish": FISH, "shellfish": "shellfish prawn shrimp mussel krill", "tree_nut": "walnut nuts almond hazelnut", "peanut": "peanut nuts",
    "seed": "flax chia sesame seed linseed", "soy": "soy soya tofu edamame", "egg": "egg omelette", "milk": "milk dairy butter cream cheese yoghurt",
    "wheat": "wheat bread pasta couscous barley rye seitan oats whole grain", "legume": "bean lentil pea chickpea pulses tofu legume", "rice": "rice",
    "corn": "maize corn polenta", "buckwheat": "buckwheat", "poultry": "poultry chicken turkey", "beef": "beef meat lamb", "pork": "pork lard ham bacon",
    "citrus": "orange lemon grapefruit", "banana": "banana",
}  # fmt: skip
PATTERNS = {
    "omnivore": "", "pescatarian": NO_MEAT, "vegetarian": f"{FISH} {NO_MEAT}", "vegan": f"{FISH} {NO_MEAT} egg milk dairy butter cream cheese honey yoghurt",
    "mediterranean": "", "low_carb": "", "ketogenic": "bread pasta rice oats potato bean lentil whole grain", "halal": "pork lard ham bacon",
    "kosher": "pork lard ham bacon prawn shrimp", "other": "",
}  # fmt: skip
PEOPLE: dict[str, dict[str, Any]] = {
    "everything": {"preferences": {"budget": "low", "cooking_time": "little"}},
    "additions only": {"eating_disorder": "past", "diet": {"added_sugar_pct": 20}},
    "fish is on the table": {"diet": {"fatty_fish_per_week": 0, "produce_servings": None}, "conditions": ["gout"], "medications": ["levothyroxine"]},
}
MOST_DIFFER = ("omnivore", "vegan", "ketogenic")
PLANNED = {"whole_food_diet", "fibre", "cut_processed_foods", "cut_refined_carbs", "cut_added_sugar", "lower_saturated_fat", "omega3"}


def test_every_allergy_and_pattern_is_in_the_table(knowledge):
    assert {*ALLERGENS, "unreviewed_allergy"} == set(knowledge.vocabulary["allergies"].values)
    assert set(PATTERNS) == set(knowledge.vocabulary["diet_pattern"].values)


@pytest.mark.parametrize("person", PEOPLE)
def test_nobody_is_told_to_eat_what_they_cannot(advise, knowledge, person):
    wrong = []
    asked = product((None, *ALLERGENS), PATTERNS if person == "everything" else MOST_DIFFER)
    for allergy, pattern in some(list(asked), 7):  # each allergy and each pattern, though not with each other
        profile = changed(OPEN, {**PEOPLE[person], "allergies": [allergy] if allergy else []})
        answer = advise(changed(profile, {"diet": {"pattern": pattern}}), detail="full")
        assert {row["intervention"] for row in answer["recommendations"]} >= PLANNED
        forbidden = f"{ALLERGENS.get(allergy, '')} {PATTERNS[pattern]}".replace("whole grain", "whole_grain").split()
        for text, rules in sentences(answer):
            avoided = {word for rule in rules for food in knowledge.rules[rule].avoids for word in knowledge.foods[food].words}
            told = without(text.lower(), avoided).replace("gluten-free whole grain", "").replace("whole grain", "whole_grain")
            named = [word for word in forbidden if re.search(rf"(?<![\w-]){word}", told)]
            wrong += [f"{allergy}, {pattern}: {', '.join(named)} in {text!r}"] if named else []
    assert not wrong, "\n".join(dict.fromkeys(wrong))


def without(text: str, words: set[str]) -> str:
    for word in sorted(words, key=len, reverse=True):
        text = text.replace(word.lower(), "")
    return text


def sentences(answer: dict[str, Any]) -> Iterator[tuple[str, set[str]]]:
    """Every sentence of an answer that tells somebody to do something, with the rules behind it."""
    rule_of = {node["id"]: node["rule"] for node in answer["trace"]["nodes"]}
    rows = [step for row in answer["recommendations"] for step in (*row["plan"]["steps"], *row["changes"])]
    rows += [change for row in answer["components"] if row["status"] == "modify" for change in row["reasons"]] + answer["interactions"]
    for row in rows:
        yield row.get("text") or row["message"], {rule_of[id_] for id_ in row["because"]}
    for notice in answer["notices"]:
        yield notice, set()


def test_a_list_says_what_is_left_of_it(knowledge):
    menu = Menu(knowledge.foods)
    whole = choice("beans, lentils, eggs or another source of protein")
    assert joined(whole) == "beans, lentils, eggs or another source of protein"
    assert joined(left(whole, menu, frozenset({"egg"}))) == "beans, lentils or another source of protein"
    assert joined(left(whole, menu, frozenset({"egg", "legume"}))) == "another source of protein"
    assert joined(left(choice("salmon and eggs"), menu, frozenset({"fish"}))) == "eggs"


@pytest.mark.parametrize(
    ("text", "foods"),
    [
        ("No fish oil", {"fish_oil"}), ("Fish, eaten fresh", {"fish"}), ("almond milk", {"nuts", "milk"}), ("coconut fat", set()), ("kidney beans", {"beans"}),
        ("the milk supply could suffer", set()), ("certified gluten-free oats", {"gluten_free_oats"}), ("peanuts", {"peanut"}), ("selfish", set()),
    ],
)  # fmt: skip
def test_foods_are_found_by_their_longest_name(knowledge, text, foods):
    assert {food.id for food in Menu(knowledge.foods).named(text)} == foods


FAULTS = {
    "a gate that stops names food": ("safety/gates_metabolic.yaml", "fasting can bring hypoglycaemia", "fasting without nuts can bring hypoglycaemia", "names 'nuts'"),
    "what is avoided is not there": ("interventions/omega3_plan.yaml", "avoids: [walnut, nuts]", "avoids: [walnut, milk]", "avoids 'milk', which its sentence does not name"),
    "an action that nobody knows": ("interventions/hiit_plan.yaml", "does: [MOVING]", "does: [MOVEMENT]", "there is no 'MOVEMENT'"),
    "a food of an unknown kind": ("words/foods.csv", "salmon,salmon,fish", "salmon,salmon,fsh", "ruled_out has no value 'fsh'"),
    "a word of two foods": ("words/foods.csv", "salmon,salmon,fish", "salmon,salmon; trout,fish", "'trout' is a word of"),
    "a list of one": ("interventions/cut_added_sugar_plan.yaml", "{water, tea or plain milk}", "{plain milk}", "in braces"),
    "a gate that no group reads": ("safety/actions.yaml", '- {fact: withhold, includes: "{each}"}', '- {fact: modify, includes: "{each}"}', "no rule stops EAT_LESS with it"),
    "a family of nobody": ("interventions/hiit_plan.yaml", "- [plan.hiit.h0,", "- [plan.hiit.h9,", "a family names 'plan.hiit.h9'"),
    "a change that stops": ("safety/gates_kidney.yaml", "code: M.PROTEIN_0_8, ", "code: M.PROTEIN_0_8, actions: [PROTEIN], ", "stops no action"),
}  # fmt: skip


@pytest.mark.parametrize(("file", "before", "after", "reason"), FAULTS.values(), ids=FAULTS)
def test_a_fault_stops_the_start(file, before, after, reason):
    with pytest.raises(RuleBaseFaults) as caught:
        load_locked(replaced(file, before, after))
    assert reason in str(caught.value)
