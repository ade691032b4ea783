"""How each stock converter compares and carries, by example."""

from __future__ import annotations

import unicodedata

import pytest

from wave_pms_sync.errors import ConversionError
from wave_pms_sync.mapping.converter import Converter
from wave_pms_sync.mapping.converters.names import FullName, NameParts
from wave_pms_sync.mapping.converters.phones import Phone
from wave_pms_sync.mapping.converters.stock import STOCK


def _keys(name: str, *values: object) -> list[object]:
    return [STOCK[name].key(value) for value in values]


SAME = [
    ("text", " a\r\nb ", "a\nb"),
    ("text", unicodedata.normalize("NFD", "Zoë"), "Zoë"),
    ("name", "  Ada   Lovelace\t", "Ada Lovelace"),
    ("email", " Ada@Example.COM ", "ada@example.com"),
    ("email", "STRASSE@x.de", "straße@x.de"),
    ("phone", "+1 (416) 555-0100", "1 416 555 0100"),
    ("phone", "001 416 5550100", "+14165550100"),
    ("phone", "416 555 0100 ext 5", "4165550100 x5"),
    ("phone", "(+49) 30 1", "0049301"),
    ("phone", "٤١٦", "416"),
    ("phone", " none ", "none"),
    ("website", "https://Example.com/", "example.com"),
    ("website", "HTTP://example.com", "example.com//"),
    ("website", "example.com/A", "http://EXAMPLE.com/A/"),
    ("country", "ca", "CA"),
    ("region", " ca-on", "CA-ON"),
    ("currency", "usd", "USD"),
    ("amount", {"value": "1,234.50", "raw": 123450}, {"value": "1234.5"}),
    ("amount", {"value": "1.234,50"}, {"value": "1234.50"}),
    ("amount", {"value": "1\u202f234,50"}, {"value": "1234.50"}),
    ("amount", {"value": "1,234"}, {"value": "1234"}),
    ("amount", {"value": "12,5"}, {"value": "12.5"}),
    ("amount", {"value": "-0.00"}, {"value": "0"}),
    ("integer", 12, "12"),
    ("boolean", "yes", 1),
    ("boolean", False, "off"),
    ("full_name", ("Ada King", "Lovelace"), ("Ada", "King Lovelace")),
]
DIFFERENT = [
    ("text", "a b", "a  b"),
    ("text", "0012", "12"),
    ("text", "A", "a"),
    ("name", "Ada Lovelace", "ada lovelace"),
    ("email", "ada+wave@example.com", "ada@example.com"),
    ("email", "a@x.com, b@x.com", "a@x.com"),
    ("phone", "030 1", "+49 30 1"),
    ("website", "example.com/A", "example.com/a"),
    ("website", "www.example.com", "example.com"),
    ("amount", {"value": "1.234"}, {"value": "1234"}),
]


@pytest.mark.parametrize(("name", "one", "other"), SAME)
def test_values_that_say_the_same_correspond(name: str, one: object, other: object) -> None:
    """A difference in writing alone is no change."""
    key, other_key = _keys(name, one, other)

    assert key == other_key


@pytest.mark.parametrize(("name", "one", "other"), DIFFERENT)
def test_values_that_say_something_else_do_not_correspond(name: str, one: object, other: object) -> None:
    """A difference in content is a change, however small."""
    key, other_key = _keys(name, one, other)

    assert key != other_key


@pytest.mark.parametrize("name", ["text", "name", "email", "phone", "website"])
def test_text_is_carried_as_written(name: str) -> None:
    """What is compared in a form of its own still travels as it was typed."""
    written = " Ada\u0308  (0)7 "

    assert STOCK[name].read(written) == written
    assert STOCK[name].write(written) == written


