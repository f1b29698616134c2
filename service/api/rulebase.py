"""GET /v1/rulebase and what is below it in meaning: the knowledge, as data."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any

import marshmallow as ma
from flask import Response

from schemas import catalogue as shapes
from schemas.reviews import ReviewedRuleSchema
from service.api import answers, guard
from service.api.document import Resource
from service.api.problems import Problem
from service.decisions.reviewing import Reviews
from service.knowledge import catalogue
from service.knowledge.basis import basis
from service.knowledge.catalogue import Document
from service.knowledge.rulebase import Knowledge
from service.records.canonical import canonical, sha256

WHOLES: dict[str, tuple[Callable[[Knowledge], Document], type[ma.Schema], str]] = {
    "rulebase": (catalogue.rulebase, shapes.RulebaseSchema, "Tell which rule base answers, and what is in it."),
    "rulebase/basis": (basis, shapes.BasisSchema, "Give the basis for review: use, inputs, logic, evidence, limits, source attributes."),
}
LISTS: dict[str, tuple[Callable[[Knowledge], list[Document]], type[ma.Schema], str]] = {
    "rules": (catalogue.rules, shapes.RulesSchema, "Every rule, with its citation, its cases and its hash."),
    "claims": (catalogue.claims, shapes.ClaimsSchema, "Every claim of the article, with the rules that encode it."),
    "sources": (catalogue.sources, shapes.SourcesSchema, "Every outside source that a rule cites."),
    "vocabulary": (catalogue.vocabulary, shapes.VocabularySchema, "Every fact: label, kind, unit, range, codes."),
    "interventions": (catalogue.interventions, shapes.InterventionsSchema, "Every intervention, with its evidence and its rules."),
}
ITEMS: dict[str, tuple[Callable[[Knowledge, str], Document], type[ma.Schema], str]] = {
    "rules": (catalogue.rule, ReviewedRuleSchema, "One rule, with what reviewers say of it."),
    "claims": (catalogue.claim, shapes.ClaimSchema, "One claim of the article."),
}


def resource(knowledge: Knowledge, tag: str, reviews: Reviews) -> Resource:
    """Build the resource that shows this knowledge; its documents change only with `tag`, and a rule also with what is said of it."""
    about_it = "What the service knows: rules, claims, sources, vocabulary."
    blueprint = Resource("knowledge", __name__, needs=guard.ANY_KEY, description=about_it)
    for name, (make, schema, about) in WHOLES.items():
        _add_whole(blueprint, name, cache(lambda make=make: make(knowledge)), schema, about, tag)
    for name, (read, schema, about) in LISTS.items():
        _add_list(blueprint, name, cache(lambda read=read: read(knowledge)), schema, about, tag)
    live = {"rules": lambda rule: {"reviews": reviews.on_rule(rule["id"], rule["hash"])}}
    for name, (find, schema, about) in ITEMS.items():
        _add_item(blueprint, name, partial(find, knowledge), schema, about, tag, live.get(name))
    _add_lookup(blueprint, knowledge)
    return blueprint


def _add_lookup(blueprint: Resource, knowledge: Knowledge) -> None:
    @blueprint.route("/v1/vocabulary/lookup")
    @blueprint.arguments(shapes.LookupQuery, location="query")
    @blueprint.response(200, shapes.TermsSchema, description="Words that may have been meant, best first.")
    @blueprint.faults()
    def vocabulary_lookup(query: dict[str, Any]) -> Response:
        """Find a word as a person types it, for a field of an app.

        What is only `near` is a suggestion, and is never to be taken without asking. What was typed is logged nowhere.
        """
        return answers.json({"items": catalogue.lookup(knowledge, query["kind"], query["q"], query["limit"])})


def _add_whole(blueprint: Resource, name: str, make: Callable[[], Document], schema: type[ma.Schema], about: str, tag: str) -> None:
    @blueprint.arguments(shapes.NoQuery, location="query")
    @blueprint.response(200, schema, description=about)
    @blueprint.unchanging
    @blueprint.faults()
    def view(_query: dict[str, Any]) -> Response:
        return answers.unchanging(tag, make)

    view.__doc__ = about
    blueprint.add_url_rule(f"/v1/{name}", name.replace("/", "_"), view)


def _add_list(blueprint: Resource, name: str, items: Callable[[], list[Document]], schema: type[ma.Schema], about: str, tag: str) -> None:
    @blueprint.arguments(shapes.PageQuery, location="query")
    @blueprint.response(200, schema, description="A page of the list.")
    @blueprint.unchanging
    @blueprint.faults()
    def view(query: dict[str, Any]) -> Response:
        return answers.unchanging(tag, lambda: answers.page(items(), f"/v1/{name}", **query))

    view.__doc__ = about
    blueprint.add_url_rule(f"/v1/{name}", name, view)


def _add_item(
    blueprint: Resource, name: str, read: Callable[[str], Document], schema: type[ma.Schema], about: str, tag: str,
    live: Callable[[Document], Document] | None,
) -> None:  # fmt: skip
    @blueprint.arguments(shapes.NoQuery, location="query")
    @blueprint.response(200, schema, description=about)
    @blueprint.unchanging
    @blueprint.faults(404)
    def view(_query: dict[str, Any], id: str) -> Response:
        try:
            item = read(id)
        except KeyError:
            raise Problem("not-found", f"There is no such entry among the {name}.") from None
        now = live(item) if live else {}
        return answers.unchanging(f"{tag}-{sha256(canonical(now)).hex()[:16]}" if now else tag, lambda: {**item, **now})

    view.__doc__ = about
    blueprint.add_url_rule(f"/v1/{name}/<string(maxlength=128):id>", f"{name}_item", view)
