"""What `make check` and `make test` would notice of a rule base: the same functions and tests, the cheapest first.

The lock is made anew before they judge: it would notice every change, and say nothing of what the tests are worth. Left out are the tests
that quote a rule file in order to spoil it (tests/knowledge/test_loading.py and test_lock.py, test_comparing.py, the second half of
test_proof.py): they fail where the quoted text has changed, whatever it means. So are the two slowest questions of the proof, and tests that
one change to one file cannot concern. More of them could only notice more.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from service import __main__ as command_line
from service import advising
from service.advising import Advisor
from service.knowledge import loading
from service.knowledge.loading import load
from service.workbench.cases import Cases
from service.workbench.proof import QUESTIONS
from service.workbench.searching import Search

RULES = Path("rules").resolve()  # of the copy in which the judges sit

CASES = "every case holds"
SLOW = ("no rule is made useless by another", "no alternative is dead")
PROVEN = tuple(question for question in QUESTIONS if question not in (CASES, *SLOW))
ANYWHERE = ("",)
PEOPLE = (
    "findings", "red_flags", "states", "mechanisms/exposures", "mechanisms/graph", "interventions", "safety", "interactions", "monitoring",
    "ranking", "vocabulary",
)  # fmt: skip
PYTESTS = {  # name: where a change can be of any concern to them, and the tests
    "coverage": (ANYWHERE, [
        *(f"tests/knowledge/test_coverage.py::{test}" for test in (
            "test_each_claim_is_encoded_or_deliberately_context", "test_an_edge_of_a_claim_is_an_edge_of_the_graph",
            "test_bridges_are_never_claims_of_the_article", "test_each_gate_is_a_rule_as_specified", "test_every_source_is_cited_somewhere",
            "test_every_intervention_and_component_has_a_path_to_both_states", "test_a_threshold_stands_in_one_file",
            "test_the_whole_article_is_here",
        )),
    ]),
    "witnesses": (PEOPLE, ["tests/workbench/test_witnesses.py"]),
    "worked cases": (PEOPLE, ["tests/test_worked_cases.py", "tests/test_behaviour.py"]),
    "gate matrix": (("findings", "red_flags", "states", "safety", "vocabulary"), ["tests/rules/test_gates.py"]),
    "measures and schemas": (("vocabulary",), ["tests/schemas", "tests/test_measures.py", "tests/test_given.py", "tests/test_formulas.py"]),
    "basis": (("vocabulary", "rulebase"), ["tests/knowledge/test_basis.py"]),
}  # fmt: skip
# The service is loaded before pytest is, and pytest warns of that.
QUIETLY = ["-x", "-q", "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning", "--hypothesis-profile=quick"]
Noticed = tuple[str, str]  # which judge, and what


def judges(file: str) -> Iterator[Callable[[], Noticed | None]]:
    """Those whom a change of this file can concern."""
    yield unlocked
    yield lambda: failing_case(file)
    yield checked
    yield undecided
    yield unproven
    yield lambda: failing_test([path for concerned, paths in PYTESTS.values() if file.startswith(concerned) for path in paths])


def prepare() -> None:
    """Loads what every judgement needs, once for all of them."""
    for plugin in entry_points(group="pytest11"):
        plugin.load()
    import tests.conftest  # noqa: F401


def verdict(file: str) -> Noticed | None:
    """The first that notices something about the rules as they stand with this file changed; None: all of them pass.

    For a process of its own: it keeps what it has loaded, and asks no second engine, as no rule can make the two differ.
    """
    loading.load = functools.cache(loading.load)
    advising.agree = lambda *_: None
    advising.derive = lambda *_: None
    return next((noticed for judge in judges(file) if (noticed := judge())), None)


def unlocked() -> Noticed | None:
    """Whether no lock can be made because the rules do not load."""
    faulty = command_line.main(["lock", "--rules", str(RULES)])
    return ("loading and check", "make lock-rules reports faults") if faulty else None


def checked() -> Noticed | None:
    faulty = command_line.main(["check", "--rules", str(RULES)])
    return ("loading and check", "make check reports faults") if faulty else None


def failing_case(file: str) -> Noticed | None:
    """The first case that fails; those of the changed folder first."""
    knowledge = load(RULES)
    folder = file.rpartition("/")[0]
    ordered = replace(knowledge, cases=tuple(sorted(knowledge.cases, key=lambda case: not case.place.file.startswith(folder))))
    failure = next(Cases(ordered, Advisor(knowledge).derive).failing(), None)
    return failure and ("cases beside the rules", str(failure))


def undecided() -> Noticed | None:
    """The first person of the corpus for whom a rule does not do what one of its parts decides."""
    from tests.rules.test_deciding import CORPUS, Deriving, as_decided

    deriving = Deriving(load(RULES))
    wrong = (person for person in CORPUS["people"] if not as_decided(person, deriving.fired(person["profile"])))
    return next((("people for whom a part decides", str(person["fires"] + person["silent"])) for person in wrong), None)


def unproven() -> Noticed | None:
    search = Search(load(RULES))
    failure = next((f"{question}: {failure}" for question in PROVEN for failure in QUESTIONS[question](search)), None)
    return failure and ("proof", failure)


def failing_test(paths: list[str]) -> Noticed | None:
    first = FirstFailure()
    code = pytest.main([*QUIETLY, *paths], plugins=[first])
    if code == pytest.ExitCode.OK:
        return None
    test = first.name or f"pytest ends with {code}"
    return next((name for name, (_, paths) in PYTESTS.items() if test.startswith(tuple(paths))), "other tests"), test


class FirstFailure:
    """Remembers the test that failed first."""

    name: str | None = None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.name = self.name or report.nodeid

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.name = self.name or f"{report.nodeid} could not be read"