BAD = [
    ("text", 12),
    ("text", True),
    ("phone", 4165550100),
    ("country", "Canada"),
    ("country", "CAN"),
    ("country", "ß"),
    ("country", 124),
    ("region", "ON"),
    ("region", "CA-ONTARIO"),
    ("region", "CA ON"),
    ("currency", "US"),
    ("amount", True),
    ("amount", "12.50"),
    ("amount", float("nan")),
    ("amount", float("inf")),
    ("amount", 2**53 + 1),
    ("integer", True),
    ("integer", 1.0),
    ("integer", "12"),
    ("boolean", "maybe"),
    ("boolean", 2),
    ("boolean", 1.0),
    ("boolean", None),
    ("full_name", ("Ada", "Lovelace")),
    ("name_parts", "Ada Lovelace"),
    ("name_parts", ("Ada",)),
    ("name_parts", ("Ada", 7)),
    ("kind", 1),
]


@pytest.mark.parametrize(("name", "wire"), BAD)
def test_value_that_cannot_be_read_is_refused_unquoted(name: str, wire: object) -> None:
    """A value that a converter cannot read raises a reason that does not quote it."""
    with pytest.raises(ConversionError) as caught:
        STOCK[name].read(wire)

    assert caught.value.reason
    assert str(wire) not in caught.value.reason


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("amount", {"value": "twelve"}),
        ("amount", {"value": "1,23,4"}),
        ("amount", {"value": 12}),
        ("amount", "12"),
        ("amount", {"value": "0.1234567890123456789"}),
        ("amount", {"value": "9" * 400}),
        ("integer", "0012"),
        ("integer", "+1"),
        ("integer", "١٢"),
        ("integer", None),
        ("full_name", "Ada"),
        ("kind", ("Ada", "Lovelace")),
    ],
)
def test_value_that_cannot_be_written_is_refused(name: str, ours: object) -> None:
    """What the PMS could not keep is refused, never changed."""
    with pytest.raises(ConversionError):
        STOCK[name].write_over(ours, None)


def test_province_code_of_the_wrong_form_has_no_key() -> None:
    """A province code without its country cannot be compared, on either side."""
    with pytest.raises(ConversionError, match="ISO 3166-2"):
        STOCK["region"].key("ON")


@pytest.mark.parametrize("local", ["030 1234", "30 1234", "+49 30 1234", "0049 30 1234", "49 30 1234"[3:]])
def test_calling_code_stands_in_for_the_trunk_zero(local: str) -> None:
    """With a calling code a national number corresponds to its international form."""
    assert Phone(calling_code="49").key(local) == "+49301234"


def test_phone_of_zeros_keeps_them() -> None:
    """A number made of nothing but zeros is still a number."""
    assert Phone().key("0000") == "0000"


def test_website_of_a_scheme_alone_is_compared_as_it_is() -> None:
    """An address that is nothing but a scheme does not become empty."""
    assert _keys("website", "HTTP://") == ["http://"]


def test_amount_becomes_a_float() -> None:
    """Wave's amount is a number in the PMS, whatever separates its thousands."""
    assert STOCK["amount"].write({"value": "1,234.50"}) == 1234.5


def test_amount_without_a_value_is_empty() -> None:
    """An amount whose value is null is no amount."""
    assert STOCK["amount"].key({"value": None, "raw": None}) is None
    assert STOCK["amount"].write({"value": None}) is None


def test_amount_read_back_is_an_amount() -> None:
    """A number of the PMS is compared as an amount of money."""
    amount = STOCK["amount"].read(1e3)

    assert amount == {"value": "1000"}


def test_integer_keeps_its_digits() -> None:
    """A number of the PMS is text in Wave, and a number again on the way back."""
    assert STOCK["integer"].read(12) == "12"
    assert STOCK["integer"].write("12") == 12


@pytest.mark.parametrize(
    ("parts", "kind"),
    [
        (("Ada Lovelace", "Ada", "Lovelace"), "person"),
        (("LOVELACE  ada", "Ada", "Lovelace"), "person"),
        (("Lovelace, Ada", "Ada", "Lovelace"), "person"),
        (("Plato", "Plato", None), "person"),
        (("Engines Ltd", "Ada", "Lovelace"), "organisation"),
        (("Engines Ltd", None, None), "organisation"),
        ((None, "Ada", "Lovelace"), "organisation"),
    ],
)
def test_kind_is_derived_from_the_names(parts: tuple[str | None, ...], kind: str) -> None:
    """A customer named by first and last name in either order is a person, any other an organisation."""
    assert STOCK["kind"].write(parts) == kind


