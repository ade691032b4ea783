"""Every stock converter keeps the laws."""

from __future__ import annotations

import pytest

from wave_pms_sync.mapping.converters.names import FullName
from wave_pms_sync.mapping.converters.phones import Phone
from wave_pms_sync.mapping.converters.stock import STOCK
from wave_pms_sync.testing.converters import check_converter_laws


@pytest.mark.parametrize("name", sorted(STOCK))
def test_stock_converter_keeps_the_laws(name: str) -> None:
    """Each stock converter is a pair that keeps the laws."""
    check_converter_laws(STOCK[name])


def test_phone_with_calling_code_keeps_the_laws() -> None:
    """A phone converter with a calling code keeps the laws, too."""
    check_converter_laws(Phone(calling_code="49"))


def test_unchanged_full_name_keeps_its_split_for_every_split() -> None:
    """However Wave splits a full name, an unchanged full name leaves the split alone."""
    from hypothesis import given
    from hypothesis import strategies as st

    words = st.lists(st.text("ABcd", min_size=1), min_size=1, max_size=3).map(" ".join)

    @given(words, words)
    def check(first: str, last: str) -> None:
        pair = FullName()
        assert pair.adapt(pair.read(pair.write((first, last))), (first, last)) == (first, last)

    check()
