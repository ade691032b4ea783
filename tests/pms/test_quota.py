"""What answers say of the requests that are left."""

from __future__ import annotations

import pytest

from wave_pms_sync.http.messages import Response
from wave_pms_sync.pms.conventions.manners import Pace
from wave_pms_sync.pms.quota import asked_to_wait_s, nothing_left_s

NOON = "Sun, 01 Mar 2026 12:00:00 GMT"
TWO = Pace(remaining_header="X-RateLimit-Remaining", reset_header="X-RateLimit-Reset")
AT = Pace(remaining_header="X-RateLimit-Remaining", reset_header="X-RateLimit-Reset", reset_form="epoch_s")
MS = Pace(remaining_header="X-RateLimit-Remaining", reset_header="X-RateLimit-Reset", reset_form="epoch_ms")
ONE = Pace(remaining_header="RateLimit")


@pytest.mark.parametrize(
    ("pace", "headers", "wait_s"),
    [
        (Pace(), {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "17"}, 0),
        (TWO, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "17"}, 17),
        (TWO, {"X-RateLimit-Remaining": " 0 ", "X-RateLimit-Reset": "17.5"}, 17.5),
        (TWO, {"X-RateLimit-Remaining": "1", "X-RateLimit-Reset": "17"}, 0),
        (TWO, {"X-RateLimit-Remaining": "-1", "X-RateLimit-Reset": "17"}, 17),
        (TWO, {"X-RateLimit-Remaining": "0"}, 0),
        (TWO, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "soon"}, 0),
        (TWO, {"X-RateLimit-Remaining": "none", "X-RateLimit-Reset": "17"}, 0),
        (TWO, {"X-RateLimit-Reset": "17"}, 0),
        (TWO, {"X-RateLimit-Remaining": "0, 0;w=60", "X-RateLimit-Reset": "17"}, 17),
        (AT, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1772366410", "Date": NOON}, 10),
        (AT, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1772366000", "Date": NOON}, 0),
        (AT, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1772366410"}, 0),
        (MS, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1772366410000", "Date": NOON}, 10),
        (ONE, {"RateLimit": "limit=100, remaining=0, reset=30"}, 30),
        (ONE, {"RateLimit": "limit=100, remaining=9, reset=30"}, 0),
        (ONE, {"RateLimit": '"default";r=0;t=30'}, 30),
        (ONE, {"RateLimit": '"burst";r=0;t=5, "day";r=0;t=4000, "month";r=7;t=90000'}, 4000),
        (ONE, {"RateLimit": '"burst";r=3;t=5, "day";r=900;t=4000'}, 0),
        (ONE, {"RateLimit": ""}, 0),
        (Pace(remaining_header="RateLimit", retry_after_max_s=60), {"RateLimit": '"day";r=0;t=4000'}, 60),
        (Pace(remaining_header="RateLimit", retry_after_min_s=60), {"RateLimit": '"day";r=0;t=4'}, 60),
    ],
)
def test_for_how_long_no_request_is_left(pace: Pace, headers: dict[str, str], wait_s: float) -> None:
    """Where a profile names the headers, the last request that is left is followed by a pause until there are more."""
    assert nothing_left_s(Response(status=200, headers=headers), pace=pace) == wait_s


def test_a_header_of_both_says_when_a_declined_request_may_come_again() -> None:
    """The one header of the drafts is read for a reset as well, whatever its form."""
    answer = Response(status=429, headers={"RateLimit": '"default";r=0;t=30'})

    assert asked_to_wait_s(answer, Pace(reset_header="RateLimit")) == 30
    assert asked_to_wait_s(answer, Pace()) is None
