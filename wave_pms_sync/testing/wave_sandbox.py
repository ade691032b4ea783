"""Wave on loopback: its customer schema, executed by graphql-core."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from importlib.util import find_spec
from types import TracebackType
from typing import TYPE_CHECKING

from wave_pms_sync.testing.clock import ManualClock
from wave_pms_sync.testing.customers import CustomersView, Version
from wave_pms_sync.testing.exchange import Exchange
from wave_pms_sync.testing.ledger import Ledger
from wave_pms_sync.testing.nesting import merged
from wave_pms_sync.testing.server import LoopbackServer
from wave_pms_sync.testing.switchboard import Faults
from wave_pms_sync.testing.wave_account import Account, Business, WaveOptions
from wave_pms_sync.testing.wave_shapes import pruned

if TYPE_CHECKING:
    from wave_pms_sync.testing.wave_backend import WaveBackend

__all__ = ["Invoices", "WaveSandbox"]


class Invoices:
    """Which customers have invoices; that matters when they are deleted."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def add(self, customer_id: str) -> None:
        """Give a customer an invoice. KeyError if there is no such customer."""
        if self._account.holder(customer_id) is None:
            raise KeyError(customer_id)
        self._account.invoiced.add(customer_id)

    def remove(self, customer_id: str) -> None:
        """Take a customer's invoices away."""
        self._account.invoiced.discard(customer_id)

    def __contains__(self, customer_id: object) -> bool:
        return customer_id in self._account.invoiced


