"""A lock that processes and threads share by way of a file. It ends with the process that holds it."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from wave_pms_sync.deadline import ends_at
from wave_pms_sync.errors import DeadlineExceeded

_POLL_S = 0.02  # a wait inside the system could not be given up

if sys.platform == "win32":
    import msvcrt

    def _taken(file: int) -> bool:
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        return True

    def _let_go(file: int) -> None:
        msvcrt.locking(file, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _taken(file: int) -> bool:
        # flock belongs to the open file, not to the process as lockf does: so it keeps threads apart, too.
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _let_go(file: int) -> None:
        # Said in words, since a child forked meanwhile holds the open file as well.
        fcntl.flock(file, fcntl.LOCK_UN)


@contextmanager
def locked(path: str, patience_s: float) -> Iterator[None]:
    """Keep everybody else who locks this path out of the block. It is not reentrant.

    The file is made if it is missing and stays, since removing it would let two in at once.

    Args:
        path: Of a file that serves as nothing but the lock, on a local disk.
        patience_s: How long to wait for another holder.

    Raises:
        DeadlineExceeded: It stayed locked for so long, or until the time given with `until` was over.
        OSError: The file cannot be made or locked.
    """
    # A link in its place could lead to any file; Windows has no such flag.
    file = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
    try:
        _wait_for(file, path, patience_s)
        try:
            yield
        finally:
            _let_go(file)
    finally:
        os.close(file)


def _wait_for(file: int, path: str, patience_s: float) -> None:
    begun = time.monotonic()
    until = min(begun + patience_s, ends_at())
    while not _taken(file):
        if time.monotonic() >= until:
            waited_s = max(0.0, until - begun)
            raise DeadlineExceeded(f"{path} stayed locked by another thread or process for {waited_s:.3g} s")
        time.sleep(_POLL_S)
