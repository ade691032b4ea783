"""The kit that checks the laws finds each way in which a converter can break one, by the smallest value."""

from __future__ import annotations

import itertools
import re
import sys
from collections.abc import Mapping
from typing import ClassVar

import pytest
from attrs import frozen
from hypothesis import strategies as st

from wave_pms_sync.errors import ConversionError
from wave_pms_sync.mapping.converter import Converter
from wave_pms_sync.mapping.registry import MappingRegistry
from wave_pms_sync.testing.converters import BrokenLaw, check_converter_laws

SMALL = st.integers(min_value=1)
TEXTS = st.text("abAB ", min_size=1).filter(lambda text: bool(text.strip()))


class _Same:
    """Whatever comes goes on as it is; those below change one thing."""

    def read(self, wire: object) -> object:
        return wire

    def write(self, ours: object) -> object:
        return ours


class _YesNo:
    """Yes and no in Wave, a boolean in the PMS."""

    def read(self, wire: object) -> object:
        return _word({True: "yes", False: "no"}, wire) if isinstance(wire, bool) else _word({}, wire)

    def write(self, ours: object) -> object:
        return _word({"yes": True, "no": False}, ours)


def _word(words: Mapping[object, object], word: object) -> object:
    if not isinstance(word, (str, bool)) or word not in words:
        raise ConversionError("is no word")
    return words[word]


class _Lossy(_Same):
    """A number from 1000 on is cut, and nothing says so."""

    def write(self, ours: object) -> object:
        return min(int(str(ours)), 1000)


class _Silent(_Same):
    """Blanks at the ends are lost; the comparison form knows, the declaration does not."""

    key = staticmethod(lambda ours: str(ours).strip())

    def write(self, ours: object) -> object:
        return str(ours).strip()


class _Coarse(_Same):
    """All numbers of one length share a wire, and correspond."""

    key = staticmethod(lambda ours: len(str(ours)))

    def write(self, ours: object) -> object:
        return 10 ** (len(str(ours)) - 1)


class _Upper(_Same):
    """What is read is not what was written."""

    loses = "case"

    def read(self, wire: object) -> object:
        return str(wire).upper()


class _Growing(_Same):
    """Each way through makes the value longer."""

    key = staticmethod(lambda ours: 0)
    loses = "everything"

    def read(self, wire: object) -> object:
        return int(str(wire)) + 1


class _Forgetful(_Same):
    """It is shown what the PMS holds, and writes its own way all the same."""

    uses_old = True
    key = staticmethod(lambda ours: str(ours).strip())
    loses = "blanks"

    def write(self, ours: object, old: object = None) -> object:
        return str(ours).strip()


class _RestlessKey(_Same):
    key = staticmethod(lambda ours: int(str(ours)) + 1)


class _TupleKey(_Same):
    key = staticmethod(lambda ours: (ours,))


class _SetKey(_Same):
    key = staticmethod(lambda ours: {ours})


class _Counting(_Same):
    """The second answer is never the first."""

    def __init__(self) -> None:
        self.count = itertools.count()

    def read(self, wire: object) -> object:
        return next(self.count)


class _Rare(_Same):
    """One answer, the twentieth, is another."""

    def __init__(self) -> None:
        self.count = itertools.count()

    def read(self, wire: object) -> object:
        return "other" if next(self.count) == 20 else wire


class _Emptying(_Same):
    """It works on the very list that it is given."""

    def read(self, wire: object) -> object:
        wire.clear()  # type: ignore[attr-defined]  # only lists come this way
        return "yes"


class _Moody(_Same):
    def adapt(self, ours: object, old: object) -> object:
        return 7


class _Picky(_Same):
    """It writes more than it reads."""

    def read(self, wire: object) -> object:
        if int(str(wire)) > 3:
            raise ConversionError("is more than three")
        return wire


class _OneWay(_Same):
    """It reads more than it writes."""

    def write(self, ours: object) -> object:
        if int(str(ours)) > 3:
            raise ConversionError("is more than three")
        return ours


class _Deaf(_Same):
    def read(self, wire: object) -> object:
        raise ConversionError("is nothing I know")


class _Mute(_Same):
    def write(self, ours: object) -> object:
        raise ConversionError("is nothing I know")


