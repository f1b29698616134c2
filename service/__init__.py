"""Attune: a profile in, an explained answer out."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from service.settings import Settings

__version__ = "0.1.0"


def create_app(settings: Settings | None = None) -> Flask:
    """Build the parts and join them; without `settings` the environment is read.

    Raises environs.EnvValidationError for settings at fault, RuleBaseFaults for rules at fault, WrongSchema and StoreUnavailable for
    a database that cannot be used.
    """
    # imported here, so that the command line can check a record without loading the engine
    from datetime import UTC, datetime, timedelta

    from flask import Flask

    from service import api, observing
    from service import settings as environment
    from service.access import keys
    from service.access.credentials import Credentials
    from service.access.tokens import Tokens
    from service.advising import Advisor
    from service.api import limits
    from service.deciding import Decider
    from service.knowledge.loading import load
    from service.recalling import Recaller
    from service.records import migrating, opening, rulebases

    settings = settings or environment.read()
    observing.configure(settings.log_level)
    knowledge = load(settings.rules)
    store = opening.store(settings.database_url, settings.data, settings.checkpoint_every)
    migrating.check(store.database)
    with store.writing(datetime.now(UTC)) as writing:
        rulebases.keep(writing, knowledge, settings.rules)
    keys.bootstrap(store, settings.bootstrap_key, datetime.now(UTC), settings.rate)
    advisor = Advisor(knowledge, settings.oracle_share)
    recaller = Recaller(advisor, store)
    decider = Decider(advisor, store, recaller, timedelta(seconds=settings.timeout))
    app = Flask(__name__, static_folder=None)
    observing.install(app)
    parts = api.Parts(knowledge, advisor, store, decider, recaller, Credentials(store, Tokens(settings.issuers)))
    api.install(app, parts, __version__, settings.revision, settings.docs, settings.limit_storage)
    limits.behind(app, settings.proxies)
    return app
