"""The answers of the PMS sandbox: JSON, and problem details (RFC 9457)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from attrs import frozen

from wave_pms_sync.testing.server import Reply, json_body

__all__ = ["Problem", "json_reply", "problem_reply"]


class Problem(Exception):
    """A request that is declined.

    Args:
        status: The HTTP status.
        detail: In words.
        errors: One mapping (field, code, detail) for each field concerned.
        **more: Further members of the problem.
    """

    def __init__(self, status: int, detail: str, errors: Sequence[Mapping[str, object]] = (), **more: object) -> None:
        super().__init__(detail)
        self.facts = _Facts(status, detail, tuple(errors), more)

    @property
    def reply(self) -> Reply:
        """The answer that says so."""
        return problem_reply(self.facts.status, self.facts.detail, self.facts.errors, self.facts.more)


@frozen
class _Facts:
    status: int
    detail: str
    errors: tuple[Mapping[str, object], ...]
    more: Mapping[str, object]


def json_reply(status: int, value: object, headers: Mapping[str, str] | None = None) -> Reply:
    """A JSON answer."""
    return Reply(
        status=status, body=json_body(value), headers=(("Content-Type", "application/json"), *(headers or {}).items())
    )


def problem_reply(
    status: int,
    detail: str,
    errors: Sequence[Mapping[str, object]] = (),
    more: Mapping[str, object] | None = None,
) -> Reply:
    """A problem details answer."""
    problem: dict[str, object] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase if status in set(HTTPStatus) else "Error",
        "status": status,
        "detail": detail,
        **(more or {}),
    }
    if errors:
        problem["errors"] = list(errors)
    headers = [("Content-Type", "application/problem+json")]
    if status == 401:
        headers.append(("WWW-Authenticate", 'Bearer realm="pms"'))
    return Reply(status=status, body=json_body(problem), headers=tuple(headers))