@pytest.mark.parametrize(
    ("pair", "values", "message"),
    [
        (_Lossy(), SMALL, "writing what was read from 1001 changes it: compared as 1000 and 1001"),
        (_Silent(), TEXTS, "'A ' comes back as 'A'; declare in `loses` what is lost"),
        (_Coarse(), SMALL, "2 comes back as 1; declare"),
        (_Upper(), TEXTS, "reading what was written for 'a' does not give it back"),
        (_Growing(), SMALL, "1 normalised twice is 3, once it is 2"),
        (_Forgetful(), TEXTS, "'A ' is rewritten as 'A' though nothing changed"),
        (_RestlessKey(), SMALL, "the comparison form 2 of 1 has another one, 3"),
        (_TupleKey(), SMALL, "the comparison form (1,) of 1 is not made of plain JSON values"),
        (_SetKey(), SMALL, "the comparison form {1} of 1 is not made of plain JSON values"),
        (_Counting(), SMALL, "the same value 1 gives two different results"),
        (_Rare(), SMALL, "gives two different results"),
        (_Emptying(), st.lists(SMALL, min_size=1), "the value [1] was changed by the converter"),
        (_Moody(), SMALL, "1 laid over itself does not stay as it is"),
        (_Picky(), SMALL, "what was written for 4 cannot be read: ConversionError: is more than three"),
        (_OneWay(), SMALL, "4 cannot be written back: ConversionError: is more than three"),
        (_Deaf(), SMALL, "took no value of the PMS; give a strategy of values that it takes, or examples"),
        (_Mute(), SMALL, "cannot be written back"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, _Same) else "",
)
def test_broken_law_is_told_by_the_smallest_value(
    pair: object, values: st.SearchStrategy[object], message: str
) -> None:
    """A pair that breaks a law fails, with its name, the law, and the smallest value that breaks it."""
    with pytest.raises(BrokenLaw) as caught:
        check_converter_laws(pair, wires=values, ours=values)

    assert str(caught.value).startswith(f"{type(pair).__name__}: ")
    assert message in str(caught.value)


@pytest.mark.parametrize(
    "pair", [_Lossy(), _Silent(), _Upper(), _Growing(), _Forgetful(), _TupleKey(), _SetKey(), _Moody()]
)
@pytest.mark.filterwarnings("ignore:.* would tell a person")
def test_broken_law_is_found_without_a_strategy(pair: object) -> None:
    """The laws are judged by a mixture of everything if nobody says which values to try."""
    with pytest.raises(BrokenLaw, match=type(pair).__name__):
        check_converter_laws(pair)


def test_lossy_pair_that_says_so_passes() -> None:
    """A loss that is declared, and that the comparison form knows of, is no fault; nor is one that never happens."""

    class Honest(_Silent):
        loses = "blanks at the ends"

    class Modest(_Same):
        loses = "nothing that anybody has seen"

    check_converter_laws(Honest(), wires=TEXTS, ours=TEXTS)
    check_converter_laws(Modest())


def test_user_converter_keeps_the_laws() -> None:
    """A user's pair that keeps the laws passes without further words."""
    check_converter_laws(_YesNo())


def test_value_that_means_nothing_breaks_no_law() -> None:
    """A pair may take some word for no value, in either direction."""

    class Blanks(_Same):
        def read(self, wire: object) -> object:
            return "" if wire == "none" else wire

        def write(self, ours: object) -> object:
            return None if ours == "none" else ours

    words = st.sampled_from(["none", "some"])

    check_converter_laws(Blanks(), wires=words, ours=words)


class _Strict:
    """A vocabulary that no search would guess; its examples show it."""

    examples_wire: ClassVar[tuple[object, ...]] = ("xq-1", "xq-22")
    examples_ours: ClassVar[tuple[object, ...]] = ("1",)
    loses = ""

    def read(self, wire: object) -> object:
        if not isinstance(wire, str) or not re.fullmatch("xq-[0-9]+", wire):
            raise ConversionError("is not one of ours")
        return wire[3:]

    def write(self, ours: object) -> object:
        if not isinstance(ours, str) or not re.fullmatch("[0-9]+", ours):
            raise ConversionError("is no number")
        return f"xq-{ours}"


class _StrictLossy(_Strict):
    def write(self, ours: object) -> object:
        whole = str(super().write(ours))
        return whole[:4] if whole == "xq-22" else whole


def test_pair_may_bring_its_own_examples() -> None:
    """A strict pair is judged by the examples that it declares, and by what it makes of them."""
    check_converter_laws(_Strict())

    with pytest.raises(BrokenLaw, match=r"_StrictLossy: .*'xq-22'"):
        check_converter_laws(_StrictLossy())


def test_examples_go_with_a_chain() -> None:
    """A chain is judged by the examples of its ends."""
    registry = MappingRegistry()
    registry.map("customer", wave="displayId", pms="number", converter=["text", _StrictLossy()])

    with pytest.raises(BrokenLaw, match=r"text > _StrictLossy: .*22"):
        check_converter_laws(registry, examples=20)


def test_what_raises_something_else_is_told() -> None:
    """Whatever a pair raises means that it does not take the value, but only a ConversionError says why."""

    class Careless(_Same):
        def read(self, wire: object) -> object:
            return {"a": "A"}[str(wire)]

        def write(self, ours: object) -> object:
            return str({"A": "a"}.get(str(ours)) or int(str(ours)))

    letters = st.sampled_from(["a", "bb", "b"])
    with pytest.warns(UserWarning, match="Careless") as told:
        check_converter_laws(Careless(), wires=letters, ours=st.sampled_from(["A", "BB", "B"]))

    assert [str(one.message).partition(";")[0] for one in told] == [
        "Careless: read raised KeyError for 'b'",
        "Careless: write raised ValueError for 'B'",
    ]


def test_converters_of_a_registry_are_all_checked() -> None:
    """A registry is checked converter by converter, those of the user included."""
    registry = MappingRegistry()
    registry.converter("careless", version="1", read=lambda wire: wire, write=lambda ours: f"{ours}!")

    with pytest.raises(BrokenLaw, match="careless"):
        check_converter_laws(registry, examples=50)


def test_registry_that_keeps_the_laws_passes() -> None:
    """A registry of pairs that keep the laws passes in one call."""
    check_converter_laws(MappingRegistry.default(calling_code="1"), examples=10)


@frozen(kw_only=True)
class _Suffix:
    """A text with something behind it."""

    suffix: str = ""
    loses: ClassVar[str] = ""

    def read(self, wire: object) -> object:
        return str(wire)

    def write(self, ours: object) -> object:
        return f"{ours}{self.suffix}"


@pytest.mark.parametrize("converter", [_Suffix(suffix="!"), ["text", _Suffix(suffix="!")]])
def test_converter_that_only_a_map_knows_is_checked(converter: object) -> None:
    """A pair that was given to a map as an object, alone or in a row, is checked with the registry."""
    registry = MappingRegistry()
    registry.map("customer", wave="displayId", pms="number", converter=converter)

    with pytest.raises(BrokenLaw, match="_Suffix: "):
        check_converter_laws(registry, examples=50)


def test_converter_that_only_a_data_type_knows_is_checked() -> None:
    """A pair that was given to a data type is checked with the registry."""
    registry = MappingRegistry()
    registry.data_type("loud", converter=_Suffix(suffix="!"))

    with pytest.raises(BrokenLaw, match="_Suffix: "):
        check_converter_laws(registry, examples=50)


def test_message_names_the_parameters() -> None:
    """Of two converters of one name the message tells which, by its parameters."""
    registry = MappingRegistry()
    registry.map(
        "customer", wave="phone", pms="phone", type="integer", converter={"name": "phone", "calling_code": "49"}
    )

    with pytest.raises(BrokenLaw, match=r"^phone \{'calling_code': '49'\}: .* not of the type integer of phone"):
        check_converter_laws(registry, examples=50)


@pytest.mark.parametrize(
    ("type_", "converter", "message"),
    [
        ("integer", _Same(), "'.*' is written as '.*', which is not of the type integer of displayId"),
        ("string", "integer", "is written as -?[0-9]+, which is not of the type string"),
        ("integer", _YesNo(), "is written as (True|False), which is not of the type integer"),
    ],
)
def test_value_of_another_type_than_the_map_says_is_found(type_: str, converter: object, message: str) -> None:
    """What a map's converter writes is of the map's data type; a truth value is no number."""
    registry = MappingRegistry()
    registry.map("customer", wave="displayId", pms="number", type=type_, converter=converter)

    with pytest.raises(BrokenLaw, match=message):
        check_converter_laws(registry, examples=50)


def test_parts_are_of_the_type_that_the_map_says() -> None:
    """Where a map has several properties of the PMS, each is of its type, or empty."""
    registry = MappingRegistry()
    registry.map("customer", wave="name", pms=("first", "last"), converter="name_parts")
    check_converter_laws(registry, examples=5)

    registry.map("customer", wave="name", pms=("first", "last"), type="integer", converter="name_parts")
    with pytest.raises(BrokenLaw, match="not of the type integer of name"):
        check_converter_laws(registry, examples=20)


def test_strategies_may_be_given_by_name() -> None:
    """With a registry, each converter may be given values of its own; the others are judged as ever."""
    registry = MappingRegistry()
    registry.converter("wide", version="1", read=lambda wire: wire, write=lambda ours: min(int(str(ours)), 1000))

    with pytest.raises(BrokenLaw, match=r"^wide: .*1001 "):
        check_converter_laws(registry, wires={"wide": st.just(1)}, ours={"wide": SMALL}, examples=50)


def test_strategy_for_nobody_is_refused() -> None:
    """A strategy for a converter that is not checked is a slip of the pen, and told."""
    with pytest.raises(ValueError, match="ours: no converter is called phnoe"):
        check_converter_laws(MappingRegistry(), ours={"phnoe": SMALL})


def test_without_hypothesis_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Hypothesis the check says how to get it."""
    monkeypatch.setitem(sys.modules, "hypothesis", None)

    with pytest.raises(ImportError, match="pip install hypothesis"):
        check_converter_laws(_YesNo())


def test_converter_value_is_taken_as_it_is() -> None:
    """A converter that is already made can be checked under its name."""
    pair = Converter(name="wide", version="1", read=lambda wire: wire, write=lambda ours: min(int(str(ours)), 1000))

    with pytest.raises(AssertionError, match=r"^wide: .* 1001 "):
        check_converter_laws(pair, wires=st.integers(min_value=0), ours=st.integers(min_value=0))
