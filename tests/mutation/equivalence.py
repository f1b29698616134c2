"""Whether a mutant that nothing notices changes anything at all: proven, where it can be, by the exact search of the proof."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from service.knowledge import lock
from service.knowledge.loading import load, load_files, read_files
from service.knowledge.program import with_precedence
from service.knowledge.records import Rule
from service.knowledge.rulebase import Knowledge
from service.workbench.searching import Disagreement, Search
from service.workbench.uses import same
from tests.mutation.text import Mutant


class Equivalence:
    """Compares a rule base in `folder` with mutants of it."""

    def __init__(self, folder: Path):
        self.folder = folder

    @cached_property
    def search(self) -> Search:
        return Search(load(self.folder))

    def proven(self, mutant: Mutant) -> bool:
        """Whether it is proven that every rule fires for the same people, and nothing else differs."""
        after, before = self.spoilt(mutant), self.search.knowledge
        if list(after.rules) != list(before.rules) or otherwise(after) != otherwise(before):
            return False
        changed = [rule for id_, rule in after.rules.items() if rule.when != before.rules[id_].when]
        try:
            return bool(changed) and all(self.fires_alike(rule) for rule in changed)
        except Disagreement:
            return False

    def shown_by_the_lock(self, mutant: Mutant) -> str:
        """What a reviewer reads in the diff of the lock: everything that is not a hash."""
        before, after = lock.lines(self.search.knowledge), lock.lines(self.spoilt(mutant))
        keys = {(section, name) for lines in (before, after) for section, items in lines.items() if section != "counts" for name in items}
        told = {key: differing(before[key[0]].get(key[1]), after[key[0]].get(key[1])) for key in sorted(keys)}
        return "; ".join(f"{name} of {section}: {words}" for (section, name), words in told.items() if words)

    def fires_alike(self, rule: Rule) -> bool:
        condition = self.search.book.condition(with_precedence(rule, self.search.knowledge.vocabulary))
        return same(self.search, self.search.book.fires[rule.id], condition)

    def spoilt(self, mutant: Mutant) -> Knowledge:
        with tempfile.TemporaryDirectory() as folder:
            copy = shutil.copytree(self.folder, Path(folder) / "rules")
            path = copy / mutant.file
            path.write_text(mutant.applied(path.read_text(encoding="utf-8")), encoding="utf-8")
            return load_files(read_files(copy))


def differing(before: lock.Line | None, after: lock.Line | None) -> str:
    if before is None or after is None:
        return "gone" if after is None else "new"
    words = lock.differing(lock.plain(before), lock.plain(after)) if before != after else ""
    return "" if words == lock.ONLY_ITS_TEXT else words


def otherwise(knowledge: Knowledge) -> list[object]:
    """Everything that is no condition of a rule, without where it stands."""
    rules = [(rule.title, rule.cites, rule.then, rule.says, rule.status) for rule in knowledge.rules.values()]
    placed = [*knowledge.vocabulary.values(), *knowledge.edges, *knowledge.claims.values()]
    return [rules, [replace(one, place=None) for one in placed], knowledge.chains, knowledge.evidence, knowledge.policy, knowledge.groups]
