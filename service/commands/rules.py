"""check, witnesses, diff, keep-rules: what an operator and a clinician ask of the rule base itself."""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime
from pathlib import Path

from service import comparing
from service.advising import Advisor
from service.commands.records import opened
from service.knowledge.loading import load
from service.knowledge.records import Knowledge
from service.proving import corpus
from service.proving.proof import QUESTIONS, REMARKS, as_lines, prove
from service.records import migrating, rulebases

RULES = Path("rules")


def add(commands: argparse._SubParsersAction) -> None:
    check = commands.add_parser("check", help="check the rule base and print every fault with file and line")
    check.add_argument("--rules", type=Path, default=RULES)
    check.add_argument("--prove", action="store_true", help="prove it too: no rule without use, no gap, no gate outweighed")
    check.add_argument("--remarks", action="store_true", help="with --prove: also what is no fault and yet worth a look")
    check.set_defaults(run=run_check)
    add_corpus_commands(commands)


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
    keep = commands.add_parser("keep-rules", help="store a rule base that does not serve yet: recorded decisions can be compared under it")
    keep.add_argument("folder", type=Path)
    keep.set_defaults(run=run_keep)


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


def run_keep(chosen: argparse.Namespace) -> int:
    knowledge = load(chosen.folder)
    Advisor(knowledge)
    with opened() as store:
        migrating.check(store.database)
        with store.writing(datetime.now(UTC)) as writing:
            rulebases.keep(writing, knowledge, chosen.folder)
    print(f"version {knowledge.version}, digest {knowledge.digest}")
    return 0
