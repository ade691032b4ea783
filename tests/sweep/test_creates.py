"""Customers are created, on one side or on both, and the run is struck at any of its calls."""

from __future__ import annotations

import pytest

from wave_pms_sync import PmsProfile, Policy

BOTH = Policy(create_in=("pms", "wave"))
PLAIN = PmsProfile.from_dict(
    {"record": {"marker": False}, "create": {"headers": {}}, "update": {"headers": {}}, "delete": {"headers": {}}}
)


def enter(box, *names):
    """Customers entered by somebody."""
    for n, name in enumerate(names):
        box.add({"name": name, "email": f"{name.lower()}@example.com", "phone": f"{n}00"})


def first_sync_into_the_pms(world):
    """Wave is filled, the PMS is empty."""
    enter(world.wave_box, "Ada", "Grace", "Edith")
    yield {}


def first_sync_into_wave(world):
    """The PMS is filled, Wave is empty."""
    world.change(policy=Policy(create_in=("wave",)))
    enter(world.pms_box, "Ada", "Grace")
    yield {}


def both_at_once(world):
    """Each side has customers that the other lacks, and one pair that meets."""
    world.change(policy=BOTH)
    enter(world.wave_box, "Ada", "Met")
    world.pms_box.add({"name": "Met", "email": "met@example.com", "fax": "666"})
    enter(world.pms_box, "Grace")
    world.wave_box.add({"name": "Twin 1", "email": "twin@example.com"})
    world.wave_box.add({"name": "Twin 2", "email": "twin@example.com"})
    world.pms_box.add({"name": "Twin", "email": "twin@example.com"})
    yield {}


def without_a_mark(world):
    """The PMS keeps neither marks nor idempotency keys."""
    yield from both_at_once(world)


without_a_mark.options = {"profile": PLAIN, "pms_options": {"idempotency": False}}

STORIES = [first_sync_into_the_pms, first_sync_into_wave, both_at_once, without_a_mark]


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_creates_struck_anywhere(strike, story):
    """Each record is made once, and everything ends as if nothing had happened."""
    strike(story)
