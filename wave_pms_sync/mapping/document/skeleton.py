"""The field maps that a document of dataflows gives to begin with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from wave_pms_sync.errors import ConfigurationError
from wave_pms_sync.mapping.defaults import DEFAULT_ROWS
from wave_pms_sync.mapping.document.reading import ReadDocument, Row, derived, read_rst
from wave_pms_sync.mapping.drafting import Draft
from wave_pms_sync.mapping.wave_properties import WAVE_PROPERTIES

_USUAL: Final = {row.wave: row.direction for row in DEFAULT_ROWS if isinstance(row.wave, str)}


def sketch(text: str, take: Callable[[Draft], None]) -> tuple[str, ...]:
    """Hand each row of a document on as a field map.

    A document says neither directions nor converters. Each property travels as it does in the default mapping, what
    Wave lets nobody write goes to the PMS only, and converters are those that go without saying.

    Args:
        text: The document, in reStructuredText.
        take: Called with each map, the first for each Wave property; may raise `ConfigurationError`.

    Returns:
        What is left to a person, by the lines of the document.

    Raises:
        ConfigurationError: If the document has no dataflow.
    """
    document = read_rst(text)
    refused: list[tuple[int, str]] = []
    taken: set[str] = set()
    for row in document.rows:
        if not (derived(row.wave) or taken.isdisjoint(row.wave)):
            continue  # the document's open points name it: a property is mapped once
        try:
            take(_draft(row))
        except ConfigurationError as error:
            refused += [(row.line, fault) for fault in error.faults]
        else:
            taken.update(() if derived(row.wave) else row.wave)
    return _in_order(document, refused)


def _draft(row: Row) -> Draft:
    converter = "kind" if derived(row.wave) else None
    wave = ("name", "firstName", "lastName") if derived(row.wave) else row.wave
    direction = _direction(wave) if converter is None else "to_pms"
    return Draft(facet=row.facet, wave=wave, pms=row.pms, type=row.type, direction=direction, converter=converter)


def _direction(wave: tuple[str, ...]) -> str:
    if len(wave) == 1 and wave[0] in _USUAL:
        return _USUAL[wave[0]]
    return "both" if all(WAVE_PROPERTIES[path].writable for path in wave) else "to_pms"


def _in_order(document: ReadDocument, refused: list[tuple[int, str]]) -> tuple[str, ...]:
    points = [*document.open_points, *(f"line {line}: {fault}" for line, fault in refused)]
    return tuple(sorted(points, key=lambda point: int(point.split(":")[0].removeprefix("line "))))
