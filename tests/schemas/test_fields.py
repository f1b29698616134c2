"""Strict fields: a number is a number, a text a text, and nothing is guessed."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError, fields

from schemas.faults import flatten
from schemas.fields import Choice, Part, StrictBoolean, StrictDate, StrictInteger, StrictList, StrictNumber, StrictSchema, StrictText

FIELDS = {
    "number": StrictNumber(0, 10),
    "integer": StrictInteger(0, 10),
    "boolean": StrictBoolean(),
    "date": StrictDate(),
    "choice": Choice(["a", "b"]),
    "text": StrictText(5),
    "list": StrictList(Choice(["a", "b"]), 3),
    "part": Part(StrictSchema.from_dict({"inner": StrictNumber(required=True)})),
    "other": StrictText(300),
}
SCHEMA = StrictSchema.from_dict(FIELDS)()


def faults(sent):
    with pytest.raises(ValidationError) as caught:
        SCHEMA.load(sent)
    return [(each["pointer"], each["code"]) for each in flatten(caught.value.messages)]


@pytest.mark.parametrize("value", ["5", "٥", "1_000", "5.0", "", True, False, [], {}, float("nan"), float("inf"), -float("inf"), 10**400])
@pytest.mark.parametrize("field", ["number", "integer"])
def test_only_a_finite_number_is_a_number(field, value):
    assert faults({field: value}) == [(f"/{field}", "wrong_type")]


@pytest.mark.parametrize(("value", "read"), [(5, 5), (5.5, 5.5), (0, 0), (10, 10), (-0.0, 0), (0.0, 0), (1e-300, 1e-300)])
def test_numbers_within_the_limits_pass_and_the_limits_belong_to_them(value, read):
    loaded = SCHEMA.load({"number": value})["number"]
    assert (loaded, str(loaded)) == (read, str(read))


@pytest.mark.parametrize("value", [-1e-9, 10.000001, 11, -5, 1e308])
def test_numbers_outside_are_out_of_range(value):
    assert faults({"number": value}) == [("/number", "out_of_range")]


@pytest.mark.parametrize(("value", "read"), [(5, 5), (5.0, 5), (0.0, 0), (1e1, 10)])
def test_an_integral_float_is_an_integer(value, read):
    loaded = SCHEMA.load({"integer": value})["integer"]
    assert (loaded, type(loaded)) == (read, int)


@pytest.mark.parametrize("value", [5.7, 0.1, 9.999999])
def test_a_fraction_is_no_integer(value):
    assert faults({"integer": value}) == [("/integer", "wrong_type")]


@pytest.mark.parametrize("value", [1, 0, "true", "yes", "Yes", "", 1.0, [], {}])
def test_only_true_and_false_are_booleans(value):
    assert faults({"boolean": value}) == [("/boolean", "wrong_type")]


@pytest.mark.parametrize(
    "value", ["2026-02-30", "2026-2-03", "20260203", "2026-02-03T00:00:00", "٢٠٢٦-٠١-٠١", "0000-01-01", " 2026-01-01", "2026-W05-1", ""]
)
def test_only_a_day_of_the_calendar_is_a_date(value):
    assert faults({"date": value}) == [("/date", "invalid_date")]


@given(st.dates())
def test_every_day_is_a_date(day):
    assert SCHEMA.load({"date": day.isoformat()}) == {"date": day}


@pytest.mark.parametrize("value", [20260203, True, [], {}])
def test_a_date_is_text(value):
    assert faults({"date": value}) == [("/date", "wrong_type")]


@pytest.mark.parametrize(
    ("value", "code"), [("c", "unknown_code"), ("A", "unknown_code"), ("", "unknown_code"), (1, "wrong_type"), ([], "wrong_type")]
)
def test_a_choice_is_one_of_its_words(value, code):
    assert faults({"choice": value}) == [("/choice", code)]


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("", "wrong_type"), ("a\n", "wrong_type"), ("a\tb", "wrong_type"), ("\x00", "wrong_type"), ("\x7f", "wrong_type"),
        ("\x85", "wrong_type"), ("a\u202e", "wrong_type"), ("\u2028", "wrong_type"), ("\ud800", "wrong_type"),
        ("abcdef", "too_long"), (5, "wrong_type"), (True, "wrong_type"),
    ],
)  # fmt: skip
def test_text_is_short_and_visible(value, code):
    assert faults({"text": value}) == [("/text", code)]


@pytest.mark.parametrize("value", ["a", "a b", "ä😀", "٥", "'\"<", " "])
def test_other_text_passes_as_it_is(value):
    assert SCHEMA.load({"text": value}) == {"text": value}


def test_a_list_tells_the_faults_of_every_entry():
    assert faults({"list": ["a", "x", 5]}) == [("/list/1", "unknown_code"), ("/list/2", "wrong_type")]


@pytest.mark.parametrize(("value", "code"), [("a", "wrong_type"), ({}, "wrong_type"), (5, "wrong_type"), (["a"] * 4, "too_long")])
def test_a_list_is_a_list_of_limited_length(value, code):
    assert faults({"list": value}) == [("/list", code)]


def test_null_in_a_list_is_a_fault_of_its_index():
    assert faults({"list": ["a", None]}) == [("/list/1", "not_null")]


def test_a_list_may_be_empty_or_repeat_itself():
    assert SCHEMA.load({"list": []}) == {"list": []}
    assert SCHEMA.load({"list": ["a", "a"]}) == {"list": ["a", "a"]}


@pytest.mark.parametrize("field", FIELDS)
def test_null_is_never_a_value(field):
    assert faults({field: None}) == [(f"/{field}", "not_null")]


def test_unknown_and_missing_fields_are_told_at_every_level():
    assert faults({"part": {"x": 1}, "y": 2}) == [("/part/inner", "required"), ("/part/x", "unknown_field"), ("/y", "unknown_field")]


@pytest.mark.parametrize("value", [[], "x", 5, True])
def test_a_part_is_an_object(value):
    assert faults({"part": value}) == [("/part", "wrong_type")]


@given(st.text(min_size=6, max_size=200))
def test_no_message_repeats_a_text_that_was_sent(text):
    with pytest.raises(ValidationError) as caught:
        SCHEMA.load({"text": "§§§" + text, "choice": "§§§" + text, "number": "§§§" + text, "date": "§§§" + text, "list": ["§§§" + text]})
    assert all("§§§" not in each["message"] for each in flatten(caught.value.messages))


def test_messages_name_the_field_and_what_is_allowed():
    with pytest.raises(ValidationError) as caught:
        SCHEMA.load({"number": 11, "choice": "c"})
    messages = [each["message"] for each in flatten(caught.value.messages)]
    assert messages == ["choice must be one of a, b", "number must be from 0 to 10"]


def test_dates_load_as_dates():
    assert SCHEMA.load({"date": "2026-02-03"}) == {"date": date(2026, 2, 3)}


def test_the_documentation_knows_the_limits():
    assert FIELDS["integer"].metadata == {"minimum": 0, "maximum": 10}
    assert FIELDS["choice"].metadata == {"enum": ["a", "b"]}
    assert isinstance(FIELDS["integer"], fields.Integer)
    assert not isinstance(FIELDS["integer"], fields.Float)
