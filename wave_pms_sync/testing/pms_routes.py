"""The addresses of the PMS sandbox, and what a request at one of them wants."""

from __future__ import annotations

import json
from collections.abc import Mapping

from attrs import field, frozen

from wave_pms_sync.testing.pms_answers import Problem
from wave_pms_sync.testing.server import Call

__all__ = ["PREFIX", "Wish", "body_of", "wish_of"]

PREFIX = "/api/"
_ALL = {"GET": "list", "POST": "create"}
_ONE = {"GET": "one", "PATCH": "update", "DELETE": "delete"}


@frozen
class Wish:
    """What a request wants.

    Attributes:
        operation: `list`, `one`, `create`, `update`, `archive`, `delete`; `invalid` for a verb that the address does
            not have, `other` for an address that does not exist.
        id: The record, or empty.
        body: What it writes; empty if it writes nothing, or nothing that can be read.
    """

    operation: str
    id: str = ""
    body: Mapping[str, object] = field(factory=dict, repr=False)


def wish_of(call: Call) -> Wish:
    """Which operation an address and a verb mean."""
    resource, _, customer_id = call.path.removeprefix(PREFIX).partition("/")
    if not call.path.startswith(PREFIX) or resource != "customers":
        return Wish("other")
    operation = (_ONE if customer_id else _ALL).get(call.method, "invalid")
    body = _written(call) if operation in ("create", "update") else {}
    return Wish("archive" if customer_id and set(body) == {"archived"} else operation, customer_id, body)


def body_of(call: Call) -> dict[str, object]:
    """The JSON object that a request carries.

    Raises:
        Problem: It carries none (400).
    """
    try:
        value = json.loads(call.body)
    except ValueError:
        raise Problem(400, "The body is not JSON.") from None
    if not isinstance(value, dict):
        raise Problem(400, "The body must be a JSON object.")
    return {str(name): inner for name, inner in value.items()}


def _written(call: Call) -> Mapping[str, object]:
    try:
        return body_of(call)
    except Problem:
        return {}
