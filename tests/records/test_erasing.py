"""After an erasure nothing is left of a person: not in the tables, not in the files; and the log still shows what was done."""

from __future__ import annotations

import threading
import zlib
from datetime import timedelta
from pathlib import Path

import orjson
import pytest
from sqlalchemy import create_engine, select, text

from service.__main__ import main
from service.records import decisions, erasing, opening
from service.records.decisions import Erased
from service.records.sealing import SealBroken, Secret
from service.records.store import StoreUnavailable
from service.records.tables import decision, idempotency, log, mark, metadata, review
from tests.records.conftest import NOW, decide
from tests.records.conftest import review as reviewed

MARKER = "Zuckerhut-Marker"
SUBJECT = "subject Ünïcode"


@pytest.fixture
def erased(filled):
    """What stood there about one subject, and is erased now."""
    ids_ = [decide(filled, SUBJECT, key=f"erased-{number}", marker=MARKER) for number in range(3)]
    reviewed(filled, ids_[0])
    left = decide(filled, SUBJECT, client="two")
    with filled.reading() as connection:
        rows = list(connection.execute(select(decision).where(decision.c.id.in_(ids_))).mappings())
        sealed = connection.scalar(select(review.c.content).where(review.c.decision == ids_[0]))
    done = erasing.erase_subject(filled, "one", SUBJECT, "key_9", NOW)
    assert done.decisions == 3
    return ids_, left, rows, sealed, done


def traces(rows, sealed) -> list[bytes]:
    """Bytes that only this content had: its secret, its seal, what it was found by, and the words themselves."""
    found = [MARKER.encode(), SUBJECT.encode(), zlib.compress(MARKER.encode())[2:-4], sealed[:48], sealed[-48:]]
    for row in rows:
        found += [row["secret"], row["secret"][:32], row["secret"][32:], row["content"][:48], row["content"][-48:], row["subject_ref"].encode()]
    return found


def test_every_personal_column_is_null_and_the_store_is_whole(erased, filled, verified):
    ids_, left, *_ = erased
    with filled.reading() as connection:
        for id_ in ids_:
            kept = decisions.read(connection, id_)
            with pytest.raises(Erased):
                kept.parts()
            assert kept.erased_at and kept.secret is None
            row = connection.execute(select(decision).where(decision.c.id == id_)).mappings().one()
            assert [row[name] for name in ("subject_ref", "disposition", "valid_until", "content")] == [None] * 4
            for table in (mark, idempotency):
                assert connection.execute(select(table).where(table.c.decision == id_)).first() is None
        row = connection.execute(select(review).where(review.c.decision == ids_[0])).mappings().one()
        assert [row[name] for name in ("verdict", "rule", "rule_hash", "thread", "content")] == [None] * 5
        assert decisions.read(connection, left).parts()["request"]["body"]["subject"] == SUBJECT
    assert verified().faults == []


def test_the_log_says_what_was_erased_when_and_by_whom_and_no_word_of_the_person(erased, filled):
    ids_, *_ = erased
    with filled.reading() as connection:
        entries = connection.scalars(select(log.c.entry).order_by(log.c.seq)).all()
    said = orjson.loads(entries[-1])
    assert {name: said[name] for name in ("kind", "client", "key", "why", "decisions", "at")} == {
        "kind": "erasure", "client": "one", "key": "key_9", "why": "subject", "decisions": ids_, "at": "2026-11-22T12:00:00.000000Z",
    }  # fmt: skip
    assert not any(word in entry for entry in entries for word in (SUBJECT, MARKER))


def test_erasing_again_erases_nothing_and_says_nothing(erased, filled, verified):
    before = verified().entries
    assert erasing.erase_subject(filled, "one", SUBJECT, "key_9", NOW).decisions == 0
    assert erasing.erase_subject(filled, "one", "nobody", "key_9", NOW).decisions == 0
    assert verified().entries == before


def test_no_byte_of_it_is_left_in_the_files(erased, filled, tmp_path, request):
    _, _, rows, sealed, done = erased
    assert done.overwritten == filled.database.is_sqlite
    if filled.database.is_sqlite:
        files = [file for file in tmp_path.rglob("*") if file.is_file()]
        assert any(file.name == "attune.db" for file in files)
    else:
        files = vacuumed(filled, request.getfixturevalue("postgresql_server").folder / "data")
    left = [(file.name, trace[:16]) for file in files for trace in traces(rows, sealed) if trace in content(file)]
    assert left == []


def content(file: Path) -> bytes:
    """PostgreSQL removes a file of its caches at any time: what is gone keeps nothing."""
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return b""


