"""A decision as it is kept: an entry of the log with commitments, and the sealed content."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict, cast

import orjson
from sqlalchemy import Connection, insert, select, text

from schemas.answer import LISTS
from service.records import ids
from service.records.canonical import canonical
from service.records.sealing import Secret, keyed_digest
from service.records.store import Writing
from service.records.tables import decision, store

PARTS = ("answer", "observations", "request", "trace")


_EACH = {"sqlite": "json_each(:marks)", "postgresql": "json_array_elements_text(CAST(:marks AS json))"}
# One statement for all marks of a decision: each statement more holds up everybody else who writes.
_INSERT_MARKS = {name: text(f"INSERT INTO mark (decision, mark) SELECT :decision, value FROM {each}") for name, each in _EACH.items()}  # noqa: S608


class RequestPart(TypedDict):
    """The body as the caller sent it, and the voice it is answered in."""

    body: dict[str, Any]
    voice: str


class DecisionParts(TypedDict):
    """What PARTS names, as it is read back."""

    answer: dict[str, Any]
    observations: dict[str, Any]
    request: RequestPart
    trace: list[list[Any]]


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


@dataclass(frozen=True)
class Sealed:
    """A decision ready to be written: what its entry says, and its secret and content."""

    made: Made
    said: Mapping[str, Any]
    kept: Mapping[str, bytes]


def sealed(made: Made) -> Sealed:
    """All the work there is, done before the transaction begins: while it lasts no other decision can be written."""
    secret = Secret.new()
    parts = {name: canonical(made.parts[name]) for name in PARTS}
    said = {
        "id": made.id, "at": ids.stamp(made.at), "client": made.client, "shared": made.shared, "rulebase": made.rulebase,
        "commitments": {name: secret.commitment(name, part) for name, part in parts.items()},
    }  # fmt: skip
    return Sealed(made, said, {"secret": secret.kept(), "content": secret.seal(joined(parts), made.id)})


def write(writing: Writing, one: Sealed) -> None:
    """Keep a decision within the caller's transaction."""
    made, connection = one.made, writing.connection
    link = writing.append("decision", made.id, one.said)
    row = {
        "id": made.id, "seq": link.seq, "client": made.client, "created_at": one.said["at"], "rulebase": made.rulebase,
        "shared": made.shared, **one.kept, **looked_up_by(connection, made.client, made.parts),
    }  # fmt: skip
    connection.execute(insert(decision), row)
    listed = json.dumps(sorted(marks(made.parts["answer"])))
    connection.execute(_INSERT_MARKS[connection.dialect.name], {"decision": made.id, "marks": listed})


def joined(parts: Mapping[str, bytes]) -> bytes:
    """One canonical object of canonical parts."""
    return b"{" + b",".join(b'"%s":%s' % (name.encode(), parts[name]) for name in sorted(parts)) + b"}"


def parted(content: bytes) -> dict[str, bytes]:
    """The canonical parts that `joined` joined. Raises ValueError where it did not."""
    parts, end = {}, len(content) - 1
    for name in sorted(PARTS, reverse=True):
        key = (b'{"%s":' if name == min(PARTS) else b',"%s":') % name.encode()
        start = content.rindex(key, 0, end)
        parts[name], end = content[start + len(key) : end], start
    return parts


def looked_up_by(connection: Connection, client: str, parts: Mapping[str, Any]) -> dict[str, str | None]:
    """The personal columns that repeat the content, for queries."""
    body = parts["request"]["body"]
    key = b"" if body.get("subject") is None else _subject_key(connection)
    return repeated(key, client, body, parts["answer"])


def repeated(subject_key: bytes, client: str, body: Mapping[str, Any], answer: Mapping[str, Any]) -> dict[str, str | None]:
    """The same for a store with this key."""
    subject = body.get("subject")
    return {
        "subject_ref": None if subject is None else keyed_digest(subject_key, client, subject),
        "disposition": answer["disposition"],
        "valid_until": answer.get("valid_until"),
    }


def subject_ref(connection: Connection, client: str, subject: str) -> str:
    """What a client's subject is found by; tells nothing without the store's key."""
    return keyed_digest(_subject_key(connection), client, subject)


def _subject_key(connection: Connection) -> bytes:
    return cast("bytes", connection.scalar(select(store.c.subject_key)))


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

    def parts(self) -> DecisionParts:
        """What PARTS names. Raises SealBroken where it was changed, Erased where it is gone."""
        if self.content is None or self.secret is None:
            raise Erased(self.erased_at)
        parts: DecisionParts = orjson.loads(Secret.of(self.secret).open(self.content, self.id))
        return parts


class Erased(Exception):
    """The content of a decision was removed; `at` says when."""

    def __init__(self, at: str | None):
        super().__init__()
        self.at = at


def read(connection: Connection, id_: str) -> Kept | None:
    """One decision, whoever's it is."""
    found = connection.execute(select(*(decision.c[name] for name in Kept.__dataclass_fields__)).where(decision.c.id == id_)).first()
    return Kept(*found) if found else None
