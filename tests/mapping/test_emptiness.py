"""What counts as no value, and what cannot travel."""

from __future__ import annotations

import pytest

from wave_pms_sync.mapping.emptiness import emptied, emptied_parts, flaw


@pytest.mark.parametrize("nothing", [None, "", " ", "\t\n", "\u00a0\u2003"])
def test_null_blank_and_white_space_are_empty(nothing: object) -> None:
    """Null, blank and white space are one and the same: no value."""
    assert emptied(nothing) is None


@pytest.mark.parametrize("value", [0, False, "0", " x ", [], {}])
def test_everything_else_stays_as_written(value: object) -> None:
    """Zero and false are values, and text is not even trimmed."""
    assert emptied(value) is value


def test_parts_are_empty_only_together() -> None:
    """A value of several parts is empty when all of its parts are."""
    assert emptied_parts(("", " ")) is None
    assert emptied_parts(("Ada", " ")) == ("Ada", None)


@pytest.mark.parametrize("bad", ["a\0b", ["a\0"], {"a\0": 1}, {"a": ("x", "\0")}])
def test_f39_nul_cannot_travel(bad: object) -> None:
    """A NUL character is found wherever it hides."""
    assert flaw(bad) == "holds a NUL character"


def test_f39_lone_surrogate_cannot_travel() -> None:
    """Half an emoji is refused before it is sent; a whole one is not."""
    assert flaw("\ud83d") == "holds a lone surrogate"
    assert flaw("\U0001f600") is None


@pytest.mark.parametrize("good", ["Ada", "Ada \u202e\u0301", 7, None, {"a": [1, "b"]}])
def test_f39_hard_characters_do_travel(good: object) -> None:
    """Emoji, accents and marks of direction are kept."""
    assert flaw(good) is None
