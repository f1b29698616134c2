"""Verdicts in the store: tied to step and rule, never overwritten, counted by what is current, exported in batches; over both databases."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext, suppress
from datetime import timedelta

import orjson
import pytest
from sqlalchemy import select

from schemas.profile import request_schema
from service.access.callers import Caller
from service.api.examples import example_request
from service.decisions.deciding import Asked, Decider
from service.decisions.recalling import Recaller
from service.decisions.reviewing import NotOfDecision, NotSeen, Reviews
from service.records import chain, erasing, rulebases
from service.records import reviews as kept
from service.records.decisions import Erased
from service.records.reviews import Wanted
from service.records.sealing import Secret
from service.records.store import StoreUnavailable
from service.records.tables import decision, log, review
from tests.conftest import RULES, TODAY

OWNER = Caller("clinic", "key_owner", frozenset({"advise"}), shares=True)
REVIEWER = Caller("board", "key_board", frozenset({"review"}), request="r-1")
ALL = Wanted()


@pytest.fixture
def reviews(store, advisor):
    with store.writing(TODAY) as writing:
        rulebases.keep(writing, advisor.knowledge, RULES)
    return Reviews(store, Recaller(advisor, store))


@pytest.fixture
def decide(reviews, advisor):
    profile = request_schema(advisor.knowledge.vocabulary)().load(example_request())["profile"]
    decider = Decider(advisor, reviews.store, reviews.recaller, timedelta(seconds=30))
    return lambda owner=OWNER, subject="S-1": decider.decide(Asked(example_request() | {"subject": subject}, profile), owner, TODAY)


@pytest.fixture
def decided(decide):
    return decide()["decision_id"]


def erase(store, subject="S-1"):
    assert erasing.erase_subject(store, OWNER.client, subject, "key_owner", TODAY).decisions == 1


def test_a_verdict_on_a_step_names_the_rule_that_made_it(reviews, decided, knowledge):
    given = reviews.give(decided, {"verdict": "disagree", "node": "offer.self_monitoring"}, REVIEWER, TODAY)
    assert (given["rule"], given["rule_hash"]) == ("offer.self_monitoring", knowledge.rules["offer.self_monitoring"].hash)
    assert reviews.on(decided, OWNER, TODAY) == [given]


@pytest.mark.parametrize("node", ["given:/weight", "computed:bmi"])
def test_what_was_sent_or_computed_was_made_by_no_rule(reviews, decided, node):
    given = reviews.give(decided, {"verdict": "agree", "node": node}, REVIEWER, TODAY)
    assert (given["node"], given["rule"], given["rule_hash"]) == (node, None, None)


def test_what_is_not_in_the_decision_cannot_be_judged(reviews, decided):
    for field, sent in (("node", "offer.nothing"), ("intervention", "cold_showers")):
        with pytest.raises(NotOfDecision) as refused:
            reviews.give(decided, {"verdict": "agree", field: sent}, REVIEWER, TODAY)
        assert refused.value.field == field
    assert reviews.on(decided, OWNER, TODAY) == []


def test_the_action_is_what_was_advised(reviews, decide):
    answer = decide()
    for name in ("recommendations", "withheld", "deferred", "not_indicated", "clinician_first"):
        for row in answer[name]:
            given = reviews.give(answer["decision_id"], {"verdict": "agree", "intervention": row["intervention"]}, REVIEWER, TODAY)
            assert given["action"] == name
    assert reviews.give(answer["decision_id"], {"verdict": "agree"}, REVIEWER, TODAY)["action"] == answer["disposition"]


def test_of_each_reviewer_and_thing_the_newest_is_current(reviews, decided):
    says = [
        ({"verdict": "disagree", "reviewer": "A", "node": "finding.adult"}, False),
        ({"verdict": "agree", "reviewer": "B", "node": "finding.adult"}, True),
        ({"verdict": "agree", "reviewer": "A"}, True),
        ({"verdict": "agree", "reviewer": "A", "intervention": "fibre"}, True),
        ({"verdict": "agree", "node": "finding.adult"}, True),
        ({"verdict": "overridden", "reason": "patient-refuses", "reviewer": "A", "node": "finding.adult"}, True),
    ]
    given = [reviews.give(decided, sent, REVIEWER, TODAY) for sent, _ in says]
    found = reviews.on(decided, OWNER, TODAY)
    assert [one["id"] for one in found] == [one["id"] for one in given]
    assert [one["current"] for one in found] == [current for _, current in says]
    assert [one["verdict"] for one in found] == [sent["verdict"] for sent, _ in says]


def test_two_clients_with_a_reviewer_of_one_name_are_two(reviews, decided):
    other = Caller("other", "key_other", frozenset({"review"}))
    for caller in (REVIEWER, other):
        reviews.give(decided, {"verdict": "agree", "reviewer": "A"}, caller, TODAY)
    assert [one["current"] for one in reviews.on(decided, REVIEWER, TODAY)] == [True, True]


def test_the_counts_are_of_current_verdicts(reviews, decide):
    rule, hash_ = "offer.self_monitoring", reviews.recaller.advisor.knowledge.rules["offer.self_monitoring"].hash
    assert reviews.on_rule(rule, hash_)["dispute_rate"] is None
    first, second = (decide(subject=subject)["decision_id"] for subject in ("S-1", "S-2"))
    for id_, reviewer, verdict in (
        (first, "A", "disagree"), (first, "A", "agree"), (first, "B", "disagree"), (second, "A", "needs_evidence"), (second, "C", "overridden"),
    ):  # fmt: skip
        reviews.give(id_, {"verdict": verdict, "reviewer": reviewer, "node": rule}, REVIEWER, TODAY)
    reviews.give(first, {"verdict": "disagree", "node": "finding.adult"}, REVIEWER, TODAY)
    counts = {"agree": 1, "disagree": 1, "needs_evidence": 1, "overridden": 1, "dispute_rate": 0.5, "decisions": 2}
    assert reviews.on_rule(rule, hash_) == {**counts, "this_version": counts}
    nobody = {"agree": 0, "disagree": 0, "needs_evidence": 0, "overridden": 0, "dispute_rate": None, "decisions": 0}
    assert reviews.on_rule(rule, "0" * 64) == {**counts, "this_version": nobody}
    erase(reviews.store)
    left = {**nobody, "needs_evidence": 1, "overridden": 1, "dispute_rate": 0.5, "decisions": 1}
    assert reviews.on_rule(rule, hash_) == {**left, "this_version": left}


def test_the_log_commits_to_a_verdict_and_does_not_tell_it(reviews, decided):
    sent = {"verdict": "overridden", "reason": "patient-refuses", "comment": "zebra", "reviewer": "walrus", "location": "heron"}
    given = reviews.give(decided, sent, REVIEWER, TODAY)
    with reviews.store.reading() as connection:
        entry = connection.scalar(select(log.c.entry).where(log.c.kind == "review"))
        row = connection.execute(select(review, decision.c.secret).join(decision)).one()
    for word in ("zebra", "walrus", "heron", "overridden", "patient-refuses"):
        assert word not in entry and word.encode() not in row.content
    said = orjson.loads(entry)
    assert said["about"] == decided
    assert {name: said[name] for name in ("id", "at", "client", "key", "request")} == {
        "id": given["id"], "at": given["at"], "client": "board", "key": "key_board", "request": "r-1",
    }  # fmt: skip
    secret = Secret.of(row.secret)
    opened = secret.open(row.content, given["id"])
    assert secret.commitment(kept.committed_as(given["id"]), opened) == said["commitment"]
    assert kept.looked_up_by(secret, "board", orjson.loads(opened)) == {
        "verdict": row.verdict, "rule": row.rule, "rule_hash": row.rule_hash, "thread": row.thread,
    }  # fmt: skip


def patiently(reviews, decided, reviewer):
    """As a caller who comes again when told that the store is busy."""
    for _ in range(20):
        with suppress(StoreUnavailable):
            return reviews.give(decided, {"verdict": "agree", "reviewer": reviewer}, REVIEWER, TODAY)["id"]
    raise AssertionError("the store was never free")


def test_many_at_once_are_all_kept(reviews, decided):
    with ThreadPoolExecutor(20) as pool:
        given = list(pool.map(lambda n: patiently(reviews, decided, f"R{n % 5}"), range(20)))
    found = reviews.on(decided, OWNER, TODAY)
    assert sorted(one["id"] for one in found) == sorted(given)
    assert sum(one["current"] for one in found) == 5
    assert_chained(reviews.store)


def assert_chained(store):
    with store.reading() as connection:
        entries = connection.execute(select(log.c.seq, log.c.entry, log.c.hash).order_by(log.c.seq)).all()
    hash_ = chain.START
    for place, (seq, entry, kept_hash) in enumerate(entries, start=1):
        hash_ = chain.hash_after(hash_, entry.encode())
        assert (seq, kept_hash) == (place, hash_.hex())


def test_who_may_give_and_read(reviews, decide):
    shared, private = decide()["decision_id"], decide(Caller("clinic", "k", frozenset({"advise"})))["decision_id"]
    own, other = (Caller(client, "k", frozenset({"review"})) for client in ("clinic", "board"))
    administrator = Caller("clinic", "k", frozenset({"admin"}))
    for caller, seen in ((own, {shared, private}), (other, {shared}), (administrator, set())):
        for id_ in (shared, private):
            with nullcontext() if id_ in seen else pytest.raises(NotSeen):
                reviews.give(id_, {"verdict": "agree"}, caller, TODAY)
            with nullcontext() if id_ in seen else pytest.raises(NotSeen):
                assert reviews.on(id_, caller, TODAY)
    with pytest.raises(NotSeen):
        reviews.give("dec_unknown", {"verdict": "agree"}, own, TODAY)
    assert {one["decision"] for one in reviews.export(ALL, own, TODAY)} == {shared, private}
    assert {one["decision"] for one in reviews.export(ALL, other, TODAY)} == {shared}


def test_an_erased_decision_is_neither_judged_nor_read(reviews, decided):
    reviews.give(decided, {"verdict": "agree"}, REVIEWER, TODAY)
    erase(reviews.store)
    for refused in (
        lambda: reviews.give(decided, {"verdict": "agree"}, REVIEWER, TODAY),
        lambda: reviews.on(decided, OWNER, TODAY),
    ):
        with pytest.raises(Erased):
            refused()
    assert list(reviews.export(ALL, REVIEWER, TODAY)) == []


def test_a_verdict_does_not_slip_in_behind_an_erasure(reviews, decided, monkeypatch):
    """The erasure comes after the decision was read and before the verdict is written."""
    monkeypatch.setattr(reviews, "_rule_of", lambda *_: erase(reviews.store) or {"rule": None, "rule_hash": None})
    with pytest.raises(Erased):
        reviews.give(decided, {"verdict": "agree", "node": "finding.adult"}, REVIEWER, TODAY)
    with reviews.store.reading() as connection:
        assert connection.execute(select(review)).all() == []


def test_while_one_erases_others_judge_and_nothing_is_left(reviews, decided):
    def give(n):
        with suppress(Erased):
            reviews.give(decided, {"verdict": "agree", "reviewer": f"R{n}"}, REVIEWER, TODAY)

    with ThreadPoolExecutor(8) as pool:
        judging = [pool.submit(give, n) for n in range(8)]
        pool.submit(erase, reviews.store).result()
        for one in judging:
            one.result()
    with reviews.store.reading() as connection:
        left = connection.execute(select(review.c.verdict, review.c.rule, review.c.rule_hash, review.c.thread, review.c.content)).all()
    assert set(left) <= {(None,) * 5}
    assert_chained(reviews.store)


def test_an_export_is_whole_whatever_the_size_of_its_batches(reviews, decide, monkeypatch):
    monkeypatch.setattr(kept, "BATCH", 3)
    ids = [decide()["decision_id"] for _ in range(2)]
    given = [
        reviews.give(ids[n % 2], {"verdict": "agree", "reviewer": f"R{n}"}, REVIEWER, TODAY + timedelta(minutes=n))["id"] for n in range(10)
    ]
    exported = reviews.export(ALL, REVIEWER, TODAY)
    reviews.give(ids[0], {"verdict": "agree"}, REVIEWER, TODAY)  # after the export was asked for
    assert [one["id"] for one in exported] == given
    with reviews.store.reading() as connection:
        reads = [orjson.loads(entry) for entry in connection.scalars(select(log.c.entry).where(log.c.kind == "access").order_by(log.c.seq))]
    assert [(one["action"], one["client"]) for one in reads] == [("reviews.export", "board")] * 4
    assert {id_ for one in reads for id_ in one["decisions"]} == set(ids)


def test_an_export_gives_what_is_asked_for(reviews, decided):
    later = TODAY + timedelta(hours=1)
    first = reviews.give(decided, {"verdict": "disagree", "node": "finding.adult"}, REVIEWER, TODAY)
    second = reviews.give(decided, {"verdict": "agree", "node": "offer.self_monitoring"}, REVIEWER, later)
    for wanted, found in (
        (Wanted(since=second["at"]), [second]), (Wanted(before=second["at"]), [first]), (Wanted(verdict="disagree"), [first]),
        (Wanted(rule="offer.self_monitoring"), [second]), (Wanted(verdict="agree", rule="finding.adult"), []), (ALL, [first, second]),
    ):  # fmt: skip
        assert list(reviews.export(wanted, REVIEWER, TODAY)) == found
