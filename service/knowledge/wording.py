"""How words are compared: what only spelling, small words or the plural tell apart is one, and what a longer text says besides."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

APOSTROPHES = re.compile(r"['’`´]")
BETWEEN = re.compile(r"[\W_]+")
OUR = re.compile(r"our\b")
SMALL_WORDS = frozenset({"a", "an", "the", "my", "in", "of", "on", "at", "to"})
# Beside a name these may say the opposite, or speak of somebody else: then it is not taken.
NOT_OF_THIS_PERSON = frozenset({
    "no", "not", "non", "never", "none", "without", "denies", "negative", "nothing", "neither", "fear", "afraid", "worry", "worried",
    "risk", "screening", "test", "tested", "vaccine", "vaccination", "family", "father", "fathers", "mother", "mothers", "dad", "mum",
    "mom", "brother", "brothers", "sister", "sisters", "parent", "parents", "son", "daughter", "uncle", "aunt", "cousin", "grandfather",
    "grandmother", "grandparent", "grandparents", "relative", "relatives", "wife", "husband", "partner", "nursing", "home",
})  # fmt: skip
SHORTEST = 5  # letters of a name of one word that is looked for in a text: ME and AS are words too


def normal(text: str) -> str:
    """Small letters without accents, words apart by one space, haemorrhoids as hemorrhoids; what is left where only spelling differs."""
    plain = "".join(part for part in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(part))
    plain = OUR.sub("or", plain.replace("ae", "e").replace("oe", "e"))
    return " ".join(BETWEEN.sub(" ", APOSTROPHES.sub("", plain)).split()) or text.strip()


def content(text: str) -> str:
    """The words of a normal text that say something, in one order and number: tightness in the chest is chest tightness.

    Empty where one word would be left of several.
    """
    words = text.split()
    said = sorted(singular(word) for word in words if word not in SMALL_WORDS)
    return " ".join(said) if len(said) > 1 or len(words) == 1 else ""


def singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def stretches(text: str) -> Iterator[str]:
    """Every run of words of a normal text that may be a name in it, the longest first."""
    words = text.split()
    for length in range(len(words) - 1, 0, -1):
        for start in range(len(words) - length + 1):
            if length > 1 or len(words[start]) >= SHORTEST:
                yield " ".join(words[start : start + length])


def speaks_of_another(rest: str) -> bool:
    """Whether what is left of a text beside the names in it denies them, or says that they are somebody else's."""
    return not NOT_OF_THIS_PERSON.isdisjoint(rest.split())
