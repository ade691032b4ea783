"""Points in time as a side writes them: RFC 3339, ISO 8601 without a zone, epochs, or a pattern; pure."""

from wave_pms_sync.moments.form import TimeForm

__all__ = ["TimeForm"]
