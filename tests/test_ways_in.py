"""What a newcomer meets first: the check of what is installed, and the demo."""

import os
import subprocess
import sys

import pytest

from deploy.serving import PATIENCE, ROOT


def find_python(**environment: str) -> subprocess.CompletedProcess:
    return subprocess.run([ROOT / "deploy" / "python.sh"], env={**os.environ, **environment}, capture_output=True, text=True, timeout=PATIENCE)


def test_a_python_that_can_run_it_is_found():
    found = find_python(PYTHON=sys.executable)
    assert found.returncode == 0, found.stderr
    assert os.path.samefile(found.stdout.strip(), sys.executable)


@pytest.mark.parametrize("named", ["python-that-is-not-there", "false"])
def test_without_python_it_says_what_to_install(named):
    refused = find_python(PYTHON=named)
    assert refused.returncode == 1
    assert "Attune needs Python 3.11, 3.12 or 3.13" in refused.stderr
    assert "apt-get install" in refused.stderr


def test_without_compiler_it_says_what_to_install(tmp_path):
    for tool in ("sh", "env"):
        (tmp_path / tool).symlink_to(f"/bin/{tool}")
    refused = find_python(PYTHON=sys.executable, PATH=str(tmp_path), CC="compiler-that-is-not-there")
    assert refused.returncode == 1
    assert "A C compiler is missing" in refused.stderr


def test_the_demo_prints_an_explained_answer():
    demo = subprocess.run(
        [sys.executable, "-m", "deploy.demo", "deploy/demo/profile.json"], cwd=ROOT, capture_output=True, text=True, timeout=2 * PATIENCE
    )
    assert demo.returncode == 0, demo.stderr
    for heading in ("Recommended", "Findings", "Notices"):
        assert f"\n{heading}\n" in demo.stdout
