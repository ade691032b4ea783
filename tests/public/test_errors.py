"""Errors travel between processes and keep what they know."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable

import pytest

from wave_pms_sync import SyncError, errors
from wave_pms_sync.errors import FieldFault

COMMON = {
    "side": "wave",
    "operation": "update_customer",
    "record_id": "w1",
    "retry_after_s": 2.5,
    "request_id": "r-1",
}
OWN: dict[str, dict[str, object]] = {
    "ConfigurationError": {"faults": ["token: is missing"]},
    "ConversionError": {"field": "phone"},
    "Refused": {"faults": (FieldFault(path="email", code="INVALID", message="no"),)},
    "BadAnswer": {"data": {"business": None}, "errors": ({"message": "no"},)},
    "LeaseHeld": {"owner": "worker-1", "age_s": 3.0},
    "RunIncomplete": {"status": "partial"},
}
KINDS = sorted(name for name in errors.__all__ if name != "FieldFault")


def _made(name: str) -> SyncError:
    kind: type[SyncError] = getattr(errors, name)
    return kind("it went wrong", **OWN.get(name, {}), **COMMON)


def _pickled(error: SyncError) -> SyncError:
    there: SyncError = pickle.loads(pickle.dumps(error))  # noqa: S301  # our own bytes
    return there


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("travel", [_pickled, copy.deepcopy], ids=["pickle", "copy"])
def test_an_error_travels_with_its_facts(name: str, travel: Callable[[SyncError], SyncError]) -> None:
    """A pickled or copied error has the same kind, text, code and facts."""
    error = _made(name)

    there = travel(error)

    assert type(there) is type(error)
    assert (str(there), there.code, there.retryable) == (str(error), error.code, error.retryable)
    assert vars(there) == vars(error)
    assert vars(there).items() >= COMMON.items()


def test_every_kind_has_a_code_of_its_own() -> None:
    """A program can tell errors apart by their codes."""
    codes = [getattr(errors, name).code for name in KINDS]

    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_is_a_sync_error(name: str) -> None:
    """One except clause catches all of them."""
    assert issubclass(getattr(errors, name), SyncError)


def test_what_a_server_said_stays_out_of_the_text() -> None:
    """A server's words may quote a customer, so they show in no text and no repr."""
    error = errors.Refused("declined", faults=[FieldFault(path="email", message="ada@example.org is taken")])

    assert "ada@example.org" not in f"{error} {error!r} {error.faults!r}"
    assert error.faults[0].message == "ada@example.org is taken"
