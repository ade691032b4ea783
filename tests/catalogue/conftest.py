"""What the catalogue needs beside the world of all tests: listings in numbered pages, of which rows can move."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from wave_pms_sync import PmsProfile, Policy

NUMBERED = PmsProfile.preset("page_number").evolve(paging={"size": 2})


@pytest.fixture(params=["wave", "pms"])
def side(request: pytest.FixtureRequest) -> str:
    """The side on which it goes wrong; both, one after the other."""
    return request.param


@pytest.fixture
def other(side: str) -> str:
    """The other side."""
    return {"wave": "pms", "pms": "wave"}[side]


@pytest.fixture
def strict() -> Policy:
    """Whoever is gone from one side is deleted on the other, so that a wrong word about absence does harm."""
    return Policy(deletions={"pms": "delete", "wave": "delete"})


@pytest.fixture
def paged(make_world: Callable[..., object], strict: Policy) -> Callable[..., object]:
    """Makes worlds with two records to a numbered page, in which absence has consequences."""

    def make(pms_options: Mapping[str, object] | None = None, **options: object) -> object:
        pms_options = {"profile": NUMBERED, **(pms_options or {})}
        return make_world(page_size=2, profile=NUMBERED, pms_options=pms_options, **{"policy": strict, **options})

    return make
