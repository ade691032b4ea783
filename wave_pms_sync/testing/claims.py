"""What a contract claims, said so that a failure explains itself wherever the kit is run."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["holds", "raises", "same"]


def holds(condition: object, problem: str) -> None:
    """Claim that something is so.

    Raises:
        AssertionError: It is not; the problem says what that means.
    """
    if not condition:
        raise AssertionError(problem)


def same(found: object, wanted: object, what: str) -> None:
    """Claim that two values are equal.

    Raises:
        AssertionError: They are not; it shows both.
    """
    if found != wanted:
        raise AssertionError(f"{what}: found {found!r}, wanted {wanted!r}")


def raises(kind: type[Exception], call: Callable[[], object], what: str) -> None:
    """Claim that a call raises an error of this kind.

    Raises:
        AssertionError: It raised none. An error of another kind passes through.
    """
    try:
        call()
    except kind:
        return
    raise AssertionError(f"{what}: {kind.__name__} must be raised")
