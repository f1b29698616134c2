"""The feedback export: what a spreadsheet reads is what was written, and none of it is a formula."""

import csv
import json
from io import StringIO

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from service.decisions import feedback

REVIEW = {
    "id": "rev_1", "decision": "dec_1", "client": "clinic", "at": "2026-01-15T12:00:00.000000Z", "verdict": "overridden",
    "reason": "patient-refuses", "node": "offer.fibre", "intervention": "fibre", "comment": None, "location": None, "reviewer": "A",
    "rule": "offer.fibre", "rule_hash": "00", "action": "recommendations", "current": True,
}  # fmt: skip
NASTY = [
    '=HYPERLINK("https://example.org","a")', "+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", 'say "no", twice', "a\r\nb", "a\rb",
    "a\nb", ",", '"', "'=1", "naïve – ἀγωγή 👩🏽‍⚕️", "a;b", "\\", "=" * 4000, " =1",
]  # fmt: skip


def read(lines: list[bytes]) -> list[dict[str, str]]:
    text = b"".join(lines).decode("utf-8")
    return list(csv.DictReader(StringIO(text, newline=""), strict=True))


def unescaped(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(feedback.FORMULA) else cell


@pytest.mark.parametrize("text", NASTY)
def test_what_is_nasty_comes_back_and_is_no_formula(text):
    (row,) = read(list(feedback.as_csv([REVIEW | {"comment": text, "location": text, "reviewer": text}])))
    for column in ("comment", "location", "user"):
        assert row[column].lstrip("'") == text.lstrip("'")
        assert not row[column].startswith(feedback.FORMULA)
    assert row["decision"] == "dec_1"
    (line,) = feedback.as_ndjson([REVIEW | {"comment": text}])
    assert json.loads(line)["comment"] == text


TEXTS = st.text(st.one_of(st.sampled_from("=+-@\t\r\n,\"';＝＋－＠ "), st.characters(codec="utf-8", exclude_characters="\0")), min_size=1)


@given(st.lists(st.tuples(TEXTS, TEXTS.filter(lambda text: not text.startswith("'")) | st.none()), max_size=4))
@example([("=", None)])
def test_every_text_comes_back(said):
    reviews = [REVIEW | {"reviewer": "x" + name, "comment": comment} for name, comment in said]
    rows = read(list(feedback.as_csv(reviews)))
    assert [(row["user"], unescaped(row["comment"])) for row in rows] == [("x" + name, comment or "") for name, comment in said]
    assert all(list(row) == list(feedback.COLUMNS) for row in rows)
    for line, review in zip(feedback.as_ndjson(reviews), reviews, strict=True):
        assert line.count(b"\n") == 1
        assert json.loads(line) == feedback.row(review)


def test_the_columns_are_what_the_regulation_names():
    assert list(feedback.row(REVIEW).items()) == [
        ("intervention", "fibre"), ("action", "recommendations"), ("feedback", "overridden"), ("reason", "patient-refuses"),
        ("comment", None), ("user", "A"), ("date", "2026-01-15T12:00:00.000000Z"), ("location", None), ("decision", "dec_1"),
        ("rule", "offer.fibre"), ("rule_hash", "00"), ("node", "offer.fibre"), ("client", "clinic"), ("review", "rev_1"), ("current", True),
    ]  # fmt: skip
    assert feedback.row(REVIEW | {"reviewer": None})["user"] == "clinic"


def test_lines_end_as_rfc_4180_has_it():
    header, row = feedback.as_csv([REVIEW])
    assert header.decode().rstrip("\r\n").split(",") == list(feedback.COLUMNS)
    assert header.endswith(b"\r\n") and row.endswith(b"true\r\n")
