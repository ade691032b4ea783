"""Which property of Wave a document means, however it spells it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from wave_pms_sync.mapping.wave_properties import WAVE_PROPERTIES

_POSTAL_CODE: Final = ("zipcode", "postcode", "zip")
_LONGEST: Final = 60


def _folded(name: str) -> str:
    """A name without case, blanks, points and underscores."""
    plain = "".join(letter for letter in name.casefold() if letter.isalnum())
    for word in _POSTAL_CODE:
        if plain.endswith(word):
            return plain.removesuffix(word) + "postalcode"
    return plain


def _index(names: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """The properties of each spelling; of province and country the code is meant, which alone can be written."""
    found: dict[str, tuple[str, ...]] = {}
    for path, spellings in names.items():
        for spelling in dict.fromkeys(_folded(s) for name in spellings for s in (name, name.removesuffix(".code"))):
            found[spelling] = (*found.get(spelling, ()), path)
    return found


def _ends(path: str) -> tuple[str, ...]:
    steps = path.split(".")
    return tuple(".".join(steps[at:]) for at in range(len(steps)))


_WHOLE: Final = _index({path: (path,) for path in WAVE_PROPERTIES})
_ENDS: Final = _index({path: _ends(path) for path in WAVE_PROPERTIES})


def candidates(name: str) -> tuple[str, ...]:
    """The Wave properties that a name can mean: none, one, or several if it is ambiguous."""
    if name in WAVE_PROPERTIES:
        return (name,)
    folded = _folded(name)
    for word in (folded, folded.removeprefix("wave").removeprefix("customer")):
        for index in (_WHOLE, _ENDS):
            if word in index:
                return index[word]
    return ()


def nearest(name: str) -> str | None:
    """The Wave property that is spelled most alike; None if none is near."""
    from difflib import get_close_matches

    found = get_close_matches(_folded(name)[:_LONGEST], _WHOLE, n=1, cutoff=0.5)
    return _WHOLE[found[0]][0] if found else None
