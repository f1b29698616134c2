"""The knowledge as data: the shapes of rules, claims, sources, vocabulary and interventions, and how lists are asked for."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import Schema, fields

from schemas.answer import ArticleSchema, EvidenceSchema, SourcedSchema
from schemas.closed import Closed, Open, mapping, number, numbers, one, several, text, texts, truth, values, whole
from schemas.faults import refusal
from schemas.fields import Choice, StrictInteger, StrictText

LARGEST_PAGE = 500
LONGEST_TYPED, MOST_FOUND, USUALLY_FOUND = 64, 50, 10
LOOKED_UP = ("medicine", "supplement", "condition", "symptom", "allergy")
MATCHES = ("exact", "prefix", "near")
OUTCOMES = ("rules", "reviewed", "not_reviewed")
DIGITS = re.compile(r"[0-9]{1,9}")


class QueryInteger(StrictInteger):
    """A whole number as a query spells it: ASCII digits and nothing else."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
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


class LookupQuery(Closed):
    """A word as a person types it."""

    kind = Choice(LOOKED_UP, required=True, metadata={"description": "What sort of word it is."})
    q = StrictText(LONGEST_TYPED, required=True, metadata={"description": "What has been typed so far."})
    limit = QueryInteger(1, MOST_FOUND, load_default=USUALLY_FOUND, metadata={"description": "The most items to return."})


class TermSchema(Closed):
    """A word that is understood."""

    code = text("What to send in the profile.")
    label = text("The same for people.")
    match = text("How it fits what was typed; what is only near is a suggestion, and never to be taken without asking.", among=MATCHES)
    outcome = text("Whether rules read it, it was reviewed and nothing is to be minded, or it counts as unknown.", among=OUTCOMES)
    atc = texts("Its ATC codes, of a medicine.", required=False)
    ingredients = texts("The codes of its ingredients, of a medicine that has several.", required=False)


class TermsSchema(Closed):
    """Words that may have been meant, best first."""

    items = several(TermSchema, "The words.")


def listed(item: type[Closed] | type[Open], name: str) -> type[Schema]:
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
    author = text("Its first author, or the body that published it.", required=False)
    year = whole("When it was published; missing where it is kept up to date.", required=False)
    kind = text("What sort of source it is.", required=False)
    title = text("Its title.", required=False)
    doi = text("Its DOI.", required=False)
    url = text("Its address.", required=False)
    verified = text("On which day its text, or a copy of its abstract, was seen.", required=False)
    note = text("What it does not support, or what is to be minded.", required=False)
    mark = text("V where it was seen, K where it is cited from knowledge, ? where it is uncertain.", required=False)
    withdrawn = text("Why it no longer counts; only where it was withdrawn.", required=False)


class VariabilitySchema(Closed):
    """A standard deviation within one person, in one of two measures."""

    source = text("Id of the source.")
    percent = number("In percent of the value.", null=True)
    absolute = number("In the canonical unit.", null=True)


class LastingSchema(Closed):
    """Below which limit two readings lie that are so many days apart, for it to count as lasting."""

    below = number("The limit, in the canonical unit.")
    days = whole("How many days are between them at least.")


class JointSchema(Closed):
    """What no body has together: times x value / other to the power lies within `hard`."""

    other = text("The other measurement.")
    hard = numbers("The lowest and highest result that is accepted.")
    power = whole("To what power the other is taken.")
    times = number("By what the value is multiplied.")


class UnremarkableSchema(Closed):
    """Values of which no rule has to say anything."""

    limits = values("From where to where, in the canonical unit: {at_least | above | at_most | below: number} each; none: everywhere.")
    because = text("Why.")


class WordSchema(Closed):
    """One fact of the vocabulary."""

    id = text("Its id.")
    label = text("A clinician's words for it.")
    plain = text("Plain words for it.")
    kind = text("What sort of fact it is.", among=["number", "choice", "boolean", "codes", "flag", "level", "set", "count"])
    input = text("JSON Pointer into the profile; null where it is concluded or computed.", null=True)
    unit = text("Canonical UCUM unit; null where it has none.", null=True)
    units = texts("Every unit that it may be given in, as answers spell it; whatever UCUM calls the same is taken too.")
    spellings = mapping("For each of the units how people write it besides; also taken.")
    hard = numbers("Lowest and highest value accepted, in the canonical unit.", null=True)
    soft = numbers("Values beyond these are accepted, and the caller is asked to confirm them.", null=True)
    formula = text("Name of the formula that computes it.", null=True)
    from_ = fields.List(fields.String(), required=True, data_key="from", metadata={"description": "What it is computed or counted from."})
    valid_for_days = whole("How long a measurement of it counts, in days.", null=True)
    urgent_for_days = whole("How old it may be to be urgent, in days; null: whatever its age.", null=True)
    urgent_on_insulin_for_days = whole("The same for who takes insulin or a sulfonylurea; null: no longer than for others.", null=True)
    same_sample_as = text("The measurement with which it makes an index only where both were taken within a day.", null=True)
    lasting = one(LastingSchema, "When a value counts as lasting; null where one reading is all that is asked.", null=True)
    joint = several(JointSchema, "What it cannot be together with other measurements.")
    unremarkable = several(UnremarkableSchema, "Where nothing has to be said of it.")
    changeable = text("Whether, and in which direction, a person may change it.")
    variability = one(VariabilitySchema, "How far it usually varies in one unchanged person; null where no source is at hand.", null=True)
    codes = mapping("Its codes in other systems.")
    value_codes = mapping("The codes of its values in other systems.")
    value_groups = mapping("The groups that its values belong to; rules read the groups.")
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


