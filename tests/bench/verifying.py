"""How long verification takes: a store of real decisions, all of them different records of one answer. `python -m tests.bench.verifying [N]`"""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from schemas.profile import profile_schema
from service.advising import Advisor
from service.api.examples import example_request
from service.commands.checking import as_lines, keys_of
from service.decisions.recording import observations_kept, trace_kept
from service.knowledge.loading import load
from service.records import decisions, ids, migrating, opening, rulebases, signing
from service.records.decisions import Made
from service.records.verifying import verify

RULES = Path("rules")
AT_ONCE = 500


def main(number: int) -> None:
    knowledge = load(RULES)
    made, now = parts(knowledge), datetime.now(UTC)
    with TemporaryDirectory() as folder, opening.store(f"sqlite:///{folder}/attune.db", Path(folder), 64, 600) as store:
        migrating.migrate(store.database)
        with store.writing(now) as writing:
            rulebases.keep(writing, knowledge, RULES)
        for start in range(0, number, AT_ONCE):
            with store.writing(now) as writing:
                for _ in range(start, min(start + AT_ONCE, number)):
                    decisions.write(writing, decisions.sealed(Made(ids.new("dec"), now, "bench", False, knowledge.digest, made)))
        began, worked = time.monotonic(), time.process_time()
        report = verify(store.database, signing.trusted(keys_of(store)), store.checkpoints.file)
        print("\n".join(as_lines(report, time.monotonic() - began)))
        print(f"{time.process_time() - worked:.1f} s of processor time")


def parts(knowledge) -> dict:
    advisor, request, now = Advisor(knowledge), example_request(), datetime.now(UTC)
    advised = advisor.reason(profile_schema(knowledge.vocabulary)().load(request["profile"]), now)
    return {
        "request": {"body": {**request, "subject": "bench"}, "voice": "person"},
        "answer": advisor.answer(advised, decision_id="dec_bench", now=now, detail="standard", voice="person"),
        "observations": observations_kept(advised.observations), "trace": trace_kept(advised.derivation),
    }  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
