"""How points in time are read and written, form by form."""

from __future__ import annotations

import math
import os
import pickle
import subprocess
import sys
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wave_pms_sync.errors import ConfigurationError
from wave_pms_sync.moments import TimeForm

UTC = timezone.utc
NOON = datetime(2024, 5, 1, 12, 0, 0, 123456, tzinfo=UTC)
WHOLE = NOON.replace(microsecond=0)
MOMENTS = st.datetimes(
    min_value=datetime(1000, 1, 2),  # noqa: DTZ001  # Hypothesis takes naive limits
    max_value=datetime(9999, 12, 30),  # noqa: DTZ001
    timezones=st.just(UTC),
)
ZONES = ("UTC", "Europe/Oslo", "America/Toronto", "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Monrovia")


def _utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc]  # parts of a date are numbers


READ = [
    ("2024-05-01T12:00:00Z", WHOLE),
    ("2024-05-01t12:00:00z", WHOLE),
    ("2024-05-01 12:00:00Z", WHOLE),
    (" 2024-05-01T12:00:00 Z ", WHOLE),
    ("2024-05-01T14:00:00+02:00", WHOLE),
    ("2024-05-01T14:00:00+0200", WHOLE),
    ("2024-05-01T14:00+02", WHOLE),
    ("2024-05-01T07:30:00-04:30", WHOLE),
    ("2024-05-01T12:00:00-00:00", WHOLE),
    ("20240501T120000Z", WHOLE),
    ("2024-05-01T12:00:00.123456Z", NOON),
    ("2024-05-01T12:00:00,123456Z", NOON),
    ("2024-05-01T12:00:00.123456999999Z", NOON),
    ("2024-05-01T14:00:00.1234569+02:00", NOON),
    ("2024-05-01T12:00:00.1Z", NOON.replace(microsecond=100_000)),
    ("2024-05-01T24:00:00Z", _utc(2024, 5, 2)),
    ("2024-12-31T24:00Z", _utc(2025, 1, 1)),
    ("2016-12-31T23:59:60Z", _utc(2017, 1, 1)),
    ("2016-12-31T18:59:60.5-05:00", _utc(2017, 1, 1, 0, 0, 0, 500_000)),
    ("2017-01-01T00:59:60+01:00", _utc(2017, 1, 1)),
    ("1899-12-31T23:00:00Z", _utc(1899, 12, 31, 23)),
    ("2099-12-31T23:00:00+00:00", _utc(2099, 12, 31, 23)),
    ("0001-01-01T00:00:00Z", _utc(1, 1, 1)),
]


@pytest.mark.parametrize(("text", "moment"), READ)
def test_rfc_3339_is_read_with_any_offset_and_any_fraction(text: str, moment: datetime) -> None:
    """Every writing of a moment with its offset is the same moment, in UTC, cut to microseconds."""
    found = TimeForm().read(text)

    assert found == moment
    assert found.utcoffset() == timedelta(0)


NO_MOMENTS = [
    "",
    "yesterday",
    "2024",
    "2024-05",
    "2024-W18-3T00:00:00Z",
    "2024-05-01*12:00:00Z",
    "2024-0501T12:00:00Z",
    "2024-05-01T1200:00Z",
    "2024-05-01T12Z",
    "2024-05-01T12:00:00.Z",
    "2024-02-30T12:00:00Z",
    "2024-13-01T12:00:00Z",
    "2024-05-01T25:00:00Z",
    "2024-05-01T24:00:00.000001Z",
    "2024-05-01T24:01:00Z",
    "2024-05-01T12:60:00Z",
    "2024-05-01T12:00:61Z",
    "2024-05-01T12:34:60Z",
    "2024-05-01T12:00:00+24:00",
    "2024-05-01T12:00:00+02:60",
    "2024-05-01T12:00:00+02:00:30",
    "0000-01-01T00:00:00Z",
    "0001-01-01T00:00:00+01:00",
    "9999-12-31T23:00:00-02:00",
    "9999-12-31T24:00:00Z",
    "10000-01-01T00:00:00Z",
    "-2024-05-01T12:00:00Z",
    "٢٠٢٤-05-01T12:00:00Z",
]


