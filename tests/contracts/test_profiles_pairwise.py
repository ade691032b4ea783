"""Generated profiles, in which any two values of different conventions meet: the client keeps its contract on them.

All of them are played by the stories; here every fourth, and all of them with `EVERY_PROFILE=1`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import get_args, get_type_hints

import pytest
from attrs import fields
from pairwise.axes import AXES
from pairwise.covering import covering, pairs_in, pairs_of
from pairwise.limits import CANNOT, fits
from pairwise.rows import VALUES, Played, played, spread

from wave_pms_sync.errors import Unauthorized
from wave_pms_sync.http.retry import RetryPolicy
from wave_pms_sync.pms.client import CustomPmsClient
from wave_pms_sync.pms.profile import PmsProfile
from wave_pms_sync.ports import CustomerClient
from wave_pms_sync.testing.claims import holds, raises
from wave_pms_sync.testing.clients import CustomerClientContract
from wave_pms_sync.testing.pms_sandbox import PmsSandbox
from wave_pms_sync.testing.pms_traps import PmsTraps

AT_ONCE = RetryPolicy(first_wait_s=0)
STEP = 1 if os.environ.get("EVERY_PROFILE") else 4

STORIES = {
    "wrong_token": {"empty"},
    "refuse_large_pages": {True},
    "ignore_versions": {True},
    "ignore_updates": {True},
}
"""Traps that no right profile gets along with: each has a story of its own, `tests/stories/test_profiles.py`."""


class OnAChoice(CustomerClientContract):
    """The contract, and what else holds wherever the profile is right, on a sandbox that plays one of them."""

    def __init__(self, choice: Played) -> None:
        self.choice = choice
        self.guards_writes = choice.guards_writes

    def make_client(self) -> CustomerClient:
        """A client of a new sandbox, both by the same profile."""
        choice = self.choice
        self.box = PmsSandbox(profile=choice.profile, traps=choice.traps, **choice.sandbox).start()
        self.secrets = tuple(_texts(self.box.credentials))
        self.pms = self.by(self.box.credentials)
        return self.pms

    def by(self, credentials: Mapping[str, object]) -> CustomPmsClient:
        """A client with these credentials."""
        return CustomPmsClient(self.box.url, profile=self.choice.profile, retry=AT_ONCE, **credentials)

    def clean_up(self) -> None:
        """Stop the sandbox."""
        self.pms.close()
        self.box.__exit__(None, None, None)

    def test_pages_are_fetched_as_they_are_asked_for(self) -> None:
        """Where rows show a part only, the first page needs each of its records, and this is no test for it."""
        if not self.choice.profile.list.partial:
            super().test_pages_are_fetched_as_they_are_asked_for()

    def test_wrong_credentials_are_told(self) -> None:
        """Whoever shows other secrets is told so, by a listing and by a write, and nothing is made."""
        if not self.box.credentials:
            return

        with self.by(_wrong(self.box.credentials)) as stranger:
            raises(Unauthorized, lambda: list(stranger.pages()), "a listing with wrong secrets")
            raises(Unauthorized, lambda: stranger.create_customer({"name": "Ada"}), "a create with wrong secrets")

        holds(not self.box.customers, "a stranger made a customer")

    def test_the_doctor_finds_nothing_wrong(self) -> None:
        """A right profile passes the examination, writing included, and its test customer is gone afterwards."""
        for name in ("Ada", "Bo", "Cy", "Di"):
            self.box.add({"name": name, **dict.fromkeys(self.choice.traps.required, "customer")})

        found = self.pms.check(write=True)

        holds(found.ok, f"the doctor finds fault with a right profile: {found}")
        living = [row for row in self.box.customers.values() if not row["archived"]]
        holds(len(living) == 4, "the test customer stayed")


TESTS = [name for name in dir(OnAChoice) if name.startswith("test_")]


def _texts(credentials: Mapping[str, object]) -> list[str]:
    return [text for held in credentials.values() for text in (held.values() if isinstance(held, dict) else [held])]


def _wrong(credentials: Mapping[str, object]) -> dict[str, object]:
    return {
        name: dict.fromkeys(held, "wrong") if isinstance(held, dict) else "wrong" for name, held in credentials.items()
    }


@pytest.mark.parametrize("number", range(0, len(spread()), STEP))
def test_the_contract_is_kept(number: int) -> None:
    """The client keeps its whole contract, whatever two conventions meet."""
    contract, broken = OnAChoice(played(spread()[number])), dict[str, str]()

    for name in TESTS:
        contract.setup_method()
        try:
            getattr(contract, name)()
        except Exception as error:  # all that is broken is told at once
            broken[name] = f"{type(error).__name__}: {error}"
        finally:
            contract.teardown_method()

    assert not broken, spread()[number]


# --- the spread itself


def test_every_pair_that_can_be_occurs() -> None:
    """Any two values of different conventions meet in some profile, but for those that are said to be apart."""
    held = {pair for choice in spread() for pair in pairs_in(choice)}

    assert held == pairs_of(VALUES, fits)


def test_the_spread_is_the_same_each_time() -> None:
    """A second making of the spread gives the same profiles in the same order."""
    assert tuple(covering(VALUES, fits)) == spread()


def test_a_pair_that_no_third_value_goes_with_is_left_out() -> None:
    """Two values that some axis has no value for meet nowhere, and all others meet."""
    axes = {"a": ("1", "2"), "b": ("1", "2"), "c": ("1", "2")}
    apart = [frozenset({("a", "1"), ("c", "1")}), frozenset({("b", "1"), ("c", "2")})]

    choices = covering(axes, lambda one, other: frozenset({one, other}) not in apart)

    held = {pair for choice in choices for pair in pairs_in(choice)}
    possible = pairs_of(axes, lambda one, other: frozenset({one, other}) not in apart)
    assert possible - held == {frozenset({("a", "1"), ("b", "1")})}
    assert not held & {*apart}


def test_what_is_said_to_be_apart_exists() -> None:
    """Each exception names values that there are, and a reason."""
    named = {
        (axis, value)
        for first, one, second, other, _ in CANNOT
        for axis, held in ((first, one), (second, other))
        for value in held
    }

    assert {(axis, value) for axis, value in named if value not in AXES[axis]} == set()
    assert all(reason for *_, reason in CANNOT)


def settings(part: object, before: str = "") -> Iterator[tuple[str, object]]:
    """Every setting of a profile, by its path."""
    for each in fields(type(part)):
        value = getattr(part, each.name)
        if hasattr(type(value), "__attrs_attrs__"):
            yield from settings(value, f"{before}{each.name}.")
        else:
            yield f"{before}{each.name}", value


def test_every_setting_of_a_profile_is_played() -> None:
    """Each setting that a profile knows is something else than by default in some profile of the spread."""
    usual = dict(settings(PmsProfile()))

    other = {name for choice in spread() for name, value in settings(played(choice).profile) if value != usual[name]}

    assert usual.keys() - other == set()


def words(kind: type, before: str = "") -> Iterator[tuple[str, object]]:
    """Every word, and every yes and no, among which a setting chooses."""
    for name, hint in get_type_hints(kind).items():
        if hasattr(hint, "__attrs_attrs__"):
            yield from words(hint, f"{before}{name}.")
        else:
            choices = (True, False) if hint is bool else [word for word in get_args(hint) if isinstance(word, str)]
            yield from ((f"{before}{name}", word) for word in choices)


def test_every_word_of_a_profile_is_played() -> None:
    """Each word, and each yes and no, among which a setting of a profile chooses, is chosen somewhere."""
    chosen = {
        (name, value)
        for choice in spread()
        for name, value in settings(played(choice).profile)
        if isinstance(value, str | bool)
    }

    assert {*words(PmsProfile)} - chosen == set()


def test_every_trap_is_played() -> None:
    """Each trap of the sandbox is played beside a right profile, or has a story of its own."""
    played_traps = [played(choice).traps for choice in spread()]
    chosen = {each.name: {getattr(traps, each.name) for traps in played_traps} for each in fields(PmsTraps)}

    assert {name for name, values in chosen.items() if len(values | STORIES.get(name, set())) < 2} == set()
    said = {(name, word) for name, word in words(PmsTraps) if word != ""}  # empty: as the profile says
    assert {word for word in said if word[1] not in chosen[word[0]] | STORIES.get(word[0], set())} == set()
