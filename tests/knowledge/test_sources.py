"""What the knowledge rests on can be looked up: each source names a document, and was seen on a day or says that it was not."""

from __future__ import annotations

import re
from datetime import date

import pytest

from service.knowledge import catalogue
from tests.loaded import KNOWLEDGE

SOURCES = KNOWLEDGE.sources
LISTED_BY_THE_ARTICLE = {source.id for source in SOURCES.values() if "status" in source.details}
CITED = {id_ for rule in KNOWLEDGE.rules.values() for id_ in rule.cites.outside}
CITED |= {id_ for evidence in KNOWLEDGE.evidence.values() for id_ in evidence.sources}
CITED |= {id_ for word in KNOWLEDGE.vocabulary.values() if word.cites for id_ in word.cites.outside}
IN_A_VOLUME = re.compile(r"\d{4};\d+.*:[A-Za-z]?\d+").search


def details(id_):
    return SOURCES[id_].details


def test_what_was_seen_has_its_day_and_a_place_where_to_look():
    seen = [source.details for source in SOURCES.values() if "verified" in source.details and source.id not in LISTED_BY_THE_ARTICLE]
    assert all(date(2026, 11, 1) <= date.fromisoformat(one["verified"]) for one in seen)
    assert [one for one in seen if not ("doi" in one or "url" in one or IN_A_VOLUME(one["citation"]))] == []


def test_a_source_that_counts_names_its_document():
    """By its year, or by an address where it is kept up to date; labels are looked up by the name of the medicine."""
    named = {id_ for id_ in CITED if details(id_).keys() & {"year", "url"} or details(id_)["kind"] == "label"}
    assert CITED - named == set()
    assert [id_ for id_ in CITED if not details(id_).get("title") or details(id_)["mark"] == "?"] == []


def test_the_year_is_that_of_the_citation():
    dated = [source for source in SOURCES.values() if "year" in source.details]
    assert [source.id for source in dated if str(int(source.details["year"])) not in source.citation] == []


def test_a_doi_stands_once():
    dois = [source.details["doi"] for source in SOURCES.values() if "doi" in source.details]
    assert len(dois) == len(set(dois))


def test_what_no_longer_counts_is_cited_nowhere():
    assert {id_ for id_ in CITED if "withdrawn" in details(id_)} == set()


@pytest.mark.parametrize("evidence", KNOWLEDGE.evidence.values(), ids=KNOWLEDGE.evidence)
def test_each_outcome_has_the_sources_that_studied_it(evidence):
    assert all(one.sources or one.grade == "none" for one in evidence.outcomes)
    assert len({one.outcome for one in evidence.outcomes}) == len(evidence.outcomes)


# Sources that measured leptin, or harm, and say nothing of insulin or sugar (evidence_audit, 1c).
OF_SOMETHING_ELSE = {
    "considine_1996", "leibel_1995", "sumithran_2011", "fedewa_2018", "rostas_2017", "varkaneh_kord_2021", "gencer_2021", "weinsier_1995",
}  # fmt: skip


def test_no_source_stands_behind_an_outcome_that_it_did_not_study():
    behind = {source for evidence in KNOWLEDGE.evidence.values() for one in evidence.outcomes for source in one.sources}
    assert behind & OF_SOMETHING_ELSE == set()
    assert set(KNOWLEDGE.evidence["omega3"].outcomes[0].sources) & {"skulas_ray_2019"} == set()


def test_what_is_kept_of_evidence_is_shown():
    for intervention in catalogue.interventions(KNOWLEDGE):
        shown, kept = intervention["evidence"], KNOWLEDGE.evidence[intervention["id"]]
        told = [shown["leptin"], shown["harm"], *shown["outcomes"]]
        assert {source for one in told for source in one["sources"]} == set(kept.sources)
        assert shown["note"] == kept.note