@pytest.mark.parametrize("form", ["rfc3339", "iso"])
@pytest.mark.parametrize("text", NO_MOMENTS)
def test_text_that_is_no_moment_is_refused_unquoted(text: str, form: str) -> None:
    """A text that is no full date and time, or none of the calendar, is refused in words that do not quote it."""
    with pytest.raises(ValueError, match=r"is (no point|not a date)") as caught:
        TimeForm(form=form).read(text)

    assert not text or text not in str(caught.value)


@pytest.mark.parametrize("text", ["2024-05-01T12:00:00", "2024-05-01"])
def test_rfc_3339_must_say_its_offset(text: str) -> None:
    """A time without an offset is not guessed to be in UTC."""
    with pytest.raises(ValueError, match="has no time zone"):
        TimeForm(zone="Europe/Oslo").read(text)


@pytest.mark.parametrize("form", ["rfc3339", "iso", "%Y-%m-%d"])
@pytest.mark.parametrize("wire", [1714564800, 1.5, True, None, [], {}])
def test_texts_are_not_read_from_anything_else(form: str, wire: object) -> None:
    """A number is no date, whatever it might count."""
    with pytest.raises(ValueError, match="is not text"):
        TimeForm(form=form).read(wire)


@pytest.mark.parametrize(
    ("zone", "text", "moment"),
    [
        ("UTC", "2024-05-01 12:00:00", WHOLE),
        ("Europe/Oslo", "2024-05-01T14:00:00", WHOLE),
        ("Europe/Oslo", "2024-05-01 14:00", WHOLE),
        ("Europe/Oslo", "2024-05-01T12:00:00Z", WHOLE),
        ("Europe/Oslo", "2024-05-01", _utc(2024, 4, 30, 22)),
        ("Europe/Oslo", "2024-05-01T24:00", _utc(2024, 5, 1, 22)),
        ("America/Toronto", "1899-12-31T19:00:00", _utc(1900, 1, 1)),
        ("America/Toronto", "2099-07-01T20:00:00", _utc(2099, 7, 2)),
        # The clocks go forward: what is skipped is read with the offset before.
        ("Europe/Oslo", "2024-03-31T02:30:00", _utc(2024, 3, 31, 1, 30)),
        ("America/Toronto", "2024-03-10T02:30:00", _utc(2024, 3, 10, 7, 30)),
        ("Australia/Lord_Howe", "2024-10-06T02:15:00", _utc(2024, 10, 5, 15, 45)),
        # The clocks go back: what occurs twice means the earlier.
        ("Europe/Oslo", "2024-10-27T02:30:00", _utc(2024, 10, 27, 0, 30)),
        ("America/Toronto", "2024-11-03T01:30:00", _utc(2024, 11, 3, 5, 30)),
        ("Australia/Lord_Howe", "2024-04-07T01:45:00", _utc(2024, 4, 6, 14, 45)),
        ("Europe/Oslo", "2024-10-27T03:00:00", _utc(2024, 10, 27, 2)),
    ],
)
def test_time_without_a_zone_is_in_the_zone_of_its_form(zone: str, text: str, moment: datetime) -> None:
    """A time without an offset is a local time; days on which clocks change are read by one rule."""
    assert TimeForm(form="iso", zone=zone).read(text) == moment


@pytest.mark.parametrize(
    ("zone", "later"),
    [
        ("Europe/Oslo", _utc(2024, 10, 27, 1, 30)),
        ("America/Toronto", _utc(2024, 11, 3, 6, 30)),
        ("Australia/Lord_Howe", _utc(2024, 4, 6, 15, 15)),
    ],
)
def test_later_of_two_equal_hours_comes_back_as_the_earlier(zone: str, later: datetime) -> None:
    """A local time without an offset cannot say which of two equal hours is meant, and the form declares it."""
    form = TimeForm(form="iso", zone=zone)

    back = form.read(form.write(later))

    assert back == later - (timedelta(minutes=30) if zone == "Australia/Lord_Howe" else timedelta(hours=1))
    assert "two equal hours" in form.loses
    assert form.write(back) == form.write(later)


