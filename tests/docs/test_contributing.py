"""What CONTRIBUTING says there is to touch is there, and the commands it names exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from service.__main__ import parser, topics
from service.workbench import scaffolds

ROOT = Path(__file__).resolve().parents[2]
TEXTS = {name: (ROOT / name).read_text(encoding="utf-8") for name in ("CONTRIBUTING.md", "README.md", "rules/README.md")}
PAGE = TEXTS["CONTRIBUTING.md"]
HOMES = ("", "service", "rules")


def test_every_file_named_is_there_or_is_to_be_made():
    named = {path for path in re.findall(r"`([\w./*-]+\.(?:py|yaml|csv|md))`", PAGE) if "NAME" not in path}
    assert len(named) > 10
    assert [path for path in sorted(named) if not any(list((ROOT / home).glob(path)) for home in HOMES)] == []


@pytest.mark.parametrize("name", TEXTS)
def test_every_command_named_can_be_given(name):
    known = set(parser(topics([]))._subparsers._group_actions[0].choices)
    named = set(re.findall(r"`python -m service\s+([a-z-]+)", TEXTS[name]))
    assert named <= known


def test_as_many_files_are_begun_as_the_page_says():
    said = dict(re.findall(r"^\| (a rule|an intervention) \| ([^|]+) \|", PAGE, re.MULTILINE))
    assert said == {
        "a rule": f"{len(scaffolds.RULE)} new",
        "an intervention": f"{len(scaffolds.INTERVENTION)} new, {len(scaffolds.ADDED)} edited",
    }
