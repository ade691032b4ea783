"""Every stock converter keeps the laws, and the kit finds a converter that does not."""

from __future__ import annotations

import itertools

import pytest

from wave_pms_sync.mapping.converter import Converter
from wave_pms_sync.mapping.converters.names import FullName
from wave_pms_sync.mapping.converters.phones import Phone
from wave_pms_sync.mapping.converters.stock import STOCK
from wave_pms_sync.mapping.registry import MappingRegistry
from wave_pms_sync.testing.converters import check_converter_laws


@pytest.mark.parametrize("name", sorted(STOCK))
def test_stock_converter_keeps_the_laws(name: str) -> None:
    """Each stock converter is a pair that keeps the laws."""
    check_converter_laws(STOCK[name])


def test_phone_with_calling_code_keeps_the_laws() -> None:
    """A phone converter with a calling code keeps the laws, too."""
    check_converter_laws(Phone(calling_code="49"))


class _YesNo:
    """Yes and no in Wave, a boolean in the PMS."""

    def read(self, wire: object) -> object:
        return {True: "yes", False: "no"}[wire] if isinstance(wire, bool) else _refuse(wire)

    def write(self, ours: object) -> object:
        return {"yes": True, "no": False}[str(ours)]


def _refuse(value: object) -> object:
    raise ValueError(value)


def test_converters_of_a_registry_are_all_checked() -> None:
    """A registry is checked converter by converter, those of the user included."""
    registry = MappingRegistry()
    registry.converter("careless", version="1", read=lambda wire: wire, write=lambda ours: f"{ours}!")

    with pytest.raises(AssertionError, match="careless"):
        check_converter_laws(registry, examples=50)


def test_registry_that_keeps_the_laws_passes() -> None:
    """A registry of pairs that keep the laws passes in one call."""
    check_converter_laws(MappingRegistry.default(calling_code="1"), examples=10)


def test_user_converter_keeps_the_laws() -> None:
    """A user's pair that keeps the laws passes without further words."""
    check_converter_laws(_YesNo())


class _Upper(_YesNo):
    loses = "case"

    def read(self, wire: object) -> object:
        return str(wire).upper()

    def write(self, ours: object) -> object:
        return str(ours)


class _Growing(_YesNo):
    key = staticmethod(lambda ours: 0)
    loses = "everything"

    def read(self, wire: object) -> object:
        return f"{wire}."

    def write(self, ours: object) -> object:
        return ours


class _Counting(_YesNo):
    def __init__(self) -> None:
        self.count = itertools.count()

    def read(self, wire: object) -> object:
        return next(self.count)


class _Forgetful(_YesNo):
    uses_old = True
    key = staticmethod(lambda ours: str(ours).strip())
    loses = "blanks"

    def read(self, wire: object) -> object:
        return str(wire)

    def write(self, ours: object, old: object = None) -> object:
        return str(ours).strip()


class _Silent(_Forgetful):
    uses_old = False
    loses = ""


class _Coarse(_YesNo):
    """Each wire comes back as it was, but all texts of one first letter share a wire."""

    key = staticmethod(lambda ours: str(ours)[:1])

    def read(self, wire: object) -> object:
        return wire if isinstance(wire, str) and len(wire) == 1 else _refuse(wire)

    def write(self, ours: object) -> object:
        return str(ours)[:1]


class _Blanks(_YesNo):
    """`none` is how this PMS says that there is no value."""

    def read(self, wire: object) -> object:
        return "" if wire == "none" else wire

    def write(self, ours: object) -> object:
        return None if ours == "none" else ours


class _TupleKey(_YesNo):
    key = staticmethod(lambda ours: (ours,))


class _RestlessKey(_YesNo):
    key = staticmethod(lambda ours: f"{ours}.")


class _Emptying(_YesNo):
    def read(self, wire: object) -> object:
        wire.clear()  # type: ignore[attr-defined]  # only lists come this way
        return "yes"


class _Deaf(_YesNo):
    def read(self, wire: object) -> object:
        raise ValueError


class _Moody(_YesNo):
    def adapt(self, ours: object, old: object) -> object:
        return "no"


@pytest.mark.parametrize(
    ("pair", "complaint"),
    [
        (_Upper(), "does not give it back"),
        (_Growing(), "normalised twice"),
        (_Counting(), "two different results"),
        (_Forgetful(), "though nothing changed"),
        (_Silent(), "declare in `loses`"),
        (_Coarse(), "declare in `loses`"),
        (_TupleKey(), "plain JSON"),
        (_RestlessKey(), "has another one"),
        (_Deaf(), "took no value of the PMS"),
        (_Moody(), "laid over itself"),
    ],
)
def test_broken_law_is_found(pair: object, complaint: str) -> None:
    """A pair that breaks a law fails, with the law in the message."""
    with pytest.raises(AssertionError, match=complaint):
        check_converter_laws(pair)


def test_value_that_means_nothing_breaks_no_law() -> None:
    """A pair may take some word for no value, in either direction."""
    from hypothesis import strategies as st

    words = st.sampled_from(["none", "some"])

    check_converter_laws(_Blanks(), wires=words, ours=words)


def test_converter_that_changes_its_argument_is_found() -> None:
    """A pair that changes the value it is given is not pure, and fails."""
    from hypothesis import strategies as st

    with pytest.raises(AssertionError, match="was changed by the converter"):
        check_converter_laws(_Emptying(), wires=st.lists(st.integers(), min_size=1))


def test_message_holds_the_smallest_value() -> None:
    """The message shows the smallest value that breaks the law, not the first one found."""
    from hypothesis import strategies as st

    pair = Converter(name="wide", version="1", read=lambda wire: wire, write=lambda ours: min(int(str(ours)), 1000))

    with pytest.raises(AssertionError, match=r"wide: .* 1001 "):
        check_converter_laws(pair, wires=st.integers(min_value=0), ours=st.integers(min_value=0))


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
