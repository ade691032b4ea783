"""The account behind the Wave sandbox: businesses, their customers, and what Wave declines."""

from __future__ import annotations

import base64
import random
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from attrs import field, frozen
from attrs.validators import in_

from wave_pms_sync.testing.customers import Customers, Version
from wave_pms_sync.testing.faults import Fault
from wave_pms_sync.testing.nesting import leaves, merged, within
from wave_pms_sync.testing.switchboard import Strikes
from wave_pms_sync.testing.wave_shapes import input_error, pruned, row, shape_faults, values_of_input
from wave_pms_sync.testing.writing import stored

__all__ = ["Account", "Business", "Outcome", "WaveOptions"]

InputErrors = tuple[Mapping[str, object], ...]


@frozen(kw_only=True)
class WaveOptions:
    """How Wave behaves where nobody outside knows for sure; see `WaveSandbox`."""

    max_page_size: int = 200
    archived_listed: bool = True
    ties: str = field(default="stable", validator=in_(("stable", "shuffled")))
    filter_inclusive: bool = True
    delete: str = field(default="gone", validator=in_(("gone", "readable")))
    delete_with_invoices: str = field(default="refused", validator=in_(("refused", "archived", "deleted")))
    patch_null: str = field(default="clears", validator=in_(("clears", "ignored", "refused")))
    patch_nested: str = field(default="replaced", validator=in_(("replaced", "merged")))
    unset: str = field(default="null", validator=in_(("null", "empty")))
    write_missing: str = field(default="input_error", validator=in_(("input_error", "error")))
    currency_locked: bool = False
    unauthorized_status: int = field(default=200, validator=in_((200, 401)))
    invalid_status: int = field(default=200, validator=in_((200, 400)))
    variable_error_code: str = "BAD_USER_INPUT"
    scopes: frozenset[str] | None = None
    missing_scope: str = field(default="error", validator=in_(("error", "null")))
    introspection: bool = True
    sdl: str | None = field(default=None, repr=False)


@frozen(kw_only=True)
class Business:
    """A business that the token can see."""

    id: str
    name: str
    currency: str
    customers: Customers


@frozen(kw_only=True)
class Outcome:
    """What became of a write: a customer, or errors; neither if the customer does not exist."""

    version: Version | None = None
    errors: InputErrors = ()


