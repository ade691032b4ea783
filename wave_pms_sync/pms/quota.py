"""What an answer says of the requests that are left, and of when there are more; pure.

Sources: RFC 9110 (`Retry-After`); the drafts `draft-ietf-httpapi-ratelimit-headers`, in which one header `RateLimit`
holds both, as `limit=100, remaining=0, reset=30` (07) or as `"default";r=0;t=30` (08 on); and the habit of
`X-RateLimit-Remaining` with `X-RateLimit-Reset`, in seconds or as a time since 1970.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from wave_pms_sync.http.messages import Response
from wave_pms_sync.pms.conventions.manners import Pace

_NUMBER = re.compile(r"\s*(-?\d{1,15}(?:\.\d{1,9})?)\s*(?:[;,].*)?")
_LEFT = re.compile(r"(?:^|[;\s])(?:r|remaining)\s*=\s*(-?\d{1,15})")
_RESET = re.compile(r"(?:^|[;\s])(?:t|reset)\s*=\s*(-?\d{1,15})")
_UNITS = {"epoch_s": 1, "epoch_ms": 1000}


def asked_to_wait_s(response: Response, pace: Pace) -> float | None:
    """Seconds that an answer asks us to wait, within the bounds that the profile believes; None if it does not say."""
    asked_s = response.retry_after_s
    if asked_s is None and pace.reset_header:
        asked_s = _reset_s(response, pace, _header(response, pace.reset_header))
    return None if asked_s is None else _believed_s(asked_s, pace)


def nothing_left_s(response: Response, *, pace: Pace) -> float:
    """For how many seconds no request is left, by the last word of the side; 0 if some are, or if it does not say."""
    if not pace.remaining_header:
        return 0.0
    resets = pace.reset_header or pace.remaining_header
    held = _header(response, pace.remaining_header)
    spent = [reset or _header(response, resets) for left, reset in _policies(held) if left <= 0]
    waits = [wait_s for wait_s in (_reset_s(response, pace, reset) for reset in spent) if wait_s is not None]
    return _believed_s(max(waits), pace) if waits else 0.0


def _policies(text: str) -> Iterator[tuple[float, str]]:
    """How many requests each policy of a header leaves, and when it says that there are more."""
    if number := _NUMBER.fullmatch(text):
        yield float(number[1]), ""
        return
    for item in text.split(","):
        if left := _LEFT.search(item):
            yield float(left[1]), item if _RESET.search(item) else ""


def _reset_s(response: Response, pace: Pace, text: str) -> float | None:
    number, named = _NUMBER.fullmatch(text), _RESET.search(text)
    if named:  # the drafts know seconds alone
        return max(0.0, float(named[1]))
    if number is None:
        return None
    if pace.reset_form == "seconds":
        return max(0.0, float(number[1]))
    # Counted from the server's own clock, since ours may differ.
    now = response.server_time
    return None if now is None else max(0.0, float(number[1]) / _UNITS[pace.reset_form] - now.timestamp())


def _believed_s(asked_s: float, pace: Pace) -> float:
    return max(float(pace.retry_after_min_s), min(asked_s, pace.retry_after_max_s or asked_s))


def _header(response: Response, name: str) -> str:
    return response.headers.get(name.lower(), "")
