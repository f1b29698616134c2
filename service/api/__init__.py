"""The HTTP edge: one thin blueprint a resource, one place for errors, one document of it all."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from platform import python_version
from typing import Any

from flask import Flask

from schemas.profile import request_schema
from service.advising import Advisor
from service.api import about, docs, examples, explanations, headers, problems, recommendations, rulebase
from service.api.bodies import LARGEST_BODY
from service.api.document import ABOUT, VERSION, Document
from service.knowledge.records import Knowledge


def install(app: Flask, knowledge: Knowledge, advisor: Advisor, release: str, revision: str, with_docs: bool) -> None:
    """Give the application its routes, errors, headers and document."""
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY + 1
    app.url_map.merge_slashes = False
    shown = _version(knowledge, release, revision)
    headers.install(app, f"{knowledge.version}+{knowledge.digest[:12]}")
    problems.install(app)
    document = Document(
        app, spec_kwargs={"title": "Attune", "version": release, "openapi_version": VERSION, "info": {"description": ABOUT}}
    )
    schema = request_schema(knowledge.vocabulary)
    ask = examples.asker(advisor, schema)
    tag = f"{knowledge.digest[:16]}-{release}"
    document.register_blueprint(recommendations.resource(advisor, schema))
    document.register_blueprint(explanations.resource(advisor, schema))
    document.register_blueprint(rulebase.resource(knowledge, tag))
    finished = cache(lambda: document.finished(examples.all_examples(knowledge, ask) | explanations.all_examples(advisor, schema)))
    document.register_blueprint(about.resource(shown, ask, finished, tag))
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
