"""Single changes to the rule files, and the share of them that `make check` and `make test` notice: `make mutate`."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import yaml

from deploy.serving import ROOT
from service.knowledge.loading import load
from tests.mutation.choosing import chosen, every_mutant
from tests.mutation.court import Court, Verdict, court
from tests.mutation.equivalence import Equivalence
from tests.mutation.text import Mutant, short

RULES = ROOT / "rules"
EXPLAINED = Path(__file__).with_name("survivors.yaml")
PROVEN = "proven to change nothing: every rule fires for the same people"
Name = tuple[str, ...]


class Result(NamedTuple):
    """A mutant, what noticed it; where nothing did, why it may live on, and whether the lock's diff shows it in words."""

    mutant: Mutant
    noticed: Verdict
    reason: str | None
    in_the_lock: bool = False


def main() -> int:
    """Exit status 1 where a mutant lives on, the lock's diff does not tell it in words, and nobody has explained it."""
    asked = arguments()
    mutants = chosen(every_mutant(RULES, load(RULES)), asked.count, asked.seed)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, court(ROOT, Path(folder)) as judging:
        fault = judging.judge(None)
        if fault:
            print(f"the rules as they are do not pass: {': '.join(fault)}", file=sys.stderr)
            return 1
        results = list(judged(mutants, judging))
    report(results)
    print(f"{time.monotonic() - began:.0f} s")
    return 1 if any(lives_on(one) and one.reason is None and not one.in_the_lock for one in results) else 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--count", type=int, default=440)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def judged(mutants: list[Mutant], judging: Court) -> Iterator[Result]:
    """One result after another, survivors told as they are found."""
    reasons, equivalence = explained(), Equivalence(RULES)
    for mutant in mutants:
        noticed = judging.judge(mutant)
        if noticed:
            yield Result(mutant, noticed, None)
            continue
        shown = equivalence.shown_by_the_lock(mutant)
        reason = reasons.get(named(mutant)) or (PROVEN if equivalence.proven(mutant) else None)
        print(f"lives on: [{mutant.kind}] {mutant}\n    {reason or shown or 'NOT EXPLAINED'}", flush=True)
        yield Result(mutant, noticed, reason, bool(shown))


def explained() -> dict[Name, str]:
    entries = yaml.safe_load(EXPLAINED.read_text(encoding="utf-8"))
    return {(entry["file"], entry["owner"], entry["before"], entry["after"]): entry["reason"] for entry in entries}


def named(mutant: Mutant) -> Name:
    return mutant.file, mutant.owner, short(mutant.before), short(mutant.after)


def lives_on(result: Result) -> bool:
    return result.noticed is None


def report(results: list[Result]) -> None:
    """Kinds, judges, and the share that was noticed: of all, and of those that change anything."""
    kinds, noticed = (Counter(one.mutant.kind for one in some) for some in (results, [one for one in results if one.noticed]))
    for kind in sorted(kinds):
        print(f"{kind:24} {noticed[kind]:4} of {kinds[kind]:4}")
    print(f"noticed by make check and make test: {noticed.total()} of {kinds.total()}, {noticed.total() / kinds.total():.1%}")
    seen = noticed.total() + sum(one.in_the_lock for one in results)
    print(f"noticed, or told in words by the diff of the lock: {seen} of {kinds.total()}, {seen / kinds.total():.1%}")
    idle = sum(one.reason == PROVEN for one in results)
    print(f"without {idle} proven to change nothing: {noticed.total() / (kinds.total() - idle):.1%}")
    for judge, count in Counter(one.noticed[0] for one in results if one.noticed).most_common():
        print(f"  by {judge}: {count}")


if __name__ == "__main__":
    sys.exit(main())
