"""Answers to writes: what was written, or that nobody knows."""

from __future__ import annotations

from wave_pms_sync.errors import BadAnswer, UnknownOutcome
from wave_pms_sync.http.messages import Response
from wave_pms_sync.wave.operations.decode import record
from wave_pms_sync.wave.operations.judge import judge, payload
from wave_pms_sync.wave.records import WaveRecord


def created(response: Response) -> WaveRecord:
    """The new customer.

    Raises:
        UnknownOutcome: Wave did not show it, so its id is not known.
        SyncError: What else the answer amounts to.
    """
    made = _shown(response, "customerCreate")
    if made is None:
        raise UnknownOutcome("Wave says that it made a customer, but does not show it")
    return made


def updated(response: Response) -> WaveRecord | None:
    """The customer after the update; None if Wave says it succeeded but does not show it."""
    return _shown(response, "customerPatch")


def deleted(response: Response) -> None:
    """Nothing, if the customer was deleted.

    Raises:
        SyncError: It was not, or nobody knows.
    """
    payload(judge(response, writes=True), "customerDelete")


def _shown(response: Response, mutation: str) -> WaveRecord | None:
    node = payload(judge(response, writes=True), mutation).get("customer")
    try:
        return record(node)
    except BadAnswer:
        return None
