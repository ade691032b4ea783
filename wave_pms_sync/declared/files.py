"""Files of settings: TOML and JSON, and YAML with an extra; read once, and never quoted in an error."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from wave_pms_sync.errors import ConfigurationError


def load(path: Path, *, what: str) -> object:
    """Read a `.toml` or `.json` file (UTF-8).

    Raises:
        ConfigurationError: The file is missing, of another kind, or not well formed.
    """
    reader = _reader(path, what)
    try:
        content = reader(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ConfigurationError(what, [f"{path.name}: cannot be read: {error.strerror}"]) from error
    except ValueError as error:  # JSON, TOML and Unicode errors are all ValueErrors
        raise ConfigurationError(what, [f"{path.name}: not well formed ({_place(error)})"]) from None
    return content


def _reader(path: Path, what: str) -> Callable[[str], object]:
    if path.suffix.lower() == ".json":
        return json.loads
    if path.suffix.lower() != ".toml":
        raise ConfigurationError(what, [f"{path.name}: unknown kind of file (allowed: .toml, .json)"])
    try:
        loads: Callable[[str], object] = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli").loads
    except ImportError:
        fault = f"{path.name}: on Python 3.10 reading TOML takes one more package: pip install tomli"
        raise ConfigurationError(what, [fault]) from None
    return loads


def _place(error: ValueError) -> str:
    # The texts of these errors may quote the file, and a profile may one day hold a secret.
    line = getattr(error, "lineno", None)
    return f"line {line}" if line is not None else type(error).__name__
