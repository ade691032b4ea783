"""How amounts and numbers travel, to the last digit."""

from __future__ import annotations

import math
import pickle

import pytest
from hypothesis import strategies as st

from wave_pms_sync.errors import ConfigurationError, ConversionError
from wave_pms_sync.mapping.converters.amounts import Amount, Cents, DecimalAmount
from wave_pms_sync.mapping.converters.numbers import DecimalText, Float
from wave_pms_sync.testing.converters import check_converter_laws

AMOUNTS = st.from_regex(r"\A[+-]?([0-9]{1,3}(,[0-9]{3}){0,6}|[0-9]{1,30})(\.[0-9]{1,6})?\Z").map(
    lambda text: {"value": text, "raw": 1}
)
DECIMALS = st.from_regex(r"\A[+-]?[0-9]{1,4}([.,'][0-9]{1,3}){0,3}\Z")
FLOATS = st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.integers(-(10**6), 10**6))


@pytest.mark.parametrize("mark", [".", ","])
@pytest.mark.parametrize("places", [None, 0, 2])
def test_decimal_amounts_keep_the_laws(places: int | None, mark: str) -> None:
    """With any number of places and either mark the laws of a converter hold."""
    check_converter_laws(DecimalAmount(places=places, mark=mark), wires=DECIMALS, ours=AMOUNTS)


@pytest.mark.parametrize("digits", [0, 2, 3])
def test_minor_units_keep_the_laws(digits: int) -> None:
    """For currencies with and without minor units the laws of a converter hold."""
    check_converter_laws(Cents(digits=digits), wires=st.integers(), ours=AMOUNTS)


@pytest.mark.parametrize("pair", [Amount(), Float(), DecimalText()])
def test_numbers_keep_the_laws(pair: object) -> None:
    """Whatever number comes, the laws of a converter hold."""
    check_converter_laws(pair)


def test_floats_keep_the_laws() -> None:
    """Any float that comes as a number is carried by its digits."""
    check_converter_laws(Float(), wires=FLOATS, ours=FLOATS.map(str))
    check_converter_laws(Amount(), wires=FLOATS, ours=AMOUNTS)


@pytest.mark.parametrize(
    ("settings", "value", "wire"),
    [
        ({}, "1,234.50", "1234.5"),
        ({"places": 2}, "1,234.50", "1234.50"),
        ({"places": 2}, "-1234.5", "-1234.50"),
        ({"places": 2}, "+7", "7.00"),
        ({"places": 2}, "-0.00", "0.00"),
        ({"places": 2, "mark": ","}, "1,234.50", "1234,50"),
        ({"places": 0}, "1,234.00", "1234"),
        ({"places": 0, "mark": ","}, "1200", "1200"),
        ({"mark": ","}, "0.05", "0,05"),
        ({}, "1,000,000,000,000,000,000,000,000,000,000.01", "1000000000000000000000000000000.01"),
    ],
)
def test_amount_is_written_as_decimal_text(settings: dict[str, object], value: str, wire: str) -> None:
    """An amount becomes text with the PMS's mark and places, without groups, and every digit of it is kept."""
    assert DecimalAmount(**settings).write({"value": value}) == wire  # type: ignore[arg-type]  # as from a file


@pytest.mark.parametrize(
    ("mark", "wire", "value"),
    [
        (".", "1234.50", "1234.5"),
        (".", "1,234.50", "1234.5"),
        (".", "1,234", "1234"),
        (".", "1 234.50", "1234.5"),
        (".", "1'234'567", "1234567"),
        (".", "-0", "0"),
        (".", "+12", "12"),
        (",", "1.234,50", "1234.5"),
        (",", "1.234", "1234"),
        (",", "-12,5", "-12.5"),
        (",", "0001,00", "1"),
    ],
)
def test_decimal_text_is_read_by_its_mark(mark: str, wire: str, value: str) -> None:
    """What a mark means is said by the mapping and never guessed from the text."""
    assert DecimalAmount(mark=mark).read(wire) == {"value": value}


@pytest.mark.parametrize("mark", [".", ","])
@pytest.mark.parametrize(
    "wire",
    ["", "-", "abc", "1e3", "1E+3", "NaN", "Infinity", "1.2.3", "1,2,3", "1,23.4", "1.23,4x", "٣", "$5", "(5)",
     5, 5.0, True, None],
)  # fmt: skip
def test_what_is_no_decimal_text_is_refused(wire: object, mark: str) -> None:
    """Exponents, currency signs, false groups and numbers in place of text are refused."""
    with pytest.raises(ConversionError):
        DecimalAmount(mark=mark).read(wire)


@pytest.mark.parametrize("wire", ["12.50", "1.234.5"])
def test_point_is_no_decimal_mark_where_the_comma_is(wire: str) -> None:
    """With a decimal comma a point that parts no thousands is refused, not taken for either."""
    with pytest.raises(ConversionError):
        DecimalAmount(mark=",").read(wire)


@pytest.mark.parametrize("pair", [DecimalAmount(places=2), Cents()])
@pytest.mark.parametrize("value", ["0.005", "12.345", "-0.001"])
def test_amount_is_never_rounded(pair: DecimalAmount | Cents, value: str) -> None:
    """An amount with more places than the PMS has is refused, never rounded."""
    with pytest.raises(ConversionError, match="more than 2 decimal places") as caught:
        pair.write({"value": value})

    assert value not in caught.value.reason


