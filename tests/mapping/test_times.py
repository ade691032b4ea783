"""How points in time travel between Wave's text and the forms of a PMS."""

from __future__ import annotations

import pickle
from datetime import datetime, timezone

import pytest
from hypothesis import strategies as st

from wave_pms_sync.errors import ConfigurationError, ConversionError
from wave_pms_sync.mapping.converter import Converter
from wave_pms_sync.mapping.converters.times import DateTime
from wave_pms_sync.moments import TimeForm
from wave_pms_sync.testing.converters import check_converter_laws

MOMENTS = st.datetimes(
    min_value=datetime(1899, 1, 1),  # noqa: DTZ001  # Hypothesis takes naive limits
    max_value=datetime(2099, 12, 31),  # noqa: DTZ001
    timezones=st.just(timezone.utc),
)
# Around the days on which the clocks of these zones change, where local times are skipped or occur twice.
CHANGES = st.sampled_from(["2024-03-31", "2024-10-27", "2024-03-10", "2024-11-03", "2024-04-07", "2024-10-06"]).flatmap(
    lambda day: st.times().map(lambda time: datetime.combine(datetime.fromisoformat(day), time, timezone.utc))
)
ZONES = ["UTC", "Europe/Oslo", "America/Toronto", "Australia/Lord_Howe"]
FORMS: list[dict[str, object]] = [
    {},
    {"precision": "us"},
    {"precision": "s"},
    {"form": "iso"},
    {"form": "epoch_s"},
    {"form": "epoch_s", "as_text": True, "precision": "ms"},
    {"form": "epoch_ms"},
    {"form": "epoch_ms", "precision": "us"},
    {"form": "%d.%m.%Y %H:%M"},
    {"form": "%Y-%m-%d"},
    {"form": "%Y-%m-%d %H:%M:%S.%f %z"},
    {"form": "%m/%d/%y %I:%M %p"},
]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("settings", FORMS)
def test_every_form_keeps_the_laws(settings: dict[str, object], zone: str) -> None:
    """Whatever the form and the zone, on the days on which clocks change too, the laws of a converter hold."""
    pair = DateTime(**settings, zone=zone)  # type: ignore[arg-type]  # as a file would give them
    wire = TimeForm(**settings, zone=zone)  # type: ignore[arg-type]
    texts = st.one_of(MOMENTS, CHANGES).map(TimeForm(precision="us").write)
    wires = st.one_of(MOMENTS, CHANGES).filter(lambda m: "%y" not in wire.form or 1970 < m.year < 2068).map(wire.write)
    local = st.one_of(MOMENTS, CHANGES).map(lambda moment: moment.replace(tzinfo=None).isoformat())

    check_converter_laws(pair, ours=texts, wires=st.one_of(wires, local), examples=30)


@pytest.mark.parametrize(
    ("settings", "ours", "wire"),
    [
        ({}, "2024-05-01T12:00:00.000Z", "2024-05-01T12:00:00.000Z"),
        ({"precision": "s"}, "2024-05-01T12:00:00.000Z", "2024-05-01T12:00:00Z"),
        ({"form": "epoch_s"}, "2024-05-01T12:00:00.000Z", 1714564800),
        ({"form": "epoch_s"}, "1899-12-31T12:00:00.000Z", -2209032000),
        ({"form": "epoch_ms"}, "2099-12-31T00:00:00.001Z", 4102358400001),
        ({"form": "iso", "zone": "Europe/Oslo", "precision": "s"}, "2024-05-01T12:00:00.000Z", "2024-05-01T14:00:00"),
        ({"form": "%Y-%m-%d", "zone": "Australia/Lord_Howe"}, "2024-04-30T13:30:00.000Z", "2024-05-01"),
    ],
)
def test_moment_travels_there_and_back(settings: dict[str, object], ours: str, wire: object) -> None:
    """Wave's text becomes what the PMS writes, and what the PMS writes becomes Wave's text again."""
    pair = DateTime(**settings)  # type: ignore[arg-type]  # as a file would give them

    assert pair.write(ours) == wire
    assert pair.read(wire) == ours


def test_day_that_ends_at_24_is_the_next_one() -> None:
    """A PMS that writes 24:00 means the midnight that follows."""
    assert DateTime(form="iso", zone="Europe/Oslo").read("2024-03-31 24:00") == "2024-03-31T22:00:00.000Z"


def test_long_fractions_correspond() -> None:
    """Digits beyond the precision of the form are no difference, and the others are."""
    pair = DateTime()

    assert pair.read("2024-05-01T12:00:00.123456789Z") == "2024-05-01T12:00:00.123Z"
    assert pair.key("2024-05-01T12:00:00.1234567Z") == pair.key("2024-05-01T14:00:00.123+02:00")
    assert pair.key("2024-05-01T12:00:00.124Z") != pair.key("2024-05-01T12:00:00.123Z")
    assert DateTime(precision="us").read("2024-05-01T12:00:00.123456789Z") == "2024-05-01T12:00:00.123456Z"


def test_coarse_form_compares_coarsely() -> None:
    """Two moments of one local day correspond where the PMS keeps the day only."""
    pair = DateTime(form="%Y-%m-%d", zone="America/Toronto")

    assert pair.key("2024-05-01T04:00:00.000Z") == pair.key("2024-05-02T03:59:59.999Z")
    assert pair.key("2024-05-01T03:59:59.999Z") != pair.key("2024-05-01T04:00:00.000Z")


@pytest.mark.parametrize("wire", ["2024-05-01", "2024-05-01T12:00:00", 1714564800, True, "31.12.2024"])
def test_moment_in_another_form_is_refused_unquoted(wire: object) -> None:
    """What is not in the declared form holds its group, for a reason that does not quote it."""
    with pytest.raises(ConversionError) as caught:
        DateTime().read(wire)

    assert str(wire) not in caught.value.reason


@pytest.mark.parametrize("ours", ["2024-05-01T12:00:00", "soon", None, 5])
def test_what_is_no_moment_in_wave_is_refused(ours: object) -> None:
    """A text of Wave without an offset, and anything that is no time, is neither written nor compared."""
    with pytest.raises(ConversionError):
        DateTime(form="epoch_s").write(ours)
    with pytest.raises(ConversionError):
        DateTime(form="epoch_s").key(ours)


def test_losses_are_declared_as_the_form_has_them() -> None:
    """What is lost depends on the form, and is said in words."""
    assert DateTime(precision="us").loses == "how the time is written"
    assert DateTime(form="epoch_s").loses == "how the time is written and what is finer than a second"
    assert "two equal hours" in Converter.of("date_time", DateTime(form="iso", zone="Europe/Oslo")).loses


def test_wrong_parameters_are_told_at_once() -> None:
    """Every fault is told as one of the mapping, when the converter is made."""
    with pytest.raises(ConfigurationError, match=r"^mapping: form: .*zone: .*precision: ") as caught:
        DateTime(form="unix", zone="Oslo", precision="m")

    assert len(caught.value.faults) == 3


def test_converter_of_times_is_a_value() -> None:
    """It can be pickled, compared, and named in a file by its parameters."""
    pair = DateTime(form="iso", zone="Europe/Oslo")

    assert pickle.loads(pickle.dumps(pair)) == pair  # noqa: S301  # our own bytes
    assert Converter.of("date_time", pair).params == {
        "form": "iso", "zone": "Europe/Oslo", "as_text": False, "precision": None,
    }  # fmt: skip
