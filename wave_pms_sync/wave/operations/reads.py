"""Answers to reads: one page, several customers by id, one page of businesses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from attrs import evolve

from wave_pms_sync.errors import BadAnswer, NotFound
from wave_pms_sync.http.cut import cut
from wave_pms_sync.http.decoding import decoded
from wave_pms_sync.http.messages import Response
from wave_pms_sync.model.records import Page, Unread
from wave_pms_sync.wave.operations import decode
from wave_pms_sync.wave.operations.judge import Answer, answer, error_code, error_path, failure, judge
from wave_pms_sync.wave.records import WaveRecord

_READING: Final = b"wave 1 "
"""Another reading of the rows needs another name, or none of them is read anew."""


def page(response: Response, business_id: str, *, unread: bool = True) -> Page:
    """One page of customers; it is the last if Wave says that there are no more pages.

    Args:
        response: The answer.
        business_id: Whose customers.
        unread: Leave the rows as text until somebody wants to know what they say.

    Raises:
        NotFound: The business is null or not found; never an empty page.
        SyncError: What else the answer amounts to.
    """
    taken = cut(response.body, "edges") if unread else None
    if taken is not None:
        shown = _listing(evolve(response, body=taken.rest), business_id)
        if not shown.nodes and _is_row(taken.whole(taken.rows[-1])):
            records = Unread(
                rows=taken.rows,
                marks=partial(taken.marks, _READING),
                read=lambda row: _row(taken.whole(row)),
                whole=partial(_whole, response, business_id),
            )
            return _page(records, shown, response)
    return _whole(response, business_id)


def _listing(response: Response, business_id: str) -> decode.Listing:
    try:
        data = judge(response, writes=False)
    except NotFound:
        raise decode.business_not_found(business_id) from None
    return decode.listing(decode.business(data, business_id).get("customers"), "customers")


def _whole(response: Response, business_id: str) -> Page:
    shown = _listing(response, business_id)
    return _page(tuple(map(decode.record, shown.nodes)), shown, response)


def _page(records: Sequence[WaveRecord] | Unread, shown: decode.Listing, response: Response) -> Page:
    return Page(
        records=records,
        total=shown.total,
        pages=shown.pages,
        last=shown.pages is not None and shown.number >= shown.pages,
        server_time=response.server_time,
    )


def _is_row(row: bytes) -> bool:
    try:
        _row(row)
    except ValueError:
        return False
    return True


def _row(row: bytes) -> WaveRecord:
    edge = decoded(row)
    try:
        return decode.record(edge.get("node") if isinstance(edge, dict) else None)
    except BadAnswer:
        raise ValueError("no row by itself") from None


def businesses(response: Response) -> tuple[list[dict[str, object]], bool]:
    """One page of businesses as plain dicts, and whether it is the last."""
    shown = decode.listing(judge(response, writes=False).get("businesses"), "businesses")
    return [dict(node) for node in shown.nodes], shown.pages is None or shown.number >= shown.pages


def customers(response: Response, ids: Sequence[str], business_id: str) -> dict[str, WaveRecord | None]:
    """The customers that were asked for as `c0`, `c1` and so on, each judged alone.

    Returns:
        By id; None for one that Wave says it does not have. An id is left out if the answer says nothing
        about it, because another one's error took the whole business away.

    Raises:
        NotFound: The business is null or not found.
        SyncError: There are errors other than missing customers.
    """
    aliases = {f"c{n}": customer_id for n, customer_id in enumerate(ids)}
    read = answer(response, writes=False)
    gone, unnamed = _missing(read, aliases, business_id)
    shown = read.data.get("business")
    if shown is None and gone:
        return {aliases[alias]: None for alias in gone}
    if unnamed and not isinstance(shown, Mapping) and len(aliases) == 1:
        return dict.fromkeys(ids)
    there = decode.business(read.data, business_id)
    return {
        customer_id: None if alias in gone or there.get(alias) is None else decode.record(there[alias])
        for alias, customer_id in aliases.items()
    }


def _missing(read: Answer, aliases: Mapping[str, str], business_id: str) -> tuple[set[str], bool]:
    """Which aliases Wave does not have, and whether it said so of some without naming them."""
    gone: set[str] = set()
    unnamed, others = False, []
    for error in read.errors:
        path = error_path(error)
        if error_code(error) != "NOT_FOUND":
            others.append(error)
        elif path == ("business",):
            raise decode.business_not_found(business_id)
        elif path[:1] == ("business",) and path[1] in aliases:
            gone.add(str(path[1]))
        else:
            unnamed = unnamed or len(path) > 1
    if others:
        raise failure(evolve(read, errors=tuple(others)), writes=False)
    return gone, unnamed
