"""Credentials that a server repeats: an answer that fails is judged without them, so that no error shows them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar
from urllib.parse import parse_qsl, urlsplit

from wave_pms_sync.errors import SyncError
from wave_pms_sync.http.messages import Request, Response

T = TypeVar("T")

_SHORTEST: Final = 8
"""A shorter word may stand in an answer for another reason; what is so short is no secret either."""


def judged(judge: Callable[[Response], T], response: Response, request: Request, signed: Request) -> T:
    """What the judge makes of an answer; of one that repeats our credentials its error does not.

    Args:
        judge: Turns an answer into a result or raises a leaf of the error tree.
        response: The answer.
        request: What was to be sent.
        signed: What was sent, with credentials.

    Raises:
        SyncError: The judge's.
    """
    try:
        return judge(response)
    except SyncError:
        hushed = response.without(_added(request, signed))
        if hushed == response:
            raise
    return judge(hushed)


def _added(request: Request, signed: Request) -> set[str]:
    """The words that signing added to headers and query."""
    values = {value for name, value in signed.headers.items() if request.headers.get(name) != value}
    values |= {value for _, value in {*_query(signed)} - {*_query(request)}}
    return {word for value in values for word in value.split() if len(word) >= _SHORTEST}


def _query(request: Request) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(request.url).query)
