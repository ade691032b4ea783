"""Where requests go, and what addresses in answers mean; pure."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote, urljoin, urlsplit

from wave_pms_sync.errors import ConfigurationError, NotFound
from wave_pms_sync.http.urls import origin
from wave_pms_sync.model.side import Side
from wave_pms_sync.pms.decode import OtherShape
from wave_pms_sync.pms.paths import paths_filled
from wave_pms_sync.pms.profile import PmsProfile
from wave_pms_sync.pms.templates import pattern_of

_LINK = re.compile(r"<([^>]*)>((?:\s*;\s*[\w*-]+\s*(?:=\s*(?:\"[^\"]*\"|[^\s;,\"]+))?)*)")
_NEXT = re.compile(r";\s*rel\s*=\s*(?:\"(?:[^\"]*\s)?next(?:\s[^\"]*)?\"|next(?=[\s;,]|\Z))", re.IGNORECASE)
_LOOKS_LINKED = re.compile(r"\s*<[^>]*>\s*;.*\brel\s*=", re.IGNORECASE | re.DOTALL)
_RESERVED = "%/:?#[]@!$&'()*+,;=~"  # what a URL may hold as it is; anything else a server forgot to escape


def address(template: str, profile: PmsProfile, record_id: str | None, operation: str) -> str:
    """A path of the profile with its placeholders filled; an id is one escaped segment, whatever it holds.

    Raises:
        NotFound: No record can have this id.
        ConfigurationError: The id is no text.
    """
    path = paths_filled(template, profile)
    return path.replace("{id}", _segment(record_id, operation)) if "{id}" in path else path


def check_id(record_id: object, operation: str) -> None:
    """Refuse an id that no record can have.

    Raises:
        NotFound: It is empty or only dots.
        ConfigurationError: It is no text.
    """
    if not isinstance(record_id, str):
        # None would address the collection, too.
        raise ConfigurationError(operation, [f"{record_id!r} is no id (allowed: text)"])
    if record_id in {"", ".", ".."}:
        # As a path segment it would address the collection or its parent: a deletion of everything.
        raise NotFound(
            f"{operation}: no customer can have the id {record_id!r}",
            side=Side.PMS.value,
            operation=operation,
            record_id=record_id,
        )


def id_in_location(location: str, request_url: str, profile: PmsProfile) -> str | None:
    """The id of a created record in the `Location` of an answer; None if it is not there.

    Only the id is taken: a proxy may leave another host or prefix in the header, and we keep to our own.
    """
    if not location:  # joined to the request's own address it would be that, and `/customers/new` looks like an id
        return None
    template = profile.create.location or paths_filled("{one_path}", profile)
    form = pattern_of(template, "id", r"[^/?#&()']+")
    if profile.create.location:
        held = re.search(form, location)
    else:
        held = re.search(rf"{form}/*\Z", urlsplit(urljoin(request_url, location)).path)
    return unquote(held["id"]) if held else None


def next_url(text: str, *, request_url: str, base_url: str, profile: PmsProfile) -> str:
    """The whole URL of the next page.

    Args:
        text: As the answer gives it: whole, or relative; unescaped characters are escaped.
        request_url: Of the page before.
        base_url: Where the API begins.
        profile: The API's conventions.

    Raises:
        OtherShape: It leads elsewhere: credentials never leave the origin of the API.
    """
    escaped = quote(text.strip(), safe=_RESERVED)
    try:
        start = {"base": base_url, "origin": origin(base_url)}.get(profile.paging.next_from)
        if start is not None and not urlsplit(escaped).netloc:
            return f"{start}{escaped}" if escaped.startswith("?") else f"{start}/{escaped.lstrip('/')}"
        joined = _as_asked(urljoin(request_url, escaped), base_url)
    except ValueError:
        raise OtherShape("the URL of the next page", "paging.next") from None
    if origin(joined) != origin(base_url):
        raise OtherShape(f"a next page at {origin(base_url)}, since credentials go nowhere else,")
    return joined


def links(header: str) -> bool:
    """Whether what a header holds looks like web links (RFC 8288)."""
    return _LOOKS_LINKED.match(header) is not None


def linked_next(header: str) -> str | None:
    """The target of the web link `rel="next"` (RFC 8288); None if there is none."""
    found = (target for target, parameters in _LINK.findall(header) if _NEXT.search(parameters))
    return next(found, None)


def _segment(record_id: str | None, operation: str) -> str:
    check_id(record_id, operation)
    return quote(str(record_id), safe="", errors="surrogatepass")


def _as_asked(url: str, base_url: str) -> str:
    """The URL with our scheme where it is the same host: behind a proxy that ends TLS, servers say http."""
    theirs, ours = urlsplit(url), urlsplit(base_url)
    same = theirs.hostname == ours.hostname and theirs.port is None and ours.port is None
    return theirs._replace(scheme=ours.scheme).geturl() if same and ours.scheme == "https" else url
