"""Tables of settings as attrs classes: the rule of each setting, the tables inside, what breaks a rule, plain data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import Attribute, fields

from wave_pms_sync.declared.rules import Rule, said
from wave_pms_sync.declared.table import plain_data


def section(kind: type) -> dict[str, type]:
    """The metadata of a field that holds a table of settings: an attrs class of which all fields have defaults."""
    return {"section": kind}


def rules_of(kind: type) -> dict[str, Rule]:
    """The rule of each setting of an attrs class, as its fields declare them in `metadata["rule"]`."""
    return {a.name: a.metadata["rule"] for a in _fields(kind) if "rule" in a.metadata}


def sections_of(kind: type) -> dict[str, type]:
    """The class of each table of settings of an attrs class."""
    return {a.name: a.metadata["section"] for a in _fields(kind) if "section" in a.metadata}


def broken_rules(value: object) -> Iterator[str]:
    """What is wrong with the settings of a value, `name: problem (allowed: ...)` each."""
    for name, rule in rules_of(type(value)).items():
        if fault := rule.fault(getattr(value, name)):
            yield f"{name}: {fault}"
    for name, kind in sections_of(type(value)).items():
        if not isinstance(getattr(value, name), kind):
            yield f"{name}: is {said(getattr(value, name))} (allowed: a {kind.__name__}, or plain data by from_dict)"


def plain(value: object, *, brief: bool = False) -> dict[str, object]:
    """The settings of a value as plain data, from which `structure` builds it again.

    Args:
        value: Of an attrs class as `structure` takes it.
        brief: Leave out what is as by default.
    """
    found: dict[str, object] = {name: plain_data(getattr(value, name)) for name in rules_of(type(value))}
    found |= {name: plain(getattr(value, name), brief=brief) for name in sections_of(type(value))}
    if not brief:
        return found
    usual = plain(type(value)())
    return {
        name: inner for name, inner in found.items() if inner != usual[name] and (inner or not _nested(value, name))
    }


def merged(kind: type, settings: Mapping[str, object], changes: Mapping[str, object]) -> dict[str, object]:
    """Settings with changes laid over them: sections are merged, every other setting is replaced as a whole."""
    sections = sections_of(kind)
    found = dict(settings)
    for name, value in changes.items():
        old = found.get(name)
        inside = name in sections and isinstance(old, Mapping) and isinstance(value, Mapping)
        found[name] = merged(sections[name], old, value) if inside else value  # type: ignore[arg-type]  # inside says so
    return found


def _nested(value: object, name: str) -> bool:
    return name in sections_of(type(value))


def _fields(kind: type) -> tuple[Attribute[object], ...]:
    found: tuple[Attribute[object], ...] = fields(kind)
    return found
