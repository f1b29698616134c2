"""Keys: shown once, kept as a digest, revoked at once; the first one made once however many processes start together."""

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import select, text

from deploy.serving import PATIENCE
from service.access import keys
from service.access.callers import SCOPES
from service.access.keys import Wanted
from service.records import keys as kept
from service.records import opening
from service.records.store import Conflict
from service.records.tables import log, metadata

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
READER = Wanted("clinic", frozenset({"read"}), shares=True)
FIRST = "0123456789abcdef" * 4


def test_a_key_speaks_for_its_client(store):
    id_, secret = keys.make(store, READER, NOW)
    caller = keys.caller(store, secret, NOW)
    assert (caller.client, caller.key, caller.scopes, caller.shares, caller.rate) == ("clinic", id_, {"read"}, True, "6000/minute")


def test_the_secret_is_nowhere_kept(store):
    _, secret = keys.make(store, READER, NOW)
    keys.bootstrap(store, FIRST, NOW)
    with store.reading() as connection:
        everything = repr([connection.execute(select(table)).all() for table in metadata.sorted_tables])
    assert secret[: keys.PREFIX_LENGTH] in everything
    assert secret not in everything and secret[keys.PREFIX_LENGTH :] not in everything and FIRST not in everything


@pytest.mark.parametrize("change", [lambda s: s[:-1], lambda s: s + "A", lambda s: s[:12], lambda s: s.swapcase(), lambda s: s[:-1] + "é", lambda s: ""])
def test_only_the_whole_key_opens(store, change):
    _, secret = keys.make(store, READER, NOW)
    assert keys.caller(store, change(secret), NOW) is None


def test_a_key_ends_on_time(store):
    _, secret = keys.make(store, Wanted("clinic", frozenset({"read"}), expires=NOW + timedelta(days=1)), NOW)
    end = NOW + timedelta(days=1)
    assert keys.caller(store, secret, end - timedelta(microseconds=1)) is not None
    assert keys.caller(store, secret, end) is None


def test_a_revoked_key_opens_nothing(store):
    id_, secret = keys.make(store, READER, NOW)
    assert keys.revoke(store, id_, NOW)
    assert keys.caller(store, secret, NOW) is None
    assert not keys.revoke(store, id_, NOW), "once only"
    assert not keys.revoke(store, "key_of_nobody", NOW)


def test_making_and_revoking_is_in_the_log(store):
    id_, _ = keys.make(store, READER, NOW)
    keys.revoke(store, id_, NOW)
    keys.revoke(store, id_, NOW)
    with store.reading() as connection:
        kinds = connection.scalars(select(log.c.kind).where(log.c.about == id_).order_by(log.c.seq)).all()
    assert kinds == ["key", "revocation"]


def secrets_in_turn(monkeypatch, *parts: str) -> None:
    given = iter(parts)
    monkeypatch.setattr(keys.secrets, "token_urlsafe", lambda _: next(given))


def test_keys_that_begin_alike_are_not_made(store, monkeypatch):
    secrets_in_turn(monkeypatch, "A" * 43, "A" * 42 + "B", "C" * 43)
    assert keys.make(store, READER, NOW)[1] == "att_" + "A" * 43
    assert keys.make(store, READER, NOW)[1] == "att_" + "C" * 43


def test_chance_that_is_none_is_told(store, monkeypatch):
    monkeypatch.setattr(keys.secrets, "token_urlsafe", lambda _: "A" * 43)
    keys.make(store, READER, NOW)
    with pytest.raises(Conflict):
        keys.make(store, READER, NOW)


WRONG = {
    "client": ["", " ", "a b", "a|b", "é", "x" * 65, "-a", "a\n", "a\0"],
    "scopes": [frozenset(), frozenset({"root"}), frozenset({"read", "Admin"}), frozenset({""})],
    "label": ["x" * 81, "a\nb", "a\0b", "\ud800"],
    "rate": ["", "600", "0/minute", "-1/minute", "1/minute;9/day", "600/minute\n", "1/year"],
    "expires": [NOW, NOW - timedelta(days=1)],
}


@pytest.mark.parametrize(("field", "value"), [(field, value) for field, values in WRONG.items() for value in values])
def test_a_key_that_makes_no_sense_is_not_made(field, value):
    wanted = Wanted(**{"client": "clinic", "scopes": frozenset({"read"}), field: value})
    (fault,) = wanted.faults(NOW)
    assert fault.startswith(field)


def test_every_fault_is_told_at_once(store):
    with pytest.raises(ValueError, match=r"(?s)client.*scopes.*rate"):
        keys.make(store, Wanted("a b", frozenset(), rate="often"), NOW)
    assert not every(store)


# --- the first key ----------------------------------------------------------------------------------------------------------


def test_the_first_key_may_do_everything(store):
    keys.bootstrap(store, FIRST, NOW, "10/second")
    caller = keys.caller(store, FIRST, NOW)
    assert (caller.scopes, caller.rate) == (set(SCOPES), "10/second")


def test_without_a_name_there_is_no_first_key(store):
    keys.bootstrap(store, None, NOW)
    assert not every(store)


def test_a_store_that_ever_had_a_key_gets_no_first_one(store):
    id_, _ = keys.make(store, READER, NOW)
    keys.revoke(store, id_, NOW)
    keys.bootstrap(store, FIRST, NOW)
    assert keys.caller(store, FIRST, NOW) is None


def test_a_first_key_that_was_revoked_does_not_come_back(store):
    keys.bootstrap(store, FIRST, NOW)
    keys.revoke(store, every(store)[0].id, NOW)
    keys.bootstrap(store, FIRST, NOW)
    assert keys.caller(store, FIRST, NOW) is None
    assert len(every(store)) == 1


@pytest.mark.parametrize("named", ["the same key", "a key each"])
def test_processes_that_start_together_make_one_first_key(store, database_url, tmp_path, named):
    together, failures = Barrier(4), []

    def start(number: int) -> None:
        try:
            with opening.store(database_url, tmp_path, checkpoint_every=4) as own:
                together.wait(PATIENCE)
                keys.bootstrap(own, FIRST if named == "the same key" else str(number) * 40, NOW)
        except Exception as error:
            failures.append(error)

    starting = [Thread(target=start, args=(number,)) for number in range(4)]
    for thread in starting:
        thread.start()
    for thread in starting:
        thread.join(PATIENCE)
    assert not failures
    assert len(every(store)) == 1
    with store.reading() as connection:
        assert connection.scalar(text("SELECT count(*) FROM log WHERE kind = 'key'")) == 1


def every(store):
    with store.reading() as connection:
        return kept.every(connection)