@pytest.mark.parametrize(
    ("form", "wire", "moment"),
    [
        ("epoch_s", 1714564800, WHOLE),
        ("epoch_s", 1714564800.0, WHOLE),
        ("epoch_s", 1714564800.123456, NOON),
        ("epoch_s", "1714564800.123456789", NOON),
        ("epoch_s", " 1714564800 ", WHOLE),
        ("epoch_s", 0, _utc(1970, 1, 1)),
        ("epoch_s", -0.000001, _utc(1969, 12, 31, 23, 59, 59, 999_999)),
        ("epoch_s", "-2209032000", _utc(1899, 12, 31, 12)),
        ("epoch_s", "0." + "9" * 30, _utc(1970, 1, 1, 0, 0, 0, 999_999)),
        ("epoch_ms", 1714564800123, NOON.replace(microsecond=123_000)),
        ("epoch_ms", 1714564800123.456, NOON),
        ("epoch_ms", "1714564800123", NOON.replace(microsecond=123_000)),
        ("epoch_ms", 4102358400000, _utc(2099, 12, 31)),
    ],
)
def test_epoch_is_read_as_number_or_text(form: str, wire: object, moment: datetime) -> None:
    """An epoch is the moment that its digits say, before 1970 too, cut to microseconds."""
    assert TimeForm(form=form).read(wire) == moment


@pytest.mark.parametrize("form", ["epoch_s", "epoch_ms"])
@pytest.mark.parametrize(
    "wire",
    [True, False, None, math.nan, math.inf, -math.inf, 1e300, 10**30, -(10**30), 253402300800000, -62135596800001,
     "", "now", "1e9", "0x10", "1_000", "1.", "٤", "9" * 5000, "2024-05-01", [1]],
)  # fmt: skip
def test_what_counts_no_time_is_no_epoch(form: str, wire: object) -> None:
    """Truth values, infinities, years out of the calendar and other texts are no epochs."""
    with pytest.raises(ValueError, match=r"is (no point|not a number)"):
        TimeForm(form=form).read(wire)


@pytest.mark.parametrize(
    ("settings", "wire"),
    [
        ({}, "2024-05-01T12:00:00.123Z"),
        ({"precision": "s"}, "2024-05-01T12:00:00Z"),
        ({"precision": "us"}, "2024-05-01T12:00:00.123456Z"),
        ({"zone": "Europe/Oslo"}, "2024-05-01T12:00:00.123Z"),
        ({"form": "iso", "zone": "Europe/Oslo"}, "2024-05-01T14:00:00.123"),
        ({"form": "iso", "precision": "s"}, "2024-05-01T12:00:00"),
        ({"form": "epoch_s"}, 1714564800),
        ({"form": "epoch_s", "as_text": True}, "1714564800"),
        ({"form": "epoch_s", "precision": "ms"}, 1714564800.123),
        ({"form": "epoch_s", "precision": "us", "as_text": True}, "1714564800.123456"),
        ({"form": "epoch_ms"}, 1714564800123),
        ({"form": "epoch_ms", "precision": "s"}, 1714564800000),
        ({"form": "epoch_ms", "precision": "us"}, 1714564800123.456),
        ({"form": "epoch_ms", "as_text": True}, "1714564800123"),
        ({"form": "%d.%m.%Y %H:%M", "zone": "Europe/Oslo"}, "01.05.2024 14:00"),
        ({"form": "%Y-%m-%d"}, "2024-05-01"),
        ({"form": "%Y-%m-%dT%H:%M:%S.%f"}, "2024-05-01T12:00:00.123456"),
        ({"form": "%Y-%m-%dT%H:%M:%S.%f", "precision": "ms"}, "2024-05-01T12:00:00.123000"),
        ({"form": "%Y-%m-%dT%H:%M:%S%z", "zone": "America/Toronto"}, "2024-05-01T08:00:00-0400"),
        ({"form": "%m/%d/%y %I:%M %p"}, "05/01/24 12:00 PM"),
    ],
)
def test_moment_is_written_in_its_form(settings: dict[str, object], wire: object) -> None:
    """A moment is written as the form says, and an equal moment in another zone is written alike."""
    form = TimeForm(**settings)  # type: ignore[arg-type]  # as a file would give them

    assert form.write(NOON) == wire
    assert type(form.write(NOON)) is type(wire)
    assert form.write(NOON.astimezone(ZoneInfo("Asia/Tokyo"))) == wire


