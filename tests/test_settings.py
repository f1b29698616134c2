"""The environment: defaults, and every fault at once."""

import json

import pytest
import yaml
from environs import EnvValidationError

from service import settings
from service.__main__ import main
from service.settings import Settings

SECRET = "0123456789abcdef" * 4


@pytest.fixture(autouse=True)
def bare(monkeypatch, root):
    monkeypatch.chdir(root)
    for name in settings.names():
        monkeypatch.delenv(name, raising=False)


def test_without_environment_the_defaults_hold():
    assert settings.read() == Settings()


def test_the_environment_is_read(monkeypatch, tmp_path):
    for name, value in {"PORT": "9", "ATTUNE_RULES": str(tmp_path), "ATTUNE_DOCS": "false", "ATTUNE_ORACLE_SHARE": "0.5"}.items():
        monkeypatch.setenv(name, value)
    assert settings.read() == Settings(port=9, rules=tmp_path, docs=False, oracle_share=0.5)


WRONG = {
    "PORT": ["0", "65536", "http", "8000.5", ""],
    "ATTUNE_RULES": ["/nowhere/at/all"],
    "ATTUNE_WORKERS": ["0", "-1", "many"],
    "ATTUNE_THREADS": ["0", "x"],
    "ATTUNE_TIMEOUT": ["0", "x"],
    "ATTUNE_DOCS": ["perhaps"],
    "ATTUNE_ORACLE_SHARE": ["-0.1", "1.1", "nan", "half"],
    "ATTUNE_LOG_LEVEL": ["loud"],
    "ATTUNE_BOOTSTRAP_KEY": ["short", "x" * 31, "x" * 513, "a space " * 8, "ключ" * 16],
    "ATTUNE_RATE": ["0/minute", "-1/minute", "600", "600/fortnight", "600/minute;1/day", "many/minute"],
    "ATTUNE_LIMIT_STORAGE": ["", "disk:///tmp", "memcached://127.0.0.1", "redis"],
    "ATTUNE_PROXIES": ["-1", "9", "x"],
    "ATTUNE_ISSUERS": ["[]", "{", "/nowhere/at/all", '{"a": {}}', '{"a": {"jwks": "file:///etc/passwd", "audience": "b"}}', '{"a": 1}',
                       '{"a": {"jwks": "http://elsewhere.example/keys", "audience": "b"}}', '{"a": {"jwks": "https://a.example", "audience": "b", "x": 1}}',
                       '{"a": {"jwks": "https://a.example", "audience": "b", "scopes": ["root"]}}', '{"a": {"jwks": "https://a.example", "audience": ""}}'],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_a_wrong_value_is_refused_by_name(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(EnvValidationError) as refused:
        settings.read()
    assert set(refused.value.error_messages) == {name}


def test_every_fault_is_told_at_once(monkeypatch):
    for name, values in WRONG.items():
        monkeypatch.setenv(name, values[0])
    with pytest.raises(EnvValidationError) as refused:
        settings.read()
    assert set(refused.value.error_messages) == set(WRONG)


ISSUERS = {"https://idp.example": {"jwks": "https://idp.example/keys", "audience": "attune", "scopes": ["read"]}}


@pytest.mark.parametrize("form", ["json", "json file", "yaml file", "variable file"])
def test_issuers_are_an_object_or_a_file(monkeypatch, tmp_path, form):
    file = tmp_path / "issuers"
    file.write_text(yaml.safe_dump(ISSUERS) if form == "yaml file" else json.dumps(ISSUERS, indent="\t"))
    name, value = ("ATTUNE_ISSUERS_FILE", file) if form == "variable file" else ("ATTUNE_ISSUERS", file)
    monkeypatch.setenv(name, json.dumps(ISSUERS) if form == "json" else str(value))
    usual = {"client_claim": "sub", "rate": "6000/minute", "shares": False}
    assert settings.read().issuers == {"https://idp.example": {**ISSUERS["https://idp.example"], **usual}}


def test_an_issuer_that_names_no_scopes_may_neither_review_nor_administer(monkeypatch):
    monkeypatch.setenv("ATTUNE_ISSUERS", json.dumps({"i": {"jwks": "https://i.example", "audience": "attune"}}))
    assert settings.read().issuers["i"]["scopes"] == ["advise", "read"]


def test_a_secret_may_come_from_a_file_with_a_line_end(monkeypatch, tmp_path):
    (tmp_path / "key").write_text(SECRET + "\n")
    monkeypatch.setenv("ATTUNE_BOOTSTRAP_KEY_FILE", str(tmp_path / "key"))
    assert settings.read().bootstrap_key == SECRET


def test_no_secret_is_shown_with_the_settings():
    shown = repr(Settings(bootstrap_key=SECRET, database_url=f"postgresql://a:{SECRET}@b/c", limit_storage=f"redis://:{SECRET}@b"))
    assert SECRET not in shown


def test_no_secret_is_shown_with_a_fault(monkeypatch):
    for name in ("ATTUNE_BOOTSTRAP_KEY", "DATABASE_URL", "ATTUNE_LIMIT_STORAGE"):
        monkeypatch.setenv(name, f"mysql://a:{SECRET}@b c")
    with pytest.raises(EnvValidationError) as refused:
        settings.read()
    assert len(refused.value.error_messages) == 3
    assert SECRET not in str(refused.value) and SECRET not in repr(refused.value.error_messages)


@pytest.mark.parametrize("path", ["/nowhere/at/all", "/", "/bin/sh"])
def test_a_file_that_cannot_be_read_is_told_by_the_name_of_its_variable(monkeypatch, capsys, path):
    monkeypatch.setenv("ATTUNE_BOOTSTRAP_KEY_FILE", path)
    with pytest.raises(EnvValidationError) as refused:
        settings.read()
    assert set(refused.value.error_messages) <= {"ATTUNE_BOOTSTRAP_KEY_FILE", "ATTUNE_BOOTSTRAP_KEY"}
    assert main(["migrate"]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_an_address_as_platforms_give_it(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://a:b@c/d")
    assert settings.read().database_url == "postgresql://a:b@c/d"


def test_a_file_that_is_not_there_is_one_line_and_exit_status_2(capsys):
    for command in (["explain", "/nowhere/at/all"], ["why", "/nowhere/at/all", "fibre"]):
        assert main(command) == 2
        assert capsys.readouterr().err == "/nowhere/at/all: No such file or directory\n"
