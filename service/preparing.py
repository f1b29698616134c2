"""What has to be true of the store before anything is answered from it; a store that cannot be reached yet is tried again later."""

from __future__ import annotations

from datetime import UTC, datetime

from service import observing
from service.access import keys
from service.knowledge.rulebase import Knowledge
from service.records import form, rulebases
from service.records.store import Store, StoreUnavailable
from service.settings import Settings


class Preparation:
    """The store's form is this version's, it keeps today's rule base, and it has a first key where one is named."""

    def __init__(self, store: Store, knowledge: Knowledge, settings: Settings):
        self.store, self.knowledge, self.settings = store, knowledge, settings
        self._done = False

    def tried(self) -> None:
        """At the start: a store that does not answer yet is told of and waited for. Raises WrongSchema."""
        try:
            self.ensure()
        except StoreUnavailable as error:
            observing.fault("store_unavailable", error)

    def ensure(self) -> None:
        """Before each request. Raises StoreUnavailable, WrongSchema."""
        if not self._done:
            self._prepare()  # without a lock: twice does no harm, and nobody waits for one who waits for the store
            self._done = True

    def check(self) -> None:
        """Whether the store can be read and written just now, in this version's form. Raises StoreUnavailable, WrongSchema."""
        self.ensure()
        form.check(self.store.database)
        self.store.try_writing()

    def _prepare(self) -> None:
        now = datetime.now(UTC)
        form.check(self.store.database)
        with self.store.writing(now) as writing:
            rulebases.keep(writing, self.knowledge, self.settings.rules)
        keys.bootstrap(self.store, self.settings.bootstrap_key, now, self.settings.rate)
