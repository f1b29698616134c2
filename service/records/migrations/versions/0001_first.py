"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SEQ = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "access_key",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("rate", sa.Text(), nullable=False),
        sa.Column("shares", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.Text(), nullable=True),
        sa.Column("revoked_at", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_key")),
        sa.UniqueConstraint("prefix", name=op.f("uq_access_key_prefix")),
    )
    op.create_table(
        "checkpoint",
        sa.Column("seq", SEQ, autoincrement=False, nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_checkpoint")),
    )
    op.create_table(
        "log",
        sa.Column("seq", SEQ, autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=True),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_log")),
    )
    op.create_index(op.f("ix_log_about"), "log", ["about"], unique=False)
    op.create_index(op.f("ix_log_kind_seq"), "log", ["kind", "seq"], unique=False)
    op.create_table(
        "rulebase",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("added_at", sa.Text(), nullable=False),
        sa.Column("files", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_rulebase")),
    )
    op.create_table(
        "store",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("subject_key", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_store")),
    )
    op.create_table(
        "decision",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("seq", SEQ, nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("rulebase", sa.Text(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("erased_at", sa.Text(), nullable=True),
        sa.Column("subject_ref", sa.Text(), nullable=True),
        sa.Column("disposition", sa.Text(), nullable=True),
        sa.Column("valid_until", sa.Text(), nullable=True),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["rulebase"], ["rulebase.digest"], name=op.f("fk_decision_rulebase")),
        sa.ForeignKeyConstraint(["seq"], ["log.seq"], name=op.f("fk_decision_seq")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
        sa.UniqueConstraint("seq", name=op.f("uq_decision_seq")),
    )
    op.create_index(op.f("ix_decision_client_seq"), "decision", ["client", "seq"], unique=False)
    op.create_index(op.f("ix_decision_client_subject_ref"), "decision", ["client", "subject_ref"], unique=False)
    op.create_index(op.f("ix_decision_created_at"), "decision", ["created_at"], unique=False)
    op.create_index(op.f("ix_decision_rulebase_seq"), "decision", ["rulebase", "seq"], unique=False)
    op.create_index(op.f("ix_decision_valid_until"), "decision", ["valid_until"], unique=False)
    op.create_table(
        "idempotency",
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("lease_until", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["decision"], ["decision.id"], name=op.f("fk_idempotency_decision")),
        sa.PrimaryKeyConstraint("client", "key", name=op.f("pk_idempotency")),
    )
    op.create_index(op.f("ix_idempotency_decision"), "idempotency", ["decision"], unique=False)
    op.create_index(op.f("ix_idempotency_lease_until"), "idempotency", ["lease_until"], unique=False)
    op.create_table(
        "mark",
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["decision"], ["decision.id"], name=op.f("fk_mark_decision")),
        sa.PrimaryKeyConstraint("decision", "mark", name=op.f("pk_mark")),
    )
    op.create_index(op.f("ix_mark_mark_decision"), "mark", ["mark", "decision"], unique=False)
    op.create_table(
        "review",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("seq", SEQ, nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.Column("rule", sa.Text(), nullable=True),
        sa.Column("rule_hash", sa.Text(), nullable=True),
        sa.Column("thread", sa.Text(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["decision"], ["decision.id"], name=op.f("fk_review_decision")),
        sa.ForeignKeyConstraint(["seq"], ["log.seq"], name=op.f("fk_review_seq")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
        sa.UniqueConstraint("seq", name=op.f("uq_review_seq")),
    )
    op.create_index(op.f("ix_review_decision_seq"), "review", ["decision", "seq"], unique=False)
    op.create_index(op.f("ix_review_rule"), "review", ["rule"], unique=False)
    op.create_index(op.f("ix_review_thread_seq"), "review", ["thread", "seq"], unique=False)


def downgrade() -> None:
    op.drop_table("access_key")
    op.drop_table("idempotency")
    op.drop_table("review")
    op.drop_table("mark")
    op.drop_table("decision")
    op.drop_table("rulebase")
    op.drop_table("checkpoint")
    op.drop_table("log")
    op.drop_table("store")
