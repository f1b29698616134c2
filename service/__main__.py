"""The command line: check and prove the rules, compare two rule bases, explain a profile."""

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
from service import comparing
from service.advising import Advisor
from service.explaining import why_in_words
from service.explaining.reading import as_text
from service.explaining.sentences import VOICES
from service.knowledge.faults import RuleBaseFaults
from service.knowledge.loading import load
from service.knowledge.records import Knowledge
from service.measures import ProfileFault
from service.proving import corpus
from service.proving.proof import QUESTIONS, REMARKS, as_lines, prove

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
    check.add_argument("--prove", action="store_true", help="prove it too: no rule without use, no gap, no gate outweighed")
    check.add_argument("--remarks", action="store_true", help="with --prove: also what is no fault and yet worth a look")
    check.set_defaults(run=run_check)
    add_corpus_commands(commands)
    explain = commands.add_parser("explain", help="answer a profile, or print an answer, for reading in a terminal")
    explain.add_argument("profile", type=Path, help="JSON: a profile, a request or an answer of the service; - reads standard input")
    explain.add_argument("--rules", type=Path, default=RULES)
    explain.add_argument("--voice", choices=VOICES, default="person")
    explain.add_argument("--json", action="store_true", help="print the whole answer as JSON, with its trace")
    explain.set_defaults(run=run_explain)
    why = commands.add_parser("why", help="print why an intervention stands where it does, or why a finding, state or red flag holds")
    why.add_argument("profile", type=Path, help="JSON: a profile, or a request with a profile; - reads standard input")
    why.add_argument("result", help="an intervention, or the id of a finding, a state or a red flag")
    why.add_argument("--rules", type=Path, default=RULES)
    why.add_argument("--voice", choices=VOICES, default="clinician")
    why.add_argument("--json", action="store_true", help="print it as JSON")
    why.set_defaults(run=run_why)
    return top


def add_corpus_commands(commands: argparse._SubParsersAction) -> None:
    witnesses = commands.add_parser("witnesses", help="find a person for every rule, and keep their profiles as a file")
    witnesses.add_argument("file", type=Path, nargs="?", default=corpus.KEPT)
    witnesses.add_argument("--rules", type=Path, default=RULES)
    witnesses.set_defaults(run=run_witnesses)
    diff = commands.add_parser("diff", help="compare two rule bases over a corpus of profiles")
    diff.add_argument("old", type=Path)
    diff.add_argument("new", type=Path)
    diff.add_argument("--profiles", type=Path, default=corpus.KEPT, help=f"a JSON list, or a line each; {corpus.KEPT} unless given")
    diff.add_argument("--json", action="store_true", help="print the whole difference as JSON")
    diff.set_defaults(run=run_diff)


def run_check(chosen: argparse.Namespace) -> int:
    knowledge = load(chosen.rules)
    Advisor(knowledge)
    counts = f"{len(knowledge.rules)} rules, {len(knowledge.cases)} cases, {len(knowledge.claims)} claims"
    print(f"{counts}: no faults. Digest {knowledge.digest}")
    return run_prove(knowledge, chosen.remarks) if chosen.prove else 0


def run_prove(knowledge: Knowledge, with_remarks: bool) -> int:
    failures = 0
    for answer in prove(knowledge, QUESTIONS):
        failures += len(answer.failures)
        print("\n".join(as_lines(answer)), flush=True)
    for remark in prove(knowledge, REMARKS) if with_remarks else ():
        print("\n".join(as_lines(remark, remark=True)), flush=True)
    print("proven" if not failures else f"{failures} failures")
    return 1 if failures else 0


def run_witnesses(chosen: argparse.Namespace) -> int:
    entries = corpus.made(load(chosen.rules))
    corpus.write(chosen.file, entries)
    print(f"{len(entries)} profiles for {sum(len(entry['shows']) for entry in entries)} rules in {chosen.file}")
    return 0


def run_diff(chosen: argparse.Namespace) -> int:
    found = comparing.compare(load(chosen.old), load(chosen.new), corpus.profiles(chosen.profiles))
    print(json.dumps(found, indent=2, ensure_ascii=False) if chosen.json else "\n".join(comparing.as_lines(found)))
    return 0


def run_explain(chosen: argparse.Namespace) -> int:
    content = sent(chosen)
    answer = content if is_answer(content) else answered(content, chosen)
    print(json.dumps(answer, indent=2, ensure_ascii=False) if chosen.json else as_text(answer))
    return 0


def run_why(chosen: argparse.Namespace) -> int:
    knowledge = load(chosen.rules)
    profile = accepted(sent(chosen), knowledge)
    try:
        why = Advisor(knowledge).on_demand.why(profile, chosen.result, now=datetime.now(UTC), voice=chosen.voice)
    except KeyError:
        print(f"{chosen.result}: no intervention, and no finding, state or red flag that holds for this profile", file=sys.stderr)
        return 1
    print(json.dumps(why, indent=2, ensure_ascii=False) if chosen.json else why_in_words.as_text(why))
    return 0


def sent(chosen: argparse.Namespace) -> Any:
    return read_json(sys.stdin.buffer.read() if str(chosen.profile) == "-" else chosen.profile.read_bytes())


def is_answer(content: Any) -> bool:
    return isinstance(content, dict) and "decision_id" in content


def answered(content: Any, chosen: argparse.Namespace) -> dict[str, Any]:
    knowledge = load(chosen.rules)
    detail = "full" if chosen.json else "standard"
    return Advisor(knowledge).advise(accepted(content, knowledge), now=datetime.now(UTC), detail=detail, voice=chosen.voice)


def accepted(content: Any, knowledge: Knowledge) -> dict[str, Any]:
    """The profile of a request, or a profile alone, as the schema reads it."""
    profile = content["profile"] if isinstance(content, dict) and "profile" in content else content
    return profile_schema(knowledge.vocabulary)().load(profile)


def report(errors: list[dict[str, str]]) -> None:
    for error in errors:
        print(f"{error['pointer']}: {error['message']} [{error['code']}]", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
