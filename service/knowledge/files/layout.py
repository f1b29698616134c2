"""Which file of the rule base holds what: every file below rules/ is read by somebody, or is a fault."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from service.knowledge.faults import Findings, did_you_mean
from service.knowledge.files.article_schemas import (
    ChainsShape,
    ClaimShape,
    EvidenceShape,
    GraphShape,
    NodeShape,
    RuleBaseShape,
    SourceShape,
)
from service.knowledge.files.rule_schemas import CaseShape, RankingShape, RuleFileShape
from service.knowledge.files.shapes import ListOf, MapOf, Mapped, Shape, Slot
from service.knowledge.files.term_schemas import FoodShape, ForbiddingShape, FormShape, ProductShape, SpellingShape, TermShape
from service.knowledge.files.word_schemas import CodeShape, Words
from service.knowledge.records import Place

ABOUT, RANKING, CLAIMS, EVIDENCE = "rulebase.yaml", "ranking.yaml", "claims.yaml", "evidence.yaml"
GRAPH, CHAINS, NODES = "mechanisms/graph.yaml", "mechanisms/chains.yaml", "mechanisms/nodes.csv"
TERMS = {
    **{word: f"words/{word}.csv" for word in ("conditions", "symptoms", "allergies", "supplements")},
    "medications": "words/medicines.csv",
}
PRODUCTS, FORMS, SPELLINGS = "words/products.csv", "words/forms.csv", "words/units.csv"
LISTS = ("conditions", "symptoms", "medications", "supplements", "allergies")
CODES = {word: f"vocabulary/{word}.csv" for word in LISTS}  # the values of a list in a table, where they do not stand with the word
FOODS, FORBIDDING = "words/foods.csv", "words/forbidding.csv"
LOCK = "lock.yaml"
FOR_READERS = ("README.md", "CHANGELOG.md")
CASES = ".cases.yaml"

FILES: Mapping[str, Slot] = {
    ABOUT: Mapped(RuleBaseShape),
    RANKING: Mapped(RankingShape),
    CLAIMS: ListOf(Mapped(ClaimShape)),
    EVIDENCE: MapOf(Mapped(EvidenceShape)),
    GRAPH: Mapped(GraphShape),
    CHAINS: Mapped(ChainsShape),
    NODES: ListOf(Mapped(NodeShape)),
    **dict.fromkeys(TERMS.values(), ListOf(Mapped(TermShape))),
    PRODUCTS: ListOf(Mapped(ProductShape)),
    FORMS: ListOf(Mapped(FormShape)),
    SPELLINGS: ListOf(Mapped(SpellingShape)),
    **dict.fromkeys(CODES.values(), ListOf(Mapped(CodeShape))),
    FOODS: ListOf(Mapped(FoodShape)), FORBIDDING: ListOf(Mapped(ForbiddingShape)),
}
TABLES: Mapping[str, type[Shape]] = {
    NODES: NodeShape, PRODUCTS: ProductShape, FORMS: FormShape, SPELLINGS: SpellingShape, FOODS: FoodShape, FORBIDDING: ForbiddingShape,
    **dict.fromkeys(TERMS.values(), TermShape),
    **dict.fromkeys(CODES.values(), CodeShape),
}
VOCABULARY, SOURCES = "vocabulary", "sources"
RULE_FOLDERS = ("findings", "red_flags", "states", "mechanisms", "interventions", "safety", "interactions", "monitoring")
FOLDERS: Mapping[str, Slot] = {
    VOCABULARY: Words(),
    SOURCES: MapOf(Mapped(SourceShape)),
    **dict.fromkeys(RULE_FOLDERS, Mapped(RuleFileShape)),
}
CASE_LIST = ListOf(Mapped(CaseShape))
NAME = re.compile(r"[a-z][a-z0-9_]*")


def expected_in(file: str) -> Slot | None:
    """What the content of a file must look like; None for a file that nothing reads."""
    if file in FILES:
        return FILES[file]
    folder, _, name = file.rpartition("/")
    stem, dot, extension = name.partition(".")
    if not NAME.fullmatch(stem) or (folder not in FOLDERS and file != RANKING.removesuffix(".yaml") + CASES):
        return None
    if dot + extension == CASES:
        return CASE_LIST
    return FOLDERS.get(folder) if extension == "yaml" else None


def takes_part(file: str) -> bool:
    """Whether an answer can depend on this file; on cases and on the lock none does."""
    return file != LOCK and not file.endswith(CASES)


def holds_rules(file: str) -> bool:
    return not file.endswith(CASES) and (file == RANKING or (file not in FILES and file.rpartition("/")[0] in RULE_FOLDERS))


def check_files(files: Collection[str], faults: Findings) -> None:
    """Every file is one that is read, every one that is needed is there, and cases stand beside their rules."""
    for file in files:
        if expected_in(file) is None and file != LOCK:
            faults.add(Place(file, 1), f"nothing reads this file{hint(file)}")
        if file.endswith(CASES) and file.removesuffix(CASES) + ".yaml" not in files:
            faults.add(Place(file, 1), f"these cases stand beside no rules: there is no {file.removesuffix(CASES)}.yaml")
    for file in missing(files):
        faults.add(Place(file, 1), "the file is missing")


def missing(files: Collection[str]) -> Iterator[str]:
    yield from (file for file in FILES if file not in files and file not in TABLES)  # which kept rule bases have not got
    yield from (f"{folder}/*.yaml" for folder in FOLDERS if not any(file.startswith(f"{folder}/") for file in files))


def hint(file: str) -> str:
    """What was probably meant by a file in the wrong place or with the wrong ending."""
    folder = file.rpartition("/")[0]
    if folder and folder not in FOLDERS:
        return f": there is no folder {folder!r}{did_you_mean(folder, FOLDERS)}"
    if not folder and file.endswith((".yaml", ".yml")):
        return did_you_mean(file, FILES)
    return ": rules, words and sources are .yaml, cases .cases.yaml, in lower case"
