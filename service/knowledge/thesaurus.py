"""From what a person writes to what the rules know: names in any usual spelling, and codes of four systems."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from rapidfuzz import process
from rapidfuzz.distance import OSA

from service.knowledge.records import Coded, Found, Term
from service.knowledge.wording import content, normal, speaks_of_another, stretches

HIERARCHICAL = {
    "atc": re.compile(r"[A-Z][0-9]{2}(?:[A-Z](?:[A-Z](?:[0-9]{2})?)?)?"),
    "icd10": re.compile(r"[A-Z][0-9][0-9A-Z](?:\.?[0-9A-Z]{1,4})?"),
}
NAMES_OF_SYSTEMS = {  # in small letters
    "atc": ["atc", "http://www.whocc.no/atc", "urn:oid:2.16.840.1.113883.6.73"],
    "rxnorm": ["rxnorm", "http://www.nlm.nih.gov/research/umls/rxnorm", "urn:oid:2.16.840.1.113883.6.88"],
    "snomed": ["snomed", "snomed ct", "snomedct", "http://snomed.info/sct", "urn:oid:2.16.840.1.113883.6.96"],
    "icd10": [
        "icd10", "icd-10", "icd-10-cm", "icd-10-gm", "icd10cm", "icd10gm", "http://hl7.org/fhir/sid/icd-10", "http://hl7.org/fhir/sid/icd-10-cm",
        "http://fhir.de/codesystem/bfarm/icd-10-gm", "urn:oid:2.16.840.1.113883.6.3", "urn:oid:2.16.840.1.113883.6.90",
    ],
}  # fmt: skip
SYSTEMS = {name: system for system, names in NAMES_OF_SYSTEMS.items() for name in names}
CHEMICAL_GROUP, CLASS = 5, 4  # characters of an ATC code that name the chemical group of a substance, and the class of that group
UNITS = "mg|mcg|[µμ]g|ug|g|ml|iu|ie|ui|units?|unt|mmol|meq"
NUMBER = r"\d+(?:[.,]\d+)?\s*"
PER = rf"(?:\s*/\s*(?:{NUMBER})?(?:{UNITS}|hr?|actuat|dose)(?![a-z]))?"
AMOUNT = re.compile(rf"(?<![a-z]){NUMBER}(?:%|{UNITS})?(?![a-z0-9]){PER}")
STRENGTH = re.compile(rf"(?<![a-z]){NUMBER}(?:%|{UNITS})(?![a-z0-9]){PER}")  # a number with its unit: that of omega-3 belongs to the name
APPLICATION = re.compile(r"\bnda\d+\b")  # numbers of American approvals, which some systems print before a name
KIND = re.compile(r"\s*\((?:disorder|finding|situation|event|procedure|substance|product)\)\s*$", re.I)  # as SNOMED CT ends its names
BRACKET = re.compile(r"[\[(]([^\])]*)[\])]")
SEPARATOR = re.compile(r"\s*[/+&,;]\s*|\s+(?:and|with)\s+")
SEVERAL = re.compile(r"[,;]|\s(?:and|with)\s")  # between products; what stands between parts of one has their form
NEAR = 0.75  # share of a name that may be suggested for another: one letter of four
SUGGESTED = 3


class Thesaurus:
    """All that one field of the profile understands.

    `forms` are the words on a package that are no part of a name, each with the classes that it frees of effect on the whole body;
    `unreviewed` is the value of whatever is not understood, or understood and known to no rule.
    """

    def __init__(self, terms: Iterable[Term], forms: Mapping[str, frozenset[str]], unreviewed: str):
        self.terms, self.forms, self.unreviewed = tuple(terms), forms, unreviewed
        self.other: Thesaurus | None = None
        self.elsewhere: Mapping[str, frozenset[str]] = {}  # the list whose words are understood here too, with the values that count there

    def beside(self, fact: str, other: Thesaurus, values: frozenset[str]) -> None:
        """Lets the words of another list be understood here: people send a complaint as a condition, a vitamin as a medicine."""
        self.other, self.elsewhere = other, {fact: values}

    @cached_property
    def by_id(self) -> dict[str, tuple[Term, ...]]:
        return indexed((normal(term.id), term) for term in self.terms)

    @cached_property
    def by_code_of_ours(self) -> dict[str, Found]:
        """What most callers send is a term's own id, to the letter."""
        alone = (terms[0] for terms in self.by_id.values() if len(terms) == 1)
        return {term.id: self.found((term,), sure=True) for term in alone}

    @cached_property
    def by_name(self) -> dict[str, tuple[Term, ...]]:
        return indexed((normal(name), term) for term in self.terms for name in term.names)

    @cached_property
    def by_content(self) -> dict[str, tuple[Term, ...]]:
        """By the words that say something; of what stands on packages each word says something."""
        named = ((content(name), terms) for name, terms in self.by_name.items()) if not self.forms else ()
        return indexed((words, term) for words, terms in named for term in terms)

    @cached_property
    def by_code(self) -> dict[str, dict[str, tuple[Term, ...]]]:
        return {system: indexed(self.coded_in(system)) for system in NAMES_OF_SYSTEMS}

    def coded_in(self, system: str) -> Iterator[tuple[str, Term]]:
        return ((bare(code), term) for term in self.terms for code in term.codes.get(system, ()))

    def find(self, sent: str | Coded) -> Found:
        """What is meant by a text or by a code with its display; where both say something, all of it counts."""
        if isinstance(sent, str):
            return self.by_code_of_ours.get(sent) or self.named(sent)
        system = SYSTEMS.get(sent["system"].strip().lower(), "")
        coded = self.coded_anywhere(system, sent["code"])
        shown = self.shown(sent.get("display", ""), known=bool(coded.terms))
        return self.found((*coded.terms, *shown.terms), sure=coded.sure or (not coded.terms and shown.sure))

    def shown(self, display: str, *, known: bool) -> Found:
        """What the display of a code says; what only stands in it counts where the code is not known."""
        if not display:
            return self.nothing
        return self.in_full(display) if known else self.named(display)

    def coded_anywhere(self, system: str, code: str) -> Found:
        """A code as this list understands it, and as the one beside it does where only that has the code itself, and this a wider one."""
        own = self.coded(system, code)
        if self.other is None or (own.terms and (self.has(system, code) or not self.other.has(system, code))):
            return own
        lent = self.lent(self.other.coded(system, code))
        return together(own, lent) if own.terms else lent

    def has(self, system: str, code: str) -> bool:
        return bare(code) in self.by_code.get(system, {})

    def named(self, text: str) -> Found:
        """A text as it stands; else what stands in it: heart attack 3 weeks ago is a heart attack, and the rest of it a doubt."""
        found = self.in_full(text)
        return found if found.terms else self.within(text)

    def in_full(self, text: str) -> Found:
        found = self.somewhere(text)
        return found if found.terms else self.divided(text)

    def part(self, text: str) -> Found:
        found = self.somewhere(text)
        return found if found.terms else self.within(text)

    def within(self, text: str) -> Found:
        """The names in a text of more words, of this list or of the one beside it; never sure, and nothing where somebody else is meant.

        Packages are read otherwise: their words belong to one name.
        """
        if self.forms:
            return self.nothing
        own = self.found(self.standing_in(normal(text)), sure=False)
        lent = self.lent(self.other.found(self.other.standing_in(normal(text)), sure=False)) if self.other else self.nothing
        return together(own, lent)

    def standing_in(self, text: str) -> list[Term]:
        """Of names that overlap the longest, which come first, alone."""
        found: dict[Term, None] = {}
        left = f" {text} "
        for name in stretches(text):
            terms = [term for term in self.of_words(name.split()) if term.outcome != "none"] if f" {name} " in left else []
            if terms:
                found |= dict.fromkeys(terms)
                left = left.replace(f" {name} ", " | ")
        return [] if speaks_of_another(left) else list(found)

    def somewhere(self, text: str) -> Found:
        """A text that is one name or one code of this list, or else of the one beside it."""
        found = self.whole(text)
        return found if found.terms or self.other is None else self.lent(self.other.whole(text))

    def lent(self, found: Found) -> Found:
        """What the list beside this one understands; a word for nothing at all says nothing about this one."""
        if self.other is None or not found.terms or any(term.outcome == "none" for term in found.terms):
            return self.nothing
        doubt = self.other.unreviewed in found.values
        values = found.values - {self.other.unreviewed}
        return Found(found.terms, values | {self.unreviewed} if doubt else values, found.sure)

    def whole(self, text: str) -> Found:
        """A text that is one name or one code, as it stands or without strength, salt and form."""
        terms = self.of_words(normal(KIND.sub("", text)).split())
        if terms:
            return self.found(terms, sure=len(terms) == 1)
        coded = self.as_code(text.strip())
        return coded if coded.terms or not self.forms else self.unpacked(text)

    def unpacked(self, text: str) -> Found:
        """A name without what a package adds to it; a brand in brackets counts where the name before it is not known."""
        inner = [found[1] for found in BRACKET.finditer(text)]
        for part in (BRACKET.sub(" ", text), *inner):
            for plain in (STRENGTH.sub(" ", part.casefold()), without_amounts(part)):
                words = normal(plain).split()
                terms = self.of_words([word for word in words if word not in self.forms])
                if terms:
                    return self.found(terms, sure=len(terms) == 1, freed=self.freed_by(normal(text).split()))
        return self.nothing

    def of_words(self, words: list[str]) -> tuple[Term, ...]:
        key = " ".join(words)
        return self.by_id.get(key) or self.by_name.get(key) or self.by_content.get(content(key)) or ()

    def divided(self, text: str) -> Found:
        """A text of several names; one that is not known leaves the whole in doubt."""
        plain = BRACKET.sub(" ", without_amounts(text))
        read = self.somewhere if speaks_of_another(normal(plain)) else self.part  # no chest pain, nausea or vomiting
        parts = [read(part) for part in SEPARATOR.split(plain) if part.strip()]  # nothing stands between strengths: 16/12.5
        if len(parts) < 2:
            return self.nothing
        terms = dict.fromkeys(term for part in parts for term in part.terms)
        freed = frozenset() if SEVERAL.search(plain) else self.freed_by(normal(plain).split()) - {self.unreviewed}
        return Found(tuple(terms), frozenset().union(*(part.values for part in parts)) - freed, all(part.sure for part in parts))

    def freed_by(self, words: Iterable[str]) -> frozenset[str]:
        """The classes that do not act on the whole body in the form that these words tell."""
        return frozenset().union(*(self.forms.get(word, frozenset()) for word in words))

    def as_code(self, text: str) -> Found:
        """A code sent as text, in capital or small letters, of a system whose codes cannot be taken for words."""
        for system, pattern in HIERARCHICAL.items():
            if pattern.fullmatch(text.upper()) and text.isascii():
                found = self.coded_anywhere(system, text)
                if found.terms:
                    return found
        return self.nothing

    def coded(self, system: str, code: str) -> Found:
        """A code: itself, else the narrowest code above it that is known, else all that is known below it."""
        known, key = self.by_code.get(system, {}), bare(code)
        has_levels = system in HIERARCHICAL and HIERARCHICAL[system].fullmatch(key) is not None
        narrowest = key if key in known else max((one for one in known if has_levels and key.startswith(one)), key=len, default=None)
        if narrowest is not None:
            return self.found(known[narrowest], sure=not any(narrowest in map(bare, term.broader) for term in known[narrowest]))
        if not has_levels:
            return self.nothing
        if system != "atc":
            return self.found(self.below(known, key), sure=False)
        group = key[:CHEMICAL_GROUP]
        near = self.below(known, group)
        return self.found(near or alike(self.below(known, key[:CLASS])), sure=key == group)

    def below(self, known: Mapping[str, tuple[Term, ...]], key: str) -> list[Term]:
        return [term for code, terms in known.items() if code.startswith(key) for term in terms]

    @cached_property
    def nothing(self) -> Found:
        return self.found((), sure=False)

    def found(self, terms: Iterable[Term], *, sure: bool, freed: frozenset[str] = frozenset()) -> Found:
        """What terms are to the rules; a form frees of the doubt too, where it leaves nothing of what the medicine is."""
        terms = tuple(dict.fromkeys(terms))
        values = frozenset(value for term in terms for value in term.values) - freed
        known = all(term.outcome != "not_reviewed" for term in terms) or (self.unreviewed in freed and not values)
        reviewed = bool(terms) and sure and known
        return Found(terms, values if reviewed else values | {self.unreviewed}, sure and bool(terms))

    def near(self, text: str) -> list[Term]:
        """What was perhaps meant by a text: up to three, names that stand in it first, then those that are spelt nearly so."""
        words = normal(text).split()
        within = (words[start:end] for start in range(len(words)) for end in range(len(words), start, -1))
        terms = dict.fromkeys(term for name in (*within, *([name] for name in self.spelt_nearly(text))) for term in self.of_words(name))
        return [term for term in terms if term.outcome != "none"][:SUGGESTED]

    def completions(self, text: str) -> Iterator[tuple[Term, str]]:
        """What a text that is being typed may become, best first: the term and how it fits, exact, prefix or near."""
        key, seen = normal(text), set()
        names = {
            "exact": [key],
            "prefix": sorted((name for name in self.spellings if name.startswith(key)), key=len),
            "near": self.spelt_nearly(text),
        }
        for match, spellings in names.items():
            for term in (term for name in spellings for term in self.of_words([name])):
                if term.outcome != "none" and term.id not in seen:
                    seen.add(term.id)
                    yield term, match

    def spelt_nearly(self, text: str) -> list[str]:
        hits = process.extract(normal(text), self.spellings, scorer=OSA.normalized_similarity, score_cutoff=NEAR, limit=2 * SUGGESTED)
        return [name for name, *_ in hits]

    @cached_property
    def spellings(self) -> list[str]:
        return list({**self.by_id, **self.by_name})


def alike(terms: Sequence[Term]) -> list[Term]:
    """Those of one class that are no more than all of it are: what a substance of another chemical group of it may be taken for."""
    shared = set.intersection(*(set(term.values) for term in terms)) if terms else set()
    return [term for term in terms if shared and set(term.values) == shared]


def together(one: Found, other: Found) -> Found:
    """What two readings of one code say: all of both, in doubt where one of them is."""
    return Found(tuple(dict.fromkeys((*one.terms, *other.terms))), one.values | other.values, one.sure and other.sure)


def indexed(pairs: Iterable[tuple[str, Term]]) -> dict[str, tuple[Term, ...]]:
    found: dict[str, dict[Term, None]] = defaultdict(dict)
    for key, term in pairs:
        if key:
            found[key][term] = None
    return {key: tuple(terms) for key, terms in found.items()}


def without_amounts(text: str) -> str:
    """A name as it stands on a package, without its strength."""
    return AMOUNT.sub(" ", APPLICATION.sub(" ", text.casefold()))


def bare(code: str) -> str:
    """A code without its dot."""
    return code.strip().upper().replace(".", "")
