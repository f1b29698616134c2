"""python -m service keys: make, list, revoke; and what an operator does wrong."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from deploy.serving import ROOT
from service.__main__ import main
from service.access import keys
from service.records import migrating, opening

SLACK = timedelta(minutes=10)  # between the making of a key and the look at it
REVIEWER = ["keys", "create", "clinic", "--scopes", "review,read", "--label", "ward 3", "--rate", "5/second", "--shares"]


@pytest.fixture
def service(monkeypatch, tmp_path):
    """The command line over an empty store of its own; call it with arguments for what it wrote."""
    environment = {"ATTUNE_DATA": str(tmp_path), "DATABASE_URL": f"sqlite:///{tmp_path}/attune.db"}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    main(["migrate"])

    def run(*arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run([sys.executable, "-m", "service", *arguments], cwd=ROOT, capture_output=True, text=True, env=os.environ)

    return run


@pytest.fixture
def store(service, tmp_path):
    with opening.store(f"sqlite:///{tmp_path}/attune.db", tmp_path, 64) as store:
        yield store


def made(capsys, *arguments: str) -> tuple[str, str]:
    """Id and secret of a key made by the command."""
    assert main([*REVIEWER, *arguments]) == 0
    shown = dict(line.split() for line in capsys.readouterr().out.splitlines())
    return shown["id"], shown["key"]


def test_a_key_is_made_and_shown_once(service, store, capsys):
    written = service(*REVIEWER)
    shown = dict(line.split() for line in written.stdout.splitlines())
    caller = keys.caller(store, shown["key"], datetime.now(UTC))
    assert (caller.client, caller.key, caller.scopes, caller.rate, caller.shares) == ("clinic", shown["id"], {"review", "read"}, "5/second", True)
    main(["keys", "list"])
    listed = capsys.readouterr().out
    assert shown["id"] in listed and "ward 3" in listed and "valid" in listed
    assert shown["key"] not in listed


@pytest.mark.parametrize(("when", "last"), [("2999-01-01", datetime(2998, 12, 31, 23, 59, 59, tzinfo=UTC)), ("90d", None)])
def test_a_key_may_expire(store, capsys, when, last):
    _, secret = made(capsys, "--expires", when)
    last = last or datetime.now(UTC) + timedelta(days=90) - SLACK
    assert keys.caller(store, secret, last) is not None
    assert keys.caller(store, secret, last + SLACK + timedelta(seconds=1)) is None
    main(["keys", "list"])
    assert "valid until" in capsys.readouterr().out


def test_the_usual_rate_is_a_setting(store, capsys, monkeypatch):
    monkeypatch.setenv("ATTUNE_RATE", "7/hour")
    main(["keys", "create", "clinic", "--scopes", "read"])
    secret = capsys.readouterr().out.split()[-1]
    assert keys.caller(store, secret, datetime.now(UTC)).rate == "7/hour"


def test_a_revoked_key_stays_listed_and_opens_nothing(store, capsys):
    id_, secret = made(capsys)
    assert main(["keys", "revoke", id_]) == 0
    assert keys.caller(store, secret, datetime.now(UTC)) is None
    main(["keys", "list"])
    assert "revoked 20" in capsys.readouterr().out
    assert main(["keys", "revoke", id_]) == 1
    assert main(["keys", "revoke", "key_of_nobody"]) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        ["--scopes", "root"], ["--scopes", ""], ["--scopes", "read,,advise"], ["--rate", "often"], ["--expires", "2020-01-01"],
        ["--label", "a\nb"],
    ],
)  # fmt: skip
def test_a_key_that_makes_no_sense_is_refused(store, capsys, wrong):
    assert main([*REVIEWER, *wrong]) == 1
    written = capsys.readouterr()
    assert written.out == "" and wrong[0].strip("-") in written.err
    main(["keys", "list"])
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("when", ["tomorrow", "2027-02-30", "0d", "-1d", "999999d", "20270101"])
def test_an_expiry_that_is_none_is_refused(service, when):
    with pytest.raises(SystemExit):
        main([*REVIEWER, f"--expires={when}"])


def test_a_store_in_another_form_is_left_alone(store, capsys):
    migrating.migrate(store.database, "base")
    assert main(REVIEWER) == 1
    assert "migrate" in capsys.readouterr().err
