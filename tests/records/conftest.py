"""A small store with something in every table, and how to ask whether it is whole."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from service.access import keys as access_keys
from service.access.keys import Wanted
from service.knowledge.loading import digest
from service.records import audit, decisions, erasing, idempotency, ids, keys, reviews, rulebases, signing
from service.records.decisions import Made
from service.records.opening import PUBLIC_KEYS
from service.records.store import Store
from service.records.verifying import Report, verify

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
RULES = {"rulebase.yaml": "version: '7'\n", "findings/one.yaml": "rules: []\n"}
DIGEST = digest({name: content.encode() for name, content in RULES.items()})
OPERATOR = SimpleNamespace(client="operator", key="command line", request=None)


def parts(subject: str | None, marker: str = "marker") -> dict[str, Any]:
    """Content in the form of a decision's, as small as can be; `marker` stands in every part."""
    body = {"profile": {"age": 52, "note": f"request {marker}"}, **({} if subject is None else {"subject": subject})}
    answer = {
        "disposition": "self_care", "valid_until": "2027-01-01T00:00:00Z", "red_flags": [{"code": "RF.ONE"}], "text": f"answer {marker}",
        "recommendations": [{"intervention": "fibre"}], "clinician_first": [], "withheld": [{"intervention": "hiit"}], "deferred": [],
        "not_indicated": [],
    }  # fmt: skip
    return {
        "request": {"body": body, "voice": "person"}, "answer": answer, "observations": {"notes": [f"observed {marker}"]},
        "trace": [["rule", f"traced {marker}", 0, []]],
    }  # fmt: skip


def decide(store: Store, subject: str | None = None, client: str = "one", key: str | None = None, marker: str = "marker", at: datetime = NOW) -> str:
    """Keep a decision, bound to an idempotency key where one is named."""
    id_, content = ids.new("dec"), parts(subject, marker)
    request = content["request"]
    lease = key and idempotency.take(store.database, client, key, idempotency.fingerprint(**request), at, timedelta(seconds=30))
    sealed = decisions.sealed(Made(id_, at, client, client == "one", DIGEST, content))
    with store.writing(at) as writing:
        decisions.write(writing, sealed)
        if lease:
            idempotency.bind(writing.connection, lease, id_)
    return id_


def review(store: Store, decision: str) -> str:
    names = ("verdict", "reason", "node", "rule", "rule_hash", "intervention", "action", "comment", "location", "reviewer")
    content = {**dict.fromkeys(names), "verdict": "agree", "rule": "rule.one", "rule_hash": "ab", "reviewer": "Dr. A", "comment": "a marker"}
    with store.writing(NOW) as writing:
        return reviews.write(writing, reviews.Given(decision, "two", "key_2", None, content))["id"]


@pytest.fixture
def with_rules(store: Store, tmp_path: Path) -> Store:
    """The store with a rule base of two files."""
    folder = tmp_path / "rules"
    for name, content in RULES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    with store.writing(NOW) as writing:
        rulebases.keep(writing, SimpleNamespace(digest=DIGEST, version="7"), folder)
    return store


@pytest.fixture
def filled(with_rules: Store) -> Store:
    """Keys, one revoked; decisions of two clients, reviewed and not, one of them erased; an access; all of it signed."""
    store = with_rules
    access_keys.make(store, Wanted("one", frozenset({"advise", "read"}), "first", expires=NOW + timedelta(days=9)), NOW)
    revoked, _ = access_keys.make(store, Wanted("two", frozenset({"review"}), "second", shares=True), NOW)
    first = decide(store, "ann", key="k-1")
    decide(store, "ben", client="two")
    decide(store)
    gone = decide(store, "cleo", key="k-2")
    review(store, first)
    review(store, gone)
    with store.writing(NOW) as writing:
        keys.revoke(writing, revoked)
    audit.accessed(store, OPERATOR, "decision", [first], NOW)
    assert erasing.erase_subject(store, "one", "cleo", "key_1", NOW).decisions == 1
    store.checkpoint(NOW)
    return store


@pytest.fixture
def verified(store: Store) -> Callable[[], Report]:
    """Call it for what verification finds in the store."""
    return lambda: verified_of(store)


def verified_of(store: Store) -> Report:
    file = store.checkpoints.file
    return verify(store.database, signing.trusted(file.with_name(PUBLIC_KEYS)), file)
