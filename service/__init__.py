"""Attune: a profile in, an explained answer out."""

from __future__ import annotations

from flask import Flask

from service import api, observing
from service import settings as environment
from service.advising import Advisor
from service.knowledge.loading import load
from service.settings import Settings

__version__ = "0.1.0"


def create_app(settings: Settings | None = None) -> Flask:
    """Build the parts and join them; without `settings` the environment is read.

    Raises environs.EnvValidationError for settings at fault, RuleBaseFaults for rules at fault.
    """
    settings = settings or environment.read()
    observing.configure(settings.log_level)
    knowledge = load(settings.rules)
    app = Flask(__name__, static_folder=None)
    observing.install(app)
    api.install(app, knowledge, Advisor(knowledge, settings.oracle_share), __version__, settings.revision, settings.docs)
    return app
