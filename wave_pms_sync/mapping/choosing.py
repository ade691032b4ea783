"""Which converter is meant: by name, by name with parameters, several in a row, or an object.

"country_name"
{"name": "country_name", "language": "de"}
["kind", {"name": "labels", "values": {"person": 1, "organisation": 2}}]
"""

from __future__ import annotations

from collections.abc import Mapping
from inspect import signature

from wave_pms_sync.declared.schema import unknown
from wave_pms_sync.errors import ConfigurationError
from wave_pms_sync.mapping.converter import Converter
from wave_pms_sync.mapping.converters.stock import CATALOGUE


def chosen(path: str, meant: object, known: Mapping[str, Converter]) -> Converter:
    """The converter that is meant.

    Args:
        path: Where it is said, for faults.
        meant: A name, a mapping with `name` and parameters, a list of such, a `Converter`, or a pair.
        known: The converters that may be named.

    Raises:
        ConfigurationError: If there is no such converter, with every fault of its parameters.
    """
    if isinstance(meant, str):
        if meant in CATALOGUE and meant not in known:
            return _with_parameters(path, {"name": meant}, known)
        if meant not in known:
            raise ConfigurationError("mapping", [unknown(path, meant, sorted(known))])
        return known[meant]
    if isinstance(meant, Mapping):
        return _with_parameters(path, meant, known)
    if isinstance(meant, (list, tuple)):
        return _chain(path, meant, known)
    try:
        return meant if isinstance(meant, Converter) else _of_object(meant)
    except TypeError as error:
        allowed = f"a pair with read and write, {', '.join(sorted(known))}"
        raise ConfigurationError("mapping", [f"{path}: {error} (allowed: {allowed})"]) from None


def _chain(path: str, meant: list[object] | tuple[object, ...], known: Mapping[str, Converter]) -> Converter:
    from wave_pms_sync.mapping.converters.chain import chained

    parts: list[Converter] = []
    faults: list[str] = []
    for at, part in enumerate(meant):
        try:
            parts.append(chosen(f"{path}[{at}]", part, known))
        except ConfigurationError as error:
            faults += error.faults
    if not meant:
        faults = [f"{path}: names no converter (allowed: {', '.join(sorted(known))})"]
    if faults:
        raise ConfigurationError("mapping", faults)
    try:
        return chained(parts)
    except ValueError as error:
        raise ConfigurationError("mapping", [f"{path}: {error} (allowed: neighbours that fit)"]) from None


def _with_parameters(path: str, meant: Mapping[str, object], known: Mapping[str, Converter]) -> Converter:
    name, params = meant.get("name"), {str(key): value for key, value in meant.items() if key != "name"}
    if not isinstance(name, str) or name not in {*known, *CATALOGUE}:
        raise ConfigurationError("mapping", [unknown(f"{path}.name", name, sorted({*known, *CATALOGUE}))])
    if not params and name in known:
        return known[name]
    if name not in CATALOGUE:
        raise ConfigurationError("mapping", [f"{path}: {name!r} takes no parameters (allowed: its name alone)"])
    kind = CATALOGUE[name]
    takes = signature(kind).parameters
    faults = [unknown(f"{path}.{param}", param, list(takes)) for param in params if param not in takes]
    lacking = [param for param, told in takes.items() if told.default is told.empty and param not in params]
    faults += [f"{path}.{param}: is not given, and has no default (allowed: a value)" for param in lacking]
    if faults:
        raise ConfigurationError("mapping", faults)
    try:
        return _named(name, kind(**params))
    except ConfigurationError as error:
        raise ConfigurationError("mapping", [f"{path}.{fault}" for fault in error.faults]) from None
    except (TypeError, ValueError, AttributeError):  # a value of another kind than the pair can be made of
        raise ConfigurationError("mapping", [f"{path}: {name!r} cannot be made with these parameters"]) from None


def _of_object(meant: object) -> Converter:
    names = [name for name, kind in CATALOGUE.items() if type(meant) is kind]
    return _named(names[0], meant) if names else Converter.of(type(meant).__name__, meant)


def _named(name: str, pair: object) -> Converter:
    """A pair of the catalogue with what a file needs to say to make it again."""
    found = Converter.of(name, pair)
    defaults = {param: told.default for param, told in signature(type(pair)).parameters.items()}
    said = {param: value for param, value in found.params.items() if not _same(value, defaults.get(param, ...))}
    return Converter.of(name, pair, spec={"name": name, **said} if said else name)


def _same(value: object, default: object) -> bool:
    return value == default and isinstance(value, bool) is isinstance(default, bool)  # to Python True is 1
