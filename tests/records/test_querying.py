"""The list of decisions: every filter means what a plain look at all decisions says, and pages show each exactly once; over both databases."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, update

from service.access.callers import Caller, may_see
from service.decisions.finding import visible
from service.records import decisions, ids, migrating, opening, querying, reviews
from service.records.decisions import Made
from service.records.querying import Filters, marks_of
from service.records.tables import decision, rulebase
from tests.conftest import TODAY
from tests.databases import KINDS

CLIENTS = ("clinic", "gym", "board")
SUBJECTS = (None, "p-1", "p-2")
DISPOSITIONS = ("self_care", "soon", "emergency")
PLACES = (("recommendations", "fibre"), ("withheld", "cut_added_sugar"), ("recommendations", "hiit"), ("deferred", "omega3"))
FLAGS = ("RF.VISION", "RF.TG_GE_500")
ENDS = (None, "2026-11-22T00:00:00Z", "2026-11-22T12:00:00Z", "2026-11-23T00:00:00Z")
VERDICTS = ("agree", "disagree", "needs_evidence", "overridden")
BASES = ("a" * 64, "b" * 64)
COUNT = 60
ALL = querying.Visible(None, True)


def one_of(number: int, among: tuple):
    """Something of these for the decision of this number; each kind goes its own way through the numbers."""
    return among[(number * 7 + number // len(among)) % len(among)]


def truth(number: int) -> SimpleNamespace:
    """What is to be known of the decision of this number."""
    return SimpleNamespace(
        id=f"dec_{number:04}", client=one_of(number, CLIENTS), shared=number % 4 < 2, at=TODAY + timedelta(hours=number // 3),
        subject=one_of(number + 1, SUBJECTS), disposition=one_of(number + 2, DISPOSITIONS), until=one_of(number + 3, ENDS),
        places=[("not_indicated", "fibre") if number % 16 == 0 else PLACES[0], *(PLACES[i] for i in (1, 2, 3) if number >> i & 1)], flags=[flag for flag in FLAGS if number % len(flag) < 3],
        verdicts=[one_of(number + index, VERDICTS) for index in range(number % 3)], rulebase=BASES[number % 5 == 0], erased=number % 11 == 10,
    )  # fmt: skip


def keep(store, one: SimpleNamespace) -> None:
    answer = {
        "disposition": one.disposition, "valid_until": one.until, "red_flags": [{"code": code} for code in one.flags],
        **{name: [{"intervention": iv} for place, iv in one.places if place == name] for name in decisions.LISTS},
    }  # fmt: skip
    body = {} if one.subject is None else {"subject": one.subject}
    parts = {"answer": answer, "request": {"body": body, "voice": "person"}, "observations": {}, "trace": []}
    with store.writing(one.at) as writing:
        decisions.write(writing, decisions.sealed(Made(one.id, one.at, one.client, one.shared, one.rulebase, parts)))
        for verdict in one.verdicts:
            names = ("reason", "node", "rule", "rule_hash", "intervention", "action", "comment", "location", "reviewer")
            content = {**dict.fromkeys(names), "verdict": verdict}
            reviews.write(writing, reviews.Given(one.id, "board", "key_board", None, content))


@pytest.fixture(scope="module", params=KINDS)
def filled(request, tmp_path_factory):
    """A store with COUNT decisions, some of them erased, and what is to be known of each, newest first."""
    folder = tmp_path_factory.mktemp("querying")
    url = f"sqlite:///{folder}/attune.db" if request.param == "sqlite" else request.getfixturevalue("postgresql")()
    with opening.store(url, folder, checkpoint_every=16) as store:
        migrating.migrate(store.database)
        with store.writing(TODAY) as writing:
            for digest in BASES:
                kept = {"digest": digest, "version": digest[0], "added_at": ids.stamp(TODAY), "files": b""}
                writing.connection.execute(insert(rulebase).values(kept))
        truths = [truth(number) for number in range(COUNT)]
        for one in truths:
            keep(store, one)
            if one.erased:
                erase(store, one)
        yield store, list(reversed(truths))


def erase(store, one: SimpleNamespace) -> None:
    """As an erasure leaves it; the mark goes too, the verdicts stay without their content."""
    nothing = dict.fromkeys(("subject_ref", "disposition", "valid_until", "secret", "content"))
    with store.writing(TODAY) as writing:
        writing.connection.execute(update(decision).where(decision.c.id == one.id).values(erased_at=ids.stamp(TODAY), **nothing))
        writing.connection.execute(querying.mark.delete().where(querying.mark.c.decision == one.id))
        writing.connection.execute(querying.review.update().where(querying.review.c.decision == one.id).values(verdict=None, thread=None))
    one.subject = one.disposition = one.until = None
    one.places, one.flags, one.verdicts = [], [], [None for _ in one.verdicts]


def means(wanted: Filters, client: str | None, one: SimpleNamespace) -> bool:
    """The filters, plainly."""
    at = ids.stamp(one.at)
    newest = one.verdicts[-1] if one.verdicts else "none"
    return (
        (wanted.from_ is None or at >= wanted.from_)
        and (wanted.to is None or at < wanted.to)
        and (wanted.subject is None or (one.client == client and one.subject == wanted.subject))
        and (wanted.disposition is None or one.disposition == wanted.disposition)
        and (wanted.marks is None or bool({f"{place}:{iv}" for place, iv in one.places} & set(wanted.marks)))
        and (wanted.red_flag is None or wanted.red_flag in one.flags)
        and (wanted.review is None or wanted.review == newest or (wanted.review == "any" and bool(one.verdicts)))
        and (wanted.valid_until is None or (one.until is not None and one.until <= wanted.valid_until))
        and (wanted.rulebases is None or one.rulebase in wanted.rulebases)
    )


def maybe(strategy: st.SearchStrategy) -> st.SearchStrategy:
    return st.none() | st.none() | strategy


TIMES = st.integers(-1, COUNT // 3 + 1).map(lambda hours: ids.stamp(TODAY + timedelta(hours=hours)))
MARKS = st.builds(marks_of, st.sampled_from(["fibre", "hiit", "omega3", "cut_added_sugar"]), maybe(st.sampled_from(decisions.LISTS)))
FILTERS = st.builds(
    Filters, from_=maybe(TIMES), to=maybe(TIMES), subject=maybe(st.sampled_from(["p-1", "p-2", "P-1", "%"])),
    disposition=maybe(st.sampled_from(DISPOSITIONS)), marks=maybe(MARKS), red_flag=maybe(st.sampled_from([*FLAGS, "RF.OTHER"])),
    review=maybe(st.sampled_from(["none", "any", *VERDICTS])), valid_until=maybe(st.sampled_from(ENDS[1:])),
    rulebases=maybe(st.sets(st.sampled_from(BASES))),
)  # fmt: skip
CALLERS = st.builds(
    lambda client, scopes: Caller(client, "key", frozenset(scopes)),
    st.sampled_from([*CLIENTS, "nobody"]), st.sets(st.sampled_from(["advise", "read", "review", "admin"])),
)  # fmt: skip


@settings(max_examples=150)
@given(wanted=FILTERS, caller=CALLERS)
def test_a_list_is_what_a_plain_look_finds_and_may_see(filled, wanted, caller):
    store, truths = filled
    with store.reading() as connection:
        found = querying.page(connection, visible(caller), wanted, None, COUNT)
    own = visible(caller).client
    assert [one.kept.id for one in found] == [one.id for one in truths if may_see(caller, one) and means(wanted, own, one)]


@settings(max_examples=30)
@given(wanted=FILTERS, limit=st.integers(1, 25))
def test_pages_show_each_exactly_once(filled, wanted, limit):
    store, truths = filled
    shown, before = [], None
    with store.reading() as connection:
        while page := querying.page(connection, ALL, wanted, before, limit):
            shown += [one.kept.id for one in page]
            before = page[-1].kept.seq
    assert shown == [one.id for one in truths if one.shared and means(wanted, None, one)]


def test_what_is_written_between_two_pages_moves_none(filled):
    store, truths = filled
    shown, before, number = [], None, 10_000
    while True:
        with store.reading() as connection:
            page = querying.page(connection, ALL, Filters(to=ids.stamp(TODAY + timedelta(days=300))), before, 7)
        if not page:
            break
        shown += [one.kept.id for one in page]
        before, number = page[-1].kept.seq, number + 4
        new = truth(number)
        keep(store, new)
        assert new.shared
    assert [id_ for id_ in shown if id_ < "dec_1"] == [one.id for one in truths if one.shared] == shown


def test_what_is_shown_beside_a_decision(filled):
    store, truths = filled
    for one in truths[:12]:
        with store.reading() as connection:
            found = querying.beside(connection, decisions.read(connection, one.id))
        assert (found.version, found.disposition, found.valid_until) == (one.rulebase[0], one.disposition, one.until)
        assert found.reviews == len(one.verdicts)