class ReachSchema(Closed):
    """What of an answer an input can change, by its sort; ids."""

    computed = texts("Numbers.")
    findings = texts("Findings.")
    red_flags = texts("Red flags.")
    states = texts("States.")
    interventions = texts("Interventions whose list it can change.")
    plans = texts("Rules for plans.")
    interactions = texts("Rules for interactions.")
    monitors = texts("Rules for checking again.")
    notices = texts("Rules for notices.")
    conflicts = texts("Rules for what does not fit together.")
    article_says = texts("Rules that tell what the article says.")


class BasisInputSchema(Closed):
    """One input: its quality as it is asked for, who reads it, and what it can change."""

    id = text("Its id.")
    label = text("A clinician's words for it.")
    input = text("JSON Pointer into the profile.")
    unit = text("Canonical UCUM unit.", null=True)
    accepted = numbers("Lowest and highest value accepted.", null=True)
    usual = numbers("Values beyond these are to be confirmed.", null=True)
    valid_for_days = whole("How long a measurement of it counts, in days.", null=True)
    required = truth("Whether a profile must have it.")
    read_by = texts("Rules that read it.")
    made_into = texts("Numbers that are made from it, or not made because of it.")
    ranking = truth("Whether order or phase of what is recommended can change with it.")
    reaches = one(ReachSchema, "What it can ever change, followed through all rules.")


class ReadingRuleSchema(Closed):
    """A rule that reads a trait, and why."""

    rule = text("Its id.")
    fact = text("The fact that it reads.")
    title = text("What it says in words.")
    cites = one(CitesSchema, "What it rests on.")


class WayOfReadingSchema(Closed):
    """A number or flag made of a trait, and the rules that read it."""

    fact = text("The number or flag.")
    rules = several(ReadingRuleSchema, "Who reads it.")


class WatchedSchema(Closed):
    """A trait that must not weigh without a reason."""

    input = text("The trait.")
    rules = several(ReadingRuleSchema, "The rules that read it.")
    by_way_of = several(WayOfReadingSchema, "What is made of it, with the rules that read that.")


class LayerSchema(Closed):
    """One step of reasoning."""

    layer = text("Its id.")
    says = text("What it does, in words.")
    rules = whole("How many rules it has.")


class InterventionEvidenceSchema(EvidenceSchema):
    """The outside evidence of one intervention."""

    intervention = text("Its id.")


class OverstatedSchema(SourcedSchema):
    """Where the article goes further than outside evidence."""

    rule = text("The rule that tells what the article says.")
    claims = texts("The claims of the article behind it.")


class BasisEvidenceSchema(Closed):
    """What the rules rest on."""

    rules_citing_the_article = whole("How many rules cite the article.")
    rules_citing_outside_sources = whole("How many rules cite sources outside the article.")
    rules_of_our_design_only = texts("Rules that rest on our own choice alone.")
    sources = whole("How many outside sources there are.")
    sources_to_be_checked = texts("Sources whose citation is uncertain.")
    overstated = several(OverstatedSchema, "Where the article goes further than outside evidence, as it is told in answers.")
    interventions = several(InterventionEvidenceSchema, "Each intervention with its grades.")


class AttributeSchema(Closed):
    """One source attribute of 45 CFR 170.315(b)(11)(iv)(A)."""

    number = whole("Its number there.")
    name = text("What it asks for.")
    value = text("The answer; of data elements `used` or `not used`.")
    inputs = texts("The inputs it speaks of.")
    rules = texts("The rules that read them, computed.")
    citations = texts("Citations, where it asks for them.")


class BasisSchema(Closed):
    """The basis for review, computed from the rules."""

    version = text("Version of the rule base.")
    digest = text("SHA-256 over every rule file that takes part in an answer, in hex.")
    intended_use = text("What it is for, and what not.")
    intended_users = texts("Who uses it.")
    population = text("Whom it speaks about.")
    inputs = several(BasisInputSchema, "Every input, its quality and its reach.")
    not_used = texts("Inputs that change nothing: accepted, shown, and read by no rule.")
    watched = several(WatchedSchema, "Sex, ancestry and age, with the rules that read them and why.")
    logic = several(LayerSchema, "The steps of reasoning in their order.")
    evidence = one(BasisEvidenceSchema, "What the rules rest on.")
    limitations = texts("Known limitations.")
    source_attributes = several(AttributeSchema, "The 13 source attributes of evidence-based decision support, 45 CFR 170.315(b)(11).")


RulesSchema = listed(RuleSchema, "RulesSchema")
ClaimsSchema = listed(ClaimSchema, "ClaimsSchema")
SourcesSchema = listed(SourceSchema, "SourcesSchema")
VocabularySchema = listed(WordSchema, "VocabularySchema")
InterventionsSchema = listed(InterventionSchema, "InterventionsSchema")
