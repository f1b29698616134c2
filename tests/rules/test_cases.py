"""Every case beside the rules, and whether the cases leave anything of the rules unasked."""

from __future__ import annotations

from service.workbench.cases import Cases
from tests.thoroughness import whole


def test_every_case_is_as_it_says_and_every_rule_and_threshold_is_shown(knowledge, advisor):
    """Each rule fires in a case and is silent in another, each threshold has a case exactly on it; the plain evaluator agrees, where all is run."""
    derive = advisor.derive if whole() else advisor.session.derive
    failures = [str(failure) for failure in Cases(knowledge, derive).failures()]
    assert not failures, "\n".join(failures)
