"""What README says is what the code does."""

import json
import re
import shlex
from pathlib import Path

import pytest

from service import settings
from service.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", README, re.MULTILINE | re.DOTALL)[1]


def rows(title: str) -> list[list[str]]:
    """The rows of the table of a section, cell by cell."""
    lines = [line for line in section(title).splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def test_every_setting_is_listed_with_its_default():
    listed = {row[0].strip("`"): row[1].strip("`") for row in rows("Settings")}
    assert listed == {settings.variable(name): str(default) for name, default in vars(Settings()).items()}


def test_every_route_is_listed(app):
    listed = {route for row in rows("Routes") for route in re.findall(r"`((?:GET|POST|DELETE) [^`]+)`", row[0])}
    assert listed == {shown(rule) for rule in app.url_map.iter_rules()} - {"GET /docs/{name}"}


def shown(rule) -> str:
    path = re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", rule.rule)
    return f"{next(method for method in ('POST', 'DELETE', 'GET') if method in rule.methods)} {path}"


def test_every_make_target_is_listed():
    made = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert {row[0].strip("`").removeprefix("make ") for row in rows("Make")} == made


def test_every_file_named_is_there():
    for path in re.findall(r"`((?:deploy|rules|schemas|service|tests|\.ci)/[\w./-]*)`", README):
        assert (ROOT / path).exists(), path


def test_the_answer_shown_is_the_answer_given(client):
    request, shown = curl_body(), json.loads(re.search(r"```json\n(.*?)```", README, re.DOTALL)[1])
    answer = client.post("/v1/recommendations", json=request)
    assert answer.status_code == 201
    assert_shown(shown, answer.get_json(), "answer")


def curl_body() -> dict:
    command = re.search(r"^curl .*?(?=^```)", README, re.MULTILINE | re.DOTALL)[0]
    return json.loads(shlex.split(command)[-1])


def assert_shown(shown, given, place: str) -> None:
    """Everything shown is given; an ellipsis stands for anything, and for more at the end of a list."""
    if shown == "…":
        return
    if isinstance(shown, dict):
        for key, value in shown.items():
            assert key in given, f"{place}.{key}"
            assert_shown(value, given[key], f"{place}.{key}")
    elif isinstance(shown, list):
        whole = shown[-1:] != ["…"]
        assert len(given) == len(shown) if whole else len(given) >= len(shown) - 1, place
        for index, value in enumerate(shown if whole else shown[:-1]):
            assert_shown(value, given[index], f"{place}[{index}]")
    else:
        assert shown == given, place


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt", "requirements-build.txt"])
def test_the_locks_have_hashes_and_no_addresses(name):
    lock = (ROOT / name).read_text()
    assert "://" not in lock
    assert not re.search(r"^--|^\s*-(?!-hash)", lock, re.MULTILINE)
    entries = re.split(r"\n(?=\S)", lock.strip())
    for entry in entries:
        assert "==" in entry and "--hash=sha256:" in entry, entry[:60]
