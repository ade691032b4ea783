"""Points in time as an API writes them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from wave_pms_sync.errors import ConfigurationError
from wave_pms_sync.pms.client import CustomPmsClient
from wave_pms_sync.pms.conventions.shapes import Times
from wave_pms_sync.pms.decode import record
from wave_pms_sync.pms.profile import PmsProfile
from wave_pms_sync.pms.stamps import asked_since, moment
from wave_pms_sync.testing.pms_sandbox import PmsSandbox

TIMES = Times()
NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-01T12:00:00Z", NOON),
        ("2026-03-01t12:00:00z", NOON),
        ("2026-03-01 13:00:00+01:00", NOON),
        ("2026-03-01T17:30:00+0530", NOON),
        ("2026-03-01T12:00:00.5Z", NOON.replace(microsecond=500_000)),
        ("2026-03-01T12:00:00.1234567+00:00", NOON.replace(microsecond=123_456)),
        ("2026-03-01T12:00:00.123456789Z", NOON.replace(microsecond=123_456)),
        ("2026-03-01T12:00Z", NOON),
        ("20260301T120000Z", NOON),
    ],
)
def test_moments_with_a_zone(text: str, expected: datetime) -> None:
    """A moment with a zone is read in UTC, whatever its offset and number of fraction digits."""
    assert moment(text, TIMES) == expected
    assert moment(text, TIMES).tzinfo is timezone.utc


@pytest.mark.parametrize(
    "value",
    ["2026-03-01T12:00:00", "2026-03-01", "12", "soon", "", None, 0, 1_772_366_400, True, "2026-13-01T12:00:00Z"],
)
def test_no_moment(value: object) -> None:
    """A time without a zone, a number or garbage is no moment and never becomes one by guessing."""
    assert moment(value, TIMES) is None


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "0000-01-01T00:00:00Z"])
def test_f26_moments_outside_the_calendar(text: str) -> None:
    """A stamp that UTC cannot hold is no stamp; it breaks nothing."""
    assert moment(text, TIMES) is None


def test_a_since_filter_never_asks_too_late() -> None:
    """The moment in a since-filter is UTC and cut, never rounded up."""
    asked = NOON.replace(microsecond=999_999).astimezone(timezone(timedelta(hours=-5)))

    assert asked_since(asked, TIMES) == "2026-03-01T12:00:00.999Z"


@pytest.mark.parametrize("hours", [-14, 14])
def test_a_since_filter_at_the_ends_of_the_calendar(hours: int) -> None:
    """The first and last moments can be asked for in any zone."""
    zone = timezone(timedelta(hours=hours))

    assert asked_since(datetime.min.replace(tzinfo=zone), TIMES).startswith("0001-01-01")
    assert asked_since(datetime.max.replace(tzinfo=zone), TIMES).startswith("9999-12-31")


def test_a_since_filter_needs_a_zone() -> None:
    """A moment without a zone is never sent."""
    with pytest.raises(ValueError, match="time zone"):
        asked_since(datetime(2026, 3, 1), TIMES)  # noqa: DTZ001  # the point of the test


@pytest.mark.parametrize(
    ("times", "value"),
    [
        (Times(form="iso"), "2026-03-01 12:00:00"),
        (Times(form="iso", zone="Europe/Berlin"), "2026-03-01T13:00:00"),
        (Times(form="epoch_s"), 1_772_366_400),
        (Times(form="epoch_s"), "1772366400"),
        (Times(form="epoch_ms"), 1_772_366_400_000),
        (Times(form="%d.%m.%Y %H:%M", zone="Europe/Berlin"), "01.03.2026 13:00"),
    ],
)
def test_moments_of_other_forms(times: Times, value: object) -> None:
    """Times without a zone, as numbers or by a pattern are read as the profile says."""
    assert moment(value, times) == NOON


@pytest.mark.parametrize(
    ("times", "asked"),
    [
        (Times(form="epoch_s"), 1_772_366_400),
        (Times(form="epoch_s", filter_form="rfc3339"), "2026-03-01T12:00:00.000Z"),
        (Times(filter_form="%Y-%m-%dT%H:%M", filter_zone="Europe/Berlin"), "2026-03-01T13:00"),
        (Times(filter_form="%Y-%m-%d %H:%M:%S"), "2026-03-01 12:00:00"),
    ],
)
def test_a_filter_may_want_times_of_its_own_form(times: Times, asked: object) -> None:
    """A since-filter is written in the form and zone of filters, where the profile gives them."""
    assert asked_since(NOON, times) == asked


# --- what means never, and a form for each property

_MADE = "2026-03-01T12:00:00Z"


def _read(updated: object, **times: object) -> datetime | None:
    row = {"id": 1, "created_at": _MADE, "updated_at": updated}
    return record(row, PmsProfile.from_dict({"times": times})).modified_at


@pytest.mark.parametrize(
    ("updated", "times"),
    [
        (None, {}),
        ("", {}),
        ("  ", {}),
        ("0000-00-00 00:00:00", {}),
        ("0000-00-00T00:00:00Z", {}),
        ("0001-01-01T00:00:00Z", {}),
        ("0001-01-01T00:00:00", {"form": "iso"}),
        (0, {"form": "epoch_s", "created_form": "rfc3339"}),
        ("0", {"form": "epoch_ms", "created_form": "rfc3339"}),
        ("1900-01-01T00:00:00Z", {"none": ["1900-01-01T00:00:00Z"]}),
        ("never", {"none": ["never"]}),
        (-1, {"none": [-1]}),
    ],
)
def test_f26_what_means_never_updated_falls_back_to_when_it_was_made(updated: object, times: dict[str, object]) -> None:
    """A time of zeros or of the year 1, and whatever the profile says, is no stamp; the year 1 was taken for one."""
    assert _read(updated, **times) == NOON


@pytest.mark.parametrize("updated", ["9999-12-31T23:59:59Z", "9999-12-31T23:59:59-08:00", "soon", True, [], {}, 1e300])
def test_f26_an_odd_stamp_is_unknown(updated: object) -> None:
    """A stamp of the year 9999 won every dispute by time; it says nothing, as one that cannot be read."""
    assert _read(updated) is None


@pytest.mark.parametrize(
    ("value", "gone"),
    [
        ("0001-01-01T00:00:00Z", False),
        ("0000-00-00 00:00:00", False),
        ("9999-12-31T23:59:59Z", False),
        (0, False),
        (None, False),
        ("2026-03-01T12:00:00Z", True),
    ],
)
def test_a_time_that_never_came_deletes_nobody(value: object, gone: bool) -> None:
    """A `deleted_at` of the year 1, the zero time of some languages, read as a deletion of every customer."""
    row = {"id": 1, "deleted_at": value, "archived_at": value}
    shape = {"deleted": "deleted_at", "archived": "archived_at"}

    found = record(row, PmsProfile.from_dict({"record": shape}))

    assert (found.deleted, found.archived) == (gone, gone)


def test_each_stamp_may_have_a_form_of_its_own() -> None:
    """A PMS that counts seconds for when a customer was made, and writes out when it was changed, works throughout."""
    times = {"created_form": "epoch_s", "updated_form": "%Y-%m-%d %H:%M:%S", "zone": "Europe/Oslo"}
    profile = PmsProfile.from_dict({"times": times})
    with PmsSandbox(profile=profile, stamp_digits=0) as box:
        pms = CustomPmsClient(box.url, token=box.token, profile=profile)
        ids = [box.add({"name": name}) for name in ("Ada", "Bo")]
        found = pms.check(write=True)
        shown = {each.id: each for each in pms.customers()}[ids[0]]

    assert found.ok, str(found)
    assert (type(shown.payload["created_at"]), len(str(shown.payload["updated_at"]))) == (int, 19)
    assert shown.created_at == shown.modified_at


@pytest.mark.parametrize("name", ["created_form", "updated_form"])
def test_a_form_of_one_property_is_checked(name: str) -> None:
    """A form that does not say a whole time is refused by its path."""
    with pytest.raises(ConfigurationError, match=rf"times\.{name}"):
        PmsProfile.from_dict({"times": {name: "%d %H"}})
