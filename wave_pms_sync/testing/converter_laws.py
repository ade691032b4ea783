"""The laws of field converters, each judged by one value."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from typing import NoReturn, ParamSpec

from attrs import define, field, frozen

from wave_pms_sync.errors import ConversionError
from wave_pms_sync.mapping.converter import Converter
from wave_pms_sync.mapping.emptiness import emptied, emptied_parts

_P = ParamSpec("_P")


class BrokenLaw(AssertionError):
    """A pair breaks a law; the message names the converter, the law and the value."""


class Refused(Exception):
    """The pair does not take the value; that is its right, and no law is broken."""


@frozen(kw_only=True)
class WireType:
    """What a map's data type says that stands on the wire.

    Attributes:
        field: The map's Wave property.
        name: The data type.
        types: The Python types of its JSON values.
        count: How many properties of the PMS the map has.
    """

    field: str
    name: str
    types: tuple[type, ...]
    count: int

    def fits(self, wire: object) -> bool:
        """Whether the value, or each of its parts, is of the type; no value is of any."""
        parts = wire if self.count > 1 and isinstance(wire, (tuple, list)) else (wire,)
        return all(part is None or self._is(part) for part in parts)

    def _is(self, part: object) -> bool:
        return isinstance(part, self.types) and (bool in self.types or not isinstance(part, bool))


@define
class Laws:
    """The laws of one converter.

    Attributes:
        converter: The converter.
        wire_type: What it should write, if that is known.
        strange: Values for which it raised something else than `ConversionError`: what it raised, by method.
    """

    converter: Converter
    wire_type: WireType | None = None
    strange: dict[str, tuple[str, object]] = field(factory=dict)

    @property
    def name(self) -> str:
        """The converter's name, with its parameters if a file could give them."""
        spec = self.converter.spec
        given = {key: value for key, value in spec.items() if key != "name"} if isinstance(spec, Mapping) else {}
        return f"{self.converter.name} {given}" if given else self.converter.name

    def check_wire(self, wire: object) -> None:
        """Judge by a value of the PMS.

        Raises:
            Refused: If the pair does not take it.
            BrokenLaw: If it breaks a law.
        """
        ours = shaped(self._tried("read", self.converter.read, wire))
        if ours is None:
            return
        self._tried("key", self.converter.key, ours)
        again = self._must(f"{wire!r} cannot be written back", self.converter.write_over, ours, wire)
        if again != wire:
            self._typed(ours, again)
        back = shaped(self._must(f"{wire!r} cannot be read back", self.converter.read, again))
        self._same(back, ours, f"writing what was read from {wire!r} changes it")
        if self.converter.uses_old and again != wire:
            self._broken(f"{wire!r} is rewritten as {again!r} though nothing changed")
        if not self.converter.loses and again != wire:
            self._broken(f"{wire!r} comes back as {again!r}; declare in `loses` what is lost")

    def check_ours(self, ours: object) -> None:
        """Judge by a value in our shape.

        Raises:
            Refused: If the pair does not take it.
            BrokenLaw: If it breaks a law.
        """
        key = self._tried("key", self.converter.key, ours)
        wire = self._tried("write", self.converter.write_over, ours, None)
        self._check_key(ours, key)
        if key is None or shaped(wire) is None:
            return
        self._typed(ours, wire)
        back = shaped(self._must(f"what was written for {ours!r} cannot be read", self.converter.read, wire))
        self._same(back, ours, f"reading what was written for {ours!r} does not give it back")
        if not self.converter.loses and back != ours:
            self._broken(f"{ours!r} comes back as {back!r}; declare in `loses` what is lost")
        self._settled(ours, back)
        self._check_adapt(ours, back)

    def _settled(self, ours: object, back: object) -> None:
        wire = self._must(f"what came back for {ours!r} cannot be written", self.converter.write_over, back, None)
        twice = shaped(self._must(f"what came back for {ours!r} cannot be read", self.converter.read, wire))
        if twice != back:
            self._broken(f"{ours!r} normalised twice is {twice!r}, once it is {back!r}")

    def _check_adapt(self, ours: object, back: object) -> None:
        if self._must(f"{ours!r} cannot be laid over itself", self.converter.adapt, ours, ours) != ours:
            self._broken(f"{ours!r} laid over itself does not stay as it is")
        laid = self._must(f"{back!r} cannot be laid over {ours!r}", self.converter.adapt, back, ours)
        self._same(laid, ours, f"laying {back!r} over {ours!r} says something else")

    def _check_key(self, ours: object, key: object) -> None:
        try:
            plain = json.loads(json.dumps(key, allow_nan=False))
        except (TypeError, ValueError):
            plain = ...
        if plain != key:
            self._broken(f"the comparison form {key!r} of {ours!r} is not made of plain JSON values")
        try:
            again = self.converter.key(key)
        except Exception:  # a comparison form need not be a value in our shape
            return
        if again != key:
            self._broken(f"the comparison form {key!r} of {ours!r} has another one, {again!r}")

    def _typed(self, ours: object, wire: object) -> None:
        told = self.wire_type
        if told is not None and not told.fits(wire):
            self._broken(f"{ours!r} is written as {wire!r}, which is not of the type {told.name} of {told.field}")

    def _same(self, found: object, expected: object, law: str) -> None:
        keys = [None if value is None else self._must(law, self.converter.key, value) for value in (found, expected)]
        if keys[0] != keys[1]:
            self._broken(f"{law}: compared as {keys[0]!r} and {keys[1]!r}")

    def _tried(self, method: str, convert: Callable[_P, object], *args: _P.args, **kwargs: _P.kwargs) -> object:
        """The result for a value that the pair need not take."""
        try:
            return self._pure(convert, *args, **kwargs)
        except BrokenLaw:
            raise
        except ConversionError as error:
            raise Refused from error
        except Exception as error:  # as in a run: whatever a pair raises means that it does not take the value
            self._note(method, type(error).__name__, args[0])
            raise Refused from error

    def _must(self, law: str, convert: Callable[_P, object], *args: _P.args, **kwargs: _P.kwargs) -> object:
        """The result for a value that the pair itself has made."""
        try:
            return self._pure(convert, *args, **kwargs)
        except BrokenLaw:
            raise
        except Exception as error:  # whatever it is, the pair does not take what is its own
            raise BrokenLaw(f"{self.name}: {law}: {type(error).__name__}: {error}") from error

    def _pure(self, convert: Callable[_P, object], *args: _P.args, **kwargs: _P.kwargs) -> object:
        """The result, found to be the same twice, with the arguments left alone."""
        before = copy.deepcopy(args)
        once = convert(*args, **kwargs)
        if args != before:
            self._broken(f"the value {before[0]!r} was changed by the converter")
        if convert(*args, **kwargs) != once:
            self._broken(f"the same value {before[0]!r} gives two different results")
        return once

    def _note(self, method: str, raised: str, value: object) -> None:
        noted = self.strange.get(method)
        if noted is None or len(repr(value)) < len(repr(noted[1])):
            self.strange[method] = (raised, value)

    def _broken(self, law: str) -> NoReturn:
        raise BrokenLaw(f"{self.name}: {law}")


def shaped(value: object) -> object:
    """A value after the emptiness rule, as in a run; lists of parts are tuples."""
    return emptied_parts(tuple(value)) if isinstance(value, (tuple, list)) else emptied(value)
