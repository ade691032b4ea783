"""Listings whose pages are asked for ahead show the same, for as many requests."""

from __future__ import annotations

import pytest

from wave_pms_sync import PmsProfile
from wave_pms_sync.errors import ConfigurationError

NUMBERED = {
    "list": {"query": {"limit": "{limit}", "page": "{page}", "updated_since": "{since}"}},
    "paging": {"size": 2, "pages": "pages"},
}


@pytest.fixture
def many(make_world):
    """Seven customers on both sides, listed two to a page, with pages asked for ahead."""
    profile = PmsProfile.from_dict(NUMBERED)
    world = make_world(page_size=2, profile=profile, pms_options={"profile": profile})
    world.change(wave=world.make_wave(pages_ahead=3), pms=world.make_pms(pages_ahead=3))
    for n in range(7):
        world.later(600)
        world.wave_box.add({"name": f"Customer {n}"})
    return world


def test_both_sides_are_read_completely(many):
    """A run links, carries and finds quiet as ever, and each page costs one request."""
    assert many.run().counts["created_pms"] == 7
    many.rest()

    report = many.run(full=True)

    assert (report.status, report.counts["unchanged"]) == ("complete", 7)
    assert report.requests == {"wave": 4, "pms": 4}


def test_a_listing_that_is_left_half_read_asks_for_little_more(many):
    """Whoever stops reading has asked for the pages ahead, and for no more."""
    many.run()
    wave, pms = many.make_wave(pages_ahead=1), many.make_pms(pages_ahead=1)

    for client in (wave, pms):
        pages = client.pages()
        next(pages)
        pages.close()

    assert wave.requests <= 2
    assert pms.requests <= 2


@pytest.mark.parametrize("count", [-1, True, 1.5, "2", 101])
def test_a_count_that_is_none_is_refused(many, count):
    """The number of pages ahead is a whole one, of either client."""
    for make in (many.make_wave, many.make_pms):
        with pytest.raises(ConfigurationError, match="pages_ahead"):
            make(pages_ahead=count)
