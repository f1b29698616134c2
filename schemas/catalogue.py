"""The knowledge as data: the shapes of rules, claims, sources, vocabulary and interventions, and how lists are asked for."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import fields

from schemas.answer import ArticleSchema, EvidenceSchema
from schemas.closed import Closed, Open, mapping, numbers, one, several, text, texts, truth, values, whole
from schemas.faults import refusal
from schemas.fields import StrictInteger, StrictText

LARGEST_PAGE = 500
DIGITS = re.compile(r"[0-9]{1,9}")


class QueryInteger(StrictInteger):
    """A whole number as a query spells it: ASCII digits and nothing else."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if not isinstance(value, str) or not DIGITS.fullmatch(value):
            raise refusal("wrong_type", f"{self.name} must be a whole number")
        return super()._deserialize(int(value), attr, data, **kwargs)


class NoQuery(Closed):
    """No query parameter is taken."""


class PageQuery(Closed):
    """Which part of a list."""

    limit = QueryInteger(
        1,
        LARGEST_PAGE,
        load_default=LARGEST_PAGE,
        metadata={"description": "The most items to return; a list that fits is returned whole."},
    )
    cursor = StrictText(400, metadata={"description": "Where to go on, from the `next` of the page before."})


def listed(item: type[Closed] | type[Open], name: str) -> type[Closed]:
    """Make the shape of a list of these."""
    return Closed.from_dict(
        {
            "items": several(item, "The items of this page."),
            "next": text("Address of the page after this one; null on the last.", null=True, format="uri-reference"),
        },
        name=name,
    )


class CitesSchema(Closed):
    """What a statement rests on, three kinds that are never mixed."""

    article = texts("Ids of claims of the article.", required=False)
    outside = texts("Ids of outside sources.", required=False)
    design = text("Our own choice, and why.", required=False, null=True)


class RuleCaseSchema(Closed):
    """A worked example: given these facts, the rule fires or is silent."""

    name = text("What it shows.")
    given = mapping("The facts, by id.")
    fires = truth("Whether the rule fires.")


class RuleSchema(Closed):
    """One rule."""

    id = text("Its id, unique over the whole rule base.")
    title = text("What it says in words.")
    layer = text("The step of reasoning it belongs to.")
    topic = text("The file it stands in.")
    status = text("Whether a clinician has approved it.", among=["draft", "approved", "retired"])
    when = mapping("The condition, as the file has it.")
    then = mapping("The conclusion, as the file has it.")
    cites = one(CitesSchema, "What it rests on.")
    cases = several(RuleCaseSchema, "Its worked examples.")
    hash = text("Digest of its content, to which an approval is bound.")
    text = text("Its own sentence for people, where it has one; else sentences are generated.", null=True)


class ClaimSchema(Closed):
    """One claim of the article."""

    id = text("Its id.")
    section = text("Section of the article.")
    paragraph = text("Paragraph of the section.")
    kind = text("What sort of claim it is.")
    asserted = truth("Whether the article asserts it, or hedges.")
    paraphrase = text("The claim in our words.")
    rules = texts("Ids of the rules that encode it.")
    edges = texts("Arrows of the graph that it asserts.")
    context_only = text("Why it is deliberately encoded nowhere; else null.", null=True)


class SourceSchema(Open):
    """An outside source."""

    id = text("Its id.")
    citation = text("Authors, journal, year, volume and page.")
    kind = text("What sort of source it is.", required=False)
    title = text("Its title.", required=False)
    doi = text("Its DOI.", required=False)
    mark = text("V where it was seen, K where it is cited from knowledge, ? where it is uncertain.", required=False)


class WordSchema(Closed):
    """One fact of the vocabulary."""

    id = text("Its id.")
    label = text("A clinician's words for it.")
    plain = text("Plain words for it.")
    kind = text("What sort of fact it is.", among=["number", "choice", "boolean", "codes", "flag", "level", "set", "count"])
    input = text("JSON Pointer into the profile; null where it is concluded or computed.", null=True)
    unit = text("Canonical UCUM unit; null where it has none.", null=True)
    units = texts("Every unit that it may be given in.")
    hard = numbers("Lowest and highest value accepted, in the canonical unit.", null=True)
    soft = numbers("Values beyond these are accepted, and the caller is asked to confirm them.", null=True)
    formula = text("Name of the formula that computes it.", null=True)
    from_ = fields.List(fields.String(), required=True, data_key="from", metadata={"description": "What it is computed or counted from."})
    valid_for_days = whole("How long a measurement of it counts, in days.", null=True)
    changeable = text("Whether, and in which direction, a person may change it.")
    codes = mapping("Its codes in other systems.")
    value_codes = mapping("The codes of its values in other systems.")
    question = text("How to ask for it.", null=True)
    cites = one(CitesSchema, "What its definition rests on.", null=True)
    values = values("The values it may have; levels strongest first.")


class InterventionSchema(Closed):
    """One intervention."""

    id = text("Its id.")
    title = text("In words.")
    components = texts("Its parts.")
    article = one(ArticleSchema, "What the article says.")
    evidence = one(EvidenceSchema, "What evidence from outside the article says.")
    rules = texts("Ids of the rules that offer, gate, plan or rank it.")


class RulebaseSchema(Closed):
    """The rule base at a glance."""

    version = text("Its version.")
    digest = text("SHA-256 over every rule file that takes part in an answer, in hex.")
    title = text("Its title.")
    intended_use = text("What it is for, and what not.")
    status = mapping("How many rules are draft, approved, retired.")
    counts = mapping("How many entries of each sort it has.")


RulesSchema = listed(RuleSchema, "RulesSchema")
ClaimsSchema = listed(ClaimSchema, "ClaimsSchema")
SourcesSchema = listed(SourceSchema, "SourcesSchema")
VocabularySchema = listed(WordSchema, "VocabularySchema")
InterventionsSchema = listed(InterventionSchema, "InterventionsSchema")
