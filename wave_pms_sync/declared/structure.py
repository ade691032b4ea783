"""From plain data to a checked value, with every fault named at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from attrs import Attribute, fields
from cattrs import Converter
from cattrs.errors import ClassValidationError, ForbiddenExtraKeysError
from cattrs.gen import make_dict_structure_fn, override

from wave_pms_sync.declared.rules import Rule
from wave_pms_sync.errors import ConfigurationError

T = TypeVar("T")


def rules_of(kind: type) -> dict[str, Rule]:
    """The rule of each setting of an attrs class, as its fields declare them in `metadata["rule"]`."""
    kind_fields: tuple[Attribute[object], ...] = fields(kind)
    return {attribute.name: attribute.metadata["rule"] for attribute in kind_fields}


def structure(kind: type[T], settings: object, *, what: str) -> T:
    """Build a value from plain data.

    Args:
        kind: An attrs class whose fields declare a rule each.
        settings: A mapping from field names to values; fields left out keep their defaults.
        what: What is being configured, for the error.

    Raises:
        ConfigurationError: With all faults: unknown settings, wrong types, broken rules.
    """
    if not isinstance(settings, Mapping):
        raise ConfigurationError(what, ["(whole): is not a table of settings (allowed: setting names with values)"])
    try:
        return _converter(kind).structure({str(name): value for name, value in settings.items()}, kind)
    except ClassValidationError as error:
        raise ConfigurationError(what, sorted(_faults(error, kind))) from None


def _converter(kind: type) -> Converter:
    converter = Converter(forbid_extra_keys=True)
    hooks = {name: override(struct_hook=_checked(rule)) for name, rule in rules_of(kind).items()}
    converter.register_structure_hook(
        kind,
        make_dict_structure_fn(kind, converter, _cattrs_forbid_extra_keys=True, **hooks),  # type: ignore[arg-type]  # mypy takes ** for the flags, too
    )
    return converter


def _checked(rule: Rule) -> Callable[[object, object], object]:
    def hook(value: object, _: object) -> object:
        fault = rule.fault(value)
        if fault:
            raise ValueError(fault)
        return value

    return hook


def _faults(error: ClassValidationError, kind: type) -> Iterator[str]:
    noted, others = error.group_exceptions()
    for fault, note in noted:
        yield f"{note.name}: {fault}"
    unknown = (name for fault in others if isinstance(fault, ForbiddenExtraKeysError) for name in fault.extra_fields)
    allowed = ", ".join(sorted(rules_of(kind)))
    yield from (f"{name}: unknown setting (allowed: {allowed})" for name in unknown)
