"""What is asked of Wave, each question as a value with its document and variables."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from attrs import field, frozen

from wave_pms_sync.errors import ConfigurationError
from wave_pms_sync.wave.operations import documents
from wave_pms_sync.wave.operations.decode import stamp
from wave_pms_sync.wave.operations.encode import encode_create, encode_patch
from wave_pms_sync.wave.settings import WaveSettings

_BUSINESSES_PER_PAGE = 50


@frozen(kw_only=True)
class Operation:
    """One thing to ask of Wave.

    Attributes:
        name: For errors and logs, for example `"update_customer"`.
        document: GraphQL.
        variables: Its variables.
        writes: Whether it may change something.
        record_id: The customer concerned, or None.
    """

    name: str
    document: str = field(repr=False)
    variables: Mapping[str, object] = field(factory=dict, repr=False)
    writes: bool = False
    record_id: str | None = None

    def body(self) -> bytes:
        """The bytes of the POST.

        Raises:
            ConfigurationError: The variables are no JSON.
        """
        try:
            return json.dumps({"query": self.document, "variables": dict(self.variables)}, allow_nan=False).encode()
        except (TypeError, ValueError) as problem:
            raise ConfigurationError(self.name, ["variables: must be JSON values"]) from problem


def list_customers(
    business_id: str, number: int, page_size: int, *, modified_after: datetime | None, settings: WaveSettings
) -> Operation:
    """One page of customers, all or those modified since a moment (and a little before it)."""
    variables: dict[str, object] = {
        "businessId": business_id,
        "page": number,
        "pageSize": page_size,
        "sort": list(settings.sort),
    }
    if modified_after is not None:  # an explicit null might be taken for a filter
        variables["modifiedAtAfter"] = _since(modified_after, settings.since_margin_s)
    document = documents.list_customers(amounts=settings.amounts)
    return Operation(name="list_customers", document=document, variables=variables)


def read_customers(business_id: str, ids: Sequence[str], *, settings: WaveSettings) -> Operation:
    """Several customers by id."""
    return Operation(
        name="read_customers",
        document=documents.read_customers(len(ids), amounts=settings.amounts),
        variables={"businessId": business_id, **{f"id{n}": each for n, each in enumerate(ids)}},
        record_id=ids[0] if len(ids) == 1 else None,
    )


def create_customer(business_id: str, values: Mapping[str, object], *, settings: WaveSettings) -> Operation:
    """A new customer with these values.

    Raises:
        Refused: The values cannot be sent.
    """
    return Operation(
        name="create_customer",
        document=documents.create_customer(amounts=settings.amounts),
        variables={"input": {"businessId": business_id, **encode_create(values)}},
        writes=True,
    )


def update_customer(
    customer_id: str, values: Mapping[str, object], *, seen: Mapping[str, object] | None, settings: WaveSettings
) -> Operation:
    """These values changed, the others left; what travels whole is laid over what was seen.

    Raises:
        Refused: The values cannot be sent.
    """
    patch = encode_patch(values, seen=seen, clear_with=settings.clear_with)
    return Operation(
        name="update_customer",
        document=documents.patch_customer(amounts=settings.amounts),
        variables={"input": {"id": customer_id, **patch}},
        writes=True,
        record_id=customer_id,
    )


def delete_customer(customer_id: str) -> Operation:
    """This customer deleted."""
    return Operation(
        name="delete_customer",
        document=documents.delete_customer(),
        variables={"input": {"id": customer_id}},
        writes=True,
        record_id=customer_id,
    )


def list_businesses(number: int) -> Operation:
    """One page of businesses."""
    variables = {"page": number, "pageSize": _BUSINESSES_PER_PAGE}
    return Operation(name="businesses", document=documents.list_businesses(), variables=variables)


def execute(document: str, variables: Mapping[str, object]) -> Operation:
    """A user's own document; with a mutation in it, it is a write."""
    return Operation(name="execute", document=document, variables=variables, writes=documents.is_mutation(document))


def _since(moment: datetime, margin_s: float) -> str:
    try:
        return stamp(moment - timedelta(seconds=margin_s))
    except OverflowError:  # the first second of the year 1
        return "0001-01-01T00:00:00.000Z"
