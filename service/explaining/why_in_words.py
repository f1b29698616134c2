"""A why as plain text for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

WIDTH = 110
DEEPEST = 40  # spaces


def as_text(why: Mapping[str, Any]) -> str:
    sets = [f"{number}. {', '.join(one) or 'nothing'}" for number, one in enumerate(why["sufficient"], 1)]
    more = [] if why["complete"] else ["There are more: the bound of the search was reached."]
    sections = [
        (f"{why['fact']} is {why['value']}", list(branches(why["tree"], 0))),
        ("Each of these sets of inputs suffices, and none of its parts does", [*sets, *more]),
        ("Taken away alone, each of these takes the result away", why["single_points"] or ["none"]),
        ("Premises", [f"{row['basis']}: {row['text']}" for row in why["premises"]]),
        ("Named by the article only", [f"{row['title']} [{row['rule']}]" for row in why["article_only"]]),
        ("Weakest link", list(weakest(why))),
    ]
    return "\n".join(line for title, lines in sections if lines for line in section(title, lines)).strip()


def section(title: str, lines: Iterable[str]) -> Iterator[str]:
    yield from ("", title, "-" * len(title))
    yield from lines


def weakest(why: Mapping[str, Any]) -> Iterator[str]:
    rule, evidence = why["weakest"], why["evidence"]
    if rule is not None:
        sure = f", confidence {rule['confidence']}" if rule["confidence"] else ""
        yield f"{rule['title']} [{rule['rule']}]: rests on {rule['ground']}{sure}"
    if evidence is not None:
        first = evidence["outcomes"][0]
        yield f"Independent evidence: {first['grade']} for {first['outcome']}"


def branches(tree: Mapping[str, Any], depth: int) -> Iterator[str]:
    """A fact's justifications, or a single node, one line each, premises further in."""
    if "absent" in tree:
        yield line(f"not: {tree['fact']}{' ' + str(tree['value']) if 'value' in tree else ''}", depth)
        return
    justifications = tree.get("because", [tree])
    for number, one in enumerate(justifications):
        joint = "or " if number else ""
        yield line(f"{joint}{one['text']}{' (see above)' if one['above'] else ''} [{one['id']}]", depth)
        for premise in one["premises"]:
            yield from branches(premise, depth + 2)


def line(text: str, depth: int) -> str:
    indent = " " * min(depth, DEEPEST)
    return textwrap.fill(text, WIDTH, initial_indent=f"{indent}- ", subsequent_indent=f"{indent}  ", break_long_words=False)
