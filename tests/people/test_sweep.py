"""sweep.yaml says what the rules say: `python -m tests.people.sweep` writes it anew, and its diff is what a reviewer reads."""

import re
from json import loads

from deploy.serving import ROOT
from tests.people.sweep import PEOPLE, read, rows, swept
from tests.thoroughness import some

STRIDE = 24


def test_the_file_has_a_line_for_everything():
    assert list(read()) == [(whose, part, name) for whose, part, name, _ in rows()]


def test_the_lines_are_what_the_rules_say():
    chosen, written = some(list(rows()), STRIDE), read()
    assert swept(chosen) == {(whose, part, name): written[whose, part, name] for whose, part, name, _ in chosen}


def test_the_person_of_readme_is_the_one_there():
    sent = loads(re.search(r"-d '(\{.*?\})'\n", (ROOT / "README.md").read_text(), re.DOTALL)[1])["profile"]
    mine = PEOPLE["the person of README"]
    assert {name: mine[name] for name in sent} == sent
    assert [mine[name] for name in mine.keys() - sent.keys()] == [[] for _ in mine.keys() - sent.keys()]
