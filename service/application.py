"""Builds the parts and joins them, nothing else."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask

from service import __version__, api, observing
from service import settings as environment
from service.access.credentials import Credentials, Tokens
from service.advising import Advisor
from service.api import guard
from service.decisions.deciding import Decider
from service.decisions.recalling import Recaller
from service.explaining.questions import Questions
from service.knowledge.loading import load
from service.preparing import Preparation
from service.records import opening
from service.settings import Settings


def build(settings: Settings | None = None) -> Flask:
    """The application; without `settings` the environment is read.

    Raises environs.EnvValidationError for settings at fault, RuleBaseFaults for rules at fault, WrongSchema for a database in another
    version's form.
    """
    settings = settings or environment.read()
    observing.configure(settings.log_level)
    knowledge = load(settings.rules)
    store = opening.store(settings.database_url, settings.data, settings.checkpoint_every)
    preparation = Preparation(store, knowledge, settings)
    preparation.tried()
    advisor = Advisor(knowledge, settings.oracle_share)
    recaller = Recaller(advisor, store)
    decider = Decider(advisor, store, recaller, timedelta(seconds=settings.timeout))
    app = Flask("service", static_folder=None)
    app.extensions["store"] = store  # for what is done when a worker ends
    observing.install(app)
    credentials = Credentials(store, Tokens(settings.issuers))
    parts = api.Parts(knowledge, advisor, Questions(advisor), store, decider, recaller, credentials, preparation)
    api.install(app, parts, __version__, settings.revision, settings.docs, settings.limit_storage)
    guard.behind(app, settings.proxies)
    return app
