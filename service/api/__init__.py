"""The HTTP edge: one thin blueprint a resource, one place for errors, one door, one document of it all."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from platform import python_version
from typing import Any

from flask import Flask

from schemas.profile import request_schema
from service.access.credentials import Credentials
from service.advising import Advisor
from service.api import (
    about,
    answers,
    audit,
    decisions,
    docs,
    examples,
    explanations,
    guard,
    problems,
    recommendations,
    reviews,
    rulebase,
    subjects,
)
from service.api.bodies import LARGEST_BODY
from service.api.document import ABOUT, VERSION, Document
from service.decisions.deciding import Decider
from service.decisions.finding import Finder
from service.decisions.recalling import Recaller
from service.decisions.reviewing import Reviews
from service.explaining.questions import Questions
from service.knowledge import catalogue
from service.knowledge.rulebase import Knowledge
from service.preparing import Preparation
from service.records.store import Store


@dataclass(frozen=True)
class Parts:
    """What the resources ask."""

    knowledge: Knowledge
    advisor: Advisor
    questions: Questions
    store: Store
    decider: Decider
    recaller: Recaller
    credentials: Credentials
    preparation: Preparation


def install(app: Flask, parts: Parts, release: str, revision: str, with_docs: bool, limit_storage: str) -> None:
    """Give the application its door, routes, errors, headers and document."""
    knowledge, advisor = parts.knowledge, parts.advisor
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY + 1
    app.url_map.merge_slashes = False
    shown = _version(knowledge, release, revision)
    answers.install(app, f"{knowledge.version}+{knowledge.digest[:12]}")
    problems.install(app)
    guard.install(app, parts.credentials, limit_storage, parts.preparation.ensure)
    document = Document(
        app, spec_kwargs={"title": "Attune", "version": release, "openapi_version": VERSION, "info": {"description": ABOUT}}
    )
    schema, names = request_schema(knowledge.vocabulary), catalogue.names(knowledge)
    ask = examples.asker(advisor, schema)
    tag = f"{knowledge.digest[:16]}-{release}"
    document.register_blueprint(recommendations.resource(parts.decider, schema))
    document.register_blueprint(explanations.resource(parts.questions, schema))
    said = Reviews(parts.store, parts.recaller)
    document.register_blueprint(rulebase.resource(knowledge, tag, said))
    document.register_blueprint(reviews.resource(said, names["interventions"]))
    document.register_blueprint(decisions.resource(Finder(parts.store, parts.recaller), parts.recaller, names))
    document.register_blueprint(audit.resource(parts.store))
    document.register_blueprint(subjects.resource(parts.store))
    asked_of = parts.questions
    shown_by = cache(lambda: examples.all_examples(knowledge, ask) | explanations.all_examples(asked_of, schema) | reviews.all_examples())
    finished = cache(lambda: document.finished(shown_by(), guard.all_needed(app), names))
    document.register_blueprint(about.resource(shown, (parts.preparation.check, ask), finished, tag))
    if with_docs:
        app.register_blueprint(docs.blueprint())


def _version(knowledge: Knowledge, release: str, revision: str) -> dict[str, Any]:
    return {
        "service": release,
        "revision": revision,
        "python": python_version(),
        "engine": {"name": "durable-rules", "version": version("durable-rules")},
        "rulebase": {"version": knowledge.version, "digest": knowledge.digest},
    }
