"""Faults as a flat list with pointers."""

from __future__ import annotations

from marshmallow import Schema, ValidationError, fields

from schemas.faults import fault, flatten, pointer, refusal


def test_pointers_name_fields_and_indexes():
    messages = {"profile": {"labs": {"hdl": {1: {"value": [fault("wrong_type", "a")]}, 0: [fault("implausible", "b")]}}}}
    assert flatten(messages) == [
        {"pointer": "/profile/labs/hdl/0", "code": "implausible", "message": "b"},
        {"pointer": "/profile/labs/hdl/1/value", "code": "wrong_type", "message": "a"},
    ]


def test_indexes_are_ordered_as_numbers():
    messages = {"symptoms": {index: [fault("unknown_code", "x")] for index in (10, 9, 2)}}
    assert [each["pointer"] for each in flatten(messages)] == ["/symptoms/2", "/symptoms/9", "/symptoms/10"]


def test_pointers_are_escaped():
    assert pointer(("a/b", "~", 0, "")) == "/a~1b/~0/0/"


def test_the_whole_object_has_the_pointer_of_the_object():
    assert flatten({"_schema": [fault("wrong_type", "x")]}) == [{"pointer": "", "code": "wrong_type", "message": "x"}]


def test_an_unknown_field_named_schema_is_named():
    assert flatten({"p": {"_schema": [fault("unknown_field", "x")]}})[0]["pointer"] == "/p/_schema"


def test_unknown_fields_named_like_a_fault_are_fields():
    messages = {"code": [fault("unknown_field", "x")], "message": [fault("unknown_field", "x")]}
    assert [each["pointer"] for each in flatten(messages)] == ["/code", "/message"]


def test_two_faults_of_one_field_are_both_told():
    assert [each["code"] for each in flatten({"a": [fault("too_long", "x"), fault("implausible", "y")]})] == ["implausible", "too_long"]


def test_the_sentences_of_plain_marshmallow_get_codes():
    class Plain(Schema):
        a = fields.String(required=True)
        b = fields.String()
        c = fields.Integer()

    try:
        Plain().load({"b": None, "c": "x", "d": 1})
    except ValidationError as error:
        found = {each["pointer"]: each["code"] for each in flatten(error.messages)}
    assert found == {"/a": "required", "/b": "not_null", "/c": "wrong_type", "/d": "unknown_field"}


def test_a_refusal_holds_one_fault():
    assert refusal("too_long", "x").messages == [{"code": "too_long", "message": "x"}]
