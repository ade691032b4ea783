"""What is decoded is what the standard library decodes, with the extra `[fast]` and without."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wave_pms_sync.http import decoding
from wave_pms_sync.http.decoding import Unreadable, decoded

LARGE = st.integers(-(2**70), 2**70)
VALUES = st.recursive(
    st.none() | st.booleans() | LARGE | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)
WRITTEN = st.sampled_from([{}, {"separators": (",", ":")}, {"indent": 2}, {"ensure_ascii": False}])
PIECES = st.sampled_from(
    [b"-0", b"1e400", b"-1E+2", b"0.1", b"01", b"1.", b"18446744073709551616", b"-9223372036854775809", b'"\\ud800"',
     b'"\xed\xa0\x80"', b'"\xff"', b'"\\x"', b'"a\nb"', b'"\\u0000"', b'{"a":1,"a":2}', b"[1,]", b"NaN", b"Infinity",
     b"nul", b"//", b"\x00", b"[" * 2000, b"", b" \t\r\n1 ", b"\xef\xbb\xbf1", "1".encode("utf-16")]
)  # fmt: skip


def by_the_library(body: bytes) -> str:
    """What the standard library makes of it, told apart to the type and the sign of zero."""
    try:
        return repr(json.loads(body.strip(), parse_constant=_none))
    except (ValueError, RecursionError):
        return "unreadable"


def by_us(body: bytes) -> str:
    """What we make of it."""
    try:
        return repr(decoded(body))
    except Unreadable:
        return "unreadable"


def _none(name: str) -> object:
    raise ValueError(name)


def test_the_extra_is_tried() -> None:
    """The tests run with the extra."""
    assert decoding._FAST is not None


@given(value=VALUES, written=WRITTEN)
@example(value=2**64, written={})
@example(value=[-(2**63), 2**63, 10**18, -0.0], written={})
def test_a_value_is_decoded_as_by_the_standard_library(value: object, written: dict[str, object]) -> None:
    """Numbers of any size, texts and objects come out the same."""
    body = json.dumps(value, **written).encode(errors="surrogatepass")  # type: ignore[arg-type]

    assert by_us(body) == by_the_library(body)


@given(pieces=st.lists(PIECES, min_size=1, max_size=3), joint=st.sampled_from([b"", b",", b"]"]))
def test_an_odd_text_is_decoded_as_by_the_standard_library(pieces: list[bytes], joint: bytes) -> None:
    """What one reader refuses and the other takes comes out as the standard library has it."""
    for body in (joint.join(pieces), b"[" + joint.join(pieces) + b"]"):
        assert by_us(body) == by_the_library(body)


@pytest.mark.parametrize("body", [b"", b"  ", b"<html>", b'{"a":', b"nothing", b"[" * 101 + b"]" * 101])
def test_what_is_no_json_is_told_in_words(body: bytes) -> None:
    """Whoever asked hears what it looks like."""
    with pytest.raises(Unreadable):
        decoded(body)


def test_without_the_extra_it_is_the_same() -> None:
    """A program without `orjson` reads the same, slower."""
    told = (
        "import sys; sys.modules['orjson'] = None\n"
        "from wave_pms_sync.http import decoding\n"
        "assert decoding._FAST is None\n"
        'print(decoding.decoded(b\'{"a": [1, 18446744073709551616, 0.5, "x"]}\'))\n'
    )

    shown = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)  # noqa: S603  # our own text

    assert shown.stdout.strip() == "{'a': [1, 18446744073709551616, 0.5, 'x']}"
