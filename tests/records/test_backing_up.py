"""A backup is whole though others write meanwhile; what was erased after it is erased again once it is restored."""

from __future__ import annotations

import shutil
import threading

import pytest
from sqlalchemy import select

from service.__main__ import main
from service.records import backing_up, decisions, erasing, opening
from service.records.tables import decision
from tests.records.conftest import NOW, decide, verified_of


@pytest.fixture
def database_url(tmp_path):
    return f"sqlite:///{tmp_path}/attune.db"


@pytest.fixture
def restored(tmp_path):
    """Call it with a backup for the store that it becomes elsewhere, with the keys, and with the lists that were kept outside."""

    def restore(backup):
        folder = tmp_path / "elsewhere"
        folder.mkdir()
        for name in (opening.SIGNING_KEY, opening.PUBLIC_KEYS):
            shutil.copy(tmp_path / name, folder / name)
        shutil.copy(backup, folder / "attune.db")
        return opening.store(f"sqlite:///{folder}/attune.db", folder, 4)

    return restore


def test_a_backup_made_while_others_write_is_whole(filled, tmp_path, restored):
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            decide(filled, "meanwhile")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        backing_up.backup(filled.database, tmp_path / "backup.db")
    finally:
        stop.set()
        writer.join()
    assert (tmp_path / "backup.db").stat().st_mode & 0o077 == 0
    with restored(tmp_path / "backup.db") as store:
        assert verified_of(store).faults == []


def test_what_was_erased_after_the_backup_is_erased_again(filled, tmp_path, restored):
    before = decide(filled, "leaves")
    stays = decide(filled, "stays")
    backing_up.backup(filled.database, tmp_path / "backup.db")
    after = decide(filled, "leaves")
    assert erasing.erase_subject(filled, "one", "leaves", "key_9", NOW).decisions == 2
    listed = erasing.list_of(filled).read_bytes().splitlines()
    with restored(tmp_path / "backup.db") as store:
        with store.reading() as connection:
            assert decisions.read(connection, before).parts()
        assert erasing.erase_again(store, listed, "command line", NOW).decisions == 1
        assert erasing.erase_again(store, listed, "command line", NOW).decisions == 0
        with store.reading() as connection:
            assert decisions.read(connection, before).erased_at
            assert decisions.read(connection, stays).parts()
            assert decisions.read(connection, after) is None
        assert verified_of(store).faults == []


def test_an_older_backup_is_told_from_the_checkpoints_outside(filled, tmp_path, restored):
    backing_up.backup(filled.database, tmp_path / "backup.db")
    kept = verified_of(filled).entries
    for _ in range(5):
        decide(filled)
    with restored(tmp_path / "backup.db") as store:
        shutil.copy(filled.checkpoints.file, store.checkpoints.file)
        assert verified_of(store).faults[0].record == f"entry {kept + 1}"


@pytest.mark.parametrize("line", [b"no JSON", b"[]", b'{"store":"store_other","decisions":["dec_1"]}', b'{"decisions":"all"}'])
def test_a_list_of_something_else_erases_nothing(filled, line):
    with pytest.raises(ValueError, match=r".+"):
        erasing.erase_again(filled, [*erasing.list_of(filled).read_bytes().splitlines(), line], "command line", NOW)
    with filled.reading() as connection:
        assert len(connection.execute(select(decision.c.id).where(decision.c.erased_at.is_not(None))).all()) == 1


def test_the_commands(filled, tmp_path, monkeypatch, capsys, database_url):
    monkeypatch.setenv("ATTUNE_DATA", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", database_url)
    assert main(["backup", str(tmp_path / "backup.db")]) == 0
    assert main(["backup", str(tmp_path / "backup.db")]) == 1
    assert "there already" in capsys.readouterr().err
    assert main(["erase", "--again", str(tmp_path / "erasures.ndjson")]) == 0
    assert capsys.readouterr().out.startswith("0 decisions erased")
    assert main(["erase", "--again", str(tmp_path / "backup.db")]) == 1


def test_postgresql_is_left_to_its_own_tools(postgresql, tmp_path):
    with opening.store(postgresql(), tmp_path, 4) as store, pytest.raises(backing_up.NotSQLite):
        backing_up.backup(store.database, tmp_path / "backup.db")
    assert not (tmp_path / "backup.db").exists()
