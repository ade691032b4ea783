"""The body of a request to the PMS sandbox: JSON or a form, as nested plain data."""

from __future__ import annotations

import json
import re
from urllib.parse import parse_qsl

from wave_pms_sync.testing.pms_problems import Problem
from wave_pms_sync.testing.server import Call

__all__ = ["FORM", "body_of", "media_type"]

FORM = "application/x-www-form-urlencoded"
_NAMES = re.compile(r"[^\[\]]+|\[\]")


def media_type(text: str) -> str:
    """A content type without its parameters."""
    return text.partition(";")[0].strip().lower()


def body_of(call: Call) -> dict[str, object]:
    """The object that a request carries.

    Raises:
        Problem: It carries none (400).
    """
    if media_type(call.headers.get("content-type", "")) == FORM:
        return _form(call.body.decode("utf-8", "replace"))
    try:
        value = json.loads(call.body)
    except ValueError:
        raise Problem(400, "The body is not JSON.") from None
    if not isinstance(value, dict):
        raise Problem(400, "The body must be a JSON object.")
    return {str(name): inner for name, inner in value.items()}


def _form(text: str) -> dict[str, object]:
    """`a[b]=c` is a property inside an object, `a[]=c` an item of a list, `a[0][b]=c` a property of one."""
    result: dict[str, object] = {}
    for key, value in parse_qsl(text, keep_blank_values=True):
        *outer, last = _NAMES.findall(key)
        if last == "[]":
            last = outer.pop()
            held = _inner(result, outer).setdefault(last, [])
            if isinstance(held, list):
                held.append(value)
        else:
            _inner(result, outer)[last] = value
    return {name: _numbered(inner) for name, inner in result.items()}


def _numbered(held: object) -> object:
    """A table whose names are numbers as the list that it stands for."""
    if not isinstance(held, dict):
        return held
    inner = {name: _numbered(value) for name, value in held.items()}
    return [*inner.values()] if inner and all(name.isdecimal() for name in inner) else inner


def _inner(table: dict[str, object], names: list[str]) -> dict[str, object]:
    for name in names:
        inner = table.setdefault(name, {})
        table = inner if isinstance(inner, dict) else {}
    return table
