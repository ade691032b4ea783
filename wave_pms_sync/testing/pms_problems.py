"""What the PMS sandbox declines a request with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

__all__ = ["Problem", "missing"]


class Problem(Exception):
    """A request that is declined.

    Args:
        status: The HTTP status, before the profile has its say.
        detail: In words.
        errors: One mapping (field, code, detail) for each field concerned.
        exactly: The status is not the profile's affair.
        allow: The verbs that the address knows, for a 405.
        **more: Further members of the problem.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        errors: Sequence[Mapping[str, object]] = (),
        *,
        exactly: bool = False,
        allow: str = "",
        **more: object,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = tuple(errors)
        self.exactly = exactly
        self.allow = allow
        self.more: Mapping[str, object] = more


def missing(customer_id: str) -> Problem:
    """There is no such customer."""
    return Problem(404, f"There is no customer {customer_id}.")