class WaveSandbox:
    """Wave's customer API over real HTTP on 127.0.0.1, with another user who edits, a ledger, a clock and faults.

    Every document is validated and executed against Wave's schema. Where nobody outside knows what Wave does,
    there is an option; the default is what is documented, or else what is safest to build against.

    Args:
        seed: Ids follow from it; two sandboxes with the same seed give the same ids.
        clock: Stamps are taken from it; None makes one that follows the system's time.
        clock_skew_s: This server's time is so many seconds ahead of the clock.
        token: The access token it accepts.
        port: 0 takes a free one.
        business_name: Of the main business.
        more_businesses: Names of others that the token can see, too.
        currency: Of the businesses, and of customers created without one.
        max_page_size: A larger pageSize is cut silently. Source: seen in clients.
        archived_listed: Listings show archived customers. Source: unknown; clients filter them out themselves.
        ties: In listings, customers that sort alike come in one order (`stable`, though without a meaning) or in
            another one for every request (`shuffled`). Source: unspecified.
        filter_inclusive: modifiedAtAfter and modifiedAtBefore include the moment itself. Source: assumed.
        delete: A deleted customer is `gone`, or still `readable` by id, marked as archived. Source: clients disagree.
        delete_with_invoices: Deleting a customer with invoices is `refused`, or it is `archived` or `deleted`.
            Source: clients disagree.
        patch_null: In a patch null `clears`, is `ignored`, or is `refused`; blank text clears. Source: unknown.
        patch_nested: An address that is sent is `replaced` whole, or `merged`. Source: seen in clients.
        unset: Text without a value is shown as `null` or as `empty` text. Source: unknown.
        write_missing: Patching or deleting what is not there gives an `input_error` or an `error`. Source: assumed.
        currency_locked: The currency of a customer with invoices cannot change. Source: unknown.
        unauthorized_status: HTTP status for a wrong token, 200 or 401. Source: clients disagree.
        invalid_status: HTTP status for invalid documents and variables, 200 or 400. Source: clients disagree.
        variable_error_code: Code of an error in the variables. Source: clients saw BAD_USER_INPUT and VARIABLE_VALUE.
        scopes: What the token may do, such as `business:read` and `customer:*`. None: everything.
        missing_scope: What the token may not see is null with an `error` FORBIDDEN, or `null` alone. Source: unknown.
        introspection: Whether the schema can be asked for; it takes no token. Source: seen in clients.
        sdl: Another schema than the one we know, in GraphQL's schema language, as if Wave had changed its own.

    Attributes:
        ledger: What arrived.
        faults: What goes wrong.
        clock: The clock; moving it moves the stamps.
        token: The access token it accepts; setting another one makes the old one worthless.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        clock: ManualClock | None = None,
        clock_skew_s: float = 0.0,
        token: str | None = None,
        port: int = 0,
        business_name: str = "Sandbox Ltd",
        more_businesses: Sequence[str] = (),
        currency: str = "CAD",
        max_page_size: int = 200,
        archived_listed: bool = True,
        ties: str = "stable",
        filter_inclusive: bool = True,
        delete: str = "gone",
        delete_with_invoices: str = "refused",
        patch_null: str = "clears",
        patch_nested: str = "replaced",
        unset: str = "null",
        write_missing: str = "input_error",
        currency_locked: bool = False,
        unauthorized_status: int = 200,
        invalid_status: int = 200,
        variable_error_code: str = "BAD_USER_INPUT",
        scopes: Sequence[str] | None = None,
        missing_scope: str = "error",
        introspection: bool = True,
        sdl: str | None = None,
    ) -> None:
        options = WaveOptions(
            max_page_size=max_page_size,
            archived_listed=archived_listed,
            ties=ties,
            filter_inclusive=filter_inclusive,
            delete=delete,
            delete_with_invoices=delete_with_invoices,
            patch_null=patch_null,
            patch_nested=patch_nested,
            unset=unset,
            write_missing=write_missing,
            currency_locked=currency_locked,
            unauthorized_status=unauthorized_status,
            invalid_status=invalid_status,
            variable_error_code=variable_error_code,
            scopes=None if scopes is None else frozenset(scopes),
            missing_scope=missing_scope,
            introspection=introspection,
            sdl=sdl,
        )
        self.clock = ManualClock() if clock is None else clock
        self.ledger = Ledger()
        self.faults = Faults("wave")
        self._skew = timedelta(seconds=clock_skew_s)
        self._lock = threading.RLock()
        names = [business_name, *more_businesses]
        self._account = Account(names, seed=seed, currency=currency, options=options, lock=self._lock, now=self.now)
        self.token = token or f"wave-sandbox-token-{seed}"
        self._server = LoopbackServer(port)
        self._exchange: Exchange | None = None

    # --- the server ------------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """The GraphQL endpoint, known once the sandbox was started."""
        return f"{self._server.origin}/graphql/public"

    @property
    def invoices(self) -> Invoices:
        """Which customers have invoices."""
        return Invoices(self._account)

    @property
    def business_id(self) -> str:
        """The id of the main business, the one that `customers` and `add` mean."""
        return self._account.main.id

    @property
    def business_ids(self) -> tuple[str, ...]:
        """The ids of all businesses, the main one first."""
        return tuple(self._account.businesses)

    def now(self) -> datetime:
        """The server's time: the clock's, and the skew."""
        return self.clock.now() + self._skew

    def start(self) -> WaveSandbox:
        """Listen. After a stop it listens on the same port again, with the same customers.

        Raises:
            ImportError: graphql-core is not installed.
        """
        if self._exchange is None:
            self._exchange = Exchange(
                backend=_backend(self._account, lambda: self.token),
                ledger=self.ledger,
                faults=self.faults,
                lock=self._lock,
                now=self.now,
                pause=self._server.pause,
            )
        self._server.start(self._exchange.answer)
        return self

    def stop(self) -> None:
        """Hang up; connections are refused until the next start."""
        self._server.stop()

    def __enter__(self) -> WaveSandbox:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.stop()
        if kind is None:
            self._server.raise_accident()

    # --- the other user --------------------------------------------------------------------------------

    @property
    def customers(self) -> Mapping[str, dict[str, object]]:
        """The customers of the main business that are not gone, by id, in read names; read-only and live."""
        return CustomersView(self._existing, self._get, self._show)

    def add(
        self,
        values: Mapping[str, object],
        *,
        customer_id: str | None = None,
        created_at: datetime | None = None,
        business_id: str | None = None,
        strict: bool = True,
    ) -> str:
        """The other user adds a customer.

        Args:
            values: In read names, nested, as the schema prints them.
            customer_id: Of your choice; that of a removed customer is given out again. None: the next one.
            created_at: An aware moment for both stamps; None: now.
            business_id: One of `business_ids`; None: the main business.
            strict: False allows a customer without a name.

        Returns:
            The id.

        Raises:
            ValueError: A property does not exist in the schema or has another type, or the name is missing.
        """
        self._settle()
        kept = pruned(_checked(values))
        if strict and not str(kept.get("name") or "").strip():
            raise ValueError("Wave wants a name; strict=False makes a customer without one")
        business = self._account.main if business_id is None else self._account.businesses[business_id]
        kept.setdefault("currency", {"code": business.currency})
        return business.customers.create(kept, customer_id=customer_id, created_at=created_at).id

    def edit(self, customer_id: str, values: Mapping[str, object], *, stamp: bool = True) -> None:
        """The other user edits a customer.

        Args:
            customer_id: Which.
            values: Laid over what is there, mapping by mapping; None clears. An empty one moves the stamp only.
            stamp: False leaves the modification stamp as it was.

        Raises:
            KeyError: There is no such customer.
            ValueError: A property does not exist in the schema or has another type.
        """
        with self._lock:
            business, before = self._there(customer_id)
            kept = pruned(merged(before.values, _checked(values)))
            business.customers.change(customer_id, values=kept, stamp=stamp)

    def remove(self, customer_id: str) -> None:
        """The other user deletes a customer. KeyError if there is none."""
        with self._lock:
            self._there(customer_id)[0].customers.change(customer_id, removed=True)

    def archive(self, customer_id: str) -> None:
        """The other user archives a customer. KeyError if there is none."""
        with self._lock:
            self._there(customer_id)[0].customers.change(customer_id, archived=True)

    def restore(self, customer_id: str) -> None:
        """The other user brings a removed or archived customer back, with its id and creation stamp."""
        self._settle()
        business = self._account.holder(customer_id)
        if business is None:
            raise KeyError(customer_id)
        business.customers.change(customer_id, archived=False, removed=False)

    def _there(self, customer_id: str) -> tuple[Business, Version]:
        self._settle()
        business = self._account.holder(customer_id)
        version = None if business is None else business.customers.get(customer_id)
        if business is None or version is None or version.removed:
            raise KeyError(customer_id)
        return business, version

    def _settle(self) -> None:
        if self._exchange is not None:
            self._exchange.settle()

    def _existing(self) -> list[Version]:
        self._settle()
        return self._account.main.customers.existing()

    def _get(self, customer_id: str) -> Version | None:
        self._settle()
        return self._account.main.customers.get(customer_id)

    def _show(self, version: Version) -> dict[str, object]:
        return self._account.show(self._account.main, version)

    def __repr__(self) -> str:
        return f"<WaveSandbox, {len(self._account.main.customers.existing())} customers>"


def _need_graphql() -> None:
    if find_spec("graphql") is None:
        raise ImportError("the Wave sandbox needs graphql-core: pip install 'wave_pms_sync[testing]'")


def _backend(account: Account, token: Callable[[], str]) -> WaveBackend:
    _need_graphql()
    from wave_pms_sync.testing.wave_backend import WaveBackend as Backend

    return Backend(account, token)


def _checked(values: Mapping[str, object]) -> dict[str, object]:
    _need_graphql()
    from wave_pms_sync.testing.wave_schema import checked_values

    return checked_values(values)
