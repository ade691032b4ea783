"""How words of a small vocabulary travel, and truth values in the words of a PMS."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wave_pms_sync.errors import ConfigurationError, ConversionError
from wave_pms_sync.mapping.converter import Converter
from wave_pms_sync.mapping.converters.labels import Flag, Label, Labels
from wave_pms_sync.testing.converters import check_converter_laws

KINDS = Labels(values={"person": 1, "organisation": "C"}, also={"Firma": "organisation", "2": "person"})
TRUTHS = Labels(values={"true": "ja", "false": "nein"})
CROSSED = Labels(values={"a": "b", "b": "a", "c": True})
WORDS = st.one_of(
    st.sampled_from(
        ["person", "PERSON ", "organisation", "c", "C", 1, "1", 2, "Firma", "a", "b", "true", True, False, 0]
    ),
    st.sampled_from(["ja", "nein", "Y", "N", "yes", "no", "0", "on", "off"]),
    st.integers(),
    st.text(min_size=1, max_size=5).filter(str.strip),
)


@pytest.mark.parametrize(
    "pair",
    [
        KINDS,
        TRUTHS,
        CROSSED,
        Labels(values={"person": "P"}, unknown="refuse"),
        Flag(),
        Flag(true="Y", false="N"),
        Flag(true="N", false="Y"),
        Flag(true="ja", false="nein"),
        Flag(true=False, false=True),
        Flag(true=2, false=1),
    ],
)
def test_vocabularies_keep_the_laws(pair: Labels | Flag) -> None:
    """Whatever word comes from either side, the laws of a converter hold."""
    truths = st.booleans() if isinstance(pair, Flag) else WORDS

    check_converter_laws(pair, wires=st.one_of(WORDS, *map(st.just, _wires(pair))), ours=st.one_of(WORDS, truths))


def _wires(pair: Labels | Flag) -> list[Label]:
    return [pair.true, pair.false] if isinstance(pair, Flag) else list(pair.values.values())


@pytest.mark.parametrize(
    ("wire", "ours"),
    [
        (1, "person"),
        ("1", "person"),
        (" C", "organisation"),
        ("c", "organisation"),
        ("FIRMA", "organisation"),
        (2, "person"),
    ],
)
def test_word_of_the_pms_is_read(wire: object, ours: str) -> None:
    """A listed word is read whatever its case, its blanks, and whether a number comes as text."""
    assert KINDS.read(wire) == ours


def test_word_of_ours_is_written() -> None:
    """A word of ours becomes the listed word of the PMS, in its own type."""
    assert KINDS.write("person") == 1
    assert type(KINDS.write(" Person")) is int
    assert KINDS.write("ORGANISATION") == "C"


def test_true_is_not_one() -> None:
    """A truth value is another word than the number that Python takes for its equal."""
    pair = Labels(values={"active": 1, "blocked": True, "gone": 0, "asleep": False})

    assert [pair.read(wire) for wire in (1, True, 0, False)] == ["active", "blocked", "gone", "asleep"]
    assert [type(pair.write(ours)) for ours in ("active", "blocked")] == [int, bool]
    assert TRUTHS.key(True) != TRUTHS.key(1)
    assert KINDS.key(True) != KINDS.key(1)
    with pytest.raises(ConversionError):
        Labels(values={"on": 1}, unknown="refuse").read(True)


def test_words_true_and_false_are_truth_values() -> None:
    """Where the words of ours are true and false, truth values are read and written."""
    assert TRUTHS.read(" Ja") is True
    assert TRUTHS.write(False) == "nein"
    assert TRUTHS.key(True) == TRUTHS.key("true") == "true"
    assert Labels(values={"true": 1, "unsure": 2}).read(1) == "true"


def test_word_that_is_not_listed_is_kept() -> None:
    """An unlisted word travels as it is, both ways."""
    assert KINDS.read(" Verein ") == " Verein "
    assert KINDS.write(7) == 7
    assert KINDS.key(" Verein ") == "Verein"


@pytest.mark.parametrize("wire", ["person", " Organisation"])
def test_unlisted_word_that_we_would_misread_is_refused(wire: str) -> None:
    """A word of the PMS that is ours for something else must not be taken for it."""
    with pytest.raises(ConversionError, match="listed word of the other") as caught:
        KINDS.read(wire)

    assert wire.strip() not in caught.value.reason


@pytest.mark.parametrize("ours", ["C", "1", "firma", 1])
def test_unlisted_word_that_the_pms_would_misread_is_refused(ours: object) -> None:
    """A word of ours that means something else in the PMS must not be sent."""
    with pytest.raises(ConversionError, match="listed word of the other"):
        KINDS.write(ours)


def test_words_may_cross() -> None:
    """A word that both sides use for different things is translated, not confused."""
    assert CROSSED.read("a") == "b"
    assert CROSSED.write("a") == "b"


def test_unlisted_words_can_be_refused() -> None:
    """With `refuse` only listed words travel."""
    pair = Labels(values={"person": "P"}, unknown="refuse")

    for convert in (pair.read, pair.write):
        with pytest.raises(ConversionError, match="none of the listed"):
            convert("Verein")


@pytest.mark.parametrize("label", [1.0, None, [], {"id": 1}, " "])
def test_what_is_no_word_is_refused(label: object) -> None:
    """Only texts, whole numbers and truth values are labels."""
    with pytest.raises(ConversionError, match="is no label"):
        KINDS.read(label)


@pytest.mark.parametrize(
    ("settings", "fault"),
    [
        ({"values": {}}, "values: is no table"),
        ({"values": ["person"]}, "values: is no table"),
        ({"values": {"person": None}}, "values.person: None or its word of ours is no label"),
        ({"values": {"person": " "}}, "values.person: ' ' or"),
        ({"values": {"": "P"}}, "values.: 'P' or"),
        ({"values": {"person": 1.5}}, "values.person: 1.5 or"),
        ({"values": {True: "P"}}, "that is no text"),
        ({"values": {"a": "P", "b": "p "}}, "values.b: 'p ' or its word of ours is listed before"),
        ({"values": {"a": "P", " A": "Q"}}, "values. A: 'Q' or"),
        ({"values": {"a": 1, "b": "1"}}, "values.b: '1' or"),
        ({"values": {"a": "P"}, "also": ["a"]}, "also: is no table"),
        ({"values": {"a": "P"}, "also": {"X": "b"}}, "also.X: 'b' is no word of ours (allowed: a)"),
        ({"values": {"a": "P"}, "also": {" ": "a"}}, "also. : ' ' is no label"),
        ({"values": {"a": "P", "b": "Q"}, "also": {"p": "b"}}, "also.p: stands for another word"),
        ({"values": {"a": "P", "b": "Q"}, "also": {"X": "a", "x": "b"}}, "also.x: stands for another word"),
        ({"values": {"a": "P"}, "unknown": "drop"}, "unknown: 'drop'"),
    ],
)
def test_wrong_vocabulary_is_refused(settings: dict[str, object], fault: str) -> None:
    """A vocabulary that cannot be read both ways is refused when it is made."""
    with pytest.raises(ConfigurationError) as caught:
        Labels(**settings)  # type: ignore[arg-type]  # what a file could hold

    assert len(caught.value.faults) == 1
    assert fault in caught.value.faults[0]


def test_faults_of_a_vocabulary_are_told_at_once() -> None:
    """Every fault is told in one error."""
    with pytest.raises(ConfigurationError) as caught:
        Labels(values={"a": None, "b": []}, also={"x": "c"}, unknown="")  # type: ignore[dict-item]  # what a file could hold

    assert len(caught.value.faults) == 4


def test_further_words_may_repeat_the_listed_ones() -> None:
    """A further word that says what is listed already is no fault, and lets the PMS use our own word."""
    pair = Labels(values={"person": "P"}, also={"p": "person", "Person": "person"})

    assert pair.read("person") == "person"


@pytest.mark.parametrize("true", [1, "Y", "ja", True, "1", 2])
@given(wire=WORDS)
def test_flag_reads_its_own_words_first(wire: object, true: Label) -> None:
    """The word for yes is yes and the word for no is no, whatever else is read."""
    pair = Flag(true=true, false="never")

    assert pair.read(true) is True
    assert pair.read(" NEVER ") is False
    try:
        assert pair.read(wire) in (True, False)
    except ConversionError as error:
        assert "yes" in error.reason  # noqa: PT017  # a refusal is right, too


@pytest.mark.parametrize(
    ("pair", "wire", "truth"),
    [
        (Flag(), 1, True),
        (Flag(), "0", False),
        (Flag(), True, True),
        (Flag(), "off", False),
        (Flag(true="Y", false="N"), "y", True),
        (Flag(true="Y", false="N"), "no", False),
        (Flag(true="Y", false="N"), 0, False),
        (Flag(true="ja", false="nein"), " JA", True),
        (Flag(true="ja", false="nein"), "yes", True),
        (Flag(true=0, false=1), 0, True),
        (Flag(true=0, false=1), "1", False),
        (Flag(true=2, false=1), 1, False),
    ],
)
def test_flag_is_read(pair: Flag, wire: object, truth: bool) -> None:
    """The chosen words go first, and the usual spellings are read beside them."""
    assert pair.read(wire) is truth


@pytest.mark.parametrize(
    ("pair", "wire"),
    [
        (Flag(), 2),
        (Flag(), "maybe"),
        (Flag(), 1.0),
        (Flag(), None),
        (Flag(true=0, false=1), True),
        (Flag(true="N", false="Y"), "yes"),
        (Flag(true=2, false=1), "true"),
    ],
)
def test_flag_that_cannot_be_told_is_refused(pair: Flag, wire: object) -> None:
    """Where the chosen words contradict the usual ones, the usual ones are not guessed at."""
    with pytest.raises(ConversionError, match=r"neither (yes nor no|the word)"):
        pair.read(wire)


def test_flag_is_written_in_its_own_words() -> None:
    """A truth value is written as the chosen word, in its own type."""
    assert Flag(true="Y", false="N").write(True) == "Y"
    assert type(Flag().write(False)) is int
    assert Flag(true=0, false=1).write(True) == 0
    with pytest.raises(ConversionError):
        Flag(true="ja", false="nein").write("ja")


@pytest.mark.parametrize(
    ("settings", "faults"),
    [
        ({"true": "Y", "false": " y"}, 1),
        ({"true": "1", "false": 1}, 1),
        ({"true": "", "false": None}, 2),
        ({"true": 1.0}, 1),
    ],
)
def test_wrong_flag_is_refused(settings: dict[str, object], faults: int) -> None:
    """Two words that cannot be told apart are refused when the flag is made."""
    with pytest.raises(ConfigurationError) as caught:
        Flag(**settings)  # type: ignore[arg-type]  # what a file could hold

    assert len(caught.value.faults) == faults


@pytest.mark.parametrize("pair", [KINDS, TRUTHS, Flag(true="Y", false="N")])
def test_vocabularies_are_values(pair: Labels | Flag) -> None:
    """They can be pickled, compared and hashed, and what was given to them can no longer change them."""
    again = pickle.loads(pickle.dumps(pair))  # noqa: S301  # our own bytes

    assert again == pair
    assert hash(again) == hash(pair)
    assert again.read("Y") == pair.read("Y")


def test_vocabulary_keeps_its_own_copy() -> None:
    """A table that is changed afterwards changes nothing."""
    values: dict[str, Label] = {"person": "P"}
    pair = Labels(values=values)
    values["person"] = "X"

    assert pair.write("person") == "P"
    assert Converter.of("labels", pair).params == {"values": {"person": "P"}, "also": {}, "unknown": "keep"}
