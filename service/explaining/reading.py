"""An answer as plain text for a terminal: the same lines as the JSON, in the order in which a person reads them."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

WIDTH = 100
DISPOSITIONS = {
    "emergency": "Emergency: seek help now.",
    "same_day": "See a clinician today.",
    "soon": "See a clinician soon.",
    "supervised": "Only together with a clinician.",
    "not_enough_known": "Too little is known to say more: answer the first questions.",
    "self_care": "Self-care is possible.",
    "no_action": "Nothing needs to change.",
    "out_of_scope": "Outside the scope of this service.",
}


def as_text(answer: Mapping[str, Any]) -> str:
    """The whole answer; sections without lines are left out."""
    lines = [f"{DISPOSITIONS[answer['disposition']]}  [{answer['disposition']}]", ""]
    for title, rows in sections(answer):
        written = list(rows)
        if written:
            lines += [title, "-" * len(title), *written, ""]
    version = answer["rulebase"]
    return "\n".join([*lines, f"Rule base {version['version']} ({version['digest'][:12]}), decision {answer['decision_id']}"])


def sections(answer: Mapping[str, Any]) -> Iterator[tuple[str, Iterable[str]]]:
    yield "Red flags", (entry(f"{row['code']} ({urgency(row)})", row["message"]) for row in answer["red_flags"])
    yield "Computed", (computed(row) for row in answer.get("computed", ()))
    yield "Findings", [entry("", ", ".join(row["label"] for row in answer["findings"]))] if answer.get("findings") else []
    yield "States", (entry("", row["label"]) for row in answer["states"])
    yield "Recommended", (recommended(row) for row in answer["recommendations"])
    yield "Only after a clinician agrees", (stopped(row) for row in answer["clinician_first"])
    yield "Withheld", (stopped(row) for row in answer["withheld"])
    yield "Later", (entry(row["intervention"], f"{messages(already(row))} Until: {row['until']}") for row in answer["deferred"])
    yield "Not indicated", (entry(row["intervention"], nearest(row)) for row in answer["not_indicated"])
    yield "Parts of whole-food eating", (component(row) for row in answer.get("components", ()) if row["status"] != "fine")
    yield "Does not fit together", (entry("", f"{row['text']} {row['taken']}") for row in answer.get("conflicts", ()))
    yield "Mind together", (entry(row["id"], row["message"]) for row in answer.get("interactions", ()))
    yield "Check again", (entry(row["what"], f"{row['when']}. {row['why']}") for row in answer.get("monitoring", ()))
    yield "Would help to know", (entry(row["input"], f"{row['question']} {row['why']}") for row in answer.get("missing", ()))
    yield "Notices", (entry("", notice) for notice in answer["notices"])


def urgency(row: Mapping[str, Any]) -> str:
    return f"{row['urgency']}, within {row['within']}" if "within" in row else str(row["urgency"])


def computed(row: Mapping[str, Any]) -> str:
    return entry(row["id"], f"{row['value']:g} {row['unit'] or ''}".strip())


def recommended(row: Mapping[str, Any]) -> str:
    head = f"{row['rank']}. {row['title']} ({row['status']}, phase {row['phase']})"
    parts = [row["rationale"], f"Plan: {row['plan']['text']}" if row["plan"]["text"] else ""]
    parts += [f"Changed: {change['message']} [{change['code']}]" for change in row["changes"]]
    graph = "Mechanism by the article's graph, not measured; a bridge is an addition of ours"
    parts.append(f"{graph}: {path(row['mechanism'])}" if row["mechanism"] else "")
    return "\n".join([head, *(indented(part) for part in parts if part)])


def path(mechanism: list[Mapping[str, Any]]) -> str:
    steps = [mechanism[0]["from"]] + [f"-[{step['sign']} {', '.join(step['claims']) or 'bridge'}]-> {step['to']}" for step in mechanism]
    return " ".join(steps)


def stopped(row: Mapping[str, Any]) -> str:
    return entry(row["intervention"], messages(already(row)))


def already(row: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What to do about what is done already comes first, then why."""
    return [*([row["already"]] if "already" in row else []), *row["reasons"]]


def component(row: Mapping[str, Any]) -> str:
    return entry(f"{row['component']} ({row['status']})", messages([*row["changes"], *row["reasons"]]))


def nearest(row: Mapping[str, Any]) -> str:
    return row["nearest"]["text"] if row["nearest"] else ""


def messages(reasons: Iterable[Mapping[str, Any]]) -> str:
    return " ".join(f"{reason['message']} [{reason['code']}]" for reason in reasons)


def entry(head: str, text: str) -> str:
    return indented(f"{head}: {text}" if head and text else head or text, "- ")


def indented(text: str, mark: str = "  ") -> str:
    return textwrap.fill(text, WIDTH, initial_indent=mark, subsequent_indent="  ", break_long_words=False)
