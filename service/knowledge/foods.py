"""Foods in sentences: what a sentence tells people to eat is said only to those for whom nothing rules it out.

A sentence names foods in the words of rules/words/foods.csv. In braces stands a list, `{beans, lentils or eggs}`, of which a person is told
what is left; every other food must be allowed for the sentence to be said at all. What a sentence tells people to leave stands in `avoids`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from service.knowledge.faults import Findings, did_you_mean
from service.knowledge.files.strict_yaml import Entry
from service.knowledge.records import All, Any_, Condition, Holds, Not, Rule, Vocabulary
from service.knowledge.rulebase import Food, Knowledge

RULED_OUT = "ruled_out"
LISTED = re.compile(r"\{([^{}]*[^{}a-z0-9_][^{}]*)\}")  # in braces and no single name, which is a fact
LAST = re.compile(r"(?:, | )(or|and) (?!.* (?:or|and) )")
NEVER_TOLD_TO_DO = ("withhold", "clinician_first")  # the sentences of these gates say why something is not done
TOLD = ("gate", "plan", "interaction", "told", "monitor", "notice", "red_flag", "habit")


class Choice(NamedTuple):
    """A list in braces: its items, and the word before the last of them."""

    items: tuple[str, ...]
    joint: str


class Menu:
    """Finds the foods of the table in a text."""

    def __init__(self, foods: Mapping[str, Food]):
        self.foods = foods
        self.by_word = {word.lower(): food for food in foods.values() for word in food.words}
        words = "|".join(re.escape(word) for word in sorted(self.by_word, key=len, reverse=True))
        self.pattern = re.compile(rf"(?<![\w-])({words})(?:s|es)?(?![\w-])", re.IGNORECASE) if words else None

    def named(self, text: str) -> list[Food]:
        """The foods that a text names, the longest name first where one holds another: fish oil is no fish."""
        found = self.pattern.findall(text) if self.pattern else []
        return [food for food in dict.fromkeys(self.by_word[word.lower()] for word in found) if food.kinds]

    def kinds(self, text: str, avoids: Iterable[str] = ()) -> list[str]:
        """The kinds of the foods that a text names to be eaten."""
        return list(dict.fromkeys(kind for food in self.named(text) if food.id not in avoids for kind in food.kinds))


def read_foods(rows: Iterable[Entry], vocabulary: Vocabulary, faults: Findings) -> dict[str, Food]:
    """The table by name; every kind is a value of what can be ruled out, and no word is of two foods."""
    foods: dict[str, Food] = {}
    words: dict[str, str] = {}
    allowed = vocabulary[RULED_OUT].values if RULED_OUT in vocabulary else ()
    for row in rows:
        food = Food(row["food"], tuple(word.strip() for word in row["words"].split(";")), tuple(row.get("kinds", "").split()), row.place)
        for kind in food.kinds:
            if kind not in allowed:
                faults.add(row.place, f"{RULED_OUT} has no value {kind!r}{did_you_mean(kind, allowed)}")
        for word in food.words:
            if word.lower() in words:
                faults.add(row.place, f"{word!r} is a word of {food.id!r} and of {words[word.lower()]!r}")
            words[word.lower()] = food.id
        foods[food.id] = food
    return foods


def choices(text: str) -> Iterator[Choice]:
    """The lists in braces of a sentence."""
    for found in LISTED.findall(text):
        yield choice(found)


def choice(text: str) -> Choice:
    last = LAST.search(text)
    before, joint, after = (text[: last.start()], last[1], text[last.end() :]) if last else (text, "", "")
    return Choice(tuple(item for item in (*before.split(", "), after) if item), joint)


def told(text: str, menu: Menu, ruled_out: Iterable[str]) -> str:
    """A sentence of whose lists only that is left which nothing rules out."""
    return LISTED.sub(lambda found: joined(left(choice(found[1]), menu, frozenset(ruled_out))), text)


def left(whole: Choice, menu: Menu, ruled_out: frozenset[str]) -> Choice:
    return Choice(tuple(item for item in whole.items if ruled_out.isdisjoint(menu.kinds(item))), whole.joint)


def joined(whole: Choice) -> str:
    """As in prose: one, two or three."""
    return f" {whole.joint} ".join(part for part in (", ".join(whole.items[:-1]), whole.items[-1] if whole.items else "") if part)


def allowed(text: str, menu: Menu, avoids: Iterable[str]) -> list[Condition]:
    """What must hold of a person to be told a sentence: nothing rules out a food that it names, and something is left of every list."""
    outside = LISTED.sub("", text)
    tests = [free_of(kind) for kind in menu.kinds(outside, avoids)]
    for one in choices(text):
        kinds = list(dict.fromkeys(tuple(menu.kinds(item)) for item in one.items))
        if () not in kinds:
            tests.append(Any_(tuple(All(tuple(map(free_of, some))) if len(some) > 1 else free_of(some[0]) for some in kinds)))
    return [test.tests[0] if isinstance(test, Any_) and len(test.tests) == 1 else test for test in tests]


def free_of(kind: str) -> Condition:
    return Not(Holds(RULED_OUT, kind))


def is_told_to_do(then: Mapping[str, Any]) -> bool:
    """Whether the sentence of a rule with this conclusion may tell people to do something, rather than why not."""
    return next(iter(then)) in TOLD and then.get("gate") not in NEVER_TOLD_TO_DO and "red_flag" not in then


def check_foods(knowledge: Knowledge, faults: Findings) -> None:
    """A sentence that must always be said names no food but what is to be left; what a rule says it avoids or does is there."""
    menu = Menu(knowledge.foods)
    for rule in knowledge.rules.values():
        if rule.says is None or next(iter(rule.then)) not in TOLD:
            continue
        named = [food.id for food in menu.named(rule.says)]
        for food in rule.avoids:
            if food not in named:
                faults.add(rule.place, f"{rule.id} avoids {food!r}, which its sentence does not name{did_you_mean(food, named)}")
        if not is_told_to_do(rule.then):
            check_always_said(rule, menu, faults)
        for one in choices(rule.says):
            if len(one.items) < 2:
                faults.add(rule.place, f"{rule.id}: what stands in braces is a fact, or a list as {{beans, lentils or eggs}}")


def check_always_said(rule: Rule, menu: Menu, faults: Findings) -> None:
    """What stops something is said to everybody whom it stops."""
    for food in menu.named(rule.says or ""):
        if food.id not in rule.avoids:
            reason = f"{rule.id} is said to everybody whom it stops and names {food.id!r}: leave it out, or say that it `avoids` it"
            faults.add(rule.place, reason)
    if rule.does:
        faults.add(rule.place, f"{rule.id} is said to everybody whom it stops, and can do nothing")
