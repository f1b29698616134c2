"""Errors after RFC 9457, and what the service says of itself."""

from __future__ import annotations

from typing import get_args

from schemas.closed import Closed, one, several, text, whole
from schemas.faults import Code


class FieldErrorSchema(Closed):
    """One field at fault."""

    pointer = text("JSON Pointer into the body as it was sent, or /query/<name> for a query parameter.")
    code = text("What is wrong, for programs.", among=get_args(Code))
    message = text("What is wrong, for people.")


class ProblemSchema(Closed):
    """A problem, as RFC 9457 has it."""

    type = text("Address of the page that explains this kind of problem.", format="uri-reference")
    title = text("The kind of problem in words.")
    status = whole("The HTTP status.")
    detail = text("What went wrong this time; never says anything about the person.")
    instance = text("Path of the request.", format="uri-reference")
    request_id = text("Id of the request, as in X-Request-ID.", null=True)
    errors = several(FieldErrorSchema, "Every field at fault.", required=False)


class ProblemKindSchema(Closed):
    """A kind of problem."""

    type = text("Its address.", format="uri-reference")
    title = text("Its name in words.")
    status = whole("The HTTP status it comes with.")
    about = text("What it means and what to do.")


class FaultCodeSchema(Closed):
    """What can be wrong with a field."""

    code = text("As it stands in `errors` of a problem.", among=get_args(Code))
    about = text("What it means.")


class ProblemsSchema(Closed):
    """Every kind of problem, and every code of a field at fault."""

    items = several(ProblemKindSchema, "The kinds of problems.")
    codes = several(FaultCodeSchema, "The codes of fields at fault.")


class RulebaseNameSchema(Closed):
    """Which rule base answers."""

    version = text("Its version.")
    digest = text("SHA-256 over every rule file that takes part in an answer, in hex.")


class EngineNameSchema(Closed):
    """Which engine fires the rules."""

    name = text("Its name.")
    version = text("Its version.")


class HealthSchema(Closed):
    """The process is alive."""

    status = text("Always ok.", among=["ok"])


class ReadySchema(Closed):
    """Answers can be given."""

    status = text("Always ready; anything else is a 503.", among=["ready"])
    rulebase = one(RulebaseNameSchema, "The rule base that is loaded.")


class VersionSchema(Closed):
    """What this is."""

    service = text("Version of the service.")
    revision = text("The commit it was built from, where that was said.")
    python = text("Version of Python.")
    engine = one(EngineNameSchema, "The engine.")
    rulebase = one(RulebaseNameSchema, "The rule base.")
