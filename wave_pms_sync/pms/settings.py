"""What the arguments of a PMS client may be; all faults are found before anything is built."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import urlsplit

from wave_pms_sync.errors import ConfigurationError
from wave_pms_sync.http.ahead import ahead_faults
from wave_pms_sync.http.auth import token_faults
from wave_pms_sync.http.urls import url_faults
from wave_pms_sync.pms.profile import PmsProfile
from wave_pms_sync.pms.secrets import secret_faults

_HEADERS_OF_ALL: Final = frozenset({"user-agent", "accept-encoding", "accept", "connection"})
"""What a new `requests.Session` sends."""


def check_settings(
    *,
    base_url: object,
    token: object,
    auth: object,
    secrets: object,
    profile: object,
    hooks: object,
    timeout_s: object,
    max_concurrency: object,
    pace: object,
    user_agent: object,
    pages_ahead: object,
    session: object,
) -> None:
    """Refuse arguments that cannot work together.

    Raises:
        ConfigurationError: With all faults, none of which quotes a value.
    """
    guarded = (token, auth, secrets) != (None, None, None) or _carries(session)
    faults = [f"base_url: {fault}" for fault in _base_url_faults(base_url, guarded=guarded)]
    faults += _credential_faults(token, auth, secrets)
    faults += _shape_faults(profile, pace, hooks)
    if not faults and (token is not None or secrets is not None):
        faults += _profile_faults(profile if isinstance(profile, PmsProfile) else PmsProfile(), token, secrets)
    faults += _number_faults(timeout_s, max_concurrency)
    faults += ahead_faults(pages_ahead)
    if user_agent is not None and not (
        isinstance(user_agent, str) and user_agent.isascii() and user_agent.isprintable()
    ):
        faults.append("user_agent: cannot stand in a header (allowed: printable ASCII)")
    if faults:
        raise ConfigurationError("CustomPmsClient", faults)


def _carries(session: object) -> bool:
    """Whether a user's session may bring credentials: in whatever it adds to a request beside what all have."""
    added = {str(name).lower() for name in getattr(session, "headers", None) or ()} - _HEADERS_OF_ALL
    return bool(added) or any(getattr(session, name, None) for name in ("auth", "params", "cookies", "cert"))


def _base_url_faults(base_url: object, *, guarded: bool) -> list[str]:
    faults = url_faults(base_url)
    if isinstance(base_url, str) and not guarded:
        # Without credentials there is nothing to steal on the way, and plain HTTP is the user's own affair.
        scheme, mark, rest = base_url.partition("://")
        faults = url_faults(f"https{mark}{rest}") if scheme.lower() == "http" else faults
    if not faults and urlsplit(str(base_url)).query:
        faults.append("must not hold a query; parameters belong into the profile")
    return faults


def _credential_faults(token: object, auth: object, secrets: object) -> Iterator[str]:
    if token is not None:
        yield from token_faults(token)
    if auth is not None and (token is not None or secrets is not None):
        yield f"{'token' if secrets is None else 'secrets'}: stands beside auth (allowed: one of the two)"
    if auth is not None and not (hasattr(auth, "sign") and hasattr(auth, "renew")):
        yield "auth: cannot sign requests (allowed: an object with sign and renew)"
    if secrets is not None and not isinstance(secrets, Mapping):
        yield "secrets: are no table (allowed: names with secrets)"


def _profile_faults(profile: PmsProfile, token: object, secrets: object) -> Iterator[str]:
    given = dict(secrets) if isinstance(secrets, Mapping) else {}
    yield from secret_faults(profile.auth, given if token is None else {**given, "token": token})
    if "://" in profile.auth.login.url:
        yield from (f"profile.auth.login.url: {fault}" for fault in url_faults(profile.auth.login.url))


def _shape_faults(profile: object, pace: object, hooks: object) -> Iterator[str]:
    if profile is not None and not isinstance(profile, PmsProfile):
        yield "profile: is no PmsProfile (allowed: PmsProfile.from_dict(...) or from_file(...))"
    if pace is not None and not hasattr(pace, "reserve"):
        yield "pace: is no limiter (allowed: an object with reserve, such as TokenBucket)"
    if hooks is not None and not all(hasattr(hooks, name) for name in ("build", "sign", "read")):
        yield "hooks: are none (allowed: an object with build, sign and read; inherit from Hooks)"


def _number_faults(timeout_s: object, max_concurrency: object) -> Iterator[str]:
    numeric = isinstance(timeout_s, int | float) and not isinstance(timeout_s, bool)
    if not numeric or not 0 < float(timeout_s) < math.inf:  # type: ignore[arg-type]  # numeric says so
        yield "timeout_s: cannot be used (allowed: seconds above 0)"
    if type(max_concurrency) is not int or max_concurrency < 1:
        yield "max_concurrency: cannot be used (allowed: a whole number from 1)"
