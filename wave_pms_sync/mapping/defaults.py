"""The default mapping: a well-founded start for a PMS that follows the default conventions.

Converters and groups are those that go without saying for a property (`wave_properties`), unless a row names them.
"""

from __future__ import annotations

from attrs import frozen


@frozen
class DefaultRow:
    """One row of the default mapping; what it does not say is as `MappingRegistry.map` has it."""

    facet: str
    wave: str | tuple[str, ...]
    pms: str
    type: str = "string"
    direction: str = "both"
    converter: str | None = None
    enabled: bool = True


_ADDRESS = (
    ("addressLine1", "line1"),
    ("addressLine2", "line2"),
    ("city", "city"),
    ("province.code", "region_code"),
    ("postalCode", "postal_code"),
    ("country.code", "country_code"),
)

DEFAULT_ROWS = (
    DefaultRow("customer", "name", "name"),
    DefaultRow("customer", "id", "external_id"),
    DefaultRow("customer", "displayId", "customer_number"),
    DefaultRow("customer", "email", "email"),
    DefaultRow("customer", "phone", "phone"),
    DefaultRow("customer", "mobile", "mobile"),
    DefaultRow("customer", "fax", "fax"),
    DefaultRow("customer", "tollFree", "toll_free_phone"),
    DefaultRow("customer", "website", "website"),
    # Off: private text would leave the ledger.
    DefaultRow("customer", "internalNotes", "notes", enabled=False),
    # One way: Wave may refuse another currency once invoices exist.
    DefaultRow("customer", "currency.code", "currency_code", direction="to_pms"),
    # Off: a balance is not an edit.
    DefaultRow("customer", "outstandingAmount", "outstanding_amount", "float", "to_pms", enabled=False),
    DefaultRow("customer", "overdueAmount", "overdue_amount", "float", "to_pms", enabled=False),
    DefaultRow("customer", ("name", "firstName", "lastName"), "kind", "string", "to_pms", "kind", enabled=False),
    DefaultRow("person", "firstName", "contact.first_name"),
    DefaultRow("person", "lastName", "contact.last_name"),
    *(DefaultRow("organisation", f"address.{wave}", f"address.{pms}") for wave, pms in _ADDRESS),
    DefaultRow("organisation", "shippingDetails.name", "delivery_address.name"),
    DefaultRow("organisation", "shippingDetails.phone", "delivery_address.phone"),
    DefaultRow("organisation", "shippingDetails.instructions", "delivery_address.instructions"),
    *(
        DefaultRow("organisation", f"shippingDetails.address.{wave}", f"delivery_address.{pms}")
        for wave, pms in _ADDRESS
    ),
    DefaultRow("customer", "createdAt", "created_at", direction="read_only"),
    DefaultRow("customer", "modifiedAt", "updated_at", direction="read_only"),
)
"""The default mapping, in the order of the document."""
