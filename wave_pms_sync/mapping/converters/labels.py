"""Words of a small vocabulary that each side spells in its own way: enums with local labels, and yes or no."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from types import MappingProxyType
from typing import ClassVar, Final, TypeAlias

from attrs import field, frozen

from wave_pms_sync.errors import ConfigurationError, ConversionError
from wave_pms_sync.mapping.converters.numbers import truth_of
from wave_pms_sync.mapping.converters.text import text_key
from wave_pms_sync.mapping.written import folded

Label: TypeAlias = str | int | bool
_Words: TypeAlias = Mapping[str, Label]
_NONE: Mapping[str, str] = MappingProxyType({})
_TRUTHS: Final = MappingProxyType({"true": True, "false": False})
_ALLOWED: Final = "allowed: text, a whole number, a truth value"


def _word(label: object) -> str:
    """What a label is known by: case and surrounding blanks do not count, and True is no 1. Empty if it is none."""
    if isinstance(label, bool):
        return "true" if label else "false"
    if isinstance(label, int):
        return str(label)
    return folded(label).strip() if isinstance(label, str) else ""


@frozen(kw_only=True)
class Labels:
    """Words of ours, and the words that the PMS has for them. Case and surrounding blanks do not count.

    Attributes:
        values: Each word of ours with that of the PMS: text, a whole number or a truth value. If words of ours are
            `true` and `false` only, they stand for truth values.
        also: Further words that the PMS may show, each with the word of ours that it means.
        unknown: What becomes of a word that is not listed: `keep` carries it as it is, unless the other side would take
            it for a listed one; `refuse` holds its group.

    Raises:
        ConfigurationError: With every fault.
    """

    version: ClassVar[str] = "1"
    takes: ClassVar[tuple[int, int]] = (1, 1)
    loses: ClassVar[str] = "case, surrounding blanks, and which of several words for the same was used"

    values: Mapping[str, Label] = field(hash=False)
    also: Mapping[str, str] = field(default=_NONE, hash=False)
    unknown: str = "keep"
    _names: Mapping[str, str] = field(init=False, eq=False, repr=False)
    _to_pms: _Words = field(init=False, eq=False, repr=False)
    _to_ours: _Words = field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        faults = [*_values_faults(self.values), *_also_faults(self.also, self.values)]
        if self.unknown not in ("keep", "refuse"):
            faults.append(f"unknown: {self.unknown!r} is no way (allowed: keep, refuse)")
        if faults:
            raise ConfigurationError("mapping", faults)
        names = {_word(name): name for name in self.values}
        ours: _Words = _TRUTHS if names.keys() <= _TRUTHS.keys() else names
        meant = {_word(wire): _word(name) for name, wire in self.values.items()}
        meant |= {_word(wire): _word(name) for wire, name in self.also.items()}
        self._set("values", self.values)
        self._set("also", self.also)
        self._set("_names", names)
        self._set("_to_pms", {_word(name): wire for name, wire in self.values.items()})
        self._set("_to_ours", {wire: ours[name] for wire, name in meant.items()})

    def _set(self, attribute: str, table: Mapping[str, Label]) -> None:
        object.__setattr__(self, attribute, MappingProxyType(dict(table)))

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuilt, (dict(self.values), dict(self.also), self.unknown)  # read-only mappings cannot be pickled

    def read(self, wire: object) -> object:
        """Our word."""
        return self._translated(wire, self._to_ours, self._to_pms)

    def write(self, ours: object) -> object:
        """The word of the PMS."""
        return self._translated(ours, self._to_pms, self._to_ours)

    def key(self, ours: object) -> object:
        """Our word as it is listed; one that is not, as it is."""
        word = _word(ours)
        if word in self._names:
            return self._names[word]
        return text_key(ours) if isinstance(ours, str) else word if isinstance(ours, bool) else ours

    def _translated(self, label: object, there: _Words, back: _Words) -> object:
        word = _word(label)
        if word in there:
            return there[word]
        if not word:
            raise ConversionError(f"is no label ({_ALLOWED})")
        if self.unknown == "refuse":
            raise ConversionError("is none of the listed labels")
        if word in back:
            raise ConversionError("is not listed for this side, and is a listed word of the other one")
        return label


def _rebuilt(values: Mapping[str, Label], also: Mapping[str, str], unknown: str) -> Labels:
    return Labels(values=values, also=also, unknown=unknown)


def _values_faults(values: object) -> Iterator[str]:
    if not isinstance(values, Mapping) or not values:
        yield f"values: is no table of words (allowed: words of ours, each with a word of the PMS; {_ALLOWED})"
        return
    if not all(isinstance(name, str) for name in values):
        yield 'values: holds a word of ours that is no text (allowed: text; "true" and "false" for truth values)'
    ours, wires = [[_word(label) for label in side] for side in (values.keys(), values.values())]
    for at, (name, wire) in enumerate(values.items()):
        if not ours[at] or not wires[at]:
            yield f"values.{name}: {wire!r} or its word of ours is no label ({_ALLOWED})"
        elif ours[at] in ours[:at] or wires[at] in wires[:at]:
            yield f"values.{name}: {wire!r} or its word of ours is listed before (allowed: words that differ)"


def _also_faults(also: object, values: object) -> Iterator[str]:
    if not isinstance(also, Mapping):
        yield "also: is no table of words (allowed: words of the PMS, each with a word of ours)"
        return
    listed = values if isinstance(values, Mapping) else {}
    meant = {_word(wire): _word(name) for name, wire in listed.items()}
    for wire, name in also.items():
        if not _word(wire):
            yield f"also.{wire}: {wire!r} is no label ({_ALLOWED})"
        elif _word(name) not in map(_word, listed):
            yield f"also.{wire}: {name!r} is no word of ours (allowed: {', '.join(map(str, listed))})"
        elif meant.setdefault(_word(wire), _word(name)) != _word(name):
            yield f"also.{wire}: stands for another word already (allowed: one meaning for each word)"


@frozen(kw_only=True)
class Flag:
    """A truth value that the PMS writes with two words of its own: `1` and `0`, `"Y"` and `"N"`, `"ja"` and `"nein"`.

    The usual spellings (`true`, `"1"`, `"yes"`, `"on"` and their opposites) are read as well, unless one of the two
    words usually means its opposite.

    Attributes:
        true: The word for yes: text, a whole number or a truth value.
        false: The word for no.

    Raises:
        ConfigurationError: With every fault.
    """

    version: ClassVar[str] = "1"
    takes: ClassVar[tuple[int, int]] = (1, 1)
    loses: ClassVar[str] = "how the PMS spells true and false"

    true: Label = 1
    false: Label = 0

    def __attrs_post_init__(self) -> None:
        labels = {"true": self.true, "false": self.false}
        faults = [f"{name}: {label!r} is no label ({_ALLOWED})" for name, label in labels.items() if not _word(label)]
        if not faults and _word(self.true) == _word(self.false):
            faults.append(f"false: {self.false!r} means true, too (allowed: another word)")
        if faults:
            raise ConfigurationError("mapping", faults)

    def read(self, wire: object) -> object:
        """True or False."""
        word = _word(wire)
        if word and word in (_word(self.true), _word(self.false)):
            return word == _word(self.true)
        if _says(self.true, False) or _says(self.false, True):
            raise ConversionError("is neither the word for yes nor the word for no")
        return truth_of(wire)

    def write(self, ours: object) -> object:
        """The word of the PMS."""
        return self.true if truth_of(ours) else self.false

    def key(self, ours: object) -> object:
        """True or False."""
        return truth_of(ours)


def _says(label: Label, truth: bool) -> bool:
    """Whether a label usually means this."""
    try:
        return truth_of(label) is truth
    except ConversionError:
        return False


YES_NO: Final = partial(Flag, true="yes", false="no")
