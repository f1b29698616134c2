"""explain, why: one profile answered in a terminal; nothing is recorded."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from schemas.json_edge import read_json
from schemas.profile import profile_schema
from service.advising import Advisor
from service.answering.answer import Answer
from service.answering.sentences import VOICES
from service.commands.rules import add_rules, folder
from service.explaining import why_in_words
from service.explaining.questions import Questions
from service.explaining.reading import as_text
from service.knowledge.loading import load
from service.knowledge.rulebase import Knowledge


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    explain = commands.add_parser("explain", help="answer a profile, or print an answer, for reading in a terminal")
    explain.add_argument("profile", type=Path, help="JSON: a profile, a request or an answer of the service; - reads standard input")
    add_rules(explain)
    explain.add_argument("--voice", choices=VOICES, default="person")
    explain.add_argument("--json", action="store_true", help="print the whole answer as JSON, with its trace")
    explain.set_defaults(run=run_explain)
    why = commands.add_parser("why", help="print why an intervention stands where it does, or why a finding, state or red flag holds")
    why.add_argument("profile", type=Path, help="JSON: a profile, or a request with a profile; - reads standard input")
    why.add_argument("result", help="an intervention, or the id of a finding, a state or a red flag")
    add_rules(why)
    why.add_argument("--voice", choices=VOICES, default="clinician")
    why.add_argument("--json", action="store_true", help="print it as JSON")
    why.set_defaults(run=run_why)


def run_explain(chosen: argparse.Namespace) -> int:
    content = sent(chosen)
    answer = content if is_answer(content) else answered(content, chosen)
    print(json.dumps(answer, indent=2, ensure_ascii=False) if chosen.json else as_text(answer))
    return 0


def run_why(chosen: argparse.Namespace) -> int:
    knowledge = load(folder(chosen))
    profile = accepted(sent(chosen), knowledge)
    try:
        why = Questions(Advisor(knowledge)).why(profile, chosen.result, now=datetime.now(UTC), voice=chosen.voice)
    except KeyError:
        print(f"{chosen.result}: no intervention, and no finding, state or red flag that holds for this profile", file=sys.stderr)
        return 1
    print(json.dumps(why, indent=2, ensure_ascii=False) if chosen.json else why_in_words.as_text(why))
    return 0


def sent(chosen: argparse.Namespace) -> Any:
    return read_json(sys.stdin.buffer.read() if str(chosen.profile) == "-" else chosen.profile.read_bytes())


def is_answer(content: Any) -> bool:
    return isinstance(content, dict) and "decision_id" in content


def answered(content: Any, chosen: argparse.Namespace) -> Answer:
    knowledge = load(folder(chosen))
    detail = "full" if chosen.json else "standard"
    return Advisor(knowledge).advise(accepted(content, knowledge), now=datetime.now(UTC), detail=detail, voice=chosen.voice)


def accepted(content: Any, knowledge: Knowledge) -> dict[str, Any]:
    """The profile of a request, or a profile alone, as the schema reads it."""
    profile = content["profile"] if isinstance(content, dict) and "profile" in content else content
    accepted: dict[str, Any] = profile_schema(knowledge.vocabulary)().load(profile)
    return accepted
