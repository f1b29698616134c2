"""Opens the store that the settings name."""

from __future__ import annotations

from pathlib import Path

from service.records.chain import Checkpoints
from service.records.signing import Signer
from service.records.store import PATIENCE, Database, Store

SIGNING_KEY = "signing.pem"
PUBLIC_KEYS = "signing.pub"
ANCHORS = "checkpoints.ndjson"


def store(url: str, data: Path, checkpoint_every: int, patience: float = PATIENCE) -> Store:
    """The store at `url`; its signing key and the checkpoints outside of the database are in the folder `data`, made where missing."""
    data.mkdir(parents=True, exist_ok=True)
    return Store(Database(url, patience), Checkpoints(Signer.made(data / SIGNING_KEY), data / ANCHORS, checkpoint_every))
