"""Full names in the order of a PMS that sorts by surname."""

from __future__ import annotations

import pytest
from hypothesis import strategies as st

from wave_pms_sync.errors import ConfigurationError, ConversionError
from wave_pms_sync.mapping.converters.names import FullName
from wave_pms_sync.testing.converters import check_converter_laws

SORTED = FullName(order="last_first")
TEXTS = st.text("Ab ,", min_size=1, max_size=8).filter(lambda text: bool(text.strip()))


@pytest.mark.parametrize(
    ("parts", "whole"),
    [
        (("Ada", "Lovelace"), "Lovelace, Ada"),
        (("Ludwig", "van Beethoven"), "van Beethoven, Ludwig"),
        (("Plato", None), "Plato"),
    ],
)
def test_surname_stands_first_before_a_comma(parts: tuple[str | None, ...], whole: str) -> None:
    """With `last_first` the surname stands first, and the comma says where it ends."""
    assert SORTED.write(parts) == whole
    assert SORTED.read(whole) == parts


@pytest.mark.parametrize(
    ("theirs", "parts"),
    [
        ("Ada Lovelace", ("Ada", "Lovelace")),
        ("LOVELACE ,Ada  Byron", ("Ada Byron", "LOVELACE")),
        ("Lovelace,", ("Lovelace", None)),
        ("Lovelace, Ada, PhD", ("Ada, PhD", "Lovelace")),
    ],
)
def test_other_writings_of_a_sorted_name_are_read(theirs: str, parts: tuple[str | None, ...]) -> None:
    """A name without a comma is read in the usual order, and its writing stays while it says the same."""
    assert SORTED.read(theirs) == parts
    assert SORTED.key(parts) == SORTED.key(SORTED.read(theirs))
    assert SORTED.write(parts, theirs) == theirs


def test_comma_outweighs_the_present_split() -> None:
    """Where the PMS moves the comma, Wave's parts follow; where the name is the same, they stay."""
    old = ("Gabriel", "García Márquez")

    assert SORTED.adapt(SORTED.read("Márquez, Gabriel García"), old) == ("Gabriel García", "Márquez")
    assert SORTED.adapt(SORTED.read("García  Márquez, Gabriel"), old) == old


def test_sorted_name_keeps_the_laws() -> None:
    """Names with commas and blanks in any place keep the laws, in both orders."""
    parts = st.tuples(st.none() | TEXTS, st.none() | TEXTS).filter(any)

    check_converter_laws(SORTED, wires=TEXTS, ours=parts)
    check_converter_laws(FullName(), wires=TEXTS, ours=parts)


def test_name_that_is_no_name_is_refused() -> None:
    """What is not two parts cannot be written in this order either."""
    with pytest.raises(ConversionError, match="first and a last name"):
        SORTED.write("Ada")


def test_unknown_order_is_told() -> None:
    """An order that is not known is a fault of the configuration, with those that are."""
    with pytest.raises(ConfigurationError, match="order: 'sorted' is unknown \\(allowed: first_last, last_first\\)"):
        FullName(order="sorted")
