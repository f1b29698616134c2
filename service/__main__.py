"""The command line: check the rules, explain a profile."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from marshmallow import ValidationError

from schemas.faults import flatten
from schemas.json_edge import JsonFault, read_json
from schemas.profile import profile_schema
from service.advising import Advisor
from service.explaining.reading import as_text
from service.explaining.sentences import VOICES
from service.knowledge.faults import RuleBaseFaults
from service.knowledge.loading import load
from service.measures import ProfileFault

RULES = Path("rules")


def main(arguments: list[str] | None = None) -> int:
    """Exit status: 0 well, 1 the rules or the profile are at fault."""
    chosen = parser().parse_args(arguments)
    try:
        return chosen.run(chosen)
    except RuleBaseFaults as faults:
        print(f"{faults}\n{len(faults.faults)} faults", file=sys.stderr)
    except JsonFault as fault:
        print(f"not readable as JSON: {fault}", file=sys.stderr)
    except ValidationError as error:
        report(flatten(error.messages))
    except ProfileFault as fault:
        report(fault.errors)
    return 1


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="python -m service", description=__doc__)
    commands = top.add_subparsers(required=True, metavar="command")
    check = commands.add_parser("check", help="check the rule base and print every fault with file and line")
    check.add_argument("--rules", type=Path, default=RULES)
    check.set_defaults(run=run_check)
    explain = commands.add_parser("explain", help="answer a profile, or print an answer, for reading in a terminal")
    explain.add_argument("profile", type=Path, help="JSON: a profile, a request or an answer of the service; - reads standard input")
    explain.add_argument("--rules", type=Path, default=RULES)
    explain.add_argument("--voice", choices=VOICES, default="person")
    explain.add_argument("--json", action="store_true", help="print the whole answer as JSON, with its trace")
    explain.set_defaults(run=run_explain)
    return top


def run_check(chosen: argparse.Namespace) -> int:
    knowledge = load(chosen.rules)
    Advisor(knowledge)
    counts = f"{len(knowledge.rules)} rules, {len(knowledge.cases)} cases, {len(knowledge.claims)} claims"
    print(f"{counts}: no faults. Digest {knowledge.digest}")
    return 0


def run_explain(chosen: argparse.Namespace) -> int:
    content = read_json(sys.stdin.buffer.read() if str(chosen.profile) == "-" else chosen.profile.read_bytes())
    answer = content if is_answer(content) else answered(content, chosen)
    print(json.dumps(answer, indent=2, ensure_ascii=False) if chosen.json else as_text(answer))
    return 0


def is_answer(content: Any) -> bool:
    return isinstance(content, dict) and "decision_id" in content


def answered(content: Any, chosen: argparse.Namespace) -> dict[str, Any]:
    knowledge = load(chosen.rules)
    profile = content["profile"] if isinstance(content, dict) and "profile" in content else content
    accepted = profile_schema(knowledge.vocabulary)().load(profile)
    detail = "full" if chosen.json else "standard"
    return Advisor(knowledge).advise(accepted, now=datetime.now(UTC), detail=detail, voice=chosen.voice)


def report(errors: list[dict[str, str]]) -> None:
    for error in errors:
        print(f"{error['pointer']}: {error['message']} [{error['code']}]", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