def test_epoch_that_a_float_cannot_keep_is_refused() -> None:
    """Microseconds of a far year are not rounded in silence: as text they are written, as a number they are not."""
    far = _utc(2528, 1, 1, 0, 0, 0, 3588)

    assert TimeForm(form="epoch_s", precision="us", as_text=True).write(far) == "17608752000.003588"
    with pytest.raises(ValueError, match="more digits"):
        TimeForm(form="epoch_s", precision="us").write(far)


def test_written_epoch_before_1970_is_cut_downwards() -> None:
    """Cutting never makes a moment later, on either side of 1970."""
    assert TimeForm(form="epoch_s").write(_utc(1969, 12, 31, 23, 59, 58, 1)) == -2
    assert TimeForm(form="epoch_s", precision="ms").write(_utc(1969, 12, 31, 23, 59, 59, 999_999)) == -0.001


def test_pattern_with_an_offset_is_read_by_its_own() -> None:
    """An offset in the text goes before the zone of the form."""
    form = TimeForm(form="%Y-%m-%d %H:%M %z", zone="Europe/Oslo")

    assert form.read("2024-05-01 07:30 -0430") == WHOLE
    assert form.loses == "what is finer than a minute"


@pytest.mark.parametrize("text", ["1.5.24", "01.05.2024 ", "2024-05-01 12:00", "31.02.2024 12:00"])
def test_text_outside_of_the_pattern_is_refused_unquoted(text: str) -> None:
    """A text in another pattern is refused in words that do not quote it."""
    with pytest.raises(ValueError, match="is not written in the pattern") as caught:
        TimeForm(form="%d.%m.%Y %H:%M").read(text)

    assert text not in str(caught.value)


def test_year_that_two_digits_cannot_say_is_refused() -> None:
    """A year of two digits that would come back in another century is not written."""
    form = TimeForm(form="%d.%m.%y")

    assert form.read(form.write(_utc(2024, 5, 1))) == _utc(2024, 5, 1)
    with pytest.raises(ValueError, match="cannot be written"):
        form.write(_utc(2099, 5, 1))


def test_moment_without_a_zone_is_not_written() -> None:
    """A naive time is no moment."""
    with pytest.raises(ValueError, match="without a time zone"):
        TimeForm().write(datetime(2024, 5, 1))  # noqa: DTZ001  # what is refused


@pytest.mark.parametrize("form", ["iso", "%Y-%m-%d %H:%M"])
def test_moment_beyond_the_local_calendar_is_not_written(form: str) -> None:
    """The last hours of the year 9999 have no local time in the east."""
    with pytest.raises(ValueError, match="years 1 to 9999"):
        TimeForm(form=form, zone="Asia/Tokyo").write(_utc(9999, 12, 31, 23))


def test_moment_beyond_the_calendar_in_utc_is_not_written() -> None:
    """A local time whose moment lies outside of the calendar is refused, not raised as something else."""
    with pytest.raises(ValueError, match="years 1 to 9999"):
        TimeForm().write(datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=5))))


@pytest.mark.parametrize(
    "form", ["rfc3339", "iso", "epoch_s", "epoch_ms", "%Y-%m-%d", "%d.%m.%Y %H:%M:%S", "%Y%m%d%H%M%S%f%z"]
)
@pytest.mark.parametrize("precision", [None, "s", "us"])
@given(moment=MOMENTS, zone=st.sampled_from(ZONES))
def test_what_was_written_is_read_back(moment: datetime, form: str, zone: str, precision: str | None) -> None:
    """Reading what was written gives a moment that is written the same, and the moment itself if nothing is lost."""
    if form.startswith("epoch") and precision == "us":
        moment = moment.replace(year=1801 + moment.year % 300, day=min(moment.day, 28))  # a float keeps no more
    time_form = TimeForm(form=form, zone=zone, precision=precision)

    wire = time_form.write(moment)
    back = time_form.read(wire)

    assert time_form.write(back) == wire
    assert time_form.loses or back == moment
    assert back <= moment


@given(
    text=st.one_of(
        st.text(max_size=30), st.from_regex(r"\A\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?([+-]\d\d:?\d\d|Z)?\Z")
    )
)
def test_reading_gives_a_moment_or_a_reason(text: str) -> None:
    """Whatever text comes, the answer is a moment in UTC or a ValueError."""
    for form in ("rfc3339", "iso", "epoch_s", "epoch_ms", "%Y-%m-%d %H:%M"):
        with suppress(ValueError):
            assert TimeForm(form=form, zone="Europe/Oslo").read(text).tzinfo is UTC


