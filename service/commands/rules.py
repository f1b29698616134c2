"""check, new, lock, witnesses, diff, keep-rules: what an operator and a clinician ask of the rule base itself."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from service.advising import Advisor
from service.commands.records import opened
from service.knowledge import lock
from service.knowledge.faults import Findings
from service.knowledge.files import layout
from service.knowledge.loading import check_serving, load, load_files, read_files
from service.knowledge.rulebase import Knowledge
from service.records import form, rulebases
from service.settings import rules_folder
from service.workbench import comparing, corpus, scaffolds
from service.workbench.cases import Cases
from service.workbench.proof import QUESTIONS, REMARKS, as_lines, prove

BEGUN = {"rule": (scaffolds.RULE,), "intervention": (scaffolds.INTERVENTION, scaffolds.ADDED)}


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    check = commands.add_parser("check", help="check the rule base, run the cases beside the rules, print every fault with file and line")
    add_rules(check)
    check.add_argument("--prove", action="store_true", help="prove it too: no rule without use, no gap, no gate outweighed")
    check.add_argument("--remarks", action="store_true", help="with --prove: also what is no fault and yet worth a look")
    check.set_defaults(run=run_check)
    new = commands.add_parser("new", help="begin a rule or an intervention: its files, with the places that are yours to fill")
    new.add_argument("kind", choices=list(BEGUN))
    new.add_argument("name", help="in small letters, as fasting_insulin_high")
    add_rules(new)
    new.set_defaults(run=run_new)
    locking = commands.add_parser("lock", help="write the lock: every item in a line, for the loader to compare and a reviewer to read")
    add_rules(locking)
    locking.set_defaults(run=run_lock)
    add_corpus_commands(commands)


def add_rules(command: argparse.ArgumentParser) -> None:
    command.add_argument("--rules", type=Path, help="folder of the rule base; ATTUNE_RULES, else rules, unless given")


def folder(chosen: argparse.Namespace) -> Path:
    return chosen.rules or rules_folder()


def add_corpus_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    witnesses = commands.add_parser("witnesses", help="find a person for every rule, and keep their profiles as a file")
    witnesses.add_argument("file", type=Path, nargs="?", default=corpus.KEPT)
    add_rules(witnesses)
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


def run_new(chosen: argparse.Namespace) -> int:
    written = scaffolds.begin(folder(chosen), chosen.name, *BEGUN[chosen.kind])
    print("\n".join(written))
    print("Next: fill in what `python -m service check` names, then `make lock-rules`.")
    return 0


def run_check(chosen: argparse.Namespace) -> int:
    files = read_files(folder(chosen))
    knowledge = load_files(files)
    failures = [*Cases(knowledge, Advisor(knowledge).derive).failures(), *lock_faults(knowledge, files.get(layout.LOCK))]
    if failures:
        print("\n".join(map(str, failures)), file=sys.stderr)
        print(f"{len(failures)} faults", file=sys.stderr)
        return 1
    counts = f"{len(knowledge.rules)} rules, {len(knowledge.cases)} cases, {len(knowledge.claims)} claims"
    print(f"{counts}: no faults. Digest {knowledge.digest}")
    if chosen.prove:
        return run_prove(knowledge, chosen.remarks)
    print("Next: `python -m service check --prove` proves what no case shows; `python -m service diff OLD NEW` shows who is affected.")
    return 0


def lock_faults(knowledge: Knowledge, locked: bytes | None) -> Iterable[object]:
    faults = Findings()
    check_serving(knowledge, faults)
    lock.check(knowledge, locked, faults)
    return faults.sorted()


def run_lock(chosen: argparse.Namespace) -> int:
    written = folder(chosen)
    knowledge = load_files(read_files(written))
    (written / layout.LOCK).write_text(lock.text(knowledge), encoding="utf-8")
    print(f"{written / layout.LOCK}: {len(knowledge.rules)} rules. Read its diff: it is what a reviewer signs.")
    return 0


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
    entries = corpus.made(load(folder(chosen)))
    corpus.write(chosen.file, entries)
    print(f"{len(entries)} profiles for {sum(len(entry['shows']) for entry in entries)} rules in {chosen.file}")
    return 0


def run_diff(chosen: argparse.Namespace) -> int:
    found = comparing.compare(answering(chosen.old), answering(chosen.new), corpus.profiles(chosen.profiles))
    print(json.dumps(found, indent=2, ensure_ascii=False) if chosen.json else "\n".join(comparing.as_lines(found)))
    return 0


def answering(written: Path) -> Knowledge:
    """A rule base of any form, locked or not, without its cases: what it answers is to be seen."""
    return load_files({name: content for name, content in read_files(written).items() if layout.takes_part(name)})


def run_keep(chosen: argparse.Namespace) -> int:
    knowledge = load(chosen.folder)
    Advisor(knowledge)
    with opened() as store:
        form.check(store.database)
        with store.writing(datetime.now(UTC)) as writing:
            rulebases.keep(writing, knowledge, chosen.folder)
    print(f"version {knowledge.version}, digest {knowledge.digest}")
    return 0