def test_decimal_text_with_too_many_places_is_not_read() -> None:
    """A text with more places than the mapping says could not be written back, so it is not read."""
    with pytest.raises(ConversionError, match="more than 0 decimal places"):
        DecimalAmount(places=0).read("12.5")


@pytest.mark.parametrize(
    ("digits", "value", "wire"),
    [
        (2, "1,234.50", 123450),
        (2, "0.05", 5),
        (2, "-0.05", -5),
        (2, "-12.3", -1230),
        (2, "0", 0),
        (0, "1,234", 1234),
        (3, "1.5", 1500),
        (2, "90,071,992,547,409.91", 2**53 - 1),
    ],
)
def test_amount_is_counted_in_minor_units(digits: int, value: str, wire: int) -> None:
    """An amount becomes a whole number of minor units, and is the same amount again on the way back."""
    pair = Cents(digits=digits)

    assert pair.write({"value": value}) == wire
    assert pair.key(pair.read(wire)) == pair.key({"value": value})


@pytest.mark.parametrize("wire", [True, 12.0, 12.5, "12", None, 2**53, -(2**53), 10**400])
def test_what_counts_no_minor_units_is_refused(wire: object) -> None:
    """Only whole numbers that every reader of JSON keeps are minor units."""
    with pytest.raises(ConversionError):
        Cents().read(wire)


@pytest.mark.parametrize("value", ["90,071,992,547,409.92", "9" * 5000])
def test_amount_too_large_for_json_is_refused(value: str) -> None:
    """A count of minor units that readers of JSON would round is not sent."""
    with pytest.raises(ConversionError, match="more digits"):
        Cents().write({"value": value})


@pytest.mark.parametrize("pair", [Amount(), DecimalAmount(), Cents()])
@pytest.mark.parametrize("ours", ["12", 12, None, [], {"value": 12}, {"value": "twelve"}, {"value": "1e3"}])
def test_what_is_no_amount_is_refused(pair: Amount | DecimalAmount | Cents, ours: object) -> None:
    """An amount is an object with a value in text, and nothing else."""
    with pytest.raises(ConversionError):
        pair.write(ours)
    with pytest.raises(ConversionError):
        pair.key(ours)


@pytest.mark.parametrize("pair", [Amount(), DecimalAmount(), Cents()])
def test_amount_without_a_value_is_empty(pair: Amount | DecimalAmount | Cents) -> None:
    """An amount whose value is null is no amount, in any form."""
    assert pair.write({"value": None}) is None
    assert pair.key({}) is None


@pytest.mark.parametrize(
    ("text", "number"), [("12", 12.0), ("12.5", 12.5), ("-0.1", -0.1), ("0", 0.0), ("1" + "0" * 22, 1e22), (" 7 ", 7.0)]
)
def test_text_becomes_a_float(text: str, number: float) -> None:
    """Digits in Wave are a number in the PMS, and the same digits on the way back."""
    assert Float().write(text) == number
    assert Float().read(number) == text.strip()


@pytest.mark.parametrize(
    "text",
    ["0012", "12.50", "-0", "+1", ".5", "5.", "1e3", "1,5", "0.1234567890123456789", "9" * 400, "x", "", 5, None],
)
def test_text_that_a_float_cannot_give_back_is_refused(text: object) -> None:
    """Leading zeros, trailing zeros and too many digits would be lost, so they are refused."""
    with pytest.raises(ConversionError):
        Float().write(text)


@pytest.mark.parametrize("wire", [True, "12", None, math.nan, math.inf, 2**53 + 1])
def test_what_is_no_float_is_refused(wire: object) -> None:
    """Truth values, texts, infinities and whole numbers that a float would round are refused."""
    with pytest.raises(ConversionError):
        Float().read(wire)


def test_decimal_text_is_compared_by_its_value() -> None:
    """Two texts of one number correspond, and each is carried as written."""
    pair = DecimalText()

    assert pair.key("007.50") == pair.key(" +7.5 ")
    assert pair.key("7.5") != pair.key("7.51")
    assert pair.write("007.50") == "007.50"
    with pytest.raises(ConversionError):
        pair.read("7,5")


def test_wrong_parameters_of_amounts_are_told_at_once() -> None:
    """Every fault is told when the converter is made, with what is allowed."""
    with pytest.raises(ConfigurationError) as caught:
        DecimalAmount(places=True, mark=";")
    with pytest.raises(ConfigurationError, match="digits: -1 is no count of places"):
        Cents(digits=-1)

    assert caught.value.faults == (
        "places: True is no count of places (allowed: a whole number from 0 to 20, None)",
        "mark: ';' is no decimal mark (allowed: '.', ',')",
    )


@pytest.mark.parametrize("pair", [DecimalAmount(places=2, mark=","), Cents(digits=3), Float(), DecimalText()])
def test_converters_of_numbers_are_values(pair: object) -> None:
    """They can be pickled, compared and hashed."""
    again = pickle.loads(pickle.dumps(pair))  # noqa: S301  # our own bytes

    assert again == pair
    assert hash(again) == hash(pair)
