"""What the rule files become once loaded: frozen records, read by everything and changed by nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NotRequired, Protocol, TypedDict

from service.knowledge.conversion import Conversion


@dataclass(frozen=True)
class Place:
    """Where something stands: a file below rules/ and a line in it."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


# --- conditions: the closed language of the rules, as a tree -------------------------------------------------------


@dataclass(frozen=True)
class Holds:
    """The fact has this value; for a set or a list of codes, it contains it. A flag holds with value True."""

    fact: str
    value: Any = True


@dataclass(frozen=True)
class Compare:
    """The number is known and stands so to the threshold; word is at_least, above, at_most or below."""

    fact: str
    word: str
    threshold: float


@dataclass(frozen=True)
class Known:
    """The person, or a computation, gave this fact a value."""

    fact: str


@dataclass(frozen=True)
class All:
    tests: tuple[Condition, ...]


@dataclass(frozen=True)
class Any_:
    tests: tuple[Condition, ...]


@dataclass(frozen=True)
class Not:
    """The test does not hold; over something unknown this is true."""

    test: Condition


Leaf = Holds | Compare | Known  # one single test
Condition = Leaf | All | Any_ | Not


# --- terms: what a person may name --------------------------------------------------------------------------------


class Coded(TypedDict):
    """A concept as records of patients hold it; `system` is a name or the address of a code system."""

    system: str
    code: str
    display: NotRequired[str]


@dataclass(frozen=True)
class Term:
    """A condition, a sign, an allergen or a medicine: its names and codes, and the `values` of its word that it is to the rules.

    `outcome`: rules read it; reviewed, and nothing is to be minded; not reviewed, so that it counts as unknown; or it means none at all.
    """

    id: str
    names: tuple[str, ...]
    codes: Mapping[str, tuple[str, ...]] = field(hash=False)
    values: tuple[str, ...]
    outcome: str
    place: Place = field(compare=False)
    broader: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        return self.id.replace("_", " ")


@dataclass(frozen=True)
class Found:
    """What something sent means: the terms, the values they are to the rules, and whether all of it was understood."""

    terms: tuple[Term, ...]
    values: frozenset[str]
    sure: bool


class Lookup(Protocol):
    """What looks up words in the tables of one field."""

    terms: tuple[Term, ...]
    forms: Mapping[str, frozenset[str]]
    unreviewed: str
    elsewhere: Mapping[str, frozenset[str]]

    def find(self, sent: str | Coded) -> Found: ...

    def near(self, text: str) -> list[Term]: ...

    def completions(self, text: str) -> Iterator[tuple[Term, str]]: ...


# --- vocabulary ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Variability:
    """How far repeated measurements of one unchanged person lie from their mean, as a standard deviation: in % or canonical units."""

    source: str
    percent: float | None = None
    absolute: float | None = None


@dataclass(frozen=True)
class Unremarkable:
    """Values of a measurement of which no rule has to say anything, and why."""

    limits: tuple[Compare, ...]
    because: str


@dataclass(frozen=True)
class Lasting:
    """What two readings so many days apart are both below, where one of them alone proves nothing that lasts."""

    below: float
    days: int


@dataclass(frozen=True)
class Joint:
    """A measurement against another: times * value / other ^ power lies within `hard` in every living body."""

    other: str
    hard: tuple[float, float]
    power: int = 1
    times: float = 1.0

    def ratio(self, value: float, other: float) -> float:
        return self.times * value / float(other**self.power)

    def fits(self, value: float, other: float) -> bool:
        return self.hard[0] <= self.ratio(value, other) <= self.hard[1]


@dataclass(frozen=True)
class Code:
    """A value of a list as its table has it: the groups that it belongs to with their sources, or why nothing is to be minded."""

    id: str
    groups: tuple[str, ...]
    because: str | None
    sources: tuple[str, ...]
    place: Place = field(compare=False)


