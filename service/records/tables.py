"""Every table, for queries; what the columns mean is told in README.md beside this file, and migrations/ makes them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, LargeBinary, MetaData, Select, Table, Text, UniqueConstraint

Query = Select[*tuple[Any, ...]]  # whatever its columns

metadata = MetaData(
    naming_convention={"ix": "ix_%(table_name)s_%(column_0_N_name)s", "uq": "uq_%(table_name)s_%(column_0_N_name)s",
                       "fk": "fk_%(table_name)s_%(column_0_name)s", "pk": "pk_%(table_name)s"}
)  # fmt: skip
_Seq = BigInteger().with_variant(Integer, "sqlite")

store = Table(
    "store",
    metadata,
    Column("id", Text, primary_key=True),
    Column("created_at", Text, nullable=False),
    Column("subject_key", LargeBinary, nullable=False),
)
log = Table(
    "log",
    metadata,
    Column("seq", _Seq, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("about", Text),  # the decision or key that the entry is about, where it is one
    Column("entry", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Index(None, "about"),
    Index(None, "kind", "seq"),
)
checkpoint = Table(
    "checkpoint",
    metadata,
    Column("seq", _Seq, primary_key=True, autoincrement=False),
    Column("at", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("signature", Text, nullable=False),
)
rulebase = Table(
    "rulebase",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("version", Text, nullable=False),
    Column("added_at", Text, nullable=False),
    Column("files", LargeBinary, nullable=False),  # zlib of {file: content} in the form of RFC 8785
)
decision = Table(
    "decision",
    metadata,
    Column("id", Text, primary_key=True),
    Column("seq", _Seq, ForeignKey("log.seq"), nullable=False, unique=True),
    Column("client", Text, nullable=False),
    Column("created_at", Text, nullable=False),
    Column("rulebase", Text, ForeignKey("rulebase.digest"), nullable=False),
    Column("shared", Boolean, nullable=False),
    Column("erased_at", Text),
    # personal: null once erased
    Column("subject_ref", Text),
    Column("disposition", Text),
    Column("valid_until", Text),
    Column("secret", LargeBinary),
    Column("content", LargeBinary),
    Index(None, "client", "seq"),
    Index(None, "client", "subject_ref"),
    Index(None, "created_at"),
    Index(None, "valid_until"),
    Index(None, "rulebase", "seq"),
)
mark = Table(
    "mark",
    metadata,
    Column("decision", Text, ForeignKey("decision.id"), primary_key=True),
    Column("mark", Text, primary_key=True),  # `recommendations:fibre`, `red_flag:R-01`
    Index(None, "mark", "decision"),
)
review = Table(
    "review",
    metadata,
    Column("id", Text, primary_key=True),
    Column("seq", _Seq, ForeignKey("log.seq"), nullable=False, unique=True),
    Column("decision", Text, ForeignKey("decision.id"), nullable=False),
    Column("client", Text, nullable=False),
    Column("at", Text, nullable=False),
    # personal: null once the decision is erased
    Column("verdict", Text),
    Column("rule", Text),
    Column("rule_hash", Text),
    Column("thread", Text),  # the same for what one reviewer says of one thing: the newest of a thread is current
    Column("content", LargeBinary),
    Index(None, "decision", "seq"),
    Index(None, "rule"),
    Index(None, "thread", "seq"),
)
idempotency = Table(
    "idempotency",
    metadata,
    Column("client", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("fingerprint", Text, nullable=False),
    Column("owner", Text, nullable=False),  # the request that is answering, or answered
    Column("lease_until", Text, nullable=False),
    Column("decision", Text, ForeignKey("decision.id")),
    Index(None, "lease_until"),
    Index(None, "decision"),
)
access_key = Table(
    "access_key",
    metadata,
    Column("id", Text, primary_key=True),
    Column("prefix", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("client", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("scopes", Text, nullable=False),  # separated by a space, in alphabetical order
    Column("rate", Text, nullable=False),  # as `600/minute`
    Column("shares", Boolean, nullable=False),  # its decisions are shown to reviewers
    Column("created_at", Text, nullable=False),
    Column("expires_at", Text),
    Column("revoked_at", Text),
    UniqueConstraint("prefix"),
)