@pytest.mark.parametrize(
    ("whole", "parts"),
    [
        ("Ada Lovelace", ("Ada", "Lovelace")),
        ("Ada King Lovelace", ("Ada King", "Lovelace")),
        ("Ludwig van Beethoven", ("Ludwig", "van Beethoven")),
        ("Plato", ("Plato", None)),
        ("bell hooks", ("bell", "hooks")),
    ],
)
def test_f36_name_without_history_is_split_by_rule(whole: str, parts: tuple[str | None, ...]) -> None:
    """The last word is the surname, with the particles before it; one word is a first name."""
    assert FullName().read(whole) == parts


@pytest.mark.parametrize(
    ("whole", "old", "parts"),
    [
        ("Gabriel García Márquez", ("Gabriel", "García Márquez"), ("Gabriel", "García Márquez")),
        ("Gabriel  García Márquez", ("Gabriel ", "García Márquez"), ("Gabriel ", "García Márquez")),
        ("Gabriel José García Márquez", ("Gabriel", "García Márquez"), ("Gabriel", "José García Márquez")),
        ("Gabo García Márquez", ("Gabriel", "García Márquez"), ("Gabo", "García Márquez")),
        ("Ada Byron", ("Mary Ann", "Evans"), ("Ada", "Byron")),
        ("Plato", ("Plato", None), ("Plato", None)),
        ("Madonna", (None, "Ciccone"), (None, "Madonna")),
        ("Ada Lovelace", None, ("Ada", "Lovelace")),
        ("Ada Lovelace", (None, None), ("Ada", "Lovelace")),
    ],
)
def test_f36_split_that_somebody_made_is_kept(whole: str, old: object, parts: tuple[str | None, ...]) -> None:
    """An unchanged full name keeps its split, and an unchanged part of a changed one stays whole."""
    assert FullName().adapt(FullName().read(whole), old) == parts
    assert NameParts().write(whole, old) == parts


def test_f28_full_name_that_says_the_same_keeps_its_writing() -> None:
    """The PMS's own blanks are left alone when the name has not changed."""
    assert FullName().write(("Ada", "Lovelace"), "Ada  Lovelace") == "Ada  Lovelace"
    assert FullName().write(("Ada", "Byron"), "Ada  Lovelace") == "Ada Byron"


def test_f37_name_of_parts_reads_as_one() -> None:
    """First and last name of the PMS are one name in Wave, and a part that is empty leaves no blank."""
    assert NameParts().read(("Ada ", "Lovelace")) == "Ada Lovelace"
    assert NameParts().read((None, "Lovelace")) == "Lovelace"


def test_empty_text_is_split_into_nothing() -> None:
    """A name without a word has neither first nor last name."""
    assert FullName().read(" ") == (None, None)


def test_default_comparison_form_is_composed_text() -> None:
    """A pair without a comparison form of its own is compared as text in NFC, part by part, and is otherwise as is."""
    pair = Converter(name="plain", version="1", read=lambda wire: wire, write=lambda ours: ours)

    assert pair.key(("e\u0301", None, 3)) == ["\u00e9", None, 3]


def test_class_is_not_a_pair() -> None:
    """A class in place of its object is told apart, since it has the same methods."""
    with pytest.raises(TypeError, match="class"):
        Converter.of("phone", Phone)


def test_pair_needs_both_halves() -> None:
    """What can only be read is no pair."""
    with pytest.raises(TypeError, match="lacks read and write"):
        Converter.of("nothing", object())


def test_parameters_tell_converters_apart() -> None:
    """Two converters of one name with other parameters are not the same converter."""
    assert Converter.of("phone", Phone()) != Converter.of("phone", Phone(calling_code="49"))
    assert Converter.of("phone", Phone()) == Converter.of("phone", Phone())