@pytest.mark.parametrize(
    ("settings", "lost"),
    [
        ({"precision": "us"}, ""),
        ({}, "what is finer than a millisecond"),
        ({"form": "epoch_s"}, "what is finer than a second"),
        ({"form": "epoch_s", "zone": "Europe/Oslo", "precision": "us"}, ""),
        ({"form": "%Y-%m-%d", "precision": "ms"}, "what is finer than a day"),
        (
            {"form": "iso", "zone": "Europe/Oslo"},
            "what is finer than a millisecond and which of two equal hours is meant when clocks go back",
        ),
    ],
)
def test_form_says_what_it_loses(settings: dict[str, object], lost: str) -> None:
    """What a moment loses on the way is said in words."""
    assert TimeForm(**settings).loses == lost  # type: ignore[arg-type]  # as a file would give them


def test_wrong_form_is_refused_with_all_its_faults() -> None:
    """Every fault of a time form is told at once, with what is allowed."""
    with pytest.raises(ConfigurationError) as caught:
        TimeForm(form="unix", zone="Europe/Olso", as_text=True, precision="ns")

    assert caught.value.faults == (
        "form: 'unix' is unknown (allowed: rfc3339, iso, epoch_s, epoch_ms, a pattern such as %Y-%m-%d %H:%M:%S)",
        "zone: 'Europe/Olso' is unknown (allowed: IANA names such as UTC, Europe/Oslo, Etc/GMT-2)",
        "as_text: is for epochs only (allowed: epoch_s, epoch_ms)",
        "precision: 'ns' is unknown (allowed: s, ms, us, None)",
    )


@pytest.mark.parametrize(
    "form",
    [
        None,
        1,
        "",
        "ISO",
        "%",
        "%d.%m.",
        "%H:%M",
        "%Y-%m-%d %I:%M",
        "%c",
        "%x",
        "%Y-%m-%d %Z",
        "%Y-%m",
        "%Y %Y-%m-%d",
        "%Y-%m-%d %Q",
        "%-d.%-m.%Y",
    ],
)
def test_form_that_cannot_give_back_a_day_is_refused(form: object) -> None:
    """A pattern must say the whole date, and say it alike on every machine."""
    with pytest.raises(ConfigurationError, match="form: "):
        TimeForm(form=form)  # type: ignore[arg-type]  # what a file could hold


@pytest.mark.parametrize("zone", [None, 1, "", "Europe", "/etc/passwd", "../x", "Mars/Olympus", "a\0b"])
def test_unknown_zone_is_refused(zone: object) -> None:
    """A zone is a name of the database, and nothing else that lies on the disk."""
    with pytest.raises(ConfigurationError, match="zone: "):
        TimeForm(zone=zone)  # type: ignore[arg-type]  # what a file could hold


def test_truth_value_is_needed_for_text() -> None:
    """Whether epochs are text is yes or no."""
    with pytest.raises(ConfigurationError, match="as_text: 1 is no truth value"):
        TimeForm(form="epoch_s", as_text=1)  # type: ignore[arg-type]  # what a file could hold


def test_missing_zone_database_is_named() -> None:
    """On a machine without a time zone database UTC works, and anything else names the package to install."""
    program = (
        "import sys\nsys.modules['tzdata'] = None\nfrom wave_pms_sync.moments import TimeForm\nTimeForm()\n"
        "try:\n    TimeForm(zone='Europe/Oslo')\nexcept ValueError as error:\n    sys.exit(str(error))"
    )
    done = subprocess.run(  # noqa: S603  # our own program
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONTZPATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert "pip install tzdata" in done.stderr


def test_form_travels_between_processes() -> None:
    """A form is a value: equal to its copy, hashable, and picklable."""
    form = TimeForm(form="iso", zone="Europe/Oslo", precision="s")

    again = pickle.loads(pickle.dumps(form))  # noqa: S301  # our own bytes

    assert again == form
    assert hash(again) == hash(form)
    assert again.write(NOON) == form.write(NOON)
