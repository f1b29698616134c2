"""Starts the service on a free port, sends it one request over HTTP, prints the answer for reading, and stops it.

usage: python -m deploy.demo REQUEST.json
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from deploy.serving import AUTHORIZATION, serving
from service.explaining.reading import as_text


def main(request: Path) -> None:
    print("starting the service ...", flush=True)
    with serving(ATTUNE_WORKERS="1") as address:
        print(f"POST {address}/v1/recommendations  <  {request}\n", flush=True)
        print(as_text(ask(address, request.read_bytes())))
        print("\nstopping the service ...", flush=True)
    print("The same by hand: make serve, then in another terminal")
    print("  export ATTUNE_BOOTSTRAP_KEY=$(openssl rand -hex 24)   # before the first make serve: the first key of an empty store")
    print("  curl -s localhost:8000/v1/recommendations -H \"Authorization: Bearer $ATTUNE_BOOTSTRAP_KEY\" \\")
    print(f"    -H 'Content-Type: application/json' --data @{request}")


def ask(address: str, body: bytes) -> dict[str, Any]:
    call = Request(f"{address}/v1/recommendations", body, {"Content-Type": "application/json", **AUTHORIZATION})
    with urlopen(call, timeout=30) as answer:
        found: dict[str, Any] = json.load(answer)
        return found


if __name__ == "__main__":
    main(Path(sys.argv[1]))
