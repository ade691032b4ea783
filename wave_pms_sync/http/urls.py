"""What a URL may be, and how it is shown without its secrets."""

from __future__ import annotations

import ipaddress
from urllib.parse import SplitResult, urlsplit, urlunsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}


def plain_url(url: str) -> str:
    """A URL in one normal form, without user, query and fragment.

    Scheme and host are in lower case, the scheme's default port and trailing slashes are dropped, so that
    two spellings of one endpoint compare equal. A text that is no URL gives `"(no url)"`.
    """
    try:
        parts = urlsplit(url)
        place = _place(parts)
    except ValueError:
        return "(no url)"
    return urlunsplit((parts.scheme.lower(), place, parts.path.rstrip("/"), "", "")) if place else "(no url)"


def origin(url: str) -> str:
    """Scheme, host and port of a URL; credentials never travel from one origin to another."""
    try:
        parts = urlsplit(url)
        place = _place(parts)
    except ValueError:
        place = ""
    return f"{parts.scheme}://{place}" if place else "://"


def url_faults(url: object) -> list[str]:
    """What is wrong with the URL of an endpoint; empty if nothing.

    HTTPS is asked for, because a token travels with each request; plain HTTP only reaches this very machine.
    """
    if not isinstance(url, str) or not url.isprintable() or " " in url:
        return ["must be text without spaces"]
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return ["is not a URL"]
    if parts.scheme.lower() not in _DEFAULT_PORTS or not host:
        return ["must be a whole URL (allowed: https://..., or http:// on this machine)"]
    faults = []
    if parts.username is not None or parts.password is not None:
        faults.append("must not hold a user or password; hand in a token or auth")
    if parts.fragment:
        faults.append("must not hold a fragment")
    if parts.scheme.lower() == "http" and not is_loopback(host):
        faults.append("sends the token in the clear (allowed: https://, or http:// on this machine)")
    return faults


def is_loopback(host: str) -> bool:
    """Whether a host name or address certainly means this machine; no name is looked up."""
    if host.lower() == "localhost" or host.lower().endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _place(parts: SplitResult) -> str:
    host = (parts.hostname or "").lower()
    shown = f"[{host}]" if ":" in host else host
    return shown if parts.port in {None, _DEFAULT_PORTS.get(parts.scheme.lower())} else f"{shown}:{parts.port}"
