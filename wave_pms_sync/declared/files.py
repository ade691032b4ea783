"""Files of settings: TOML and JSON, and YAML with an extra. Their content is never quoted in an error."""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TypeVar

from wave_pms_sync.errors import ConfigurationError

_K = TypeVar("_K")
_LINE = re.compile(r"line (\d+), column \d+\)?$")
_BARE = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)


def load(file: str | os.PathLike[str], *, what: str) -> object:
    """Read a `.toml`, `.json` or `.yaml` file (UTF-8).

    Raises:
        ConfigurationError: The file is missing, of another kind, or not well formed.
    """
    path = Path(file)
    reader = _of_kind(path, what, {".json": _json_reader, ".toml": _toml_reader, ".yaml": _yaml_reader})(path, what)
    try:
        return reader(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ConfigurationError(what, [f"{path.name}: cannot be read: {error.strerror}"]) from error
    except (ValueError, RecursionError) as error:  # JSON, TOML and Unicode errors are all ValueErrors
        raise ConfigurationError(what, [f"{path.name}: not well formed ({_place(error)})"]) from None


def save(file: str | os.PathLike[str], content: Mapping[str, object], *, what: str) -> None:
    """Write a `.toml`, `.json` or `.yaml` file (UTF-8) in one step: a file that was there stays whole until then.

    Args:
        file: Where.
        content: Texts, numbers, truth values, lists and tables; null only in JSON and YAML.
        what: What is being written, for the error.

    Raises:
        ConfigurationError: It is of another kind, or cannot be written.
    """
    path = Path(file)
    text = _of_kind(path, what, {".json": _json_text, ".toml": _toml_text, ".yaml": _yaml_text})(content, path, what)
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", text=False)
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as written:
            written.write(text)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except OSError as error:
        raise ConfigurationError(what, [f"{path.name}: cannot be written: {error.strerror}"]) from error


def _of_kind(path: Path, what: str, kinds: Mapping[str, _K]) -> _K:
    suffix = ".yaml" if path.suffix.lower() == ".yml" else path.suffix.lower()
    if suffix not in kinds:
        raise ConfigurationError(what, [f"{path.name}: unknown kind of file (allowed: .toml, .json, .yaml)"])
    return kinds[suffix]


def _json_reader(_path: Path, _what: str) -> Callable[[str], object]:
    return json.loads


def _toml_reader(path: Path, what: str) -> Callable[[str], object]:
    try:
        loads: Callable[[str], object] = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli").loads
    except ImportError:
        fault = f"{path.name}: on Python 3.10 reading TOML takes one more package: pip install tomli"
        raise ConfigurationError(what, [fault]) from None
    return loads


def _yaml_reader(path: Path, what: str) -> Callable[[str], object]:
    yaml = _yaml(path, what)

    def read(text: str) -> object:
        try:
            if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text)):
                raise ValueError  # a few of them make gigabytes
            content: object = yaml.safe_load(text)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            raise _NotYaml(mark.line + 1 if mark is not None else None) from None
        return content

    return read


def _yaml(path: Path, what: str) -> ModuleType:
    try:
        return import_module("yaml")
    except ImportError:
        fault = f"{path.name}: YAML takes one more package: pip install 'wave_pms_sync[yaml]'"
        raise ConfigurationError(what, [fault]) from None


class _NotYaml(ValueError):
    """YAML's own errors quote the file."""

    def __init__(self, line: int | None) -> None:
        super().__init__()
        self.lineno = line


def _json_text(content: Mapping[str, object], _path: Path, _what: str) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _yaml_text(content: Mapping[str, object], path: Path, what: str) -> str:
    own = json.loads(json.dumps(content))  # parts that are shared would be written as aliases
    text: str = _yaml(path, what).safe_dump(own, sort_keys=False, allow_unicode=True, width=120)
    return text


def _toml_text(content: Mapping[str, object], _path: Path, _what: str) -> str:
    return "\n".join(_toml_lines(content)) + "\n"


def _toml_lines(content: Mapping[str, object]) -> Iterator[str]:
    """Single values first, then tables and lists of tables; whatever lies deeper stands on one line."""
    below = {key: _tables(value) for key, value in content.items()}
    yield from _flat({key: value for key, value in content.items() if not below[key]})
    for key, tables in below.items():
        for table in tables:
            yield ""
            yield f"[{_key(key)}]" if isinstance(content[key], Mapping) else f"[[{_key(key)}]]"
            yield from _flat(table)


def _flat(table: Mapping[str, object]) -> Iterator[str]:
    return (f"{_key(key)} = {_value(value)}" for key, value in table.items())


def _tables(value: object) -> list[Mapping[str, object]]:
    parts = [value] if isinstance(value, Mapping) else value if isinstance(value, (list, tuple)) else []
    tables = [part for part in parts if isinstance(part, Mapping)]
    return tables if len(tables) == len(parts) else []


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _value(key)


def _value(value: object) -> str:
    """A value on one line."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(key)} = {_value(part)}" for key, part in value.items()) + " }"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, (str, bool, int)):
        return json.dumps(value, ensure_ascii=False).replace(
            "\x7f", "\\u007f"
        )  # a TOML text is written like one of JSON
    if isinstance(value, float):
        return repr(value)
    raise TypeError(f"TOML has no {type(value).__name__}")


def _place(error: Exception) -> str:
    # The texts of these errors may quote the file, and a profile may one day hold a secret.
    if isinstance(error, UnicodeDecodeError):
        return f"not UTF-8: byte {error.start + 1}"
    said = _LINE.search(str(error))  # TOML's errors tell it in their text only
    line = getattr(error, "lineno", None) or (said and said[1])
    return f"line {line}" if line else type(error).__name__
