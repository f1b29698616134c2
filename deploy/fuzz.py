"""Questions a running service with schemathesis: thousands of requests made from its own OpenAPI document, every check on.

usage: python -m deploy.fuzz [options of `schemathesis run`]
"""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from pathlib import Path

from deploy.serving import KEY, ROOT, serving


def main(options: list[str]) -> int:
    """The exit status of schemathesis: 0 where every answer kept to the document."""
    with serving(ATTUNE_ORACLE_SHARE="1", ATTUNE_LOG_LEVEL="warning") as address:
        print(f"asking {address}, every answer of its engine checked by the plain evaluator", flush=True)
        schemathesis = Path(sysconfig.get_path("scripts")) / "schemathesis"
        command = [str(schemathesis), "--config-file", "tests/schemathesis.toml", "run", f"{address}/openapi.json", "--checks", "all"]
        command += ["--continue-on-failure", "--no-color", "--seed", "1", "-H", f"Authorization: Bearer {KEY}"]
        return subprocess.run([*command, *options], cwd=ROOT).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
