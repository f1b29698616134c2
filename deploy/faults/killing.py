"""Kills parts of a service under load, again and again, and checks its store afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.faults import checks
from deploy.faults.clients import Clients, asked_again
from deploy.faults.service import Service
from deploy.postgresql import PostgreSQL
from service.records import opening

CLIENTS = 4
BETWEEN = 5  # decisions answered between two kills
PATIENCE = 600.0  # seconds for the checks afterwards
LEASE = "5"  # seconds that a key is held by a request that was killed
PATIENT = "--timeout 120"  # a worker that starts on a busy machine may take longer than a lease


@dataclass(frozen=True)
class Done:
    """What came of it. `lost` counts requests that broke off, `refused` those that were asked to come again."""

    answered: int
    lost: int
    refused: int
    faults: list[str]


def killed(folder: Path, url: str, kills: Sequence[str], database: PostgreSQL | None = None) -> Done:
    """Kill in this order, with decisions answered before and after each: `worker`, `service`, `backend` or `database`."""
    with Service(folder, url, ATTUNE_TIMEOUT=LEASE, GUNICORN_CMD_ARGS=PATIENT) as service:
        ways = {"worker": [service.kill_a_worker], "service": [service.kill, service.start]}
        if database is not None:
            ways |= {"backend": [database.kill_a_backend], "database": [database.kill, database.start]}
        with Clients(service.address, CLIENTS) as clients:
            clients.wait_for(BETWEEN)
            for kill in kills:
                for step in ways[kill]:
                    step()
                clients.wait_for(BETWEEN)
        differ = asked_again(service.address, clients.answered)
    return Done(len(clients.answered), clients.lost, clients.refused, clients.wrong + _faults(folder, url, clients, differ))


def _faults(folder: Path, url: str, clients: Clients, differ: int) -> list[str]:
    answered = [id_ for ids in clients.answered.values() for id_ in ids]
    with opening.store(url, folder, 64, PATIENCE) as store:
        found = checks.faults(store, answered)
        if len(checks.kept(store)) != len(set(answered)):
            found.append(f"{len(checks.kept(store))} decisions are kept and {len(set(answered))} were answered")
    return found + ([f"{differ} keys gave another decision later"] if differ else [])
