"""What a newcomer is told to type is run before a change lands."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CI = re.sub(r"^\s*#.*", "", (ROOT / ".ci" / "run").read_text(encoding="utf-8"), flags=re.MULTILINE)
README = (ROOT / "README.md").read_text(encoding="utf-8")
RUN_BY_CI = {"make demo": "make demo", "make serve": "readme-check.sh", "keys create": "readme-check.sh", "docker build": "docker-check.sh"}


def test_every_make_target_is_run():
    targets = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    missing = targets - set(re.findall(r'\bmake (?:-C "\$copy" )?([a-z-]+)', CI))
    assert not missing, f"add a part to .ci/run for each of {sorted(missing)}"


def test_every_shell_block_of_readme_is_run():
    for block in re.findall(r"^```sh\n(.*?)^```", README, re.MULTILINE | re.DOTALL):
        run = [by for words, by in RUN_BY_CI.items() if words in block]
        assert len(run) == 1 and run[0] in CI, block
