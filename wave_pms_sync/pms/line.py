"""The line to one PMS: what carries its requests, builds them and reads the answers, put together."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from attrs import frozen

from wave_pms_sync.http.auth import Auth
from wave_pms_sync.http.caller import Caller
from wave_pms_sync.http.pace import Limiter
from wave_pms_sync.http.retry import RetryPolicy
from wave_pms_sync.http.transport import RequestsTransport
from wave_pms_sync.model.side import Side
from wave_pms_sync.pms.answers import Answers
from wave_pms_sync.pms.credentials import HookedAuth, Signature
from wave_pms_sync.pms.hooks import Hooks
from wave_pms_sync.pms.operations import Customers
from wave_pms_sync.pms.profile import PmsProfile
from wave_pms_sync.pms.quota import nothing_left_s
from wave_pms_sync.pms.reading import Reader
from wave_pms_sync.pms.sending import Sender
from wave_pms_sync.pms.writing import Writer

if TYPE_CHECKING:
    import requests


@frozen
class Line:
    """What a client works with.

    Attributes:
        caller: Signs, paces, sends and repeats.
        reader: Reads customers.
        writer: Writes customers.
    """

    caller: Caller
    reader: Reader
    writer: Writer


def line(
    *,
    base_url: str,
    profile: PmsProfile,
    agent: str,
    secrets: Mapping[str, str],
    auth: Auth | None,
    hooks: Hooks | None,
    pace: Limiter,
    retry: RetryPolicy | None,
    timeout_s: float,
    max_concurrency: int,
    session: requests.Session | None,
    pages_ahead: int,
) -> Line:
    """Put the line together; the arguments are those of the client, checked."""
    caller = Caller(
        side=Side.PMS.value,
        transport=RequestsTransport(session),
        auth=_signing(base_url, profile, agent, secrets, auth, hooks),
        pace=pace,
        retry=retry or RetryPolicy(),
        quota=partial(nothing_left_s, pace=profile.pace),
        timeout_s=timeout_s,
        max_concurrency=max_concurrency,
    )
    sender, customers, answers = Sender(caller, agent, hooks), Customers(base_url, profile), Answers(base_url, profile)
    reader = Reader(sender, customers, answers, pages_ahead)
    return Line(caller, reader, Writer(sender, customers, answers, reader))


def _signing(
    base_url: str,
    profile: PmsProfile,
    agent: str,
    secrets: Mapping[str, str],
    auth: Auth | None,
    hooks: Hooks | None,
) -> Auth | None:
    if secrets:
        headers = {"User-Agent": agent, **profile.requests.headers}
        auth = Signature(profile.auth, secrets, base_url=base_url, headers=headers)
    return auth if hooks is None else HookedAuth(auth, hooks)
