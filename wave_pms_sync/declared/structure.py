"""From plain data to a checked value, with every fault named at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cache
from types import SimpleNamespace
from typing import TypeVar

from cattrs import Converter
from cattrs.errors import ClassValidationError, ForbiddenExtraKeysError
from cattrs.gen import make_dict_structure_fn, override

from wave_pms_sync.declared.rules import Rule, said
from wave_pms_sync.declared.schema import unknown
from wave_pms_sync.declared.sections import rules_of, sections_of
from wave_pms_sync.declared.sound import Sound
from wave_pms_sync.declared.table import frozen_data
from wave_pms_sync.errors import ConfigurationError

T = TypeVar("T")


def structure(
    kind: type[T], settings: object, *, what: str, misfits: Callable[[object], Iterable[str]] = lambda _: ()
) -> T:
    """Build a value from plain data.

    Args:
        kind: An attrs class whose fields declare a rule, or a section, each.
        settings: A mapping from field names to values; fields left out keep their defaults.
        what: What is being configured, for the error.
        misfits: What does not fit together in a value of this class, which says so itself when it is built. Where it
            cannot be built, this is asked about a `Sound` of the rest.

    Raises:
        ConfigurationError: With all faults, each by its path: unknown settings, wrong types, broken rules, misfits.
    """
    if not isinstance(settings, Mapping):
        raise ConfigurationError(what, ["(whole): is not a table of settings (allowed: setting names with values)"])
    try:
        return _converter(kind).structure(_named(settings), kind)  # type: ignore[arg-type]  # classes are hashable
    except ClassValidationError as error:
        told = list(_faults(error, kind))
        wrong = {path for path, _ in told}
        rest = () if "" in wrong else misfits(_sound(kind, _named(settings), wrong))
        raise ConfigurationError(what, sorted([*(fault for _, fault in told), *rest])) from None


def _sound(kind: type, settings: Mapping[str, object], wrong: Collection[str]) -> Sound:
    """The settings without those that are wrong by themselves, each section built from what is left of it."""
    usual, left = kind(), _left(settings, wrong)
    parts = {name: frozen_data(left.get(name, getattr(usual, name))) for name in rules_of(kind)}
    for name, inner in sections_of(kind).items():
        parts[name] = _table_of(_converter(kind), inner)(left.get(name, {}), inner)
    return Sound(SimpleNamespace(**parts), wrong)


def _left(settings: Mapping[str, object], wrong: Collection[str], above: str = "") -> dict[str, object]:
    return {
        name: _left(inner, wrong, f"{above}{name}.") if isinstance(inner, Mapping) else inner
        for name, inner in _named(settings).items()
        if f"{above}{name}" not in wrong
    }


def _named(settings: Mapping[str, object]) -> dict[str, object]:
    return {str(name): value for name, value in settings.items()}


@cache
def _converter(kind: type) -> Converter:
    converter = Converter(forbid_extra_keys=True)
    _register(converter, kind)
    return converter


def _register(converter: Converter, kind: type) -> None:
    hooks = {name: override(struct_hook=_checked(rule)) for name, rule in rules_of(kind).items()}
    for name, inner in sections_of(kind).items():
        _register(converter, inner)
        hooks[name] = override(struct_hook=_table_of(converter, inner))
    converter.register_structure_hook(
        kind,
        make_dict_structure_fn(kind, converter, _cattrs_forbid_extra_keys=True, **hooks),  # type: ignore[arg-type]  # mypy takes ** for the flags, too
    )


def _checked(rule: Rule) -> Callable[[object, object], object]:
    def hook(value: object, _: object) -> object:
        taken = frozen_data(value)
        fault = rule.fault(taken)
        if fault:
            raise ValueError(fault)
        return taken

    return hook


def _table_of(converter: Converter, kind: type) -> Callable[[object, object], object]:
    def hook(value: object, _: object) -> object:
        if isinstance(value, kind):
            return value
        if not isinstance(value, Mapping):
            raise ValueError(f"is {said(value)} (allowed: a table of settings)")  # a fault like others
        return converter.structure(_named(value), kind)

    return hook


def _faults(error: ClassValidationError, kind: type, above: str = "") -> Iterator[tuple[str, str]]:
    """Each fault with the path of the setting that is wrong by itself; an empty one where settings do not fit."""
    noted, others = error.group_exceptions()
    for fault, note in noted:
        path = f"{above}{note.name}"
        if isinstance(fault, ClassValidationError):
            yield from _faults(fault, sections_of(kind)[note.name], f"{path}.")
        else:
            yield path, f"{path}: {fault}"
    for fault in others:
        if isinstance(fault, ForbiddenExtraKeysError):
            allowed = sorted({**rules_of(kind), **sections_of(kind)})
            yield from ((f"{above}{name}", unknown(f"{above}{name}", name, allowed)) for name in fault.extra_fields)
        elif isinstance(fault, ConfigurationError):
            yield from (("", f"{above}{text}") for text in fault.faults)
