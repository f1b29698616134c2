"""What the tests share: the rule base, the application, a real server; and how thorough a run is."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import structlog
from flask import Flask
from flask.testing import FlaskClient

from deploy.serving import AUTHORIZATION, KEY, RATE, ROOT, serving
from schemas.profile import profile_schema
from service import application, create_app, observing
from service.advising import Advisor
from service.api.examples import example_request
from service.commands import profiles
from service.knowledge import loading
from service.knowledge.faults import Findings
from service.knowledge.rulebase import Knowledge
from service.measures import Observations
from service.measures import observe as observed
from service.records import migrating, opening
from service.settings import Settings
from tests.databases import database_url, postgresql, postgresql_server, store  # noqa: F401 - fixtures of every test

RULES = ROOT / "rules"
TODAY = datetime(2026, 11, 22, 12, tzinfo=UTC)
# How many examples, and which: the same for everybody, so that a test is red for everybody or for nobody; only `explore` draws new ones.
COUNTS = {"quick": 20, "whole": 2_000, "long": 50_000, "explore": int(os.environ.get("EXAMPLES", "500"))}
for name, count in COUNTS.items():
    hypothesis.settings.register_profile(
        name,
        max_examples=count,
        deadline=None,
        derandomize=name != "explore",
        database=None,
        suppress_health_check=[hypothesis.HealthCheck.too_slow],
    )
hypothesis.settings.load_profile("quick")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI a test that was skipped is a test that failed."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter and reporter.stats.get("skipped"):
        reporter.write_line("tests were skipped that should have run", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session", autouse=True)
def each_content_is_read_once() -> Iterator[None]:
    """The rule base is loaded over and over with one file changed: files that are as before, and have no fault, are not read again."""
    read, known = loading.read_content, {}

    def remembered(content: bytes, name: str, faults: Findings) -> Any:
        if (name, content) not in known:
            before = len(faults.faults)
            found = read(content, name, faults)
            if len(faults.faults) > before:
                return found
            known[name, content] = found
        return known[name, content]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(loading, "read_content", remembered)
        yield


@pytest.fixture(scope="session", autouse=True)
def the_rules_are_loaded_once() -> Iterator[None]:
    """Nothing changes a rule base that is loaded: every application here, and every command, takes the one in rules/ as it was read first."""
    from tests.loaded import KNOWLEDGE

    with pytest.MonkeyPatch.context() as patched:
        for module in (application, profiles):
            patched.setattr(module, "load", lambda folder, load=module.load: KNOWLEDGE if folder == RULES else load(folder))
        yield


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    """The rule base as it stands in rules/."""
    from tests.loaded import KNOWLEDGE  # which may be loaded only once rules/ is as it is to be tested

    return KNOWLEDGE


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The settings of an application with an empty store of its own, which KEY opens."""
    data = tmp_path_factory.mktemp("data")
    made = Settings(
        rules=RULES, oracle_share=1.0, log_level="error", data=data, database_url=f"sqlite:///{data}/attune.db", bootstrap_key=KEY, rate=RATE
    )
    with opening.store(made.database_url, made.data, made.checkpoint_every) as opened:
        migrating.migrate(opened.database)
    return made


@pytest.fixture(scope="session")
def app(settings: Settings) -> Flask:
    """The application, every answer of its engine checked by the plain evaluator."""
    return create_app(settings)


@pytest.fixture(scope="session")
def advisor(knowledge: Knowledge) -> Advisor:
    """The pipeline without HTTP; every derivation is checked against the plain evaluator."""
    return Advisor(knowledge, oracle_share=1.0)


@pytest.fixture(scope="session")
def advise(knowledge: Knowledge) -> Callable[..., dict[str, Any]]:
    """A profile as a caller sends it to its answer; raises ValidationError for what the schema refuses."""
    schema, advisor = profile_schema(knowledge.vocabulary)(), Advisor(knowledge)
    return lambda profile, **options: advisor.advise(schema.load(deepcopy(profile)), **{"now": TODAY, **options})


@pytest.fixture(scope="session")
def observe(knowledge: Knowledge) -> Callable[[dict[str, Any]], Observations]:
    """A profile as a caller sends it to what is known before any rule fires."""
    schema = profile_schema(knowledge.vocabulary)()
    return lambda profile: observed(schema.load(deepcopy(profile)), knowledge.vocabulary, TODAY.date())


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A caller whose key has every scope."""
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = AUTHORIZATION["Authorization"]
    return client


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real gunicorn, for the whole session."""
    with serving(tmp_path_factory.mktemp("server") / "log", ATTUNE_ORACLE_SHARE="1", ATTUNE_WORKERS="1") as address:
        yield address


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[dict[str, Any]]]:
    """Call it for the lines logged since the test began."""
    written = BytesIO()
    monkeypatch.setattr(observing, "_log", structlog.wrap_logger(structlog.BytesLogger(written)))
    return lambda: [json.loads(line) for line in written.getvalue().splitlines()]


@pytest.fixture
def body() -> dict[str, Any]:
    """A whole request of a fictional person, the test's own copy."""
    return deepcopy(example_request())


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT
