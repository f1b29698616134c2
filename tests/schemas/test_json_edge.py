"""The door for bytes: what it refuses, where it says so, and that the quick way and the careful way agree."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schemas import json_edge
from schemas.json_edge import DEEPEST, UNSURE, JsonFault, read_json, read_quickly, read_with_care

REFUSED = {
    "a key twice": (b'{"a": 1, "a": 2}', "/a"),
    "a key twice, spaced": (b'{"a" : 1, "a": 2}', "/a"),
    "a key twice below": (b'{"p": [{"q": {"a": 1, "a": 1}}]}', "/p/0/q/a"),
    "a key twice, once escaped": (b'{"a": 1, "\\u0061": 2}', "/a"),
    "a key twice, hidden by a colon in a text": (b'{"a": "x:y", "a": 1}', "/a"),
    "an odd key twice": (b'{"a/b~c": 1, "a/b~c": 2}', "/a~1b~0c"),
    "NaN": (b'{"a": NaN}', "/a"),
    "Infinity": (b'{"a": [0, Infinity]}', "/a/1"),
    "minus Infinity": (b'{"a": -Infinity}', "/a"),
    "1e999": (b'{"a": 1e999}', "/a"),
    "-1e999": (b'{"a": -1e999}', "/a"),
    "21 digits": (b'{"a": ' + b"9" * 21 + b"}", "/a"),
    "5000 digits": (b'{"a": -' + b"9" * 5000 + b"}", "/a"),
    "U+0000": (b'{"a": "x\\u0000"}', "/a"),
    "U+0000 in a key": (b'{"p": {"\\u0000": 1}}', "/p"),
    "an unpaired surrogate": (b'{"a": "\\ud800"}', "/a"),
    "surrogates in the wrong order": (b'{"a": "\\udc00\\ud800"}', "/a"),
    "an unpaired surrogate in a key": (b'{"\\udfff": 1}', ""),
    "a byte order mark": (b"\xef\xbb\xbf{}", ""),
    "UTF-16": ("{}".encode("utf-16"), ""),
    "broken UTF-8": (b'{"a": "\xff"}', ""),
    "a surrogate in UTF-8": (b'{"a": "\xed\xa0\x80"}', ""),
    "nothing": (b"", ""),
    "spaces": (b"  ", ""),
    "two values": (b"{} {}", ""),
    "a trailing comma": (b'{"a": 1,}', ""),
    "a raw control character": (b'{"a": "\x01"}', ""),
    "a leading zero": (b'{"a": 01}', ""),
    "Arabic digits": ('{"a": ٥}'.encode(), ""),
    "hexadecimal digits": (b'{"a": 0x10}', ""),
    "digits in groups": (b'{"a": 1_000}', ""),
    "nothing before the point": (b'{"a": .5}', ""),
    "nothing after the point": (b'{"a": 5.}', ""),
    "a plus sign": (b'{"a": +5}', ""),
    "UTF-32": ("{}".encode("utf-32"), ""),
    "overlong UTF-8": (b'{"a": "\xc0\xaf"}', ""),
    "a raw NUL": (b'{"a": "\x00"}', ""),
    "single quotes": (b"{'a': 1}", ""),
    "a comment": (b"{} // x", ""),
    "33 levels": (b"[" * 33 + b"]" * 33, "/0" * 32),
    "33 levels of objects": (b'{"a":' * 33 + b"1" + b"}" * 33, "/a" * 32),
    "100,000 levels": (b"[" * 100_000 + b"]" * 100_000, ""),
    "100,000 objects": (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, ""),
    "levels never closed": (b"[" * 100_000, ""),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_the_place(name):
    raw, pointer = REFUSED[name]
    with pytest.raises(JsonFault) as caught:
        read_json(raw)
    assert caught.value.pointer == pointer
    assert caught.value.error() == {"pointer": pointer, "code": caught.value.code, "message": caught.value.message}


def test_a_repeated_key_has_its_own_code():
    with pytest.raises(JsonFault) as caught:
        read_json(b'{"a": 1, "a": 2}')
    assert caught.value.code == "duplicate"


@pytest.mark.parametrize("name", REFUSED)
def test_the_message_repeats_nothing_that_was_sent(name):
    with pytest.raises(JsonFault) as caught:
        read_json(REFUSED[name][0].replace(b'"x:y"', b'"secret:"'))
    assert "secret" not in caught.value.message
    assert "9999" not in caught.value.message


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b"{}", {}),
        (b'{"a": "10:30", "b": "\\":"}', {"a": "10:30", "b": '":'}),
        (b'{"a": "\\u00e9\\ud83d\\ude00"}', {"a": "é😀"}),
        ('{"a": "\U0001f600\u202e"}'.encode(), {"a": "\U0001f600\u202e"}),
        (b'{"a": 18446744073709551616}', {"a": 18446744073709551616}),
        (b'{"a": -9223372036854775809}', {"a": -9223372036854775809}),
        (b'{"a": 1e-400, "b": -0.0, "c": 1E3, "d": -0}', {"a": 0.0, "b": -0.0, "c": 1000.0, "d": 0}),
        (b"[" * 32 + b"]" * 32, json.loads("[" * 32 + "]" * 32)),
        (b" null ", None),
        (b'{"a": [' + b"{}," * 100 + b"1]}", {"a": [{}] * 100 + [1]}),
    ],
)
def test_accepted_as_it_is(raw, value):
    read = read_json(raw)
    assert read == value
    assert repr(read) == repr(value)


KEYS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=4) | st.sampled_from(["a", "b", ":", '"'])
SCALARS = st.none() | st.booleans() | st.integers(-(10**20) + 1, 10**20 - 1) | st.floats(allow_nan=False, allow_infinity=False) | KEYS
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=20)


@given(value=VALUES, ascii_only=st.booleans(), spaced=st.sampled_from([(",", ":"), (" , ", " : "), (", ", ": ")]))
@example(value={"a": 2**63}, ascii_only=True, spaced=(",", ":"))
def test_what_was_written_is_read_by_both_ways(value, ascii_only, spaced):
    raw = json.dumps(value, ensure_ascii=ascii_only, separators=spaced).encode()
    quick = read_quickly(raw)
    assert read_json(raw) == value
    assert quick is UNSURE or repr(quick) == repr(read_with_care(raw))


class Pairs(dict):
    """Written with its members as listed, repeated keys included."""

    def __init__(self, pairs):
        super().__init__([("", "")])
        self.pairs = pairs

    def items(self):
        return self.pairs


@given(
    pairs=st.lists(st.tuples(KEYS, VALUES), min_size=1, max_size=5),
    again=st.integers(0, 4),
    value=VALUES,
    wraps=st.lists(st.sampled_from(["list", "object"]), max_size=5),
)
def test_a_repeated_key_never_passes(pairs, again, value, wraps):
    whole = Pairs([*pairs, (pairs[again % len(pairs)][0], value)])
    for wrap in wraps:
        whole = [whole] if wrap == "list" else {"above": whole}
    with pytest.raises(JsonFault):
        read_json(json.dumps(whole).encode())


@given(raw=st.binary(max_size=60) | st.text(alphabet='{}[]":,0123456789eE+-.\\u truefalsn\x00', max_size=60).map(str.encode))
def test_bytes_are_a_value_or_a_fault_and_both_ways_agree(raw):
    try:
        value = read_with_care(raw)
    except JsonFault:
        with pytest.raises(JsonFault):
            read_json(raw)
        return
    read = read_json(raw)
    assert repr(read) == repr(value)
    assert all(math.isfinite(number) for number in numbers(read))


@given(levels=st.integers(1, 60), closed=st.sampled_from([(b"[", b"]"), (b'{"a":', b"}")]))
def test_exactly_32_levels_pass(levels, closed):
    opening, closing = closed
    raw = opening * levels + (b"1" if opening != b"[" else b"") + closing * levels
    if levels <= DEEPEST:
        assert read_json(raw) == json.loads(raw)
    else:
        with pytest.raises(JsonFault, match="32 levels"):
            read_json(raw)


def test_the_usual_request_is_read_the_quick_way(body):
    raw = json.dumps(body).encode()
    assert read_quickly(raw) == body
    assert json_edge.members(body) == raw.count(b":")


def numbers(value):
    if isinstance(value, dict):
        return [number for below in value.values() for number in numbers(below)]
    if isinstance(value, list):
        return [number for below in value for number in numbers(below)]
    return [value] if isinstance(value, float) else []
