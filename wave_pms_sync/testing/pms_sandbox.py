"""A Custom PMS on loopback that follows the default conventions, or those of any profile."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from types import TracebackType

from wave_pms_sync.http.oauth2 import OAuth2
from wave_pms_sync.http.tokens import Tokens
from wave_pms_sync.pms.profile import PmsProfile
from wave_pms_sync.testing.clock import ManualClock
from wave_pms_sync.testing.customers import Customers, CustomersView, Version
from wave_pms_sync.testing.exchange import Exchange
from wave_pms_sync.testing.ledger import Ledger
from wave_pms_sync.testing.nesting import copied, merged
from wave_pms_sync.testing.pms_backend import PmsBackend, PmsOptions
from wave_pms_sync.testing.pms_credentials import Gate
from wave_pms_sync.testing.pms_grants import GrantKind
from wave_pms_sync.testing.pms_shapes import row
from wave_pms_sync.testing.pms_traps import PmsTraps
from wave_pms_sync.testing.server import LoopbackServer
from wave_pms_sync.testing.switchboard import Faults

__all__ = ["PmsSandbox"]

_TICKS = {0: 1_000_000, 3: 1_000, 6: 1}


class PmsSandbox:
    """A Custom PMS over real HTTP on 127.0.0.1, with another user who edits, a ledger, a clock and faults.

    It plays the default conventions: cursor pages in order of creation, JSON Merge Patch with If-Match,
    Idempotency-Key, problem details. With a profile it plays that, and declines what differs from it.
    It keeps any property, like a document store.

    Args:
        profile: The conventions to play; None: the default ones, without regard to media types.
        traps: In what it is at odds with what one expects; None: in nothing.
        seed: Ids follow from it; two sandboxes with the same seed give the same ids.
        clock: Stamps are taken from it; None makes one that follows the system's time.
        clock_skew_s: This server's time is so many seconds ahead of the clock.
        token: The token it accepts, or gives to whoever logs in.
        grant: It sells tokens (OAuth 2) for `"client_credentials"`, or for a `"refresh_token"` that is good once, at
            `/oauth2/token`; then it accepts the one sold last.
        signing_key: Every request must carry `X-Signature`, the HMAC-SHA256 in hex with this key over the verb, the
            path as it came, without the query, and the body, joined by line feeds; empty: none need be signed.
        port: 0 takes a free one.
        require_name: Decline a customer without a name (422).
        unique_email: Decline an e-mail that another customer has, without regard to case (409).
        soft_delete: A deleted customer stays readable by id, marked `deleted`, and is not listed.
        tombstones: Listings with updated_since also show deleted customers, as id, updated_at and `deleted: true`.
        show_total: Listings state their total; None: if a profile was given.
        idempotency: Honour Idempotency-Key.
        etags: Send ETag and honour If-Match.
        require_if_match: Decline updates and deletions without a version (428); None: if the profile demands one.
        default_limit: Rows of a page if no limit is asked for.
        max_limit: Rows of a page at most; a larger limit is cut silently.
        stamp_digits: Digits of a second in stamps: 0, 3 or 6.

    Attributes:
        ledger: What arrived.
        faults: What goes wrong.
        clock: The clock; moving it moves the stamps.
    """

    def __init__(
        self,
        *,
        profile: PmsProfile | None = None,
        traps: PmsTraps | None = None,
        seed: int = 0,
        clock: ManualClock | None = None,
        clock_skew_s: float = 0.0,
        token: str | None = None,
        grant: GrantKind = "",
        signing_key: str = "",
        port: int = 0,
        require_name: bool = True,
        unique_email: bool = False,
        soft_delete: bool = False,
        tombstones: bool = False,
        show_total: bool | None = None,
        idempotency: bool = True,
        etags: bool = True,
        require_if_match: bool | None = None,
        default_limit: int = 100,
        max_limit: int = 500,
        stamp_digits: int = 6,
    ) -> None:
        played = profile or PmsProfile()
        self._options = PmsOptions(
            profile=played,
            strict=profile is not None,
            traps=traps or PmsTraps(),
            require_name=require_name,
            unique_email=unique_email,
            soft_delete=soft_delete,
            tombstones=tombstones,
            show_total=profile is not None if show_total is None else show_total,
            idempotency=idempotency,
            etags=etags,
            require_if_match=played.record.version_demanded if require_if_match is None else require_if_match,
            default_limit=default_limit,
            max_limit=max_limit,
            stamp_digits=stamp_digits,
        )
        self.clock = ManualClock() if clock is None else clock
        self.ledger = Ledger()
        self.faults = Faults("pms")
        self._skew = timedelta(seconds=clock_skew_s)
        self._lock = threading.RLock()
        tick = timedelta(microseconds=_TICKS[stamp_digits])
        name = ("{}" if played.record.id_type == "integer" else "c{}").format
        self._book = Customers(lock=self._lock, now=self.now, name=name, tick=tick, first=seed * 100_000 + 1001)
        self._gate = Gate(played, token or f"pms-sandbox-token-{seed}", seed, grant=grant, signing_key=signing_key)
        self._server = LoopbackServer(port)
        self._exchange = Exchange(
            backend=PmsBackend(self._book, self._options, self._gate),
            ledger=self.ledger,
            faults=self.faults,
            lock=self._lock,
            now=self.now,
            pause=self._server.pause,
        )

    # --- the server ------------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """The base URL of the API, known once the sandbox was started."""
        return f"{self._server.origin}/api"

    @property
    def token(self) -> str:
        """The token it accepts, or gives to whoever logs in; setting another one makes the old one worthless."""
        return self._gate.token

    @token.setter
    def token(self, token: str) -> None:
        self._gate.token = token

    @property
    def credentials(self) -> Mapping[str, object]:
        """What a client is given, by the profile: `CustomPmsClient(box.url, profile=..., **box.credentials)`."""
        return {"auth": self.oauth2()} if self._gate.grants.kind else self._gate.credentials

    def oauth2(self, on_refresh: Callable[[Tokens], object] | None = None) -> OAuth2:
        """With a grant: what signs for a client, made of what is good now."""
        return self._gate.grants.auth(self.url, on_refresh)

    def now(self) -> datetime:
        """The server's time: the clock's, and the skew."""
        return self.clock.now() + self._skew

    def start(self) -> PmsSandbox:
        """Listen. After a stop it listens on the same port again, with the same customers."""
        self._server.start(self._exchange.answer)
        return self

    def stop(self) -> None:
        """Hang up; connections are refused until the next start."""
        self._server.stop()

    def __enter__(self) -> PmsSandbox:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.stop()
        if kind is None:
            self._server.raise_accident()

    # --- the other user --------------------------------------------------------------------------------

    @property
    def customers(self) -> Mapping[str, dict[str, object]]:
        """All customers that are not gone, by id, as the default conventions show them; read-only and live."""
        return CustomersView(self._existing, self._get, lambda version: row(version, self._options.stamp_digits))

    def add(
        self, values: Mapping[str, object], *, customer_id: str | None = None, created_at: datetime | None = None
    ) -> str:
        """The other user adds a customer.

        Args:
            values: Any properties, nested.
            customer_id: Of your choice; that of a removed customer is given out again. None: the next one.
            created_at: An aware moment for both stamps; None: now.

        Returns:
            The id.
        """
        self._exchange.settle()
        return self._book.create(_plain(values), customer_id=customer_id, created_at=created_at).id

    def edit(self, customer_id: str, values: Mapping[str, object], *, stamp: bool = True) -> None:
        """The other user edits a customer.

        Args:
            customer_id: Which.
            values: Laid over what is there, mapping by mapping; None clears. An empty one moves the stamp only.
            stamp: False leaves the modification stamp as it was.

        Raises:
            KeyError: There is no such customer.
        """
        self._exchange.settle()
        with self._lock:
            self._book.change(customer_id, values=merged(self._there(customer_id).values, _plain(values)), stamp=stamp)

    def remove(self, customer_id: str) -> None:
        """The other user deletes a customer. KeyError if there is none."""
        with self._lock:
            self._book.change(self._there(customer_id).id, removed=True, stamp=self._options.traps.stamp_removals)

    def archive(self, customer_id: str) -> None:
        """The other user archives a customer. KeyError if there is none."""
        with self._lock:
            self._book.change(self._there(customer_id).id, archived=True)

    def restore(self, customer_id: str) -> None:
        """The other user brings a removed or archived customer back, with its id and creation stamp."""
        self._exchange.settle()
        self._book.change(customer_id, archived=False, removed=False)

    def _there(self, customer_id: str) -> Version:
        self._exchange.settle()
        version = self._book.get(customer_id)
        if version is None or version.removed:
            raise KeyError(customer_id)
        return version

    def _existing(self) -> list[Version]:
        self._exchange.settle()
        return self._book.existing()

    def _get(self, customer_id: str) -> Version | None:
        self._exchange.settle()
        return self._book.get(customer_id)

    def __repr__(self) -> str:
        return f"<PmsSandbox, {len(self._book.existing())} customers>"


def _plain(values: Mapping[str, object]) -> dict[str, object]:
    return {name: copied(value) for name, value in values.items()}
