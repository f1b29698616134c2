"""The rule base as it stands in rules/, loaded once for every test that asks about it."""

from service.knowledge.loading import load
from tests.conftest import RULES

KNOWLEDGE = load(RULES)
