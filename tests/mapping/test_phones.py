"""How phone numbers are compared by the numbering plans of the world."""

from __future__ import annotations

import pickle
import sys

import phonenumbers
import pytest
from hypothesis import strategies as st

from wave_pms_sync.errors import ConfigurationError, ConversionError
from wave_pms_sync.mapping.converter import Converter
from wave_pms_sync.mapping.converters.phones import Phone, PhoneE164
from wave_pms_sync.testing.converters import check_converter_laws

NUMBERS = st.from_regex(r"\A(tel:? ?)?[+0]{0,2}[0-9 ()/-]{1,16}( ?(ext\.?|x|,|;ext=|office|or) ?[0-9]{1,3})?\Z").filter(
    str.strip
)


@pytest.mark.parametrize("writes", ["as_written", "e164"])
@pytest.mark.parametrize("region", [None, "DE", "US", "IT", "NL"])
def test_numbers_keep_the_laws(region: str | None, writes: str) -> None:
    """Whatever stands in a phone field, the laws of a converter hold."""
    pair = PhoneE164(region=region, writes=writes)

    check_converter_laws(pair, examples=60)
    check_converter_laws(pair, wires=NUMBERS, ours=NUMBERS, examples=60)


@pytest.mark.parametrize(
    ("region", "one", "other"),
    [
        ("DE", "030 1234567", "+49 (0)30 1234567"),
        ("DE", "030/1234567", "0049 30 1234567"),
        ("DE", "Tel. 030 1234567", "+49301234567"),
        ("CA", "(416) 555-0100", "+1 416.555.0100"),
        ("CA", "1-416-555-0100", "416 555 0100"),
        ("CA", "416 555 0100 ext 5", "+14165550100 x5"),
        ("US", "011 49 30 1234567", "+49 30 1234567"),
        ("US", "0049 30 1234567", "+49 30 1234567"),
        ("IT", "06 1234 5678", "+39 06 1234 5678"),
        (None, "0049 30 1234567", "+49 30 1234567"),
        (None, "416 555 0100", "(416) 5550100"),
        ("DE", "٠٣٠ ١٢٣٤٥٦٧", "030 1234567"),
        ("DE", " none ", "none"),
    ],
)
def test_one_number_in_two_writings_corresponds(region: str | None, one: str, other: str) -> None:
    """The numbering plan says which writings are one number, calling codes and trunk prefixes included."""
    pair = PhoneE164(region=region)

    assert pair.key(one) == pair.key(other)


@pytest.mark.parametrize(
    ("region", "one", "other"),
    [
        ("CA", "416 555 0100", "416 555 0100 ext 5"),
        ("CA", "416 555 0100 ext 5", "416 555 0100 ext 6"),
        ("DE", "030 1234567", "030 1234568"),
        ("IT", "06 1234 5678", "+39 6 1234 5678"),
        (None, "030 1234567", "+49 30 1234567"),
        ("DE", "+999 123", "999 123"),
        ("US", "555 0100", "+1 555 0100"),
    ],
)
def test_two_numbers_do_not_correspond(region: str | None, one: str, other: str) -> None:
    """Another extension or another digit is another number, and so is a national one of an unknown country."""
    pair = PhoneE164(region=region)

    assert pair.key(one) != pair.key(other)


@pytest.mark.parametrize("text", ["12", "030 1", "4165550100 / 4165550101", "call 1 or 2", "x", "+"])
def test_what_is_no_number_is_compared_as_without_the_plans(text: str) -> None:
    """A text that is no possible number is compared by its digits, or as text if it has none."""
    assert PhoneE164(region="CA").key(text) == Phone().key(text)


@pytest.mark.parametrize(
    ("text", "wire"),
    [
        ("030 1234567", "+49301234567"),
        ("+1 (416) 555-0100", "+14165550100"),
        ("030 1234567 ext 5", "030 1234567 ext 5"),
        ("see notes", "see notes"),
        ("12", "12"),
        ("110", "110"),
    ],
)
def test_number_is_written_in_e164_if_asked_for(text: str, wire: str) -> None:
    """A number is written anew only if that loses nothing of it."""
    assert PhoneE164(region="DE", writes="e164").write(text) == wire
    assert PhoneE164(region="DE").write(text) == text
    assert PhoneE164(region="DE", writes="e164").read(text) == text


def test_number_that_no_plan_knows_is_written_as_it_is() -> None:
    """A number of the right length that nobody can have is not made to look like a real one."""
    assert PhoneE164(region="US", writes="e164").write("123 456 7890") == "123 456 7890"


def test_only_text_is_a_number() -> None:
    """A phone number that comes as a number has lost its zeros, and is refused."""
    for convert in (PhoneE164().read, PhoneE164().write, PhoneE164().key):
        with pytest.raises(ConversionError, match="is not text"):
            convert(4165550100)


def test_version_moves_with_the_numbering_plans() -> None:
    """The plans are data of a package, so its version is part of the converter's."""
    converter = Converter.of("phone_e164", PhoneE164(region="DE"))

    assert phonenumbers.__version__ in converter.version
    assert converter.loses == ""
    assert Converter.of("phone_e164", PhoneE164(writes="e164")).loses == "how the number is written"


def test_wrong_parameters_are_told_at_once() -> None:
    """Every fault is told when the converter is made, with what is allowed."""
    with pytest.raises(ConfigurationError) as caught:
        PhoneE164(region="de", writes="plain")

    assert caught.value.faults == (
        "region: 'de' is unknown (allowed: two letters of ISO 3166-1, such as DE; None)",
        "writes: 'plain' is unknown (allowed: as_written, e164)",
    )


def test_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the package the converter cannot be made, and the error says what to install."""
    monkeypatch.setitem(sys.modules, "phonenumbers", None)

    with pytest.raises(ConfigurationError, match=r"pip install 'wave_pms_sync\[phone\]'"):
        PhoneE164(region="DE")


def test_converter_of_numbers_is_a_value() -> None:
    """It can be pickled, compared and hashed."""
    pair = PhoneE164(region="DE", writes="e164")

    again = pickle.loads(pickle.dumps(pair))  # noqa: S301  # our own bytes

    assert again == pair
    assert hash(again) == hash(pair)
