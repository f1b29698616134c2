"""The environment: defaults, and every fault at once."""

import pytest
from environs import EnvValidationError

from service import settings
from service.settings import Settings


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