@dataclass(frozen=True)
class Word:
    """One declared fact. Kinds: number choice boolean codes flag level set count.

    What may be said of a sign is a fact of its own: `details` of the list name them; each is a `detail_of` the sign, `asked_at` the list.
    """

    id: str
    kind: str
    label: str
    plain: str
    place: Place
    values: tuple[Any, ...] = ()
    value_labels: Mapping[Any, str] = field(default_factory=dict, repr=False)
    value_plain: Mapping[Any, str] = field(default_factory=dict, repr=False)
    value_codes: Mapping[Any, Mapping[str, Any]] = field(default_factory=dict, repr=False)
    table: Mapping[str, Code] = field(default_factory=dict, repr=False)
    input: str | None = None
    unit: str | None = None
    units: Mapping[str, Conversion] = field(default_factory=dict, repr=False)
    spellings: Mapping[str, str] = field(default_factory=dict, repr=False)
    hard: tuple[float, float] | None = None
    joint: tuple[Joint, ...] = ()
    lasting: Lasting | None = None
    soft: tuple[float, float] | None = None
    digits: int | None = None
    valid_for_days: int | None = None
    urgent_for_days: int | None = None
    urgent_on_insulin_for_days: int | None = None
    same_sample_as: str | None = None
    recent_as: str | None = None
    each_of: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    end: str | None = None
    bounded: bool = False
    at_any_age: bool = False
    fasting: bool = False
    changeable: str = "no"
    codes: Mapping[str, Any] = field(default_factory=dict, repr=False)
    question: str | None = None
    formula: str | None = None
    from_: tuple[str, ...] = ()
    from_any: tuple[str, ...] = ()
    unless: Condition | None = None
    of: tuple[str, ...] = ()
    listed: str | None = None
    type: str | None = None
    counts_as: str | None = None
    understands: str | None = None
    speaks_of: str | None = None
    details: tuple[str, ...] = ()
    detail_of: Holds | None = None
    asked_at: str | None = None
    cites: Cites | None = None
    variability: Variability | None = None
    unremarkable: tuple[Unremarkable, ...] = ()
    unread: Mapping[Any, str] = field(default_factory=dict, repr=False)
    thesaurus: Lookup | None = field(default=None, compare=False, repr=False)


Vocabulary = Mapping[str, Word]
CONCLUDED = ("flag", "level", "set")  # kinds of words that rules conclude
NUMBERS = ("number", "count")
MEANT = "meant_"  # in a sentence, before a measurement: its number as sent, and in which other unit it would fit
EXCEEDS = "exceeds"  # of a rule that tells what the article says: how far it goes further than outside evidence
UNREVIEWED_WORDS = "unreviewed_words"  # in a sentence: what a person named and no rule knows, as it was written
NAMED_WORDS = "named_words"  # in a sentence: what a person named of that which the rule asks for, as it was written


# --- rules ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cites:
    """What a statement rests on, three kinds that are never mixed."""

    article: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    design: str | None = None


@dataclass(frozen=True)
class Rule:
    """One rule: when the condition holds, every conclusion (fact, value) holds.

    `own` is the condition without what its file adds to every rule; `fresh` the readings that must be recent for it, `undated` what is
    said first where nobody told their day; `does` are the groups of actions that its sentence tells people to take up, and `avoids` the
    foods that it tells them to leave. `then` keeps what the file says beside the conclusions: code,
    urgency, step, at, until, clearable, interventions.
    """

    id: str
    title: str
    layer: str
    topic: str
    status: str
    cites: Cites
    when: Condition
    own: Condition
    then: Mapping[str, Any]
    conclusions: tuple[tuple[str, Any], ...]
    place: Place
    hash: str
    says: str | None = None
    confidence: str | None = None
    fresh: tuple[str, ...] = ()
    undated: str | None = None
    does: tuple[str, ...] = ()
    avoids: tuple[str, ...] = ()
    source: Mapping[str, Any] = field(default_factory=dict, repr=False)
