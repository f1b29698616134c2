"""What the sentence of a red flag tells people not to do, by groups of interventions: no answer may recommend what its flags forbid.

The phrases stand in rules/words/forbidding.csv. Every place at which a sentence forbids something must be one of them: what a phrase
forbids is then data, and proven to be stopped wherever it is said. A phrase without actions forbids nothing that is ever recommended.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from service.knowledge.faults import Findings, did_you_mean
from service.knowledge.files.strict_yaml import Entry
from service.knowledge.rulebase import Knowledge

WORDS = r"do not|do no|don't|waits?|eat nothing|no more|not for you|less hard|stop (?:any|all|heavy|hard)"
FORBIDS = re.compile(rf"\b(?:{WORDS})\b", re.IGNORECASE)
FIRST_FORM = 4  # of rule bases that have the table
Phrases = Mapping[str, tuple[str, ...]]  # each with the groups of interventions that it forbids


def read_phrases(rows: Iterable[Entry], groups: Mapping[str, tuple[str, ...]], faults: Findings) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for row in rows:
        phrase, actions = row["phrase"].lower(), tuple(row.get("actions", "").split())
        if phrase in found:
            faults.add(row.place, f"{phrase!r} stands twice")
        for action in actions:
            if action not in groups:
                faults.add(row.place, f"there is no group {action!r}{did_you_mean(action, groups)}")
        found[phrase] = actions
    return found


def forbidden(text: str, phrases: Phrases) -> list[str]:
    """The groups of interventions that a sentence forbids."""
    return list(dict.fromkeys(action for phrase in said(text, phrases) for action in phrases[phrase]))


def said(text: str, phrases: Phrases) -> list[str]:
    """The phrases that a text says, the longest where one begins another."""
    return [found.lower() for found in pattern(phrases).findall(text)] if phrases else []


def pattern(phrases: Phrases) -> re.Pattern[str]:
    words = "|".join(re.escape(phrase) for phrase in sorted(phrases, key=len, reverse=True)) or "(?!)"
    return re.compile(rf"\b(?:{words})\b", re.IGNORECASE)


def check_forbidding(knowledge: Knowledge, faults: Findings) -> None:
    """Whatever the sentence of a red flag forbids is in the table. Rule bases of earlier forms have none."""
    if knowledge.about.get("form", 1) < FIRST_FORM:
        return
    known = pattern(knowledge.forbidding)
    for rule in knowledge.rules.values():
        if "red_flag" in rule.then and rule.says is not None:
            for found in FORBIDS.finditer(known.sub("", rule.says)):
                reason = f"{rule.id} says {found[0]!r}: name the phrase in words/forbidding.csv, and what it forbids"
                faults.add(rule.place, reason)
