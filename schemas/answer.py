"""The answer to a profile, field by field."""

from __future__ import annotations

from marshmallow import fields

from schemas.closed import Closed, number, one, several, text, texts, truth, whole
from schemas.names import name
from schemas.problem import RulebaseNameSchema
from schemas.short_why import ShortWhySchema
from schemas.trace import TraceSchema, because, high, low, sources

LISTS = ("recommendations", "clinician_first", "withheld", "deferred", "not_indicated")  # in one of which each intervention stands
NOT_IN_SUMMARY = " Not in a summary."


def stale() -> fields.Boolean:
    return truth("A measurement behind it is past its validity.", required=False)


def why() -> fields.Nested:
    return one(ShortWhySchema, "Why it stands here, in short; only with detail=full.", required=False)


def intervention() -> fields.String:
    return name("interventions", "Id of the intervention.")


def would_address() -> fields.List[str]:
    return texts("Findings and states of this person that it would address." + NOT_IN_SUMMARY, required=False)


class ReasonSchema(Closed):
    """A gate that applies, and why."""

    code = text("Code of the gate.")
    message = text("What it says to this person.")
    sources = sources()
    because = because()


def already() -> fields.Nested:
    return one(ReasonSchema, "Where this person does it already: what to do about that now. To be told first.", required=False)


class RedFlagSchema(Closed):
    """Something that cannot wait for lifestyle, or that is to be raised at a visit."""

    code = text("Its code, RF.*.")
    urgency = name("urgencies", "How soon a clinician has to see it; routine changes neither the disposition nor what is advised.")
    within = text("The longest that it may wait, as 14 d; only with soon and routine.", required=False)
    message = text("What to do.")
    sources = sources()
    because = because()


class ComputedSchema(Closed):
    """A number made from the profile; rounded here, compared unrounded."""

    id = text("Id of the measure.")
    value = number("Its value in `unit`; of one known within bounds only, a bound.")
    low = low()
    high = high()
    unit = text("UCUM unit; null for a pure number.", null=True)
    formula = text("Name of the formula.")
    stale = stale()
    because = because()


class FindingSchema(Closed):
    """Something that the profile shows."""

    id = text("Id of the finding.")
    label = text("In words.")
    stale = stale()
    because = because()


class StateSchema(Closed):
    """A state the findings speak for, with how strongly."""

    id = text("Id of the state.")
    level = text("How strongly the findings speak for it.")
    label = text("In words.")
    stale = stale()
    because = because()


class NumberSchema(Closed):
    """A number that a plan was made from."""

    id = text("Id of the fact.")
    value = number("Its value in `unit`.")
    unit = text("UCUM unit; null for a pure number.", null=True)
    stale = stale()
    because = because()


class PlanStepSchema(Closed):
    """One step of a plan."""

    step = text("Name of the step.")
    text = text("What to do.")
    sources = sources()
    because = because()


class PlanSchema(Closed):
    """What to do, concretely, for this person."""

    text = text("The whole plan in words.")
    steps = several(PlanStepSchema, "Its steps.")
    numbers = several(NumberSchema, "The numbers that it was made from.")


class ArticleSchema(Closed):
    """What the article says of it; never mixed with evidence from outside."""

    claims = texts("Ids of claims, as in /v1/claims.")
    asserted = truth("Whether the article asserts all of them, or hedges some.")


class OutcomeEvidenceSchema(Closed):
    """How strong the evidence is for one outcome."""

    outcome = text("Which outcome.")
    grade = text("Strength of the evidence for it.")
    sources = sources()


class SourcedSchema(Closed):
    """A sentence with the sources that it rests on."""

    says = text("What is known.")
    sources = sources()


class EvidenceSchema(Closed):
    """What independent evidence says of it, from outside the article."""

    outcomes = several(OutcomeEvidenceSchema, "Outcome by outcome, the one that it is meant for first.")
    leptin = one(SourcedSchema, "What is known of leptin in people.")
    harm = one(SourcedSchema, "What is known of harm.")
    note = text("What limits all of it; null where nothing is to be added.", null=True)


