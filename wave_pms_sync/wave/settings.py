"""What Wave does not document, as settings with careful defaults; and what the client's own arguments may be."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf
from typing import Literal

from attrs import field, frozen

from wave_pms_sync.errors import ConfigurationError
from wave_pms_sync.http.auth import token_faults

SORTS = ("CREATED_AT", "MODIFIED_AT", "NAME")


def _tuple(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(words)


@frozen(kw_only=True)
class WaveSettings:
    """Answers to questions that only a live account can settle; change one when yours behaves differently.

    Attributes:
        clear_with: What clears a text in a patch: None (null) or `""`. The answer is compared with what was
            asked, so a wrong choice shows up as *not kept*. Source: assumed; no client was seen clearing a field.
        sort: The order of listings. By creation, ascending, edits move no row from page to page.
            Source: Wave developer portal, API Reference (CustomerSort); ties are not said to be stable.
        largest_page: No larger page is asked for. Source: clients that ran 200; no limit is documented.
        bulk_read: Customers read in one request. Source: assumed; no limit of depth or size is documented.
        amounts: Ask for `outstandingAmount` and `overdueAmount` too. Turn it off for a token that may not see
            them: they are never null, so an error in one takes the whole customer away. Source: assumed.
        since_margin_s: Listings by change ask from so much earlier, so that a customer stamped exactly at the
            moment asked for is shown whatever `modifiedAtAfter` does with equality. Source: assumed.
        requests_per_minute: The default pace, if the client is given none. Source: integrators report about
            60 a minute; Wave publishes no limit.
        burst: How many of these may be sent at once after a quiet time. Source: assumed.
    """

    clear_with: Literal[""] | None = None
    sort: tuple[str, ...] = field(default=("CREATED_AT_ASC",), converter=_tuple)
    largest_page: int = 200
    bulk_read: int = 20
    amounts: bool = True
    since_margin_s: float = 1.0
    requests_per_minute: float = 60.0
    burst: int = 5

    def __attrs_post_init__(self) -> None:
        allowed = [f"{what}_{way}" for what in SORTS for way in ("ASC", "DESC")]
        faults = [] if self.clear_with in {None, ""} else ["clear_with: unknown value (allowed: None, '')"]
        if not self.sort or not set(self.sort) <= set(allowed):
            faults.append(f"sort: unknown or empty order (allowed: {', '.join(allowed)})")
        positive = ("largest_page", "bulk_read", "requests_per_minute", "burst")
        faults += [f"{name}: must be at least 1" for name in positive if getattr(self, name) < 1]
        faults += ["since_margin_s: must not be negative"] if self.since_margin_s < 0 else []
        if faults:
            raise ConfigurationError("WaveSettings", faults)


def credential_faults(token: object, auth: object) -> list[str]:
    """What is wrong with the credentials: exactly one kind is needed, and a token must fit into a header."""
    if (token is None) == (auth is None):
        return ["token: give either a token or auth" + ("" if token is None else ", not both")]
    return [] if token is None else token_faults(token)


def size_faults(page_size: object, largest_page: int, timeout_s: object, max_concurrency: object) -> list[str]:
    """What is wrong with the numbers."""
    faults = []
    if not isinstance(page_size, int) or not 1 <= page_size <= largest_page:
        faults.append(f"page_size: must be a whole number from 1 to {largest_page}")
    if not isinstance(timeout_s, int | float) or not 0 < timeout_s < inf:
        faults.append("timeout_s: must be a number of seconds, more than 0")
    if not isinstance(max_concurrency, int) or max_concurrency < 1:
        faults.append("max_concurrency: must be a whole number, at least 1")
    return faults


def text_faults(business_id: object, user_agent: object) -> list[str]:
    """What is wrong with the texts."""
    faults = []
    if business_id is not None and not (isinstance(business_id, str) and business_id.strip()):
        faults.append("business_id: must be text that is not empty")
    if user_agent is not None and not (
        isinstance(user_agent, str) and user_agent.isascii() and user_agent.isprintable()
    ):
        faults.append("user_agent: must be printable ASCII")
    return faults
