"""Tokens in a file, for all processes of one machine."""

from __future__ import annotations

import json
import math
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from wave_pms_sync.errors import ConfigurationError
from wave_pms_sync.http.file_lock import locked
from wave_pms_sync.http.tokens import Tokens

_FORMAT = 1


class FileTokenStore:
    """Keeps the tokens of one grant in a file; its threads and processes renew once between them.

    The file is replaced whole and has reached the disk when `save` returns; a process that is killed leaves the
    old or the new one, and perhaps a stray `.NAME.*` with the same rights, which can be deleted. Beside it stands
    a lock file, `PATH.lock`, which stays. All are made for their owner only (on Windows the folder's rights count
    instead). Nothing is opened before the first use. It may be used by threads, forked and pickled; the pickle
    holds the path only.

    Args:
        path: The file, in a folder that exists and may be written, on a local disk.
        patience_s: How long to wait for another process that renews the tokens.

    Raises:
        ConfigurationError: An argument cannot be right; all of them are named.
    """

    def __init__(self, path: str | os.PathLike[str], *, patience_s: float = 60.0) -> None:
        faults = [] if os.fspath(path) else ["path: must not be empty"]
        faults += [] if 0 <= patience_s < math.inf else ["patience_s: cannot be used (allowed: seconds from 0)"]
        if faults:
            raise ConfigurationError("FileTokenStore", faults)
        self.path = os.path.abspath(path)
        self.patience_s = patience_s

    def load(self) -> Tokens | None:
        """The tokens in the file; None if there is no file.

        Raises:
            ConfigurationError: The file holds something else.
            OSError: It cannot be read.
        """
        try:
            content = Path(self.path).read_bytes()
        except FileNotFoundError:
            return None
        try:
            return _decoded(json.loads(content))
        except (ValueError, KeyError, TypeError):
            fault = f"path: {self.path} holds no tokens of format {_FORMAT}; authorise anew and save the tokens there"
            raise ConfigurationError("FileTokenStore", [fault]) from None  # its text may quote a token

    def save(self, tokens: Tokens) -> None:
        """Replace the file. Hold the lock if others may be at work.

        Raises:
            OSError: It cannot be written; the old file stays.
        """
        folder, name = os.path.split(self.path)
        # mkstemp makes a file that only its owner may read, and never one that was there.
        file, fresh = tempfile.mkstemp(prefix=f".{name}.", dir=folder)
        try:
            with os.fdopen(file, "wb") as stream:
                stream.write(_encoded(tokens))
                stream.flush()
                os.fsync(stream.fileno())
            os.replace(fresh, self.path)
        except BaseException:  # whatever stopped it, no half-written tokens are left lying about
            with suppress(OSError):
                os.unlink(fresh)
            raise
        _settle(folder)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Keep all other threads and processes out. It is not reentrant, and ends with the process.

        Raises:
            DeadlineExceeded: Another one held it for longer than `patience_s`.
            OSError: The lock file cannot be made.
        """
        with locked(f"{self.path}.lock", self.patience_s):
            yield

    def __repr__(self) -> str:
        return f"FileTokenStore({self.path!r})"


def _encoded(tokens: Tokens) -> bytes:
    ends = None if tokens.expires_at is None else tokens.expires_at.isoformat()
    facts = {"access_token": tokens.access_token, "refresh_token": tokens.refresh_token, "expires_at": ends}
    return json.dumps({"format": _FORMAT, **facts}).encode()


def _decoded(facts: dict[str, object]) -> Tokens:
    access, refresh, ends = facts["access_token"], facts["refresh_token"], facts["expires_at"]
    if facts["format"] != _FORMAT or not isinstance(access, str) or not isinstance(refresh, str):
        raise ValueError
    expires_at = None if ends is None else datetime.fromisoformat(str(ends))
    return Tokens(access_token=access, refresh_token=refresh, expires_at=expires_at)


def _settle(folder: str) -> None:
    """Have the folder's new entry reach the disk, too; Windows offers no such thing."""
    if sys.platform != "win32":
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
