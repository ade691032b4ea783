"""Preferences: careful by default, and wrong ones refused at construction with all their faults."""

from __future__ import annotations

import pickle
from functools import partial

import pytest

from wave_pms_sync.errors import ConfigurationError
from wave_pms_sync.model.records import Record
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.policy import Guards, Policy, Scope

PATIENCE = (
    "clock_tolerance_s",
    "overlap_s",
    "lag_s",
    "settle_s",
    "lease_s",
    "full_scan_every_s",
    "max_flips",
    "retention_days",
)
BOUNDS = ("max_retirements", "max_retirements_pct", "max_updates_pct", "max_creates")


def _rule(values, baselines, stamps):
    return "wave"


class _Rule:
    def __call__(self, values, baselines, stamps):
        return "wave"


def _faults(**facts):
    with pytest.raises(ConfigurationError) as caught:
        Policy(**facts)
    return caught.value.faults


def test_defaults_are_the_careful_ones():
    """Without a word of the user nothing is deleted, archived, created in Wave or decided by guessing."""
    policy = Policy()

    assert (policy.conflict("email"), policy.meeting("email")) == ("newest", "hold")
    assert [policy.deletion(side) for side in Side] == ["keep", "keep"]
    assert (policy.archives, policy.create_in) == ("keep", ("pms",))
    assert policy.match_on == ("external_id", "email", "name+postal_code")
    assert policy.guards == Guards(max_retirements=10, max_retirements_pct=5, max_updates_pct=50, max_creates=None)


@pytest.mark.parametrize(
    ("facts", "named"),
    [
        ({"conflicts": "latest"}, "conflicts: 'latest'"),
        ({"conflicts": None}, "conflicts: None"),
        ({"conflicts": {"address": "latest"}}, "conflicts['address']: 'latest'"),
        ({"conflicts": {"address": {"city": "pms"}}}, "conflicts['address']: "),
        ({"first_meeting": "both"}, "first_meeting: 'both'"),
        ({"deletions": "drop"}, "deletions['pms']: 'drop'"),
        ({"deletions": 3}, "deletions: 3"),
        ({"deletions": {"pms": "drop"}}, "deletions['pms']: 'drop'"),
        ({"deletions": {"erp": "keep"}}, "deletions: 'erp'"),
        ({"deletions": {"wave": "archive"}}, "deletions['wave']: Wave cannot archive"),
        ({"deletions": {"wave": "recreate", "pms": "delete"}}, "deletions: a customer gone from wave"),
        ({"deletions": {"pms": "recreate", "wave": "delete"}}, "deletions: a customer gone from pms"),
        ({"archives": "yes"}, "archives: 'yes'"),
        ({"create_in": "erp"}, "create_in: 'erp'"),
        ({"create_in": ("pms", "erp")}, "create_in: 'erp'"),
        ({"create_in": 5}, "create_in: 5"),
        ({"match_on": ("email", "email")}, "match_on: a key is named twice"),
        ({"match_on": ("email", "")}, "match_on: "),
        ({"match_on": 7}, "match_on: "),
        ({"guards": {"max_creates": 5}}, "guards: must be Guards"),
        *(({name: -1}, f"{name}: must be a number") for name in PATIENCE),
        *(({name: "60"}, f"{name}: must be a number") for name in PATIENCE),
        *(({name: float("nan")}, f"{name}: must be a number") for name in PATIENCE),
        *(({name: True}, f"{name}: must be a number") for name in PATIENCE),
        ({"max_flips": 0}, "max_flips: must be a number from 1 up"),
        ({"lease_s": 0}, "lease_s: must be a number from 1 up"),
        *(({"guards": Guards(**{name: -1})}, f"guards.{name}: ") for name in BOUNDS),
        *(({"guards": Guards(**{name: "all"})}, f"guards.{name}: ") for name in BOUNDS),
        *(({"guards": Guards(**{name: float("nan")})}, f"guards.{name}: ") for name in BOUNDS),
        *(({"guards": Guards(**{name: True})}, f"guards.{name}: ") for name in BOUNDS),
    ],
)
def test_wrong_value_is_named(facts, named):
    """A wrong preference is refused at construction, by its name and with what is allowed."""
    [fault] = _faults(**facts)

    assert fault.startswith(named)


def test_all_faults_are_raised_at_once():
    """Every wrong preference is told in one go."""
    faults = _faults(conflicts="latest", archives="yes", lag_s=-1, guards=Guards(max_creates=-1), match_on=())

    assert [fault.partition(":")[0] for fault in faults] == ["conflicts", "archives", "guards.max_creates", "lag_s"]


def test_zero_is_a_number():
    """No patience at all is allowed where it makes sense."""
    assert Policy(lag_s=0, settle_s=0, clock_tolerance_s=0, guards=Guards(max_retirements=0)).lag_s == 0


def test_lists_and_single_words_will_do():
    """A list stands for a tuple and a word for a tuple of one."""
    policy = Policy(create_in="wave", match_on=["email"])

    assert (policy.create_in, policy.match_on) == (("wave",), ("email",))
    assert policy.creates_in(Side.WAVE)
    assert not policy.creates_in(Side.PMS)


def test_bare_deletion_policy_is_for_the_pms():
    """A bare deletion policy never touches Wave."""
    policy = Policy(deletions="delete")

    assert (policy.deletion(Side.PMS), policy.deletion(Side.WAVE)) == ("delete", "keep")


def test_rules_per_group_are_listed():
    """The groups that have a rule of their own can be checked against the mapping."""
    policy = Policy(conflicts={"address": "pms", "*": "newest"}, first_meeting={"email": "wave"})

    assert policy.groups_named() == ("address", "email")


def test_fingerprint_recognises_the_same_preferences():
    """Equal preferences have one fingerprint, on every machine; any other preference has another."""
    same = [Policy(conflicts=_rule), pickle.loads(pickle.dumps(Policy(conflicts=_rule)))]  # noqa: S301  # our own bytes

    assert same[0].fingerprint == same[1].fingerprint
    assert len({Policy().fingerprint, Policy(lag_s=1).fingerprint, same[0].fingerprint}) == 3


@pytest.mark.parametrize("make", [_Rule, lambda: partial(_rule), lambda: _Rule().__call__])
def test_fingerprint_of_a_callable_is_no_address(make):
    """A plan saved elsewhere was refused, because the rule's place in memory was part of the fingerprint."""
    assert Policy(conflicts=make()).fingerprint == Policy(conflicts=make()).fingerprint


def test_scope_includes_by_side():
    """A scope asks the predicate of the record's side; a side without one takes part as a whole."""
    scope = Scope(id="vip", wave=lambda record: record.payload["vip"])
    vip, other = (Record(side=Side.WAVE, id="W1", payload={"vip": yes}) for yes in (True, False))

    assert scope.includes(vip)
    assert not scope.includes(other)
    assert scope.includes(Record(side=Side.PMS, id="P1", payload={}))