class ArrowSchema(Closed):
    """One arrow of the article's graph: named by the article, not measured in this person."""

    from_ = fields.String(required=True, data_key="from", metadata={"description": "Node it leaves."})
    to = text("Node it reaches.")
    sign = text("What the one does to the other.")
    claims = texts("Claims of the article that draw it.")
    bridge = truth("Whether it is an addition of ours and no claim of the article.")
    measured = truth("Always false: no molecule is measured.")


class BorderlineInputSchema(Closed):
    """A number within whose usual variability the recommendation would not have been made."""

    input = text("JSON Pointer into the profile.")
    at = number("Where the intervention leaves the list, at this number or just beyond it, the other answers as they are; in `unit`.")
    unit = text("The caller's unit, else the canonical one; null where it has none.", null=True)
    to = text("Where the intervention stands there.", among=["clinician_first", "withheld", "deferred", "not_indicated"])


class RecommendationSchema(Closed):
    """An intervention to begin or to keep up."""

    intervention = intervention()
    status = text("Begin it, or keep it up.", among=["recommend", "maintain"])
    rank = whole("Place in the order, from 1.")
    phase = whole("When to begin, from 1.")
    borderline = truth(
        "Whether it would not be recommended if one number that was sent were off by no more than its usual variability: one standard "
        "deviation of repeated measurements of an unchanged person, as /v1/vocabulary states it with its source."
    )
    borderline_inputs = several(BorderlineInputSchema, "Where it is borderline: the numbers concerned." + NOT_IN_SUMMARY, required=False)
    title = text("In words.")
    rationale = text("Why, for this person." + NOT_IN_SUMMARY, required=False)
    plan = one(PlanSchema, "What to do." + NOT_IN_SUMMARY, required=False)
    changes = several(ReasonSchema, "How it has to be changed to be safe for this person.")
    addresses = texts("Findings and states of this person that it addresses." + NOT_IN_SUMMARY, required=False)
    article = one(ArticleSchema, "What the article says." + NOT_IN_SUMMARY, required=False)
    evidence = one(EvidenceSchema, "What independent evidence says." + NOT_IN_SUMMARY, required=False)
    mechanism = several(ArrowSchema, "The article's path from it to the state it addresses." + NOT_IN_SUMMARY, required=False)
    why = why()
    because = because()


class StoppedSchema(Closed):
    """An intervention that a gate stops."""

    intervention = intervention()
    already = already()
    reasons = several(ReasonSchema, "The gates that stop it.")
    would_address = would_address()
    why = why()
    because = because()


class DeferredSchema(Closed):
    """An intervention whose time has not come."""

    intervention = intervention()
    already = already()
    reasons = several(ReasonSchema, "Why not yet.")
    until = text("What has to come first.")
    why = why()
    because = because()


class NearestSchema(Closed):
    """The rule that came nearest to offering it."""

    rule = text("Id of the rule.")
    code = text("Why it is not indicated.")
    unmet = texts("The tests that failed, in words.")
    text = text("In words.")


class NotIndicatedSchema(Closed):
    """An intervention that nothing in the profile calls for."""

    intervention = intervention()
    nearest = one(NearestSchema, "What came nearest to offering it." + NOT_IN_SUMMARY, null=True, required=False)
    because = because()


class ComponentSchema(Closed):
    """A part of the whole-food diet."""

    component = name("components", "Id of the component.")
    status = text("Whether it can be eaten as it is.", among=["fine", "modify", "clinician_first", "withheld"])
    changes = several(ReasonSchema, "How it has to be changed.")
    reasons = several(ReasonSchema, "The gates that stop it.")
    because = because()


class SuggestionSchema(Closed):
    """What was perhaps meant."""

    code = text("A word that is understood.")
    label = text("The same for people.")


class UnrecognisedSchema(Closed):
    """An entry of a list that was not understood, or not in whole; it is kept, and is as cautious as anything unknown."""

    input = text("JSON Pointer into the profile.")
    system = text("The code system, where a code was sent.", required=False)
    code = text("The code, where one was sent.", required=False)
    treated_as = text("The value of the vocabulary that it counts as, besides what names in it are understood.")
    suggestions = several(SuggestionSchema, "What was perhaps meant, nearest first; nothing of it is taken without asking.")
    text = text("As it was sent: the text, the display, or the code.")


