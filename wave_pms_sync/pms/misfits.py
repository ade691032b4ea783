"""Answers that tell of a setting and of no record: a redirect, a verb, a media type or a version; pure.

Nothing was carried out then, and nothing will be until somebody changes the profile, so the run ends with the setting
to change and no record is blamed.

What a redirect that answers a write says of it (no redirect of a write is followed):

| status | to the same address but for `https`, the host, or the slash at its end | elsewhere |
| --- | --- | --- |
| 301 | not carried out | unknown |
| 302 | not carried out if only scheme or host differ; else unknown, as after a form | unknown |
| 303 | unknown: it may show what became of it | unknown |
| 307, 308 | not carried out: the same request is wanted at the other address | not carried out |
| other 3xx | unknown | unknown |

Sources: RFC 9110, 15.4 and 15.5.6, 15.5.7, 15.5.16; RFC 6585, 3 (428); RFC 5789 (`Accept-Patch`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import SplitResult, urljoin, urlsplit

from attrs import frozen

from wave_pms_sync.errors import ConfigurationError
from wave_pms_sync.http.messages import Request, Response

_SECTIONS: Final[Mapping[str, str]] = {
    "list_customers": "list",
    "find_customer": "list",
    "list_deleted_customers": "deletions",
    "read_customer": "read",
    "create_customer": "create",
    "update_customer": "update",
    "archive_customer": "archive",
    "delete_customer": "delete",
}
_ABOUT_ONE = ("archive_customer", "delete_customer")  # here 405 and 415 may well speak of the record
_VERBS = re.compile(r"[A-Z]{3,16}(\s*,\s*[A-Z]{3,16}){0,15}")
_MEDIA_TYPES = re.compile(r"[\w.+*-]+/[\w.+*-]+(\s*,\s*[\w.+*-]+/[\w.+*-]+){0,15}")

# What else stands in a path, an e-mail address perhaps, is nobody's business here.
_PLAIN_PATH = re.compile(r"[\w/.-]{1,200}", re.ASCII)


def misfit(request: Request, response: Response) -> ConfigurationError | None:
    """The error that names the setting to change; None if the answer does not tell of one."""
    section = _SECTIONS.get(request.operation, "profile")
    match response.status:
        case 405 if request.operation not in _ABOUT_ONE:
            allowed = _among(response.headers.get("allow", ""), _VERBS)
            problem = f"the PMS knows no {request.method} at {_path(request.url)}"
            return _wrong(request, response, f"{section}.method", problem, allowed or "another verb, or another path")
        case 406:
            return _wrong(request, response, "requests.accept", "the PMS has no such media type", "what it can answer")
        case 415 if request.operation not in _ABOUT_ONE:
            told = response.headers.get("accept-patch") or response.headers.get("accept-post") or ""
            allowed = _among(told, _MEDIA_TYPES) or "application/json, perhaps"
            problem = "the PMS does not read this media type"
            return _wrong(request, response, f"{section}.content_type", problem, allowed)
        case 428:
            hint = "true, with {version} in the headers, query or body of update and delete; or hand in `seen`"
            problem = "the PMS demands to be told which version is meant, with each write"
            return _wrong(request, response, "record.version_demanded", problem, hint)
        case status if 300 <= status < 400 and request.writes:
            return _redirected(request, response)
    return None


def path_key(request: Request) -> str:
    """The settings that say where this request goes."""
    section = _SECTIONS.get(request.operation, "profile")
    if section == "deletions":
        return "deletions.path"
    return f"{'path' if section in {'list', 'create'} else 'one_path'} or {section}.path"


def led_to(request: Request, response: Response) -> str:
    """Where a redirect leads, in words: the path, without query and parameters, at the same origin; else no more."""
    asked, target = _ends(request, response)
    if target is None:
        return "nowhere"
    if (target.scheme, target.netloc) == (asked.scheme, asked.netloc):
        path = target.path.partition(";")[0] or "/"
        return path if _PLAIN_PATH.fullmatch(path) else "another path"
    if target.hostname == asked.hostname and target.scheme != asked.scheme:
        return f"{target.scheme} at the same host"
    return "another place"


@frozen
class _Gap:
    """In what two addresses differ, where they are one but for that."""

    scheme: bool
    host: bool
    slash: bool


def _redirected(request: Request, response: Response) -> ConfigurationError | None:
    asked, target = _ends(request, response)
    gap, status = _gap(asked, target), response.status
    moved = gap is not None and (status == 301 or (status == 302 and not gap.slash))
    if target is None or (status not in {307, 308} and not moved):
        return None
    problem = f"{request.method} {_path(request.url)} is redirected to {led_to(request, response)}"
    if gap is None or gap.scheme or gap.host:
        return _wrong(request, response, "base_url", problem, "the address itself, with https:// and its own host")
    slash = 'with a "/" at its end' if not _path(request.url).endswith("/") else 'without a "/" at its end'
    return _wrong(request, response, path_key(request), problem, slash)


def _ends(request: Request, response: Response) -> tuple[SplitResult, SplitResult | None]:
    asked, location = urlsplit(request.url), response.headers.get("location", "").strip()
    try:
        target = urlsplit(urljoin(request.url, location))
        return asked, target if location and target.hostname else None
    except ValueError:
        return asked, None


def _gap(asked: SplitResult, target: SplitResult | None) -> _Gap | None:
    if target is None or target.path.rstrip("/") != asked.path.rstrip("/"):
        return None
    gap = _Gap(target.scheme != asked.scheme, target.netloc != asked.netloc, target.path != asked.path)
    return gap if gap.scheme or gap.host or gap.slash else None


def _wrong(request: Request, response: Response, key: str, problem: str, allowed: str) -> ConfigurationError:
    fault = f"{key}: {problem} (HTTP {response.status}), and nothing was carried out (allowed: {allowed})"
    return ConfigurationError(request.operation, [fault])


def _among(told: str, form: re.Pattern[str]) -> str:
    return told.strip() if form.fullmatch(told.strip()) else ""


def _path(url: str) -> str:
    return urlsplit(url).path or "/"
