"""What the service says of itself: alive, ready, which version, which problems, and its OpenAPI document."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flask import Response

from schemas import problem as shapes
from schemas.faults import ABOUT
from service import observing
from service.api import answers, guard
from service.api.document import Resource
from service.api.problems import KINDS, Kind, Problem


def resource(
    version: dict[str, Any], self_tests: Iterable[Callable[[], Any]], document: Callable[[], dict[str, Any]], tag: str
) -> Resource:
    """Build the resource; each self-test asks a part of the service once and raises where it does not answer as it should."""
    blueprint = Resource("service", __name__, needs=guard.EVERYBODY, description="The service itself.")

    @blueprint.route("/healthz")
    @blueprint.response(200, shapes.HealthSchema, description="The process answers.")
    @blueprint.faults()
    def healthz() -> Response:
        """Tell whether the process is alive; asks nothing else."""
        return answers.json({"status": "ok"})

    @blueprint.route("/readyz")
    @blueprint.response(200, shapes.ReadySchema, description="Answers can be given.")
    @blueprint.faults(503)
    def readyz() -> Response:
        """Tell whether answers can be given: the store has just answered, and so has the engine, about a profile."""
        try:
            for self_test in self_tests:
                self_test()
        except Exception as error:
            observing.fault("not_ready", error)
            raise Problem("unavailable", "The store or the engine does not answer.", headers={"Retry-After": "5"}) from None
        return answers.json({"status": "ready", "rulebase": version["rulebase"]})

    @blueprint.route("/version")
    @blueprint.response(200, shapes.VersionSchema, description="Versions of the service, its engine and its rule base.")
    @blueprint.faults()
    def show_version() -> Response:
        """Tell what this is."""
        return answers.json(version)

    @blueprint.route("/problems/<string(maxlength=64):name>")
    @blueprint.response(200, shapes.ProblemKindSchema, description="One kind of problem.")
    @blueprint.faults(404)
    def problem(name: str) -> Response:
        """Explain a problem's `type`."""
        if name not in KINDS:
            raise Problem("not-found", "There is no such kind of problem.")
        return answers.json(told(KINDS[name]))

    @blueprint.route("/problems")
    @blueprint.response(200, shapes.ProblemsSchema, description="Every kind of problem, and every code of a field at fault.")
    @blueprint.faults()
    def problems() -> Response:
        """List what an answer with a status of 400 or more can say."""
        codes = [{"code": code, "about": about} for code, about in ABOUT.items()]
        return answers.json({"items": [told(kind) for kind in KINDS.values()], "codes": codes})

    @blueprint.route("/openapi.json")
    @blueprint.response(200, {"type": "object"}, description="OpenAPI 3.1, made from the schemas and routes that serve.")
    @blueprint.unchanging
    @blueprint.faults()
    def openapi() -> Response:
        """Show this document."""
        return answers.unchanging(tag, document)

    return blueprint


def told(kind: Kind) -> dict[str, Any]:
    return {"type": kind.type, "title": kind.title, "status": kind.status, "about": kind.about}