class ConflictSchema(Closed):
    """Inputs that contradict each other, or one that can hardly be in its unit."""

    inputs = texts("JSON Pointers into the profile: what does not fit together.")
    taken = text("Which reading counts meanwhile, and why.")
    because = because()
    text = text("What does not fit, and what to do.")


class MissingSchema(Closed):
    """An unknown input on which something undecided rests."""

    input = text("JSON Pointer into the profile.")
    question = text("What to ask.")
    unit = text("UCUM unit to give it in; null where it has none.", null=True)
    settles = texts("Ids of the states and interventions that are undecided and rest on it.")
    why = text("What is undecided without it, and the rules that read it.")


class MeasureAgainSchema(Closed):
    """An input that holds for a time."""

    input = text("JSON Pointer into the profile.")
    unit = text("UCUM unit to give it in; null where it has none.", null=True)
    taken_on = text("The day it was taken (of several the oldest) or the clearance given; null where not sent.", null=True, format="date")
    until = text("From this moment on it no longer holds, RFC 3339 in UTC.", format="date-time")
    why = text("How long it holds, and since when.")


class InteractionSchema(Closed):
    """Two things that need care together."""

    id = text("Its id, X-*.")
    message = text("What to mind.")
    interventions = texts("The interventions concerned.")
    because = because()


class ArticleSaysSchema(Closed):
    """What the article says of a state that this person's findings support, or of an intervention on the table. Told, never measured."""

    id = text("Its id.")
    of = texts("The states and interventions that it speaks of.")
    article = one(ArticleSchema, "The claims behind it.")
    exceeds = one(SourcedSchema, "Where it goes further than outside evidence: what that says. Else missing.", required=False)
    because = because()
    text = text("In words.")


class MonitoringSchema(Closed):
    """Something to look at again."""

    what = text("What.")
    when = text("When.")
    why = text("Why.")


class AnswerSchema(Closed):
    """Each intervention stands in exactly one of recommendations, clinician_first, withheld, deferred and not_indicated."""

    decision_id = text("Id of this decision.")
    created_at = text("When, RFC 3339 in UTC.", format="date-time")
    valid_until = text(
        "From this moment on an input no longer holds, RFC 3339 in UTC; null where nothing in it ages.", null=True, format="date-time"
    )
    rulebase = one(RulebaseNameSchema, "The rule base that answered.")
    disposition = name("dispositions", "What the profile calls for as a whole.")
    red_flags = several(RedFlagSchema, "Most urgent first.")
    computed = several(ComputedSchema, "Numbers made from the profile." + NOT_IN_SUMMARY, required=False)
    findings = several(FindingSchema, "What the profile shows." + NOT_IN_SUMMARY, required=False)
    states = several(StateSchema, "States, with their level.")
    recommendations = several(RecommendationSchema, "In the order in which to take them up.")
    clinician_first = several(StoppedSchema, "Only with a clinician's consent.")
    withheld = several(StoppedSchema, "Not advised to this person.")
    deferred = several(DeferredSchema, "Later.")
    not_indicated = several(NotIndicatedSchema, "Not called for.")
    components = several(ComponentSchema, "The parts of the whole-food diet, always four." + NOT_IN_SUMMARY, required=False)
    unrecognised = several(UnrecognisedSchema, "What was sent and not understood; it is kept, and stops what could be dangerous.")
    conflicts = several(ConflictSchema, "What was sent and does not fit together, and which reading counts.")
    missing = several(MissingSchema, "What to ask next, most settling first." + NOT_IN_SUMMARY, required=False)
    interactions = several(InteractionSchema, "What needs care together." + NOT_IN_SUMMARY, required=False)
    article_says = several(
        ArticleSaysSchema,
        "The article's own explanation, as its claims; nothing of it was measured in this person." + NOT_IN_SUMMARY,
        required=False,
    )
    monitoring = several(MonitoringSchema, "What to look at again, and when." + NOT_IN_SUMMARY, required=False)
    measure_again = several(MeasureAgainSchema, "The inputs that hold for a time, soonest over first." + NOT_IN_SUMMARY, required=False)
    notices = texts("What everybody has to be told.")
    trace = one(TraceSchema, "Every step of the reasoning; only with detail=full.", required=False)
