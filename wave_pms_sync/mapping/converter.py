"""What a field converter is: a pair of pure functions, with a name, a version and a comparison form.

Our shape of a value is the shape in which Wave shows it. `read` takes the value of the PMS into our shape,
`write` takes it back. Three laws hold for every pair, up to its comparison form: writing what was read changes
nothing; reading what was written gives it back; normalising twice equals once. What a pair cannot keep it
declares in `loses`. `wave_pms_sync.testing.converters` checks all of this for any pair.

None never reaches a pair that joins one property to one property: empty is empty on both sides.
A value that a pair cannot carry raises `ConversionError` with a reason that does not quote the value.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Protocol, TypeVar

from attrs import field, frozen

from wave_pms_sync.mapping.written import nfc


class Pair(Protocol):
    """The least that a converter offers.

    Optional beside it: `key(ours)`, the comparison form in plain JSON values (default: the text in NFC);
    `version` and `loses`, texts; `uses_old = True`, for a `write(ours, old)` that is given the value that the PMS
    holds now (None if it holds none); `adapt(ours, old)`, for a pair of several Wave properties: our value as it is
    to be laid over the one that Wave holds now; `derived = True`, for a value computed from properties that other
    maps carry; `takes = (1, 2)`, how many properties of Wave and of the PMS it joins; `examples_wire` and
    `examples_ours`, tuples of values that it takes, for `wave_pms_sync.testing.converters`.
    """

    def read(self, wire: object, /) -> object:
        """The value of the PMS, in our shape."""
        ...

    def write(self, ours: object, /) -> object:
        """Our value, as the PMS takes it."""
        ...


Read = Callable[[object], object]
Write = Callable[[object], object] | Callable[[object, object], object]
_T = TypeVar("_T")


def _told(params: object) -> str:
    """Parameters as a file tells them: there, true is not 1."""
    return json.dumps(params, sort_keys=True)


def plain_key(ours: object) -> object:
    """The comparison form of a pair that declares none: text in NFC, everything else as it is."""
    if isinstance(ours, str):
        return nfc(ours)
    if isinstance(ours, (tuple, list)):
        return [plain_key(part) for part in ours]
    return ours


def keep_new(ours: object, _old: object) -> object:
    """Lay our value over the old one without regard to it."""
    return ours


@frozen(kw_only=True)
class Converter:
    """A pair under its name, as a registry knows it. Picklable if its functions are; its version stands for them.

    Attributes:
        name: How field maps call it.
        version: Changes whenever the pair would convert or compare any value differently.
        read: From the PMS to our shape.
        write: From our shape to the PMS; takes the PMS's present value, too, if `uses_old`.
        key: The comparison form of a value in our shape.
        adapt: Our value as it is to be laid over the one that Wave holds now.
        loses: What a value loses on its way to the PMS and back, in words; empty if nothing.
        uses_old: Whether `write` and `adapt` look at what the written side holds now.
        derived: Whether the value is computed from properties that other maps carry.
        takes: How many properties of Wave and of the PMS it joins; None if any number.
        params: Its parameters, in plain JSON values.
        spec: How a file names it, in plain JSON values; None if it is an object that has no name there.
        examples_wire: Values of the PMS by which its laws are checked.
        examples_ours: Values in our shape by which its laws are checked.
    """

    name: str
    version: str
    read: Read = field(eq=False, repr=False)
    write: Write = field(eq=False, repr=False)
    key: Callable[[object], object] = field(default=plain_key, eq=False, repr=False)
    adapt: Callable[[object, object], object] = field(default=keep_new, eq=False, repr=False)
    loses: str = ""
    uses_old: bool = False
    derived: bool = False
    takes: tuple[int, int] | None = None
    params: Mapping[str, object] = field(factory=dict, eq=_told)
    spec: object = field(default=None, eq=False)
    examples_wire: tuple[object, ...] = field(default=(), eq=False, repr=False)
    examples_ours: tuple[object, ...] = field(default=(), eq=False, repr=False)

    @classmethod
    def of(cls, name: str, pair: object, *, version: str | None = None, spec: object = None) -> Converter:
        """Take a pair under a name.

        Args:
            name: How field maps will call it.
            pair: An object with `read` and `write`, and what `Pair` names as optional.
            version: In place of the pair's own.
            spec: How a file names it, if it can.

        Raises:
            TypeError: If it is not a pair, naming what it lacks.
        """
        if isinstance(pair, type):
            raise TypeError("is a class, not an object of it")
        lacking = [method for method in ("read", "write") if not callable(getattr(pair, method, None))]
        if lacking:
            raise TypeError("lacks " + " and ".join(lacking))
        return cls(
            name=name,
            version=version if version is not None else _declared(pair, "version", "1"),
            read=pair.read,  # type: ignore[attr-defined]  # looked for above
            write=pair.write,  # type: ignore[attr-defined]  # looked for above
            key=_declared(pair, "key", plain_key),
            adapt=_declared(pair, "adapt", keep_new),
            loses=_declared(pair, "loses", ""),
            uses_old=_declared(pair, "uses_old", False),
            derived=_declared(pair, "derived", False),
            takes=getattr(pair, "takes", None),
            params=_params(pair),
            spec=spec,
            examples_wire=_declared(pair, "examples_wire", ()),
            examples_ours=_declared(pair, "examples_ours", ()),
        )

    def write_over(self, ours: object, old: object) -> object:
        """Write a value, given what the PMS holds now."""
        return self.write(ours, old) if self.uses_old else self.write(ours)  # type: ignore[call-arg]  # `uses_old` says which


def _declared(pair: object, name: str, default: _T) -> _T:
    found: _T = getattr(pair, name, default)
    return found


def _params(pair: object) -> Mapping[str, object]:
    """The parameters of an attrs object, as far as JSON can say them."""
    names = [parameter.name for parameter in getattr(type(pair), "__attrs_attrs__", ()) if parameter.init]
    values = {name.lstrip("_"): _plain(getattr(pair, name)) for name in names}
    return {name: value for name, value in values.items() if value is not ...}


def _plain(value: object) -> object:
    """A value in JSON's own types; an ellipsis for what JSON cannot say."""
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    if isinstance(value, Mapping):
        parts = {str(key): _plain(part) for key, part in value.items()}
        return ... if ... in parts.values() else parts
    if isinstance(value, (tuple, list)):
        items = [_plain(part) for part in value]
        return ... if ... in items else items
    return ...
