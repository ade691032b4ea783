"""The client for Wave: reads and writes customers, and fulfils `CustomerClient`."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timezone
from functools import partial
from typing import TYPE_CHECKING, Final, cast

from wave_pms_sync.errors import ConfigurationError
from wave_pms_sync.http.ahead import ahead_faults
from wave_pms_sync.http.pace import Limiter, TokenBucket
from wave_pms_sync.http.transport import longest_request_s
from wave_pms_sync.http.transport import user_agent as agent_of
from wave_pms_sync.http.urls import plain_url, url_faults
from wave_pms_sync.later import Later
from wave_pms_sync.model.records import Abilities, each_once
from wave_pms_sync.model.side import Side
from wave_pms_sync.moments.aware import aware
from wave_pms_sync.wave.settings import WaveSettings, credential_faults, size_faults, text_faults

if TYPE_CHECKING:
    import requests

    from wave_pms_sync.findings import Findings
    from wave_pms_sync.http.auth import Auth
    from wave_pms_sync.http.retry import RetryPolicy
    from wave_pms_sync.model.records import Page, Record
    from wave_pms_sync.ports import Clock
    from wave_pms_sync.wave.calls import Calls
    from wave_pms_sync.wave.records import WaveRecord

WAVE_URL = "https://gql.waveapps.com/graphql/public"


def _machine_time() -> datetime:
    return datetime.fromtimestamp(time.time(), timezone.utc)


class WaveClient:
    """Customers of one Wave business.

    Building one sends nothing. It may be used from several threads, after a fork and out of a pickle (which
    holds the token), and it is a context manager; used after `close`, it opens anew. Reads are repeated when
    they fail; a write is repeated only if it was certainly not carried out.

    Args:
        token: A full-access token. Hand in this or `auth`.
        auth: Signs requests, for example an `OAuth2`.
        business_id: The business, as Wave shows it (base64 text). Without it only `businesses` and `execute`
            can be used.
        url: The endpoint. Plain HTTP is accepted on this machine only.
            Source: Wave developer portal, Clients.
        page_size: Customers per page, 1 to 200.
        timeout_s: For each silence of the server, and for a whole answer.
        max_concurrency: Requests under way at once. Source: clients report about two, else 429.
        pace: How fast requests may follow each other. None: Wave's suspected limits, for this client alone;
            share one `TokenBucket` between clients of one token; `Unlimited()` for a sandbox.
        user_agent: Your application's name, put behind ours.
        session: A `requests.Session` of yours (proxies, certificates); it is used and never changed.
        retry: How patient each call is.
        settings: What Wave does not document.
        pages_ahead: Pages of a listing asked for before they are needed, by threads; `max_concurrency` bounds how many
            of them are under way.

    Raises:
        ConfigurationError: Something cannot work; all faults are named.
    """

    side: Final = Side.WAVE

    def __init__(
        self,
        *,
        token: str | None = None,
        auth: Auth | None = None,
        business_id: str | None = None,
        url: str = WAVE_URL,
        page_size: int = 100,
        timeout_s: float = 30.0,
        max_concurrency: int = 2,
        pace: Limiter | None = None,
        user_agent: str | None = None,
        session: requests.Session | None = None,
        retry: RetryPolicy | None = None,
        settings: WaveSettings | None = None,
        pages_ahead: int = 0,
    ) -> None:
        self.settings = settings or WaveSettings()
        faults = credential_faults(token, auth)
        faults += [f"url: {fault}" for fault in url_faults(url)]
        faults += size_faults(page_size, self.settings.largest_page, timeout_s, max_concurrency)
        faults += text_faults(business_id, user_agent)
        faults += ahead_faults(pages_ahead)
        if faults:
            raise ConfigurationError("WaveClient", faults)
        self._url = url
        self._business_id = business_id
        self._page_size = page_size
        self._pages_ahead = pages_ahead
        self._max_concurrency = max_concurrency
        self._timeout_s = timeout_s
        self._calls = Later(
            partial(
                _calls,
                url=url,
                agent=agent_of(user_agent),
                settings=self.settings,
                token=token or "",
                auth=auth,
                pace=pace or TokenBucket(self.settings.requests_per_minute, self.settings.burst),
                retry=retry,
                timeout_s=timeout_s,
                max_concurrency=max_concurrency,
                session=session,
            )
        )

    # --- What it is -----------------------------------------------------------------------------------

    @property
    def business_id(self) -> str:
        """The business whose customers these are.

        Raises:
            ConfigurationError: The client was built without one.
        """
        if self._business_id is None:
            raise ConfigurationError(
                "WaveClient", ["business_id: is needed for this; `businesses()` lists those the token may see"]
            )
        return self._business_id

    @property
    def identity(self) -> str:
        """Endpoint and business, without secrets; stable over restarts."""
        return f"{plain_url(self._url)}#{self.business_id}"

    @property
    def abilities(self) -> Abilities:
        """What Wave can do; asking sends nothing. It can neither archive nor restore a customer."""
        return Abilities(
            since=True,
            creation_order=self.settings.sort[0] == "CREATED_AT_ASC",
            bulk_read=self.settings.bulk_read,
            pages_ahead=self._pages_ahead,
            request_timeout_s=longest_request_s(self._timeout_s),
        )

    @property
    def requests(self) -> int:
        """Requests sent so far by this client in this process, repetitions included."""
        return self._calls().caller.requests if self._calls.made else 0

    # --- Reading --------------------------------------------------------------------------------------

    def check(self, *, clock: Clock | None = None) -> Findings:
        """Try the settings and the token against the live account, by reading only. Print what comes back.

        It looks at the way there, the token, the business, its customers (some dozen requests in all), the
        schema and the clocks, and never raises for what Wave does: that is what it finds. No customer's data
        is shown.

        Args:
            clock: Our own time; None: this machine's.
        """
        from wave_pms_sync.wave.doctor import examine
        from wave_pms_sync.wave.trials import Bench

        page = partial(self._page, self._business_id or "")
        bench = Bench(settings=self.settings, page=page, many=self.customers_by_id)
        now = _machine_time if clock is None else clock.now
        return examine(bench, self._business_id, businesses=self.businesses, run=self.execute, now=now)

    def customers(self, modified_after: datetime | None = None) -> Iterator[WaveRecord]:
        """All customers, each once, in order of creation; pages are fetched as they are needed.

        Args:
            modified_after: Aware. Only those stamped at or after it, and those without a stamp.
        """
        aware(modified_after, "modified_after")
        pages = self._walked(modified_after, unread=False)  # all of them are wanted
        return cast("Iterator[WaveRecord]", each_once(pages, modified_after))

    def pages(self, modified_after: datetime | None = None) -> Iterator[Page]:
        """The listing page by page, as `CustomerClient` says, with Wave's own word about totals and the end.

        A listing that goes on without showing anybody new is broken off, and its last page does not say
        that it is the last. Customers stamped a little before `modified_after` may be shown.

        Raises:
            NotFound: The token cannot see the business.
        """
        aware(modified_after, "modified_after")
        return self._walked(modified_after, unread=True)

    def customer(self, customer_id: str) -> WaveRecord | None:
        """One customer, or None if Wave does not have it. A deleted one may still be shown, as archived."""
        return self.customers_by_id([customer_id])[customer_id]

    def customers_by_id(self, ids: Sequence[str]) -> dict[str, WaveRecord | None]:
        """Read these customers, several in one request; None for one that Wave does not have."""
        return self._calls().customers(self.business_id, ids)

    def businesses(self) -> list[dict[str, object]]:
        """The businesses that the token may see: `id`, `name`, `isPersonal`, `isArchived`, `timezone`, `currency`."""
        return self._calls().businesses()

    # --- Writing --------------------------------------------------------------------------------------

    def create_customer(self, values: Mapping[str, object], *, repeat_key: str | None = None) -> WaveRecord:
        """Make a customer and return it as Wave answered.

        Args:
            values: Nested, in read names; None leaves a property out. `name` is needed.
            repeat_key: Of no use to Wave, which knows no such thing.

        Raises:
            Refused: Wave, or its schema, does not accept the values; the faults name the fields.
            UnknownOutcome: Nobody can say whether it was made. Look for it before you send it again.
        """
        return self._calls().create(self.business_id, values)

    def update_customer(
        self, customer_id: str, values: Mapping[str, object], *, seen: Record | None = None
    ) -> WaveRecord:
        """Change these properties and return the customer as Wave shows it afterwards; None clears one.

        `address` and `shippingDetails` are sent whole: a part that is not given stays as it is.

        Args:
            customer_id: The customer.
            values: Nested, in read names.
            seen: The customer as just read; without it, it is read where that is needed.

        Raises:
            Refused: As for a create; also if a province would stay behind in another country than its own.
            NotFound: Wave does not have it.
            UnknownOutcome: Nobody can say whether it was changed; read it and compare.
        """
        return self._calls().update(customer_id, values, seen, self.customer)

    def delete_customer(self, customer_id: str, *, seen: Record | None = None) -> None:
        """Delete a customer; one that is already gone is success. The API has no undelete.

        Raises:
            Refused: Wave keeps it, for example because it has invoices.
            UnknownOutcome: Nobody can say whether it was deleted.
        """
        self._calls().delete(customer_id)

    def archive_customer(self, customer_id: str, *, seen: Record | None = None) -> None:
        """Not possible in Wave (see `abilities.archive`): its API can neither archive nor restore.

        Raises:
            ConfigurationError: Always.
        """
        raise ConfigurationError("archive_customer", ["wave: customers cannot be archived through the API"])

    def execute(self, document: str, variables: Mapping[str, object] | None = None) -> Mapping[str, object]:
        """Run a GraphQL document of your own, with our pace, retries and errors, and return its data.

        A document that holds a mutation is treated as a write. What a mutation's payload says about success
        is yours to read.

        Raises:
            BadAnswer: Wave answered with errors; its `data` and `errors` hold them.
            ConfigurationError: The variables are no JSON.
        """
        return self._calls().execute(document, variables or {})

    # --- Life -----------------------------------------------------------------------------------------

    def close(self) -> None:
        """Let go of connections. Twice is once; using the client again opens them again."""
        if self._calls.made:
            self._calls().caller.close()

    def __enter__(self) -> WaveClient:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"WaveClient(business_id={self._business_id!r}, url={plain_url(self._url)!r})"

    # --- Within ---------------------------------------------------------------------------------------

    def _walked(self, modified_after: datetime | None, *, unread: bool) -> Iterator[Page]:
        from wave_pms_sync.wave.listing import walk_ahead

        ask = partial(self._page, self.business_id, modified_after=modified_after, unread=unread)
        return walk_ahead(ask, self._pages_ahead, self._max_concurrency)

    def _page(
        self,
        business_id: str,
        number: int,
        modified_after: datetime | None = None,
        *,
        settings: WaveSettings | None = None,
        unread: bool = True,
    ) -> Page:
        asked = settings or self.settings
        return self._calls().page(business_id, number, self._page_size, modified_after, asked, unread=unread)


def _calls(**given: object) -> Calls:
    from wave_pms_sync.wave.calls import calls

    return calls(**given)  # type: ignore[arg-type]  # just what the client was given
