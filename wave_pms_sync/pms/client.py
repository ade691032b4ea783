"""The client of a Custom PMS: fulfils `CustomerClient` over HTTP, by a profile of the API's conventions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from itertools import chain
from types import TracebackType
from typing import TypeVar
from uuid import NAMESPACE_OID, uuid4, uuid5

from attrs import evolve

from wave_pms_sync.errors import BadAnswer, Conflict, NotFound, SyncError, UnknownOutcome
from wave_pms_sync.http.auth import Auth
from wave_pms_sync.http.caller import Caller
from wave_pms_sync.http.messages import Request, Response
from wave_pms_sync.http.pace import Limiter, TokenBucket, Unlimited
from wave_pms_sync.http.retry import RetryPolicy
from wave_pms_sync.http.transport import RequestsTransport, Session
from wave_pms_sync.http.transport import user_agent as agent_of
from wave_pms_sync.http.urls import plain_url
from wave_pms_sync.model.records import Abilities, Page, Record
from wave_pms_sync.model.side import Side
from wave_pms_sync.pms.addresses import paths_filled
from wave_pms_sync.pms.answers import Answers, Written
from wave_pms_sync.pms.conventions.fit import asks
from wave_pms_sync.pms.credentials import HookedAuth, Signature
from wave_pms_sync.pms.doctor import Findings, examine
from wave_pms_sync.pms.hooks import Hooks
from wave_pms_sync.pms.listing import each_once, walk
from wave_pms_sync.pms.lookup import at
from wave_pms_sync.pms.operations import Customers, moved_on
from wave_pms_sync.pms.paging import Spot
from wave_pms_sync.pms.preview import Preview, preview
from wave_pms_sync.pms.profile import PmsProfile
from wave_pms_sync.pms.settings import check_settings
from wave_pms_sync.pms.templates import placeholders

T = TypeVar("T")


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

    Raises:
        ConfigurationError: An argument cannot be right; all of them are named.
    """

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
        session: Session | None = None,
        retry: RetryPolicy | None = None,
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
        )
        self._customers = Customers(plain_url(base_url), profile or PmsProfile())
        self._answers = Answers(self._customers.base_url, self.profile)
        self._agent = agent_of(user_agent)
        self._hooks = hooks
        self._caller = Caller(
            side=Side.PMS.value,
            transport=RequestsTransport(session),
            auth=self._signing(auth, {**(secrets or {}), **({} if token is None else {"token": token})}),
            pace=pace or _pace(self.profile),
            retry=retry or RetryPolicy(),
            timeout_s=timeout_s,
            max_concurrency=max_concurrency,
        )

    @property
    def profile(self) -> PmsProfile:
        """The API's conventions, as this client follows them."""
        return self._customers.profile

    @property
    def identity(self) -> str:
        """The base URL and the resource, without secrets; stable over restarts.

        For example `https://pms.example.com/api#/customers`.
        """
        return f"{self._customers.base_url}#{self.profile.path}"

    @property
    def abilities(self) -> Abilities:
        """What this API can do, by its profile. Nothing is sent."""
        profile = self.profile
        return Abilities(
            since="since" in asks(profile.list),
            creation_order=profile.list.creation_order,
            archive=bool(profile.record.archived) and self._customers.archives,
            marker=profile.record.marker,
            repeat_key="repeat_key"
            in placeholders((profile.create.headers, profile.create.query, profile.create.body)),
            bulk_read=1,
            request_timeout_s=self._caller.longest_request_s,
        )

    @property
    def requests(self) -> int:
        """Requests sent so far by this client, repetitions included."""
        return self._caller.requests

    def check(self) -> Findings:
        """Try the profile against the live API, by reading only. Print what comes back.

        It never raises for what the API does: that is what it finds.
        """
        return examine(self.profile, pages=self.pages, one=self.customer)

    def preview(self) -> Preview:
        """The requests that the profile makes, as one would type them with curl. Nothing is sent; print it."""
        return preview(self._customers)

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
        first = self._customers.list_page(since=modified_after)

        def ask(spot: Spot) -> tuple[Page, Spot | None]:
            request = self._customers.list_page(spot, since=modified_after) if spot.page else first
            return self._send(request, partial(self._answers.page_in, spot=spot))

        listed = walk(ask, repeat_ends=self.profile.paging.end == "repeat")
        whole = map(self._whole_page, listed) if self.profile.list.partial else listed
        if modified_after is None or not self.profile.deletions.path:
            return iter(whole)
        return chain(self._deleted_pages(modified_after), whole)

    def customer(self, customer_id: str) -> Record | None:
        """Read one record; None if the API says that it has none of this id."""
        try:
            request = self._customers.one(customer_id)
        except NotFound:
            return None
        return self._send(request, self._answers.record_in)

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
        request = self._customers.create(values, repeat_key=repeat_key, record_id=self._own_id(repeat_key))
        return self._shown(request, self._send(request, partial(self._answers.written_in, values=values)), values)

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
        basis = self._basis(customer_id, seen, values)
        sent = values if basis is None else self._customers.laid_in(basis, values)
        request = self._customers.update(customer_id, sent, version=_version(basis or seen))
        return self._shown(request, self._send(request, partial(self._answers.written_in, values=values)), values)

    def archive_customer(self, customer_id: str, *, seen: Record | None = None) -> None:
        """Archive a record; archiving an archived one is success.

        Raises:
            ConfigurationError: The profile names no archive flag (`abilities.archive` is false).
            NotFound: There is no such record.
            Conflict: The record is not as seen any more. Nothing was changed.
        """
        values = self.profile.archive.values
        basis = self._basis(customer_id, seen, values)
        sent = None if basis is None else self._customers.laid_in(basis, values)
        request = self._customers.archive(customer_id, version=_version(basis or seen), values=sent)
        self._send(request, self._answers.judge.body_of)

    def delete_customer(self, customer_id: str, *, seen: Record | None = None) -> None:
        """Delete a record; one that is already gone is success.

        Raises:
            Conflict: The record is not as seen any more. Nothing was deleted.
        """
        try:
            basis = self._basis(customer_id, seen, {}, replaces=False)
            request = self._customers.delete(customer_id, version=_version(basis or seen))
            self._send(request, self._answers.judge.body_of)
        except NotFound:
            return

    def close(self) -> None:
        """Let go of connections. Twice is once; using the client again opens them again."""
        self._caller.close()

    def __enter__(self) -> CustomPmsClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._customers.base_url!r})"

    def _signing(self, auth: Auth | None, secrets: Mapping[str, str]) -> Auth | None:
        profile = self.profile
        if secrets:
            headers = {"User-Agent": self._agent, **profile.requests.headers}
            auth = Signature(profile.auth, secrets, base_url=self._customers.base_url, headers=headers)
        return auth if self._hooks is None else HookedAuth(auth, self._hooks)

    def _send(self, request: Request, read: Callable[[Request, Response], T]) -> T:
        sent = evolve(request, headers={"User-Agent": self._agent, **request.headers})
        hooks = self._hooks
        if hooks is None:
            return self._caller.call(sent, partial(read, request))
        return self._caller.call(hooks.build(sent), lambda response: read(request, hooks.read(request, response)))

    def _own_id(self, repeat_key: str | None) -> str | None:
        """An id of our choice, where the API leaves it to the client; the same for the same key."""
        if "id" not in _create_uses(self.profile):
            return None
        return str(uuid4() if repeat_key is None else uuid5(NAMESPACE_OID, repeat_key))

    def _basis(
        self, customer_id: str, seen: Record | None, values: Mapping[str, object], *, replaces: bool = True
    ) -> Record | None:
        """The record as it is now, where a write needs that: to lose nothing, or for a version that is demanded.

        Raises:
            NotFound: There is no such record.
            Conflict: It is not as seen any more.
        """
        unknown = self.profile.record.version_demanded and _version(seen) is None
        if not unknown and not (replaces and self._customers.replaces_unsent(values)):
            return None
        fresh = self.customer(customer_id)
        if fresh is None:
            raise NotFound(f"{customer_id!r} is not in the PMS", side=Side.PMS.value, record_id=customer_id)
        if seen is not None and moved_on(seen, fresh, values):
            text = f"{customer_id!r} moved on since it was read: look again"
            raise Conflict(text, side=Side.PMS.value, record_id=customer_id)
        return fresh

    def _whole_page(self, page: Page) -> Page:
        """A page whose rows showed only part of each record, with the records read by their ids."""
        living = [record.id for record in page.records if not record.deleted]
        read = self.customers_by_id(living)
        return evolve(page, records=tuple(read.get(each.id) or each for each in page.records))

    def _deleted_pages(self, since: datetime) -> Iterator[Page]:
        def ask(spot: Spot) -> tuple[Page, Spot | None]:
            request = self._customers.deleted_page(spot, since=since)
            return self._send(request, partial(self._answers.deleted_in, spot=spot))

        ended = False
        for page in walk(ask, repeat_ends=self.profile.paging.end == "repeat"):
            ended = page.last
            yield evolve(page, last=False, total=None)
        if not ended:
            raise BadAnswer("the list of deleted customers breaks off without a stated end", side=Side.PMS.value)

    def _shown(self, request: Request, written: Written, values: Mapping[str, object]) -> Record:
        """The record that a write's answer showed; otherwise it is read, since the write is done."""
        if written.record is not None:
            return written.record
        try:
            found = self._look_up(values) if written.record_id is None else self.customer(written.record_id)
        except SyncError as error:
            text = f"the answer did not show the record, and reading it failed: {error}"
            raise _told(UnknownOutcome, text, request, written) from error
        if found is None and request.record_id is not None and request.operation != "create_customer":
            raise _told(NotFound, "the PMS accepted it, but has no such record", request, written)
        if found is None:
            raise _told(UnknownOutcome, "the PMS accepted it, but does not show the record yet", request, written)
        return found

    def _look_up(self, values: Mapping[str, object]) -> Record | None:
        """The only record that has the key property of what was created; None if there is none, or several."""
        place = self.profile.create.find_by
        wanted = at(values, place)
        if wanted is None:
            return None
        page, _ = self._send(self._customers.found_by(wanted), self._answers.page_in)
        alike = [record for record in page.records if at(record.payload, place) == wanted]
        return self.customer(alike[0].id) if len(alike) == 1 else None


def _create_uses(profile: PmsProfile) -> frozenset[str]:
    call = profile.create
    return placeholders((paths_filled(call.path, profile), call.query, call.headers, call.body, call.fixed))


def _pace(profile: PmsProfile) -> Limiter:
    per_minute = profile.pace.requests_per_minute
    return TokenBucket(per_minute) if per_minute else Unlimited()


def _version(seen: Record | None) -> str | None:
    return None if seen is None else seen.version


def _told(kind: type[SyncError], text: str, request: Request, written: Written) -> SyncError:
    about = request.operation if written.record_id is None else f"{request.operation} {written.record_id!r}"
    return kind(f"{about}: {text}", side=request.side, operation=request.operation, record_id=written.record_id)
