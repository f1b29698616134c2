"""Which recorded decisions another rule base would answer otherwise, or the same for other reasons."""

from __future__ import annotations

from service.answering.differences import difference
from service.decisions.recalling import Recaller
from service.decisions.rederiving import Rederiver, Refused, outcome
from service.engine.trace import justifications
from service.records.decisions import Kept


class Affected:
    """Asks decisions of one rule base, one by one, what another makes of them; both by their digests."""

    def __init__(self, recaller: Recaller, old: str, new: str):
        self.recaller = recaller
        self.old, self.new = Rederiver(recaller.advisor_of(old)), Rederiver(recaller.advisor_of(new))

    def __call__(self, kept: Kept) -> bool:
        """Whether its answer or its reasons would differ; a request that is no longer accepted counts. Raises Erased."""
        parts = kept.parts()
        try:
            after = self.new.derived(kept, parts)
        except Refused:
            return True
        before = self.recaller.advised(kept, parts)
        if justifications(before.derivation) != justifications(after.derivation):
            return True  # other reasons already: the answers, which take longer, need not be written
        answers = self.old.answer(before, kept, parts), self.new.answer(after, kept, parts)
        return difference(0, outcome(before, answers[0]), outcome(after, answers[1]), set()) is not None
