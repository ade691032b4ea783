"""Which operation of a profile a request is: its requests, read backwards."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from urllib.parse import unquote

from attrs import evolve, field, frozen

from wave_pms_sync.pms.conventions.calls import (
    Archiving,
    Creating,
    DeletedList,
    Deleting,
    Listing,
    Reading,
    Updating,
)
from wave_pms_sync.pms.encode import laid_over
from wave_pms_sync.pms.lookup import ABSENT
from wave_pms_sync.pms.lookup import found as found_at
from wave_pms_sync.pms.profile import PmsProfile
from wave_pms_sync.pms.templates import placeholders
from wave_pms_sync.testing.nesting import copied
from wave_pms_sync.testing.pms_forms import FORM, body_of, media_type
from wave_pms_sync.testing.pms_problems import Problem
from wave_pms_sync.testing.pms_templates import matched, path_pattern
from wave_pms_sync.testing.server import Call

__all__ = ["OWN_PARAMETER", "PREFIX", "Requests", "Wish"]

PREFIX = "/api"
OWN_PARAMETER = "_after"
"""Where this server notes in URLs of next pages how they go on."""


@frozen
class Wish:
    """What a request wants.

    Attributes:
        operation: `list`, `one`, `create`, `update`, `archive`, `delete`; `deleted` for the list of deleted customers,
            `find` for a search; `moved` for an address that lacks its slash, `invalid` for a request that the address
            does not know, `other` for an address that does not exist.
        facts: What stood at the placeholders of the profile.
        values: What it writes, with the property names of the mapping; empty if it writes nothing.
        problem: Why it cannot be carried out.
    """

    operation: str
    facts: Mapping[str, object] = field(factory=dict, repr=False)
    values: Mapping[str, object] = field(factory=dict, repr=False)
    problem: Problem | None = None

    @property
    def id(self) -> str:
        """The record that it names, or empty."""
        return str(self.facts.get("id", ""))

    def next_page(self, first: int) -> bool:
        """Whether it asks for a page beyond the first, where numbered pages begin with `first`."""
        begins = {"cursor": "", "offset": "0", "page": str(first)}
        named = ((str(self.facts.get(name) or ""), begin) for name, begin in begins.items())
        return OWN_PARAMETER in self.facts or any(place not in ("", "0", begin) for place, begin in named)


@frozen(kw_only=True)
class _Form:
    """One request of the profile.

    Attributes:
        operation: As in `Wish`.
        method: The verb.
        path: Its address.
        query: Parameters.
        headers: By names in lower case.
        body: What wraps the values, or the whole body of a request that writes none.
        fixed: Properties among the values that hold placeholders.
        content_type: Of the body.
        needs: A placeholder that must have been filled.
        whole: Places that are there with all that they hold, or not at all.
        writes: It carries values.
    """

    operation: str
    method: str
    path: re.Pattern[str]
    query: Mapping[str, object]
    headers: Mapping[str, object]
    body: Mapping[str, object]
    fixed: Mapping[str, object] = field(factory=dict)
    content_type: str = ""
    needs: str = ""
    whole: Collection[str] = ()
    writes: bool = False


class Requests:
    """Recognises the requests of a profile.

    Args:
        profile: The conventions.
        strict: What the profile demands of every request is demanded: headers, parameters and media types.
        exists: Whether a record is there; it tells a create from an update where they look alike.
    """

    def __init__(self, profile: PmsProfile, *, strict: bool, exists: Callable[[str], bool]) -> None:
        self._profile = profile
        self._strict = strict
        self._exists = exists
        self._forms = tuple(_forms(profile))
        self._archived = _archiving(profile)

    @property
    def parameters(self) -> frozenset[str]:
        """All query parameters that some request knows."""
        signed = frozenset({*self._profile.auth.query, *self._profile.requests.query, OWN_PARAMETER})
        return signed.union(*(form.query for form in self._forms))

    def wish_of(self, call: Call) -> Wish:
        """Which operation a request is."""
        came = call.raw_path or call.path
        path = came.removeprefix(PREFIX) if came.startswith(f"{PREFIX}/") else ""
        here = [(form, found) for form in self._forms if (found := form.path.fullmatch(path)) is not None]
        if not here:
            slashed = any(form.path.fullmatch(f"{path}/") for form in self._forms)
            return Wish("moved" if path and slashed else "other")
        fitting = [
            wish
            for form, found in here
            if form.method == call.method and (wish := self._wish(form, _unescaped(found), call)) is not None
        ]
        if fitting:
            return next((wish for wish in fitting if self._meant(wish, fitting)), fitting[0])
        verbs = ", ".join(dict.fromkeys(form.method for form, _ in here))
        unknown = Problem(405, "This address does not know the verb.", exactly=True, allow=verbs)
        odd = Problem(400, "This is no request of this API.", exactly=True)
        return Wish("invalid", problem=odd if any(form.method == call.method for form, _ in here) else unknown)

    def _meant(self, wish: Wish, fitting: list[Wish]) -> bool:
        """Whether a request that may be a create or an update is this one."""
        both = {other.operation: other for other in fitting if other.operation in ("create", "update")}
        if len(both) < 2 or wish.operation not in both:
            return wish.problem is None
        known = self._exists(wish.id) or wish.facts.get("version") is not None
        # Where this server gives the ids, a request that holds one is no create, whoever has it.
        changes = known or ("id" not in both["create"].facts and both["update"].id != "")
        return wish.operation == ("update" if changes else "create")

    def _wish(self, form: _Form, found: Mapping[str, object], call: Call) -> Wish | None:
        demanded = self._profile.requests
        asked = matched({**(demanded.query if self._strict else {}), **form.query}, call.query, more=True)
        headers = {name.lower(): value for name, value in (demanded.headers if self._strict else {}).items()}
        told = matched({**headers, **form.headers}, call.headers, more=True)
        if asked is None or told is None:
            return None
        own = {OWN_PARAMETER: call.query[OWN_PARAMETER]} if OWN_PARAMETER in call.query else {}
        wish = Wish(form.operation, {**found, **told, **asked, **own})
        if self._strict and media_type(call.headers.get("accept", "")) != demanded.accept.partition(";")[0]:
            return evolve(wish, problem=Problem(406, "This API does not answer so.", exactly=True))
        known = self._written(form, wish, call) if form.writes or form.body else wish
        return known if known is not None and (not form.needs or form.needs in known.facts) else None

    def _written(self, form: _Form, wish: Wish, call: Call) -> Wish | None:
        kind = media_type(call.headers.get("content-type", ""))
        wanted = media_type(form.content_type)
        if kind != wanted and (self._strict or FORM in (kind, wanted)):
            return evolve(wish, problem=Problem(415, f"Bodies are {wanted}.", exactly=True))
        try:
            body = body_of(call)
        except Problem as problem:
            return evolve(wish, problem=problem)
        facts = matched(form.body, body) if form.body else {"values": body}
        if facts is None:
            return None
        if torn := [place for place in form.whole if _torn(form.body, body, place, facts)]:
            return evolve(wish, problem=Problem(400, f"{torn[0]} is not complete.", exactly=True))
        values = facts.pop("values", {})
        values = values if isinstance(values, Mapping) else {}
        facts |= matched(form.fixed, values, more=True) or {}
        archives = bool(self._archived) and form.operation == "update" and {*values} - {*form.fixed} == self._archived
        return evolve(
            wish,
            operation="archive" if archives else form.operation,
            facts={**facts, **{name: fact for name, fact in wish.facts.items() if fact is not None}},
            values={str(name): copied(value) for name, value in values.items()},
        )


def _torn(template: object, body: object, place: str, facts: Mapping[str, object]) -> bool:
    """Whether something lies at a place, but not all that the template has there."""
    return found_at(body, place) is not ABSENT and not placeholders(found_at(template, place)) <= facts.keys()


def _unescaped(found: re.Match[str]) -> Mapping[str, object]:
    return {name: unquote(value) for name, value in found.groupdict().items()}


def _forms(profile: PmsProfile) -> Iterator[_Form]:
    """The requests of a profile, those that look like others but hold more before these."""
    listing, deletions, archiving = profile.list, profile.deletions, profile.archive
    if profile.create.find_by:
        yield _finding(profile)
    if deletions.path:
        yield _form(profile, "deleted", deletions)
    yield _form(profile, "list", listing)
    yield _form(profile, "one", profile.read)
    if archiving.path:
        yield _form(profile, "archive", archiving)
    yield _form(profile, "delete", profile.delete)
    yield evolve(_form(profile, "update", profile.update), writes=True)
    yield evolve(_form(profile, "create", profile.create), writes=True)


def _finding(profile: PmsProfile) -> _Form:
    """The request that looks up what was created: that of a listing, with what it is found by."""
    listing, creating = profile.list, profile.create
    body = laid_over(listing.body, creating.find_body) if creating.find_method != "GET" else {}
    return evolve(
        _form(profile, "find", listing),
        method=creating.find_method,
        path=_path(profile, creating.find_path or listing.path),
        query={**listing.query, **creating.find_query},
        body=body if isinstance(body, Mapping) else {},
        needs="value",
    )


def _archiving(profile: PmsProfile) -> set[str]:
    """The names that an update which archives sets; none if a request of its own does it."""
    archiving, shape = profile.archive, profile.record
    if archiving.path:
        return set()
    flag = shape.archived.removeprefix(f"{shape.fields}.") if shape.fields else shape.archived
    return {*archiving.values} or ({flag.partition(".")[0]} if flag else set())


def _form(
    profile: PmsProfile,
    operation: str,
    call: Listing | DeletedList | Reading | Creating | Updating | Archiving | Deleting,
) -> _Form:
    return _Form(
        operation=operation,
        method=call.method,
        path=_path(profile, call.path),
        # Of a parameter that came several times the last counts.
        query={n: held[-1] if n.endswith("[]") and isinstance(held, tuple) else held for n, held in call.query.items()},
        headers={name.lower(): value for name, value in call.headers.items()},
        body=call.body,
        fixed=getattr(call, "fixed", {}),
        content_type=call.content_type,
        whole=getattr(call, "whole", ()),
    )


def _path(profile: PmsProfile, template: str) -> re.Pattern[str]:
    return path_pattern(template.replace("{one_path}", profile.one_path).replace("{path}", profile.path))
