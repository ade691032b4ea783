"""Answers that are spoilt on their way, though the request was executed."""

from __future__ import annotations

import codecs
from collections.abc import Callable

from attrs import evolve

from wave_pms_sync.testing.faults import Fault
from wave_pms_sync.testing.server import Reply
from wave_pms_sync.testing.switchboard import Details

__all__ = ["damaged"]


def damaged(reply: Reply, kind: Fault, told: Details) -> Reply:
    """The answer with this damage; unchanged if the kind is none that concerns an answer's body."""
    damage = _DAMAGES.get(kind)
    return reply if damage is None else damage(reply, told)


def _cut_json(reply: Reply, _: Details) -> Reply:
    return evolve(reply, body=reply.body[: len(reply.body) // 2])


def _cut_body(reply: Reply, _: Details) -> Reply:
    return evolve(reply, held_back=max(1, len(reply.body) // 2))


def _empty_body(reply: Reply, _: Details) -> Reply:
    return evolve(reply, body=b"")


def _bom(reply: Reply, _: Details) -> Reply:
    return evolve(reply, body=codecs.BOM_UTF8 + reply.body)


def _slow_body(reply: Reply, told: Details) -> Reply:
    return evolve(reply, slow_s=told.seconds)


def _content_type(reply: Reply, told: Details) -> Reply:
    others = tuple(header for header in reply.headers if header[0] != "Content-Type")
    return evolve(reply, headers=(*others, ("Content-Type", told.body or "text/html; charset=utf-8")))


_DAMAGES: dict[Fault, Callable[[Reply, Details], Reply]] = {
    Fault.CUT_JSON: _cut_json,
    Fault.CUT_BODY: _cut_body,
    Fault.EMPTY_BODY: _empty_body,
    Fault.BOM: _bom,
    Fault.SLOW_BODY: _slow_body,
    Fault.CONTENT_TYPE: _content_type,
}
