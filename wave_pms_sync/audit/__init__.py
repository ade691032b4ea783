"""The audit: both sides are read completely and compared with what is remembered; nothing is written, anywhere."""

from wave_pms_sync.audit.finding import Finding, Kind, Standing
from wave_pms_sync.audit.result import Audit

__all__ = ["Audit", "Finding", "Kind", "Standing"]