class Account:
    """Customers of several businesses, written as Wave writes them.

    Args:
        names: Of the businesses, the main one first.
        seed: Ids follow from it.
        currency: Of all businesses.
        options: How Wave behaves.
        lock: The sandbox's lock.
        now: The sandbox's time.
    """

    def __init__(
        self,
        names: Sequence[str],
        *,
        seed: int,
        currency: str,
        options: WaveOptions,
        lock: threading.RLock,
        now: Callable[[], datetime],
    ) -> None:
        self.options = options
        self.now = now
        self.invoiced: set[str] = set()
        self.businesses: dict[str, Business] = {}
        numbers = random.Random(seed)  # noqa: S311  # ids, not secrets
        for index, name in enumerate(names):
            own = uuid.UUID(int=numbers.getrandbits(128), version=4)
            book = Customers(
                lock=lock,
                now=now,
                name=lambda number, own=own: _encoded(f"Business:{own};Customer:{number}"),  # type: ignore[misc]
                tick=timedelta(milliseconds=1),
                first=(seed * 10 + index) * 100_000 + 1001,
            )
            identity = _encoded(f"Business:{own}")
            self.businesses[identity] = Business(id=identity, name=name, currency=currency, customers=book)
        self.main = next(iter(self.businesses.values()))

    def holder(self, customer_id: str) -> Business | None:
        """The business that has, or had, this customer."""
        found = (b for b in self.businesses.values() if b.customers.get(customer_id) is not None)
        return next(found, None)

    def show(self, business: Business, version: Version) -> dict[str, object]:
        """A customer as the API shows it."""
        return row(version, business.currency, None if self.options.unset == "null" else "")

    # --- writes ----------------------------------------------------------------------------------------

    def create(self, given: Mapping[str, object], strikes: Strikes) -> Outcome:
        """Carry out customerCreate."""
        business = self.businesses.get(str(given.get("businessId")))
        if business is None:
            return Outcome(errors=(input_error("businessId", "NOT_FOUND", "There is no such business."),))
        sent = values_of_input(given)
        refused = _refused(strikes, "", sent)
        values = pruned(stored({}, pruned(sent), (path for path, _ in leaves(sent)), strikes))
        values.setdefault("currency", {"code": business.currency})
        errors = refused or _faults(values)
        return Outcome(errors=errors) if errors else Outcome(version=business.customers.create(values))

    def patch(self, given: Mapping[str, object], strikes: Strikes) -> Outcome:
        """Carry out customerPatch."""
        customer_id = str(given.get("id"))
        business, before = self._existing(customer_id)
        if business is None or before is None:
            return self._missing()
        sent = values_of_input(given)
        errors = _refused(strikes, customer_id, sent) or self._declined_nulls(sent)
        if self.options.patch_null == "ignored":
            sent = _without_nulls(sent)
        new = pruned(self._laid_over(before.values, sent))
        values = pruned(stored(before.values, new, (path for path, _ in leaves(sent)), strikes))
        errors = errors or _faults(values) or self._declined_currency(customer_id, before.values, values)
        if errors:
            return Outcome(errors=errors)
        return Outcome(version=business.customers.change(customer_id, values=values))

    def delete(self, given: Mapping[str, object], strikes: Strikes) -> Outcome:
        """Carry out customerDelete.

        Source: clients disagree on what happens to a customer with invoices, hence an option.
        """
        customer_id = str(given.get("id"))
        business, before = self._existing(customer_id)
        if business is None or before is None:
            return self._missing()
        errors = _refused(strikes, customer_id, {})
        invoiced = customer_id in self.invoiced
        if invoiced and self.options.delete_with_invoices == "refused":
            errors = errors or (input_error("", "GENERIC_ERROR", "The customer has invoices."),)
        if errors:
            return Outcome(errors=errors)
        if invoiced and self.options.delete_with_invoices == "archived":
            return Outcome(version=business.customers.change(customer_id, archived=True))
        return Outcome(version=business.customers.change(customer_id, removed=True))

    def _existing(self, customer_id: str) -> tuple[Business | None, Version | None]:
        business = self.holder(customer_id)
        version = business.customers.get(customer_id) if business is not None else None
        return business, None if version is None or version.removed else version

    def _missing(self) -> Outcome:
        if self.options.write_missing == "error":
            return Outcome()
        return Outcome(errors=(input_error("id", "NOT_FOUND", "There is no such customer."),))

    def _laid_over(self, old: Mapping[str, object], sent: Mapping[str, object]) -> dict[str, object]:
        """The old values with what was sent; nested objects are replaced whole, or merged."""
        if self.options.patch_nested == "merged":
            return merged(old, sent)
        return {**old, **sent}

    def _declined_nulls(self, sent: Mapping[str, object]) -> InputErrors:
        if self.options.patch_null != "refused":
            return ()
        nulls = [path for path, value in leaves(sent) if value is None]
        return tuple(input_error(path, "INVALID", "null is not accepted.") for path in nulls)

    def _declined_currency(self, customer_id: str, old: Mapping[str, object], new: Mapping[str, object]) -> InputErrors:
        if not self.options.currency_locked or customer_id not in self.invoiced:
            return ()
        if old.get("currency") == new.get("currency"):
            return ()
        return (input_error("currency", "GENERIC_ERROR", "The customer has invoices in another currency."),)


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _without_nulls(values: Mapping[str, object]) -> dict[str, object]:
    result = {}
    for name, value in values.items():
        if value is not None:
            result[name] = _without_nulls(value) if isinstance(value, Mapping) else value
    return result


def _faults(values: Mapping[str, object]) -> InputErrors:
    """What is wrong with the values a record would have.

    Source: a name is mandatory and REQUIRED is its code, Wave developer portal examples.
    """
    faults = shape_faults(values)
    if not str(values.get("name") or "").strip():
        faults.insert(0, input_error("name", "REQUIRED", "This field is required."))
    return tuple(faults)


def _refused(strikes: Strikes, customer_id: str, sent: Mapping[str, object]) -> InputErrors:
    """The refusals that concern this one of the writes in a request."""
    for told in strikes.of(Fault.REFUSED):
        meant = told.record is None or told.record == customer_id
        written = told.field is None or any(
            within(path, told.field) and told.value in (None, value) for path, value in leaves(sent)
        )
        if meant and written:
            path = _input_path(told.field or "")
            return (input_error(path, told.code or "INVALID", told.message or "The value is not accepted."),)
    return ()


def _input_path(path: str) -> str:
    return path.replace("province.code", "provinceCode").replace("country.code", "countryCode")
