"""Asking the service, and reading an answer."""

from __future__ import annotations

from typing import Any

LISTS = ("recommendations", "clinician_first", "withheld", "deferred", "not_indicated")


def listed(answer: dict[str, Any], name: str) -> list[str]:
    return [row["intervention"] for row in answer[name]]


def placements(answer: dict[str, Any]) -> dict[str, str]:
    """intervention -> the list it stands in; fails where one stands in two."""
    found: dict[str, str] = {}
    for name in LISTS:
        for intervention in listed(answer, name):
            assert intervention not in found, f"{intervention} stands in {found[intervention]} and in {name}"
            found[intervention] = name
    return found


def codes(rows: list[dict[str, Any]]) -> set[str]:
    return {row["code"] for row in rows}


def reasons_of(answer: dict[str, Any], target: str) -> tuple[str, set[str]]:
    """The strictest level at which a gate acts on an intervention or component, with its codes."""
    for row in answer["components"]:
        if row["component"] == target:
            level = {"withheld": "withhold", "fine": "not_indicated"}.get(row["status"], row["status"])
            return level, codes(row["changes"] + row["reasons"])
    for name, level in (("withheld", "withhold"), ("clinician_first", "clinician_first")):
        for row in answer[name]:
            if row["intervention"] == target:
                return level, codes(row["reasons"])
    for row in answer["recommendations"]:
        if row["intervention"] == target:
            return "modify", codes(row["changes"])
    return "not_indicated", set()
