"""A decision read back from its record."""

from __future__ import annotations

from service.advised import Advised
from service.decisions.recording import derivation_of, trace_kept
from tests.conftest import TODAY
from tests.profiles import OPEN


def test_a_trace_that_is_read_back_again_and_again_leaves_nothing_behind(advisor, observe):
    advised = advisor.advised(observe(OPEN))
    kept, sentences = trace_kept(advised.derivation), advisor.indexes.sentences["person"].made

    def shown():
        derivation = derivation_of(kept, advised.observations, advisor.knowledge)
        again = Advised(advised.observations, derivation, advised.ranked)
        return advisor.answer(again, decision_id="dec_0", now=TODAY, detail="full", voice="person")["trace"]

    first, known = shown(), len(sentences)
    assert shown() == first
    assert len(sentences) == known > 0
