"""Wave's schema as it is today, held against what our documents ask for and send."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from attrs import frozen

from wave_pms_sync.errors import BadAnswer
from wave_pms_sync.findings import Finding, assumed, works, wrong
from wave_pms_sync.wave.operations import documents
from wave_pms_sync.wave.operations.asked import Asked, asked
from wave_pms_sync.wave.operations.encode import Inputs, input_names
from wave_pms_sync.wave.settings import WaveSettings

_SUBJECT = "schema"
_NEWER = "a newer release of wave_pms_sync"
_WITH_FIELDS = frozenset({"OBJECT", "INTERFACE", "UNION"})
_LISTS = frozenset({"edges", "inputErrors", "path"})
_ALWAYS_SENT = {
    "CustomerCreateInput": frozenset({"businessId", "name"}),
    "CustomerPatchInput": frozenset({"id"}),
    "CustomerDeleteInput": frozenset({"id"}),
}


@frozen(kw_only=True)
class _Member:
    """A field, an argument, an input field or an enum value: its GraphQL type in full, and what is said of it."""

    type: str = ""
    optional: bool = True
    deprecated: bool = False
    arguments: Mapping[str, _Member]

    @property
    def named(self) -> str:
        """Its type without list and non-null marks."""
        return self.type.strip("[]!")


@frozen
class _Type:
    kind: str
    members: Mapping[str, _Member]


_Types = Mapping[str, _Type]


def drift(data: Mapping[str, object], settings: WaveSettings) -> list[Finding]:
    """What is missing, of another kind, newly required or deprecated among all that we ask for and send.

    Args:
        data: The answer to `documents.introspect()`.
        settings: Whether amounts are asked for, and in which order customers are listed.

    Raises:
        BadAnswer: It is no schema.
    """
    schema = data.get("__schema")
    types = {str(row.get("name")): _type(row) for row in _rows(schema, "types")}
    query, mutation = (_name(_get(schema, f"{kind}Type")) for kind in ("query", "mutation"))
    if query not in types or mutation not in types:
        raise BadAnswer("Wave showed something that is no schema")
    amounts = settings.amounts
    found: list[Finding] = []
    for reading in (
        documents.list_businesses(),
        documents.list_customers(amounts=amounts),
        documents.read_customers(1, amounts=amounts),
    ):
        found += _fields(types, query, asked(reading))
    for writing in (
        documents.create_customer(amounts=amounts),
        documents.patch_customer(amounts=amounts),
        documents.delete_customer(),
    ):
        found += _fields(types, mutation, asked(writing))
    found += _inputs(types, "CustomerCreateInput", {"businessId": {}, **input_names()})
    found += _inputs(types, "CustomerPatchInput", {"id": {}, **input_names()})
    found += _inputs(types, "CustomerDeleteInput", {"id": {}})
    found += _sorts(types, settings.sort)
    return list(dict.fromkeys(found)) or [works(_SUBJECT, "all that is asked for and sent is there")]


def _fields(types: _Types, type_name: str, wanted: Mapping[str, Asked]) -> Iterator[Finding]:
    for name, inside in wanted.items():
        place, member = f"{type_name}.{name}", types[type_name].members.get(name)
        if member is None:
            yield wrong(_SUBJECT, f"{place} is not there", "amounts" if name.endswith("Amount") else _NEWER)
            continue
        if member.deprecated:
            yield assumed(_SUBJECT, f"{place} is deprecated: it will go", _NEWER)
        yield from _arguments(place, inside.arguments, member.arguments)
        composed = _kind(types, member.named) in _WITH_FIELDS
        if composed != bool(inside.fields) or ("[" in member.type) != (name in _LISTS):
            yield wrong(_SUBJECT, f"{place} is of another kind: {member.type}", _NEWER)
        elif composed:
            yield from _fields(types, member.named, inside.fields)


def _arguments(place: str, given: Mapping[str, str], taken: Mapping[str, _Member]) -> Iterator[Finding]:
    for name, type_text in given.items():
        member = taken.get(name)
        if member is None:
            yield wrong(_SUBJECT, f"{place} does not take `{name}`", _NEWER)
        elif not _fits(type_text, member):
            yield wrong(_SUBJECT, f"{place} takes `{name}` as {member.type}, not as {type_text}", _NEWER)
    for name, member in taken.items():
        if not member.optional and name not in given:
            yield wrong(_SUBJECT, f"{place} needs `{name}`, which is not sent", _NEWER)


def _fits(given: str, taken: _Member) -> bool:
    return given.replace("!", "") == taken.type.replace("!", "") and (taken.optional or given.endswith("!"))


def _inputs(types: _Types, type_name: str, sent: Inputs) -> Iterator[Finding]:
    members = types[type_name].members if type_name in types else {}
    for name, inside in sent.items():
        place, member = f"{type_name}.{name}", members.get(name)
        if member is None:
            yield wrong(_SUBJECT, f"{place} is not there: it cannot be written", "the mapping")
        elif (_kind(types, member.named) == "INPUT_OBJECT") != bool(inside) or "[" in member.type:
            yield wrong(_SUBJECT, f"{place} is of another kind: {member.type}", _NEWER)
        elif inside:
            yield from _inputs(types, member.named, inside)
    yield from _required(type_name, members, sent)


def _required(type_name: str, members: Mapping[str, _Member], sent: Collection[str]) -> Iterator[Finding]:
    always = _ALWAYS_SENT.get(type_name, frozenset())
    for name, member in members.items():
        if not member.optional and name not in always:
            where = "records without it are refused" if name in sent else "which is never sent"
            yield wrong(_SUBJECT, f"{type_name}.{name} is required, {where}", "the mapping" if name in sent else _NEWER)


def _sorts(types: _Types, wanted: Collection[str]) -> Iterator[Finding]:
    known = types["CustomerSort"].members if "CustomerSort" in types else {}
    for name in wanted:
        if name not in known:
            yield wrong(_SUBJECT, f"CustomerSort.{name} is not there", "sort")


# --- the answer to an introspection ----------------------------------------------------------------------


def _type(row: Mapping[str, object]) -> _Type:
    members = [*_rows(row, "fields"), *_rows(row, "inputFields"), *_rows(row, "enumValues")]
    return _Type(str(row.get("kind")), {_name(member): _member(member) for member in members})


def _member(row: Mapping[str, object]) -> _Member:
    text = _type_text(row.get("type"))
    return _Member(
        type=text,
        optional=not text.endswith("!") or row.get("defaultValue") is not None,
        deprecated=row.get("isDeprecated") is True,
        arguments={_name(argument): _member(argument) for argument in _rows(row, "args")},
    )


def _type_text(shown: object) -> str:
    inner = _get(shown, "ofType")
    kind = _get(shown, "kind")
    if kind == "NON_NULL":
        return f"{_type_text(inner)}!"
    return f"[{_type_text(inner)}]" if kind == "LIST" else _name(shown)


def _kind(types: _Types, name: str) -> str:
    return types[name].kind if name in types else ""


def _rows(value: object, name: str) -> list[Mapping[str, object]]:
    rows = _get(value, name)
    return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []


def _name(value: object) -> str:
    return str(_get(value, "name") or "")


def _get(value: object, name: str) -> object:
    return value.get(name) if isinstance(value, Mapping) else None
