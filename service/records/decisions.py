"""A decision as it is kept: an entry of the log with commitments, and the sealed content."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, insert, select

from service.records import ids
from service.records.canonical import canonical
from service.records.sealing import Secret, keyed_digest
from service.records.store import Writing
from service.records.tables import decision, mark, store

PARTS = ("answer", "observations", "request", "trace")
LISTS = ("recommendations", "clinician_first", "withheld", "deferred", "not_indicated")


@dataclass(frozen=True)
class Made:
    """A decision about to be kept. `parts` has what PARTS names, ready for JSON.

    `request` is {body, voice}: the body as the caller sent it, and the voice it is answered in.
    """

    id: str
    at: datetime
    client: str
    shared: bool
    rulebase: str
    parts: Mapping[str, Any]


def write(writing: Writing, made: Made) -> None:
    """Keep a decision within the caller's transaction."""
    secret = Secret.new()
    parts = {name: canonical(made.parts[name]) for name in PARTS}
    said = {
        "id": made.id, "at": ids.stamp(made.at), "client": made.client, "shared": made.shared, "rulebase": made.rulebase,
        "commitments": {name: secret.commitment(name, part) for name, part in parts.items()},
    }  # fmt: skip
    link = writing.append("decision", made.id, said)
    connection = writing.connection
    connection.execute(
        insert(decision).values(
            id=made.id, seq=link.seq, client=made.client, created_at=said["at"], rulebase=made.rulebase, shared=made.shared,
            secret=secret.kept(), content=secret.seal(joined(parts), made.id), **looked_up_by(connection, made.client, made.parts),
        )
    )  # fmt: skip
    connection.execute(insert(mark), [{"decision": made.id, "mark": one} for one in sorted(marks(made.parts["answer"]))])


def joined(parts: Mapping[str, bytes]) -> bytes:
    """One canonical object of canonical parts."""
    return b"{" + b",".join(b'"%s":%s' % (name.encode(), parts[name]) for name in sorted(parts)) + b"}"


def looked_up_by(connection: Connection, client: str, parts: Mapping[str, Any]) -> dict[str, str | None]:
    """The personal columns that repeat the content, for queries."""
    subject, answer = parts["request"]["body"].get("subject"), parts["answer"]
    return {
        "subject_ref": None if subject is None else subject_ref(connection, client, subject),
        "disposition": answer["disposition"],
        "valid_until": answer.get("valid_until"),
    }


def subject_ref(connection: Connection, client: str, subject: str) -> str:
    """What a client's subject is found by; tells nothing without the store's key."""
    return keyed_digest(connection.scalar(select(store.c.subject_key)), client, subject)


def marks(answer: Mapping[str, Any]) -> Iterable[str]:
    """What a decision can be looked up by: each intervention with its list, each red flag."""
    yield from {f"{name}:{row['intervention']}" for name in LISTS for row in answer[name]}
    yield from {f"red_flag:{row['code']}" for row in answer["red_flags"]}


@dataclass(frozen=True)
class Kept:
    """A decision as it stands in the store; `secret` and `content` are None once it is erased."""

    id: str
    seq: int
    client: str
    created_at: str
    rulebase: str
    shared: bool
    erased_at: str | None
    secret: bytes | None
    content: bytes | None

    def parts(self) -> dict[str, Any]:
        """What PARTS names. Raises SealBroken where it was changed, Erased where it is gone."""
        if self.content is None or self.secret is None:
            raise Erased(self.erased_at)
        return orjson.loads(Secret.of(self.secret).open(self.content, self.id))


class Erased(Exception):
    """The content of a decision was removed; `at` says when."""

    def __init__(self, at: str | None):
        super().__init__()
        self.at = at


def read(connection: Connection, id_: str) -> Kept | None:
    """One decision, whoever's it is."""
    found = connection.execute(select(*(decision.c[name] for name in Kept.__dataclass_fields__)).where(decision.c.id == id_)).first()
    return Kept(*found) if found else None
