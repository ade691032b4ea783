"""An edited text of an address, laid over the address that it was: what is unchanged keeps its parts."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve, frozen

from wave_pms_sync.mapping.converters.address_texts import Address, AddressForm, pieces_of

_STREET = ("line1", "line2")
_CITY = ("city", "province", "postal")


@frozen
class _Unit:
    """Some parts of the present address, and the pieces of text that they are written as."""

    parts: tuple[str, ...]
    pieces: list[str]


def kept(form: AddressForm, new: Address, present: Address) -> Address:
    """A new address that was split by rule, with those parts of the present one that are written the same."""
    for block in (_STREET, _CITY):
        if _shown(form, new, block) == _shown(form, present, block):
            new = evolve(new, **{part: getattr(present, part) for part in block})
    return evolve(new, country=None) if present.country is None and new.country == form.home else new


def relaid(form: AddressForm, text: str, present: Address) -> Address | None:
    """The present address with the one part in which a text differs; None if that cannot be told."""
    units = [_Unit(piece.parts, pieces_of(piece.text)) for piece in form.pieces(present)]
    pieces = form.key(text).split("\n")
    head = _same(units, pieces)
    pieces = pieces[sum(len(unit.pieces) for unit in units[:head]) :]
    backwards = [_Unit(unit.parts, unit.pieces[::-1]) for unit in reversed(units[head:])]
    tail = _same(backwards, pieces[::-1])
    pieces = pieces[: len(pieces) - sum(len(unit.pieces) for unit in backwards[:tail])]
    changed = units[head : len(units) - tail]
    if len(changed) == 1:
        return _replaced(changed[0], pieces, present, followed=tail > 0)
    second = [unit.parts for unit in units[:head]] == [("line1",)] and "line2" in form.parts and tail > 0
    return evolve(present, line2=", ".join(pieces)) if not changed and second else None


def _replaced(unit: _Unit, pieces: Sequence[str], present: Address, *, followed: bool) -> Address | None:
    if not pieces:
        return evolve(present, **dict.fromkeys(unit.parts))
    if not followed and len(pieces) > len(unit.pieces):  # what was added at the end may be anything
        return None
    (part, *more), text = unit.parts, ", ".join(pieces)
    if part in _STREET:
        return evolve(present, **{part: text})
    city = part == "city" and not more and len(pieces) == 1 and not any(letter.isdigit() for letter in text)
    return evolve(present, city=text) if city else None


def _same(units: Sequence[_Unit], pieces: Sequence[str]) -> int:
    """How many units the pieces begin with."""
    at = 0
    for count, unit in enumerate(units):
        if list(pieces[at : at + len(unit.pieces)]) != unit.pieces:
            return count
        at += len(unit.pieces)
    return len(units)


def _shown(form: AddressForm, address: Address, block: tuple[str, ...]) -> list[str]:
    return [text for piece in form.pieces(address) if piece.parts[0] in block for text in pieces_of(piece.text)]
