"""One exported decision: everything it takes to check it without the service and its database."""

from __future__ import annotations

from schemas.closed import Closed, anything, mapping, one, text, texts, whole

FORMAT = "attune-record/1"


class CheckpointSchema(Closed):
    """The length and hash of a log, signed."""

    store = text("The id of the store.")
    seq = whole("How many entries the log had.")
    hash = text("The hash of the log after them, in hexadecimal.")
    at = text("When it was signed.")
    key = text("The short name of the key.")
    signature = text("Ed25519 over the other fields in the form of RFC 8785, in hexadecimal.")


class PartsSchema(Closed):
    """The content that the entry is committed to."""

    answer = mapping("The answer as it was given.")
    observations = mapping("The profile as it was understood, with the numbers made from it.")
    request = mapping("The request as it was sent, and the voice it was answered in.")
    trace = anything("Every step, premises first.")


class RecordedRulesSchema(Closed):
    """The rules of its day."""

    version = text("As the files state it.")
    files = mapping("Each file's content by its name.")


class RecordSchema(Closed):
    """One decision with its proof."""

    format = text("The form of this document.", among=(FORMAT,))
    entry = mapping("The decision's entry of the log.")
    previous = text("The hash of the log before the entry, in hexadecimal.")
    leaves = texts("SHA-256 of each entry after it, up to the checkpoint, in hexadecimal.")
    checkpoint = one(CheckpointSchema, "The first checkpoint that covers the entry; null where there is none yet.", null=True)
    salt = text("What the commitments are salted with, in hexadecimal.")
    parts = one(PartsSchema, "What was sent, understood, derived and answered.")
    rulebase = one(RecordedRulesSchema, "The rule base that the decision was made with.")