def vacuumed(store, folder: Path) -> list[Path]:
    """PostgreSQL's tables and their indexes, once rewritten. Its write-ahead log goes when it is recycled, as README.md says."""
    engine = create_engine(store.database.engine.url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for table in metadata.tables:
            connection.execute(text(f"VACUUM FULL {table}"))
        connection.execute(text("CHECKPOINT"))
        own = connection.scalar(text("SELECT oid FROM pg_database WHERE datname = current_database()"))
    engine.dispose()
    found = [file for file in (folder / "base" / str(own)).rglob("*") if file.is_file()]
    assert found
    return found


def test_what_was_written_is_there_before(filled, tmp_path, request):
    """The search of the test above finds what has not been erased."""
    id_ = decide(filled, SUBJECT, marker=MARKER)
    with filled.reading() as connection:
        secret = connection.scalar(select(decision.c.secret).where(decision.c.id == id_))
    folder = tmp_path
    if not filled.database.is_sqlite:
        folder = request.getfixturevalue("postgresql_server").folder / "data"
        vacuumed(filled, folder)
    assert any(secret in file.read_bytes() for file in folder.rglob("*") if file.is_file())


@pytest.fixture
def sqlite_only(filled):
    if not filled.database.is_sqlite:
        pytest.fail("SQLite only")
    return filled


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_reader_that_holds_the_write_ahead_log_is_told_of(sqlite_only, database_url, tmp_path):
    decide(sqlite_only, SUBJECT)
    with (
        sqlite_only.reading() as connection,
        opening.store(database_url, tmp_path, checkpoint_every=4, patience=0.2) as impatient,  # the reader will not go away
    ):
        connection.execute(select(decision.c.content)).first()
        assert not erasing.erase_subject(impatient, "one", SUBJECT, "key_9", NOW).overwritten
    assert erasing.erase_subject(sqlite_only, "one", SUBJECT, "key_9", NOW) == (0, "2026-11-22T12:00:00.000000Z", True)
    assert (tmp_path / "attune.db-wal").stat().st_size == 0


def test_decisions_made_meanwhile_are_whole_or_erased_and_stand_on_one_side(filled, verified):
    """Writers and erasures at once: what was written before an erasure is gone, what came after is there."""
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            decide(filled, SUBJECT, marker=MARKER)

    writers = [threading.Thread(target=write) for _ in range(3)]
    for writer in writers:
        writer.start()
    try:
        erased = sum(erasing.erase_subject(filled, "one", SUBJECT, "key_9", NOW).decisions for _ in range(8))
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    assert erased
    with filled.reading() as connection:
        last = connection.scalar(select(log.c.seq).where(log.c.kind == "erasure").order_by(log.c.seq.desc()).limit(1))
        rows = connection.execute(select(decision.c.seq, decision.c.erased_at, decision.c.subject_ref).order_by(decision.c.seq)).all()
        ref = decisions.subject_ref(connection, "one", SUBJECT)
    assert all(seq > last for seq, erased_at, found in rows if found == ref)
    assert verified().faults == []


def test_what_cannot_be_listed_is_not_erased(filled, verified):
    id_ = decide(filled, SUBJECT)
    erasing.list_of(filled).unlink(missing_ok=True)
    erasing.list_of(filled).mkdir()
    with pytest.raises(StoreUnavailable):
        erasing.erase_subject(filled, "one", SUBJECT, "key_9", NOW)
    with filled.reading() as connection:
        assert decisions.read(connection, id_).erased_at is None
    assert verified().faults == []


def test_retention_removes_what_is_older_some_at_a_time(filled, verified, monkeypatch):
    monkeypatch.setattr(erasing, "AT_ONCE", 2)
    old = [decide(filled, "old", at=NOW - timedelta(days=400)) for _ in range(5)]
    young = decide(filled, "young", at=NOW - timedelta(days=300))
    assert erasing.erase_older(filled, NOW - timedelta(days=365), "cron", NOW).decisions == 5
    with filled.reading() as connection:
        assert all(decisions.read(connection, id_).erased_at for id_ in old)
        assert decisions.read(connection, young).erased_at is None
        entries = [orjson.loads(entry) for entry in connection.scalars(select(log.c.entry).where(log.c.kind == "erasure"))]
    assert [len(entry["decisions"]) for entry in entries if entry["why"] == "retention"] == [2, 2, 1]
    assert verified().faults == []


def test_a_secret_opens_only_its_own_content(filled):
    """What a backup or a page of the database still holds is of no use without the secret of that very decision."""
    one, other = decide(filled, "ann"), decide(filled, "ben")
    with filled.reading() as connection:
        kept, secret = decisions.read(connection, one), decisions.read(connection, other).secret
    with pytest.raises(SealBroken):
        Secret.of(secret).open(kept.content, kept.id)


class TestCommands:
    @pytest.fixture(autouse=True)
    def environment(self, filled, database_url, tmp_path, monkeypatch):
        monkeypatch.setenv("ATTUNE_DATA", str(tmp_path))
        monkeypatch.setenv("DATABASE_URL", database_url)

    def test_erase(self, filled, capsys):
        decide(filled, SUBJECT)
        assert main(["erase", "one", SUBJECT]) == 0
        assert capsys.readouterr().out.startswith("1 decisions erased at ")
        assert main(["erase", "one", SUBJECT]) == 0
        assert capsys.readouterr().out.startswith("0 decisions erased at ")

    def test_erase_wants_a_subject_or_a_list(self, capsys):
        assert main(["erase"]) == main(["erase", "one"]) == main(["erase", "one", "x", "--again", "y"]) == 1

    def test_retain_wants_a_period(self, filled, capsys, monkeypatch):
        assert main(["retain"]) == 1
        decide(filled, at=NOW - timedelta(days=90_000))
        monkeypatch.setenv("ATTUNE_RETENTION_DAYS", "80000")
        assert main(["retain"]) == 0
        assert capsys.readouterr().out.startswith("1 decisions erased at ")
