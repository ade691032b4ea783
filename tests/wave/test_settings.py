"""What Wave does not document, as settings."""

from __future__ import annotations

import pytest

from wave_pms_sync.errors import ConfigurationError
from wave_pms_sync.wave.settings import WaveSettings


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("clear_with", "none"),
        ("sort", ()),
        ("sort", ("CREATED_AT",)),
        ("largest_page", 0),
        ("bulk_read", 0),
        ("requests_per_minute", 0),
        ("burst", 0),
        ("since_margin_s", -1),
    ],
)
def test_settings_that_make_no_sense_are_refused(name, value):
    """A setting that cannot work is named."""
    with pytest.raises(ConfigurationError) as caught:
        WaveSettings(**{name: value})

    assert [fault.partition(":")[0] for fault in caught.value.faults] == [name]


def test_settings_know_waves_orders():
    """Every order of Wave's schema can be set, several one after the other."""
    assert WaveSettings(sort=["MODIFIED_AT_DESC", "NAME_ASC"]).sort == ("MODIFIED_AT_DESC", "NAME_ASC")
