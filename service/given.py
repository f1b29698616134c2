"""From a loaded profile to the facts as given: canonical values, what was sent for them, and what their dates imply.

Several inputs may give one fact: signs felt now are symptoms, and a word of another list counts in its own. Their values are joined.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from schemas.bounds import hull
from schemas.faults import FieldError
from schemas.profile import Profile
from schemas.quantities import Reading
from schemas.results import Result
from schemas.terms import COURSES, details_in, words_in
from service.engine.trace import Mentioned
from service.knowledge.details import HOURS_A_DAY
from service.knowledge.records import Coded, Lookup, Word
from service.readings import Dated, Given, Measured, fasted

SET_ASIDE = {"fasting_glucose": "glucose_not_fasting", "fasting_insulin": "insulin_not_fasting"}
READING_OF = {other: fact for fact, other in SET_ASIDE.items()}
TODAY = "today"

__all__ = [
    "READING_OF", "SET_ASIDE", "TODAY", "Given", "ProfileFault", "ProfileReader", "check_dates", "check_none", "expiry", "facts_given",
]  # fmt: skip


class ProfileFault(Exception):
    """Dates that cannot be, lists that say none beside something; `errors` is [{pointer, code, message}], pointers into the profile."""

    def __init__(self, errors: list[FieldError]):
        super().__init__(f"{len(errors)} fields of the profile are at fault")
        self.errors = errors


def facts_given(given: Iterable[Given]) -> dict[str, Any]:
    """Each fact with its value: of a list all that its inputs say, which is not an answer where none of them asks for it."""
    values: dict[str, Any] = {}
    for one in given:
        value = Mentioned(one.value) if one.astray else one.value
        values[one.fact] = joined(values[one.fact], value) if one.fact in values else value
    return values


def joined(one: Any, other: Any) -> Any:
    """What two inputs say of one fact: all that two lists do, a time between both, of two courses of a sign the graver one."""
    if isinstance(one, frozenset):
        alone = isinstance(one, Mentioned) and isinstance(other, Mentioned)
        return Mentioned(one | other) if alone else frozenset((*one, *other))
    return min(one, other, key=COURSES.index) if isinstance(one, str) else hull([one, other])


class ProfileReader:
    """Reads one profile on one day.

    `given` is every fact, `measured` those that are readings, `tested` the outcomes of tests with their day. A glucose or an insulin for
    which fewer than 8 hours were stated goes by another name, so that no fasting rule reads it. `signs_now` is what was told of now, where
    all of it was understood.
    """

    def __init__(self, today: date):
        self.today = today
        self.given: list[Given] = []
        self.signs_now: Given | None = None
        self.measured: list[Measured] = []
        self.tested: list[Dated] = []

    def read_part(self, words: Mapping[str, Word], part: Any) -> None:
        """One field of the profile, or the fields below it; in the order of the vocabulary, however they were sent."""
        for below, word in words.items():
            if below == "":
                self.read(word, part)
            elif below in part:
                self.read(word, part[below])

    def read(self, word: Word, found: Any) -> None:
        if isinstance(found, Reading):
            self.read_quantity(word, found)
        elif isinstance(found, Result):
            self.tested.append(Dated(word, self.tell(word.id, found.value, word, found.sent, found.taken_on)))
        elif word.id in COMPOSITE:
            COMPOSITE[word.id](self, word, found)
        elif word.kind == "codes" and word.thesaurus is not None:
            self.read_words(word, word.thesaurus, found)
        elif word.kind == "codes":
            self.tell(word.id, frozenset(found), word, found)
        else:
            self.tell(word.id, float(found) if word.kind == "number" else found, word, found)

    def tell(self, fact: str, value: Any, word: Word, sent: Any, taken_on: date | None = None) -> Given:
        given = Given(fact, value, word.input or "", sent, taken_on)
        self.given.append(given)
        return given

    def read_words(self, word: Word, thesaurus: Lookup, found: Sequence[Any]) -> None:
        """A list of words; one that belongs to another list is told of it, from where it stands."""
        meant = [(place, sent, thesaurus.find(sent).values) for place, sent in words_in(word.input or "", found)]
        foreign = frozenset().union(*thesaurus.elsewhere.values())
        own = frozenset(value for _, _, values in meant for value in values) - foreign
        told = self.tell(word.counts_as or word.id, own, word, found)
        if word.counts_as:
            self.signs_now = None if thesaurus.unreviewed in own else told  # a word not understood may mean any sign
            self.read_details(word, thesaurus, found)
        for place, sent, values in meant:
            self.given += [Given(fact, values & theirs, place, sent) for fact, theirs in thesaurus.elsewhere.items() if values & theirs]

    def read_details(self, word: Word, thesaurus: Lookup, found: Sequence[Any]) -> None:
        """Since when a sign is there and how it runs, where rules ask for it; they belong to the entry and not to what comes with it."""
        values = {place: thesaurus.find(sent).values for place, sent in words_in(word.input or "", found)}
        for place, detail, sent in details_in(word.input or "", found):
            for fact in (f"{detail}.{value}" for value in sorted(values[place]) if f"{detail}.{value}" in word.details):
                told = sent if detail == "course" else days_of(sent)
                self.given.append(Given(fact, told, f"{place}/{detail}", sent))

    def read_quantity(self, word: Word, reading: Reading) -> None:
        fact = word.id if fasted(word, reading) else SET_ASIDE.get(word.id, word.id)
        sent = list(reading.sent) if reading.repeated else reading.sent[0]
        self.measured.append(Measured(word, reading, self.tell(fact, reading.value, word, sent, reading.taken_on)))

    def read_weight_change(self, word: Word, found: Mapping[str, Any]) -> None:
        self.read_quantity(word, found["value"])

    def read_clearances(self, word: Word, found: list[Mapping[str, Any]]) -> None:
        """The interventions with a clearance that has not expired."""
        valid = frozenset(clearance["intervention"] for clearance in found if self.today <= expiry(clearance))
        self.tell(word.id, valid, word, [ready_for_json(clearance) for clearance in found])


COMPOSITE: dict[str, Callable[[ProfileReader, Word, Any], None]] = {
    "weight_change": ProfileReader.read_weight_change,
    "cleared": ProfileReader.read_clearances,
}


def days_of(since: Mapping[str, Any]) -> float:
    value = float(since["value"])
    return value if since["unit"] == "d" else value / HOURS_A_DAY


def says_none(thesaurus: Lookup, sent: str | Coded) -> bool:
    found = thesaurus.find(sent)
    return found.sure and all(term.outcome == "none" for term in found.terms)


def none_beside_something(thesaurus: Lookup, pointer: str, sent: Sequence[Any]) -> list[str]:
    """The places in a list at which it says none, where it also names something; that nothing comes with a sign is no contradiction."""
    none = {place: says_none(thesaurus, word) for place, word in words_in(pointer, sent)}
    if all(none.values()):
        return []
    return [place for place, said in none.items() if said and not all(none[other] for other in beside(place, none))]


def beside(place: str, places: Iterable[str]) -> list[str]:
    """The places of one list, and for an entry of it those of what comes with it."""
    above = place.rpartition("/")[0]
    return [other for other in places if other.rpartition("/")[0] in (above, f"{place}/with")]


def check_none(profile: Profile, inputs: Mapping[str, Mapping[str, Word]]) -> None:
    """Raises ProfileFault where a list says none beside something: dropping either would be a guess."""
    errors: list[FieldError] = [
        {"pointer": place, "code": "conflicting", "message": f"{top} says none and names something; send [] for none"}
        for top, words in inputs.items()
        if top in profile and "" in words
        for thesaurus in [words[""].thesaurus]
        if thesaurus is not None
        for place in none_beside_something(thesaurus, f"/{top}", profile[top])
    ]
    if errors:
        raise ProfileFault(errors)


def expiry(clearance: Mapping[str, Any]) -> date:
    """The last day of a clearance: as stated, else twelve months after its date."""
    return clearance.get("expires") or in_a_year(clearance["date"])


def in_a_year(day: date) -> date:
    """The same day of the next year; 28 February for 29 February."""
    if day.year == date.max.year:
        return date.max
    return day.replace(year=day.year + 1, day=28 if (day.month, day.day) == (2, 29) else day.day)


def ready_for_json(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value.isoformat() if isinstance(value, date) else value for key, value in entry.items()}


def check_dates(profile: Profile, today: date) -> None:
    """Raises ProfileFault with every date on which something was done that is still to come, or came before birth.

    `today` is the day in UTC; east of it the next day may have begun.
    """
    earliest = years_before(today, int(profile["age"]) + 1)
    errors: list[FieldError] = [
        {"pointer": pointer, "code": "invalid_date", "message": f"{pointer.rsplit('/', 1)[1]} must not be {wrong}"}
        for pointer, day in dates(profile)
        if (wrong := "in the future" if (day - today).days > 1 else "before the person was born" if day < earliest else None)
    ]
    if errors:
        raise ProfileFault(errors)


def years_before(day: date, years: int) -> date:
    """The same day so many years ago; 28 February for 29 February."""
    return day.replace(year=max(day.year - years, date.min.year), day=28 if (day.month, day.day) == (2, 29) else day.day)


def dates(profile: Profile) -> Iterator[tuple[str, date]]:
    for pointer, reading in readings(profile, ""):
        for index, sent in enumerate(reading.sent):
            if "taken_on" in sent:
                yield f"{pointer}{f'/{index}' if reading.repeated else ''}/taken_on", date.fromisoformat(sent["taken_on"])
    for name, value in profile.items():
        if isinstance(value, Result):
            yield f"/{name}/taken_on", value.taken_on
    for index, clearance in enumerate(profile.get("clearances", ())):
        yield f"/clearances/{index}/date", clearance["date"]


def readings(part: Mapping[str, Any], pointer: str) -> Iterator[tuple[str, Reading]]:
    for name, value in part.items():
        if name == "blood_pressure":
            yield f"{pointer}/{name}", value["systolic"]  # both numbers share one date
        elif isinstance(value, Reading):
            yield f"{pointer}/{name}", value
        elif isinstance(value, Mapping):
            yield from readings(value, f"{pointer}/{name}")
