"""The client of a Custom PMS: fulfils `CustomerClient` over HTTP, by a profile of the API's conventions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Final

from wave_pms_sync.http.pace import Limiter, TokenBucket, Unlimited
from wave_pms_sync.http.transport import longest_request_s
from wave_pms_sync.http.transport import user_agent as agent_of
from wave_pms_sync.http.urls import plain_url
from wave_pms_sync.later import Later
from wave_pms_sync.model.records import Abilities, each_once
from wave_pms_sync.model.side import Side
from wave_pms_sync.pms.abilities import archives, create_uses
from wave_pms_sync.pms.conventions.fit import asks
from wave_pms_sync.pms.profile import PmsProfile
from wave_pms_sync.pms.settings import check_settings

if TYPE_CHECKING:
    import requests

    from wave_pms_sync.findings import Findings
    from wave_pms_sync.http.auth import Auth
    from wave_pms_sync.http.retry import RetryPolicy
    from wave_pms_sync.model.records import Page, Record
    from wave_pms_sync.pms.hooks import Hooks
    from wave_pms_sync.pms.line import Line
    from wave_pms_sync.pms.preview import Preview


class CustomPmsClient:
    """Customers of a PMS, read and written over its REST API.

    Nothing is sent, opened or looked up before the first call. A client may be shared by threads, inherited by
    a forked process and pickled; the pickle holds the credentials. Values travel as the API answers them, nested.

    Every method that sends raises a leaf of `wave_pms_sync.errors` and nothing else: `Unauthorized`,
    `Unreachable`, `Throttled`, `Refused`, `Conflict`, `BadAnswer` and so on. Reads and what was certainly not
    carried out are repeated with growing waits; a write that may have been carried out raises `UnknownOutcome`.

    Args:
        base_url: Where the API begins, `https://pms.example.com/api`. Without a user, password, query or fragment.
            `http://` only to this machine, or where no credentials travel.
        token: The secret `{token}` of the profile; by default sent as a Bearer token.
        secrets: Further secrets that the profile asks for, by name: `{"username": ..., "password": ...}`.
        auth: Signs the requests instead of `token` and `secrets`, for example an `OAuth2`.
        profile: The API's conventions; None: the defaults.
        hooks: What no profile can say: changes requests and answers, signs.
        timeout_s: For reaching the server, for each silence, and for a whole answer, in seconds.
        max_concurrency: Requests under way at the same time, in this process.
        pace: A limiter that spreads the requests; None: the profile's pace, for this client alone.
        user_agent: Your application's name, added to ours.
        session: A `requests.Session` of yours (proxies, certificates). It is used in all threads and never changed.
        retry: How patient a call is; None: up to five attempts within two minutes.
        pages_ahead: Pages of a listing asked for before they are needed, by threads, where pages are numbered and the
            answers say how many there are; `max_concurrency` bounds how many of them are under way.

    Raises:
        ConfigurationError: An argument cannot be right; all of them are named.
    """

    side: Final = Side.PMS

    def __init__(
        self,
        base_url: str,
        *,
        token: str | None = None,
        auth: Auth | None = None,
        secrets: Mapping[str, str] | None = None,
        profile: PmsProfile | None = None,
        hooks: Hooks | None = None,
        timeout_s: float = 30.0,
        max_concurrency: int = 4,
        pace: Limiter | None = None,
        user_agent: str | None = None,
        session: requests.Session | None = None,
        retry: RetryPolicy | None = None,
        pages_ahead: int = 0,
    ) -> None:
        check_settings(
            base_url=base_url,
            token=token,
            auth=auth,
            secrets=secrets,
            profile=profile,
            hooks=hooks,
            timeout_s=timeout_s,
            max_concurrency=max_concurrency,
            pace=pace,
            user_agent=user_agent,
            pages_ahead=pages_ahead,
            session=session,
        )
        self._base_url = plain_url(base_url)
        self._profile = profile or PmsProfile()
        self._pages_ahead = pages_ahead
        self._timeout_s = timeout_s
        self._unsigned = (token, auth, secrets, hooks) == (None, None, None, None)
        self._line = Later(
            partial(
                _line,
                base_url=self._base_url,
                profile=self._profile,
                agent=agent_of(user_agent),
                secrets={**(secrets or {}), **({} if token is None else {"token": token})},
                auth=auth,
                hooks=hooks,
                pace=pace or _pace(self._profile),
                retry=retry,
                timeout_s=timeout_s,
                max_concurrency=max_concurrency,
                session=session,
                pages_ahead=pages_ahead,
            )
        )

    @property
    def profile(self) -> PmsProfile:
        """The API's conventions, as this client follows them."""
        return self._profile

    @property
    def identity(self) -> str:
        """The base URL, the resource, and the tenant if the profile names one, without secrets; stable over restarts.

        For example `https://pms.example.com/api#/customers`, or `https://pms.example.com/api#/customers@acme`.
        """
        told = f"@{self.profile.tenant}" if self.profile.tenant else ""
        return f"{self._base_url}#{self.profile.path}{told}"

    @property
    def abilities(self) -> Abilities:
        """What this API can do, by its profile. Nothing is sent."""
        profile = self.profile
        return Abilities(
            since="since" in asks(profile.list),
            creation_order=profile.list.creation_order,
            archive=archives(profile),
            marker=profile.record.marker,
            repeat_key="repeat_key" in create_uses(profile),
            bulk_read=1,
            pages_ahead=self._pages_ahead,
            request_timeout_s=longest_request_s(self._timeout_s),
            omits_empty=profile.record.absent == "empty",
            timed=not profile.times.sequence,
        )

    @property
    def requests(self) -> int:
        """Requests sent so far by this client, repetitions included."""
        return self._line().caller.requests if self._line.made else 0

    def check(self, *, write: bool = False, values: Mapping[str, object] | None = None) -> Findings:
        """Try the profile against the live API. Print what comes back; it names the settings to look at.

        It never raises for what the API does: that is what it finds.

        Args:
            write: Also make, change, clear and delete one test customer. Without it nothing is written.
            values: What the test customer holds, in the API's names: texts, of which the last can be cleared. None: a
                `name` that says what it is, the default mark of the Wave id, and an `email`. Let the property for the
                Wave id be among your own; only then is it tried.
        """
        from uuid import uuid4

        from wave_pms_sync.findings import Findings
        from wave_pms_sync.pms.doctor import examine
        from wave_pms_sync.pms.secrets import needed
        from wave_pms_sync.pms.trial import TEST_CUSTOMER, UNTRIED, try_writes

        lacking = sorted(needed(self.profile.auth)) if self._unsigned else ()
        found = examine(self._line().reader, lacking)
        if not write:
            return found
        if not found.ok:
            return Findings([*found, UNTRIED])
        repeat_key = f"wave-pms-sync-trial-{uuid4().hex}"
        return Findings([*found, *try_writes(self.profile, self, values or TEST_CUSTOMER, repeat_key)])

    def preview(self) -> Preview:
        """The requests that the profile makes, as one would type them with curl. Nothing is sent; print it."""
        from wave_pms_sync.pms.preview import preview

        return preview(self._line().reader.customers)

    def customers(self, modified_after: datetime | None = None) -> Iterator[Record]:
        """Iterate over the customers, each once, in the order of the API; pages are fetched as they are needed.

        Args:
            modified_after: Aware. Only those changed at or after it, and those without a stamp. None: all.
        """
        return each_once(self.pages(modified_after), modified_after)

    def pages(self, modified_after: datetime | None = None) -> Iterator[Page]:
        """Iterate over the listing page by page, in the order of the API.

        It ends with a page whose `last` is true where the API states the end; if the API goes round in circles
        it ends without one. A record may be on two pages if the listing moved meanwhile.

        Args:
            modified_after: Aware. Records changed at or after it are shown; earlier ones may be. None: all.

        Raises:
            ConfigurationError: `modified_after` has no time zone; raised at once.
        """
        return self._line().reader.pages(modified_after)

    def customer(self, customer_id: str) -> Record | None:
        """Read one record; None if the API says that it has none of this id."""
        return self._line().reader.one(customer_id)

    def customers_by_id(self, ids: Sequence[str]) -> Mapping[str, Record | None]:
        """Read these records, with one request each; None for one that the API says it does not have."""
        return {customer_id: self.customer(customer_id) for customer_id in dict.fromkeys(ids)}

    def create_customer(self, values: Mapping[str, object], *, repeat_key: str | None = None) -> Record:
        """Make a record and return it as the API shows it; read again if the answer does not show it.

        Args:
            values: What it shall hold. Properties that are None are left out.
            repeat_key: Sent as the idempotency key, where the API has such a thing.

        Raises:
            UnknownOutcome: Nobody can say whether it was made, or as which.
        """
        return self._line().writer.create(values, repeat_key)

    def update_customer(self, customer_id: str, values: Mapping[str, object], *, seen: Record | None = None) -> Record:
        """Change these properties and return the record as the API shows it. Others stay, inside objects, too.

        Args:
            customer_id: The record.
            values: What to change, nested; None clears a property.
            seen: The record as just read. If it came with a version, the change is made only to that version.

        Raises:
            NotFound: There is no such record.
            Conflict: The record is not as seen any more. Nothing was changed.
        """
        return self._line().writer.update(customer_id, values, seen)

    def archive_customer(self, customer_id: str, *, seen: Record | None = None) -> None:
        """Archive a record; archiving an archived one is success.

        Raises:
            ConfigurationError: The profile names no archive flag (`abilities.archive` is false).
            NotFound: There is no such record.
            Conflict: The record is not as seen any more. Nothing was changed.
        """
        self._line().writer.archive(customer_id, seen)

    def delete_customer(self, customer_id: str, *, seen: Record | None = None) -> None:
        """Delete a record; one that is already gone is success.

        Raises:
            Conflict: The record is not as seen any more. Nothing was deleted.
        """
        self._line().writer.delete(customer_id, seen)

    def close(self) -> None:
        """Let go of connections. Twice is once; using the client again opens them again."""
        if self._line.made:
            self._line().caller.close()

    def __enter__(self) -> CustomPmsClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._base_url!r})"


def _line(**given: object) -> Line:
    from wave_pms_sync.pms.line import line

    return line(**given)  # type: ignore[arg-type]  # just what the client was given


def _pace(profile: PmsProfile) -> Limiter:
    per_minute = profile.pace.requests_per_minute
    return TokenBucket(per_minute) if per_minute else Unlimited()
