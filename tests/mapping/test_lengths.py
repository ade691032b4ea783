"""How long texts are cut, so that no character is parted."""

from __future__ import annotations

import pickle
import unicodedata

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from wave_pms_sync.errors import ConfigurationError, ConversionError
from wave_pms_sync.mapping.converter import Converter
from wave_pms_sync.mapping.converters.lengths import Cut, cut
from wave_pms_sync.testing.converters import check_converter_laws

WHOLE = [
    *("a\u0308", "e\u0301\u0323", "\r\n", "👩‍👩‍👧‍👦", "👍🏽", "🇨🇦", "🇳🇴", "❤️", "1️⃣", "🏳️‍🌈"),
    *("🏴\U000e0067\U000e0062\U000e007f", "\u1112\u1161\u11ab", "क्षि", "நி", "กำ", "\u0600\u0661", "\u06dd\u0661", "ｶﾞ"),
]
LETTERS = st.characters(exclude_categories=("Cs", "Cn", "Co")).filter(lambda c: unicodedata.category(c) != "Cn")
HARD = st.sampled_from([*WHOLE, *"aΩक \u200d\u200c\u0301\U0001f1e6\U0001f469\u094d"])
TEXTS = st.one_of(st.text(LETTERS, max_size=30), st.lists(HARD, max_size=12).map("".join))


def _boundaries(text: str) -> set[int]:
    """Every place between two characters, by the Unicode rules of another hand."""
    return {0, *(match.end() for match in regex.finditer(r"\X", text))}


@given(text=TEXTS, length=st.integers(0, 12))
def test_no_character_is_parted(text: str, length: int) -> None:
    """What is left ends where the Unicode rules end a character, but for trailing blanks."""
    left = cut(text, length)

    assert len(left) <= length or left == text
    assert left == text or left in {text[:at].rstrip() for at in _boundaries(text) if at <= length}


@given(
    parts=st.lists(st.sampled_from([*WHOLE[:10], "a", "Ω", "é", "字", "😀"]), max_size=12), length=st.integers(0, 20)
)
def test_no_more_than_needed_is_taken_away(parts: list[str], length: int) -> None:
    """In usual scripts, with accents, emoji and flags, as much is kept as the length allows."""
    text = "".join(parts)

    longest = max(at for at in _boundaries(text) if at <= length)

    assert cut(text, length) == (text if len(text) <= length else text[:longest].rstrip())


@pytest.mark.parametrize("whole", WHOLE)
def test_character_of_several_is_kept_or_dropped_whole(whole: str) -> None:
    """A letter with its accents, an emoji of several, a flag or a syllable stays whole or goes."""
    for length in range(1, len(whole) + 1):
        assert cut(f"x{whole}y", length) == "x"
    assert cut(f"x{whole}yz", len(whole) + 1) == f"x{whole}".rstrip()


@pytest.mark.parametrize(
    ("text", "length", "left"),
    [
        ("Lovelace", 8, "Lovelace"),
        ("Lovelace ", 9, "Lovelace "),
        ("Lovelace", 4, "Love"),
        ("Ada King", 4, "Ada"),
        ("Ada\n\nKing", 5, "Ada"),
        ("🇨🇦🇳🇴", 3, "🇨🇦"),
        ("x🇨🇦🇳🇴", 3, "x🇨🇦"),
        ("x🇨🇦🇳🇴", 4, "x🇨🇦"),
        ("   x", 2, ""),
        ("👩‍👩‍👧‍👦", 3, ""),
        ("ab", 0, ""),
    ],
)
def test_text_is_cut(text: str, length: int, left: str) -> None:
    """A short text stays as it is, blanks and all; a long one loses its end and the blanks before it."""
    assert cut(text, length) == left


@pytest.mark.parametrize("length", [1, 2, 5, 40])
def test_cutting_keeps_the_laws(length: int) -> None:
    """Whatever text comes, accents composed or not, the laws of a converter hold."""
    texts = TEXTS.filter(lambda text: bool(text.strip()))

    check_converter_laws(Cut(length=length), wires=texts, ours=texts)


def test_long_text_corresponds_to_its_beginning() -> None:
    """A text that was cut on its way is no edit of the PMS."""
    pair = Cut(length=10)
    long = "Analytical Engines Ltd"

    assert pair.write(long) == "Analytical"
    assert pair.key(long) == pair.key(pair.read("Analytical"))
    assert pair.key(long) != pair.key("Analytic")


def test_short_text_is_carried_as_written() -> None:
    """A text that is short enough keeps its blanks and its accents as they are."""
    assert Cut(length=10).write(" Ada\u0308 ") == " Ada\u0308 "


def test_text_that_fits_once_composed_is_not_cut() -> None:
    """Accents that stand alone are composed before anything is taken away."""
    assert Cut(length=3).write("A\u0308o\u0308u\u0308") == "Äöü"


def test_character_longer_than_the_length_is_refused() -> None:
    """A text of which nothing could be shown is held, and not sent as an empty one."""
    with pytest.raises(ConversionError, match="more than 3 code points"):
        Cut(length=3).write("👩‍👩‍👧‍👦")


@pytest.mark.parametrize("length", [0, -1, True, 2.5, "9", None])
def test_wrong_length_is_refused(length: object) -> None:
    """A length is a whole number from 1."""
    with pytest.raises(ConfigurationError, match=r"length: .* is no length \(allowed: a whole number from 1\)"):
        Cut(length=length)  # type: ignore[arg-type]  # what a file could hold


def test_only_text_is_cut() -> None:
    """A number is no text, however long."""
    for convert in (Cut(length=3).read, Cut(length=3).write, Cut(length=3).key):
        with pytest.raises(ConversionError, match="is not text"):
            convert(12345)


def test_cut_is_a_value_that_says_what_it_loses() -> None:
    """It can be pickled, and declares its length."""
    pair = Cut(length=7)

    assert pickle.loads(pickle.dumps(pair)) == pair  # noqa: S301  # our own bytes
    assert Converter.of("cut", pair).loses == "what is longer than 7 characters"
