"""What a mapping tells of itself: its rows, its documents, and what may be said against it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from attrs import define, field

from wave_pms_sync.mapping.converter_registry import ConverterRegistry
from wave_pms_sync.mapping.field_map import FieldMap

if TYPE_CHECKING:
    from wave_pms_sync.mapping.constant import Constant
    from wave_pms_sync.mapping.document.rules import Preferences
    from wave_pms_sync.mapping.linting.findings import Findings


@define(repr=False)
class ToldMapping(ConverterRegistry):
    """Field maps and constants, to be read; the rooms that print and judge them are entered when they are asked for."""

    _maps: list[FieldMap] = field(factory=list)
    _constants: list[Constant] = field(factory=list)
    _open_points: tuple[str, ...] = field(default=(), eq=False)

    @property
    def maps(self) -> tuple[FieldMap, ...]:
        """All field maps in order, those that are off included."""
        return tuple(self._maps)

    @property
    def constants(self) -> tuple[Constant, ...]:
        """What a side is told beside the mapped properties, in order."""
        return tuple(self._constants)

    @property
    def open_points(self) -> tuple[str, ...]:
        """What a document left to a person, by its lines: `line 31: what; what to do`. Empty without `from_rst`."""
        return self._open_points

    def lint(self, *, policy: Preferences | None = None, profile: object = None) -> Findings:
        """Say what may be said against this mapping, before it is used. Nothing is refused and nothing is asked.

        Each map is tried with a few artificial values. A mapping that is fine for its PMS may have findings: they
        are advice.

        Args:
            policy: The `Policy` it will be used with; None: one that says nothing.
            profile: The `PmsProfile` of the API, if it is at hand.

        Returns:
            What was found, the worst first; empty and false if nothing was.
        """
        from wave_pms_sync.mapping.document.rules import USUAL
        from wave_pms_sync.mapping.linting.ground import Ground
        from wave_pms_sync.mapping.linting.lint import lint

        ground = Ground(
            maps=self.maps,
            constants=self.constants,
            types=dict(self._types),
            policy=policy or USUAL,
            profile=profile,
            open_points=self._open_points,
        )
        return lint(ground)

    def to_rst(self, generated_at: datetime | None = None, *, policy: Preferences | None = None) -> str:
        """The document of the dataflows as reStructuredText.

        Args:
            generated_at: An aware moment to be printed, or None; no clock is asked.
            policy: The `Policy` in use, of which the document tells what it means; None: the careful defaults.

        Raises:
            ConfigurationError: If the moment has no time zone.
        """
        from wave_pms_sync.mapping.document import as_rst, content

        return as_rst.as_rst(content.content(self._maps, generated_at=generated_at, policy=policy))

    def to_markdown(self, generated_at: datetime | None = None, *, policy: Preferences | None = None) -> str:
        """The document of the dataflows as Markdown, with the arguments and errors of `to_rst`."""
        from wave_pms_sync.mapping.document import as_markdown, content

        return as_markdown.as_markdown(content.content(self._maps, generated_at=generated_at, policy=policy))

    def to_html(self, generated_at: datetime | None = None, *, policy: Preferences | None = None) -> str:
        """The document of the dataflows as an HTML fragment, with the arguments and errors of `to_rst`."""
        from wave_pms_sync.mapping.document import as_html, content

        return as_html.as_html(content.content(self._maps, generated_at=generated_at, policy=policy))
