"""Wave's GraphQL data into records, pages and businesses.

A null where the schema promises more is an error, never an empty list: a customer that is not shown for
want of a permission must not look deleted.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from types import MappingProxyType

from attrs import frozen

from wave_pms_sync.errors import BadAnswer, NotFound
from wave_pms_sync.wave.records import WaveRecord

_OBJECT = (dict, Mapping)  # the first is what nearly all are, and asking for it is ten times as quick


@frozen(kw_only=True)
class Listing:
    """One page of a connection, in Wave's own words.

    Attributes:
        nodes: The rows.
        number: The page it says it is.
        pages: How many there are, or None if it does not say.
        total: How many rows there are on all pages, or None if it does not say.
    """

    nodes: tuple[Mapping[str, object], ...]
    number: int
    pages: int | None
    total: int | None


def listing(connection: object, what: str) -> Listing:
    """A page out of a connection.

    Raises:
        BadAnswer: Something in it is null or of another shape.
    """
    edges, info = _get(connection, "edges"), _get(connection, "pageInfo")
    number = _number(info, "currentPage")
    if not isinstance(edges, list) or number is None:
        raise BadAnswer(f"Wave showed {what} without rows or page number")
    nodes = [_get(edge, "node") for edge in edges]
    rows = tuple(node for node in nodes if isinstance(node, _OBJECT))
    if len(rows) != len(nodes):
        raise BadAnswer(f"Wave showed {what} with a row that is null")
    return Listing(nodes=rows, number=number, pages=_number(info, "totalPages"), total=_number(info, "totalCount"))


def business(data: Mapping[str, object], business_id: str) -> Mapping[str, object]:
    """The business in an answer.

    Raises:
        NotFound: It is null: this token cannot see it.
    """
    shown = data.get("business")
    if not isinstance(shown, Mapping):
        raise business_not_found(business_id)
    return shown


def business_not_found(business_id: str) -> NotFound:
    """The error that names a business and says how to find the right one."""
    return NotFound(
        f"Wave shows this token no business {business_id}; `wave.businesses()` lists those it may see "
        "(the scopes business:read and customer:read are needed)"
    )


def record(node: object) -> WaveRecord:
    """A customer out of its node.

    Raises:
        BadAnswer: It has no id.
    """
    customer_id = node.get("id") if isinstance(node, _OBJECT) else None
    if not isinstance(node, _OBJECT) or not isinstance(customer_id, str) or not customer_id:
        raise BadAnswer("Wave showed a customer without an id")
    return WaveRecord(
        id=customer_id,
        payload=MappingProxyType(node),  # nobody else holds what was just decoded
        created_at=moment(node.get("createdAt")),
        modified_at=moment(node.get("modifiedAt")),
        archived=node.get("isArchived") is True,
    )


def moment(text: object) -> datetime | None:
    """An ISO 8601 moment with any offset and any number of fraction digits; None for anything else.

    A text without a zone is None as well: guessing one would shift it by hours.
    """
    if not isinstance(text, str):
        return None
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        from dateutil.parser import isoparse  # only for what Python's own, quicker reader does not take

        try:
            read = isoparse(text)
        except (ValueError, OverflowError):
            return None
    return None if read.tzinfo is None else read


def stamp(moment: datetime) -> str:
    """A moment as Wave takes it, in UTC with milliseconds, never later than it is."""
    return moment.astimezone(timezone.utc).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def _get(value: object, name: str) -> object:
    return value.get(name) if isinstance(value, _OBJECT) else None


def _number(value: object, name: str) -> int | None:
    found = _get(value, name)
    return found if isinstance(found, int) and not isinstance(found, bool) else None
